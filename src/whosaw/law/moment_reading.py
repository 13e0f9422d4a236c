"""Reads the times of a case file: an instant with its offset, a local day, or a span between two of them."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from whosaw.core.moments import Moment
from whosaw.packs.table import Table

__all__ = ["read_moment"]

_TIME = "a time with an offset such as 2025-11-17T16:00:00+09:00, a day, or two of them as [from, to]"


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
