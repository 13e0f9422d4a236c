"""The table of spellings says what was measured."""

from __future__ import annotations

from typing import Any

from tools.spelling_section import respelled_section, spelling_section


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


def respelled(family: str, request: str, before: int | None, lower: int = 90, **other: Any) -> dict[str, Any]:
    bounds = {"views": [lower, 90, 90], "accounts": [lower, None, 30]} if before is not None else {}
    counted = {"persons_before": before, "findings": int(before is not None), "bounds": bounds}
    return {"family": family, "request": request, "lines": 100, "log_lines": 5_000, **counted, **other}


def test_an_attack_in_other_words_says_how_much_later_it_is_found() -> None:
    rows = [
        respelled("plain", "GET /a HTTP/1.1", 4),
        respelled("gap", "GET  /a HTTP/1.1 ", 4),
        respelled("case", "GET /A HTTP/1.1", 6, lower=0),
        respelled("bytes", "GET /%00 HTTP/1.1", None),
    ]
    said = respelled_section(rows)
    assert said.startswith(
        "The attack of `whosaw demo` (5,000 lines, 100 of them the attacker's) in 3 other spellings: 2 are found, after at most 2 people "
        "more or fewer than the plain one; 1 are possible only"
    )
    gap, case, bytes_ = ([cell.strip() for cell in line.split("|")[1:-1]] for line in said.splitlines()[-3:])
    assert gap == ["gap", "`GET␣␣/a HTTP/1.1␣`", "4", "1", "90", "90 to no bound"]
    assert case[2:] == ["6", "1", "0 to 90", "0 to no bound"]
    assert bytes_[2:] == ["not found", "0", "-", "-"]
