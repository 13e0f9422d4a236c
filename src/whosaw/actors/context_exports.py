"""Exports of another time than the logs: what a system holds now says little of whom it held reasons for when the logs were written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from whosaw.core.instants import format_instant, from_micros

from .context_from import Told

__all__ = ["out_of_time"]

_DAY: Final = 86_400_000_000


def out_of_time(told: Sequence[Told], first: int | None, last: int | None) -> tuple[str, ...]:
    """What is to be said of exports in which the latest change lies long before the end of the logs, or long behind it. `first` and `last`:
    the span of the logs in microseconds; None where nothing was read."""
    found = []
    for each in told:
        if each.as_of is None or first is None or last is None:
            continue
        tables = " and ".join(name for name, rows in sorted(each.rows.items()) if rows)
        at, until = _day(each.as_of), _day(last)
        if each.as_of + each.busy < first:
            found.append(
                f"{each.system}: the last change in it is of {at}, before the logs begin ({_day(first)}): it is of another time, and what it "
                f"says of {tables} may hold for no view"
            )
        elif each.as_of + each.busy < last:
            found.append(
                f"{each.system}: the last change in it is of {at}, and the logs go on until {until}: what changed since is not in it, so a "
                f"view after that may have had a reason that is not on record (export {tables} anew)"
            )
        elif last + each.busy < each.as_of:
            days = (each.as_of - last) // _DAY
            found.append(
                f"{each.system}: it was exported {days:,} days or more after the logs end ({until}): it says how {tables} were then, and "
                "not how they were while the logs were written"
            )
    return tuple(found)


def _day(micros: int) -> str:
    return format_instant(from_micros(micros))[:10]
