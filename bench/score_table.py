"""Scores as rows of one table, and the worst of several rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = ["Row", "row_of", "worst_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One score in plain numbers. None is "cannot tell", or no number because there was nothing to divide by."""

    answer: str
    persons_recall: float | None
    persons_precision: float | None
    persons_precision_with_false: float | None
    views_recall: float | None
    views_precision: float | None
    categories_recall: float | None
    categories_precision: float | None
    persons_of_breach: int
    persons_before_first: int | None
    first_after_seconds: int | None
    findings_true: int
    findings_nosy: int
    findings_false: int
    false_per_day: float | None
    false_per_day_and_million_customers: float | None
    views_hold: bool | None
    accounts_hold: bool | None
    persons_hold: bool | None
    views_width: float | None
    accounts_width: float | None
    persons_width: float | None

    def as_json(self) -> dict[str, str | int | float | bool | None]:
        return asdict(self)


# for each number, whether more of it is worse; the rest are better the more there is of them
_LESS_IS_BETTER = {
    "persons_before_first",
    "first_after_seconds",
    "findings_false",
    "false_per_day",
    "false_per_day_and_million_customers",
    "views_width",
    "accounts_width",
    "persons_width",
}
# where a number that cannot be told is the worst of all: nothing was found, or nothing bounds the count
_NONE_IS_WORST = {
    "persons_before_first",
    "first_after_seconds",
    "views_hold",
    "accounts_hold",
    "persons_hold",
    "views_width",
    "accounts_width",
    "persons_width",
}
_ANSWERS = ("not found", "nothing to find", "found")  # the worst first


def row_of(told: Mapping[str, Any]) -> Row:
    """The row of one score, from its JSON form."""
    bounds = {each["unit"]: each for each in told["bounds"]}
    first, findings = told["first_finding"], told["findings"]
    persons, views, categories = told["persons"], told["views"], told["categories"]
    return Row(
        answer=told["answer"],
        persons_recall=persons["recall"]["share"],
        persons_precision=persons["precision"]["share"],
        persons_precision_with_false=persons["precision_with_false"]["share"],
        views_recall=views["recall"]["share"],
        views_precision=views["precision"]["share"],
        categories_recall=categories["recall"]["share"],
        categories_precision=categories["precision"]["share"],
        persons_of_breach=persons["recall"]["of"],
        persons_before_first=first["persons_before"] if first else None,
        first_after_seconds=first["after_seconds"] if first else None,
        findings_true=findings["true"],
        findings_nosy=findings["nosy"],
        findings_false=findings["false"],
        false_per_day=findings["false_per_day"],
        false_per_day_and_million_customers=findings["false_per_day_and_million_customers"],
        **{
            f"{unit}_{name}": bounds[unit][name] if unit in bounds else None
            for unit in ("views", "accounts", "persons")
            for name in ("hold", "width")
        },
    )


def worst_of(rows: Sequence[Row]) -> Row:
    """The worst value of each column, over at least one row. It is a row of no single replay."""
    worst: dict[str, object] = {}
    for each in fields(Row):
        values = [getattr(row, each.name) for row in rows]
        told = [value for value in values if value is not None]
        if each.name == "answer":
            worst[each.name] = min(values, key=_ANSWERS.index)
        elif False in told and each.name.endswith("_hold"):
            worst[each.name] = False  # broken once is broken, whatever else cannot be told
        elif not told or (len(told) < len(values) and each.name in _NONE_IS_WORST):
            worst[each.name] = None
        else:
            worst[each.name] = max(told) if each.name in _LESS_IS_BETTER else min(told)
    return Row(**worst)  # type: ignore[arg-type]  # each value came out of the field of that name
