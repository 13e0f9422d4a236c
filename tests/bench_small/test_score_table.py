"""Rows of the table of all breaches, and the worst of several."""

from __future__ import annotations

import pytest
from bench.score_table import Row, worst_of


def row(**changes: object) -> Row:
    usual: dict[str, object] = {
        "answer": "found",
        "persons_recall": 1.0,
        "persons_precision": 1.0,
        "persons_precision_with_false": 1.0,
        "views_recall": 1.0,
        "views_precision": 1.0,
        "categories_recall": 1.0,
        "categories_precision": 1.0,
        "persons_of_breach": 1_000,
        "persons_before_first": 30,
        "first_after_seconds": 60,
        "findings_true": 2,
        "findings_nosy": 1,
        "findings_false": 0,
        "false_per_day": 0.0,
        "false_per_day_and_million_customers": 0.0,
        "views_hold": True,
        "accounts_hold": True,
        "persons_hold": True,
        "views_width": 1.0,
        "accounts_width": 1.0,
        "persons_width": 1.5,
    }
    return Row(**{**usual, **changes})  # type: ignore[arg-type]  # a table of changes, not of arguments


def test_the_worst_of_one_row_is_that_row() -> None:
    assert worst_of([row()]) == row()


@pytest.mark.parametrize(
    ("column", "values", "worst"),
    [
        ("persons_recall", (0.9, 0.4), 0.4),
        ("persons_recall", (0.9, None), 0.9),
        ("persons_before_first", (30, 90), 90),
        ("persons_before_first", (30, None), None),
        ("first_after_seconds", (None, 1), None),
        ("findings_false", (0, 2), 2),
        ("findings_true", (3, 1), 1),
        ("views_hold", (True, False), False),
        ("views_hold", (None, True), None),
        ("persons_width", (1.0, 3.0), 3.0),
        ("persons_width", (1.0, None), None),
        ("answer", ("found", "not found"), "not found"),
        ("answer", ("found", "nothing to find"), "nothing to find"),
    ],
)
def test_each_column_takes_its_own_worst(column: str, values: tuple[object, ...], worst: object) -> None:
    assert getattr(worst_of([row(**{column: each}) for each in values]), column) == worst
    assert getattr(worst_of([row(**{column: each}) for each in values[::-1]]), column) == worst


def test_a_bound_that_breaks_once_is_broken_even_where_another_cannot_be_told() -> None:
    assert worst_of([row(persons_hold=None), row(persons_hold=False)]).persons_hold is False
