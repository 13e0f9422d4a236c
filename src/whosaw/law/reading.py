"""Reads the values of items of law and of case files: times, bounds and sums."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Final

from whosaw.core.law_items import Amount, Term
from whosaw.core.moments import Moment
from whosaw.core.ranges import Range
from whosaw.packs.table import Table

from .facts import EVENTS
from .items import COMBINE

__all__ = ["read_amount", "read_moment", "read_range"]

_KINDS: Final = (
    "fixed",
    "percent",
    "per_person",
    "per_day",
    "per_person_day",
    "percent_per_day",
    "multiple",
)
_BASES: Final = ("last-year", "3-year-average", "larger-of-last-year-and-3-year-average")
_TIME = "a time with an offset such as 2025-11-17T16:00:00+09:00, a day, or two of them as [from, to]"


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


def read_moment(table: Table, key: str, zone: tzinfo, *, required: bool = True) -> Moment | None:
    """A time, a local day of `zone`, or a list of two: from the first to the end of the second."""
    value = table.take(key, (datetime, date, list), _TIME, required=required)
    if value is None:
        return None
    ends = value if isinstance(value, list) else [value]
    if len(ends) > 2 or not ends or not all(isinstance(each, date) for each in ends):
        table.fault(f"{key} must be {_TIME}", key)
        return None
    found: list[Moment] = []
    for each in ends:
        if not isinstance(each, datetime):
            found.append(Moment.on(each, zone))
        elif each.tzinfo is None:
            table.fault(f"{key} has no offset", key, hint="Add Z or an offset such as +09:00")
            return None
        else:
            found.append(Moment.at(each))
    if found[-1].latest < found[0].earliest:
        table.fault(f"{key} ends before it starts", key)
        return None
    return Moment(earliest=found[0].earliest, latest=found[-1].latest)
