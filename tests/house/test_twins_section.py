"""The tables of twins: what holds, what does not, and how wide the bounds are."""

from __future__ import annotations

from typing import Any

from tools.twins_section import twins_section


def twin(
    damage: str, bounds: list[list[int | None]] | None, *, holds: bool = True, **other: Any
) -> dict[str, Any]:
    told = {
        "breach": "leaver",
        "seed": 1,
        "customers": 2_000,
        "truth": [10, 10, 10],
        "rows": 2,
        "rows_out": [],
    }
    return {**told, "damage": damage, "bounds": bounds, "holds": holds, **other}


TWINS = [
    twin("lost-hours", [[8, 12], [8, 10], [8, 30]]),
    twin("lost-hours", [[10, 11], [10, 11], [10, 11]], seed=2),
    twin("lost-month", [[0, None], [0, 20], [0, 20]], rows_out=["my-info"]),
    twin("rough", [[11, 12], [10, 10], [10, 10]], holds=False, seed=2),
    twin("rough", None, rows=0),
]


def test_each_damage_says_how_many_hold_and_the_widest_bounds() -> None:
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in twins_section(TWINS).splitlines()]
    by_damage = {row[0]: row[1:] for row in cells if row and len(row) == 7}
    assert by_damage["`lost-hours`"] == ["2", "2", "2", "4 of 4", "1.500", "1.250"]
    assert by_damage["`lost-month`"] == ["1", "1", "1", "1 of 2", "1 without", "-"]
    assert by_damage["`rough`"] == ["2", "1", "0", "2 of 2", "1.091", "1.000"]


def test_what_does_not_hold_is_named() -> None:
    said = twins_section(TWINS).splitlines()[0]
    assert "5 twins over seeds 1, 2" in said
    assert "in 4 of them something was found, and in 3 of these" in said
    assert "They do not in leaver with rough (seed 2)." in said


def test_lost_hours_are_told_by_breach() -> None:
    (row,) = [line for line in twins_section(TWINS).splitlines() if line.startswith("| `leaver`")]
    assert [cell.strip() for cell in row.split("|")[1:4]] == ["`leaver`", "2,000", "2"]
