"""The table and picture of all breaches say what was measured, and what was not found."""

from __future__ import annotations

from typing import Any

from tools.breach_picture import breach_svg
from tools.breach_section import _section, campaigns_section


def row(breach: str, context: str, damage: str = "none", **worst: Any) -> dict[str, Any]:
    usual = {
        "answer": "found",
        "persons_recall": 0.9999,
        "persons_precision": 1.0,
        "views_recall": 1.0,
        "categories_recall": 0.5,
        "persons_of_breach": 12_345,
        "persons_before_first": 37,
        "first_after_seconds": 5_400.0,
        "findings_false": 1,
        "false_per_day": 0.02,
        "false_per_day_and_million_customers": 40.0,
        "views_hold": True,
        "accounts_hold": True,
        "persons_hold": False,
        "persons_width": 1.25,
    }
    place = {"breach": breach, "context": context, "damage": damage, "scale": 1.0, "seeds": [1]}
    return {**place, "worst": {**usual, **worst}}


MISSED = {
    "answer": "not found",
    "persons_before_first": None,
    "first_after_seconds": None,
    "persons_recall": 0.0,
}
ROWS = [
    row("slow-walk", "full"),
    row("slow-walk", "none", **MISSED),
    row("slow-walk", "full", damage="lost-month", **MISSED),
    row("quiet", "full", answer="nothing to find", persons_of_breach=0, persons_before_first=None),
]


def test_a_row_says_what_was_measured() -> None:
    lines = _section({"rows": ROWS}).splitlines()
    (found,) = [line for line in lines if line.startswith("| `slow-walk` | all | 1 |")]
    # a share that is not whole is never shown as whole
    for cell in ("12,345", "| 37 |", "1.5 h", "99.9 %", "| 100 % |", "yes / yes / no", "1.25"):
        assert cell in found


def test_it_says_of_how_many_seeds_and_of_which_logs_it_is() -> None:
    several = {**row("leaver", "full"), "seeds": [1, 2, 3], "as_events": [2, 3]}
    text = _section({"rows": [*ROWS, several]})
    assert "The worst over 1 to 3 seeds, at scale 1; to read them sooner" in text
    assert "| `leaver` | all | 3 | found |" in text
    assert "to read them sooner" not in _section({"rows": ROWS})


def test_each_of_four_contexts_has_a_colour_of_its_own() -> None:
    picture = breach_svg([row("leaver", each) for each in ("full", "imperfect", "logins", "none")])
    assert all(colour in picture for colour in ("#757c88", "#111827"))


def test_what_was_not_found_has_no_number_of_persons_before() -> None:
    lines = _section({"rows": ROWS}).splitlines()
    (missed,) = [line for line in lines if line.startswith("| `slow-walk` | none |")]
    assert "| 1 | not found | 12,345 | - | - | 0 % |" in missed


def test_damage_is_told_over_all_breaches_that_saw_somebody() -> None:
    lines = _section({"rows": ROWS}).splitlines()
    assert "| none | all | 1 of 1 | 99.9 % | 2 | 0 of 1 |" in lines
    assert "| `lost-month` | all | 0 of 1 | - | 1 | 0 of 1 |" in lines


def test_the_picture_is_the_same_for_the_same_rows_and_leaves_out_what_saw_nobody() -> None:
    undamaged = [each for each in ROWS if each["damage"] == "none"]
    svg = breach_svg(undamaged)
    assert svg == breach_svg(undamaged)
    assert "slow-walk" in svg
    assert "12,345" in svg
    assert "quiet" not in svg


def test_a_campaign_that_is_several_findings_is_counted() -> None:
    rows = [
        row("slow-walk", "full", findings_true=1),
        row("slow-walk", "none", findings_true=3),
        row("mimic", "full", **MISSED, findings_true=0),
    ]
    said = campaigns_section(rows)
    assert "of 2 that were found 1 is more than one" in said
    assert [line.replace(" ", "") for line in said.splitlines()[-2:]] == [
        "|`mimic`|notfound|-|", "|`slow-walk`|1|3|",
    ]  # fmt: skip
