"""The tables that hold the steps of days against the present detection."""

from __future__ import annotations

from typing import Any

from tools.equal_section import equal_section, letters_of

SIDE = {
    "answer": "found", "persons_before_first": 3, "first_after_seconds": 60, "persons_recall": 1.0, "persons_precision": 1.0,
    "views_recall": 0.5, "views_precision": None, "findings_true": 1, "findings_false": 0, "findings_nosy": 2,
}  # fmt: skip
FLAGS = {"both": 7, "later_by_clause": {"a x": 2}, "lost_by_clause": {}, "new_by_clause": {"b y": 1}}


def row(breach: str, **days: Any) -> dict[str, Any]:
    return {"breach": breach, "scale": 0.02, "seed": 1, "now": SIDE, "days": {**SIDE, **days}, "flags": FLAGS}


def test_what_differs_stands_twice_and_what_is_lost_is_named() -> None:
    text = equal_section(
        [
            row("alike"),
            row("lost", answer="not found", persons_before_first=None, findings_true=0, findings_nosy=1),
        ],
        {"a": "b h"},
    )
    assert "Breaches lost: lost. Median of people before the first finding: now 3, by days 3." in text
    assert "False findings: now 0, by days 0. Findings of nosy staff: now 4, by days 3." in text
    assert "| `alike` | 1 | found | 3 | 60 | 100 % | 100 % | 50.0 % | - | 1 | 0 | 2 |" in text
    assert "| `lost` | 1 | found, **not found** | 3, **-** | 60 |" in text
    assert "| 1, **0** | 0 | 2, **1** |" in text
    assert "Flags that both tell: 14." in text
    assert "| `a x` | b h | 4 | 0 | 0 |" in text
    assert "| `b y` |  | 0 | 0 | 2 |" in text
    assert equal_section([], {}).startswith("Nothing was measured yet")


def test_letters_are_those_of_the_table_of_clauses() -> None:
    page = (
        "| detector, clause | grouping | change |\n| --- | --- | --- |\n| a x | address | b h |\n| a y (2) | agent | i |\n"
        "| `b z` | page | c j; shares in the same 30 days |\n\nb d\n"
    )
    assert letters_of(page) == {"a": "b h i", "b": "c j"}
