"""Reads the sums of a penalty: the cap as terms, and what joins them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from whosaw.core.law_items import Amount, Term
from whosaw.core.ranges import Range
from whosaw.packs.table import Table

from .facts import EVENTS
from .items import COMBINE

__all__ = ["read_amount", "read_range"]

_KINDS: Final = (
    "fixed",
    "percent",
    "per_person",
    "per_day",
    "per_person_day",
    "percent_per_day",
    "multiple",
)
_BASES: Final = ("last-year", "larger-of-last-year-and-3-year-average")


def read_amount(table: Table) -> Amount | None:
    """The `[amount]` of an item; None, with the faults noted, when it is none."""
    terms = tuple(term for each in table.tables("term", required=True) if (term := _term(each)) is not None)
    found = Amount(
        currency=table.text("currency"),
        combine=table.text("combine", one_of=COMBINE),
        terms=terms,
        least=table.number("least", required=False),
        if_no_turnover=table.number("if_no_turnover", required=False),
        year_before=table.text("year_before", required=False, one_of=EVENTS) or "aware",
        unrelated_left_out=table.flag("unrelated_left_out"),
    )
    if (found.combine == "only") != (len(terms) == 1):
        table.fault("combine must be only for one term, lower or higher for several", "combine")
    table.rest_unknown()
    return found if terms else None


def _term(table: Table) -> Term | None:
    kinds = [key for key in _KINDS if table.has(key)]
    if len(kinds) != 1:
        table.fault(f"a term has one of {', '.join(_KINDS)}")
        return None
    (kind,) = kinds
    value = table.number(kind)
    turnover = kind in ("percent", "percent_per_day")
    found = Term(
        kind=kind,
        value=value or Decimal(0),
        base=table.text("base", required=turnover, one_of=_BASES) if turnover else "",
        place=table.text("place", required=turnover) if turnover else "",
        of=table.text("of", required=kind == "multiple") if kind == "multiple" else "",
    )
    table.rest_unknown()
    return found


def read_range(table: Table, key: str, *, required: bool = True) -> Range | None:
    """A number, [least, most], or [least] where no upper bound is known."""
    value = table.raw(key)
    if value is None:
        if required:
            table.fault(f"{key} is missing")
        return None
    ends = value if isinstance(value, list) else [value, value]
    if not 1 <= len(ends) <= 2 or not all(
        isinstance(each, int | float) and not isinstance(each, bool) for each in ends
    ):
        table.fault(f"{key} must be a number, [least, most] or [least]", key)
        return None
    low, high = Decimal(str(ends[0])), Decimal(str(ends[1])) if len(ends) == 2 else None
    if not low.is_finite() or low < 0 or (high is not None and (not high.is_finite() or high < low)):
        table.fault(f"{key}: the bounds are out of order", key)
        return None
    return Range(low=low, high=high)
