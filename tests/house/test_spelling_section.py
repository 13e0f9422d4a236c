"""The table of spellings says what was measured."""

from __future__ import annotations

from typing import Any

from tools.spelling_section import spelling_section


def row(name: str, **other: Any) -> dict[str, Any]:
    fates = {"view": 800, "possible": 150, "undecided": 0, "reject": 40, "unlogged": 10}
    bounds = {
        "views": {"answered": 1_000, "lower": 800, "upper": 1_030},
        "accounts": {"answered": 40, "lower": 30, "upper": 55},
    }
    plain = {"name": name, "version": "1.0", "seed": 7, "sent": 10_000, "served": 1_000, "escaped": 0}
    return {**plain, "fates": fates, **bounds, **other}


def test_each_server_has_its_row_and_the_sums_stand_above() -> None:
    said = spelling_section(
        [row("one"), row("two", served=700, escaped=3, accounts={"answered": 40, "lower": 9, "upper": None})]
    )
    assert said.startswith(
        "2 servers were sent 20,000 spellings (seed 7); 1,700 were answered with the page, at least 700 by each server. 3 escaped."
    )
    one, two = ([cell.strip() for cell in line.split("|")[1:-1]] for line in said.splitlines()[-2:])
    counts = ["10,000", "1,000", "800", "150", "0", "40", "10", "0"]
    assert one == ["one", "1.0", *counts, "800 to 1,030", "40", "30 to 55"]
    assert two[-4:] == ["3", "800 to 1,030", "40", "9 to no bound"]


def test_nothing_is_said_before_it_was_measured() -> None:
    assert spelling_section([]).startswith("Nothing was measured yet")
