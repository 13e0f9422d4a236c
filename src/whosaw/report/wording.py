"""Numbers and times as people read them. One spelling for the terminal, the page and the picture."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from whosaw.core.counts import Count, Reason
from whosaw.core.instants import MONTHS

__all__ = [
    "bare_count",
    "clock",
    "count_text",
    "day",
    "day_and_time",
    "how_long",
    "many",
    "number",
    "reason_text",
    "sortable",
    "visible",
]

_ONE = {
    "addresses": "address",
    "persons": "person",
    "views": "view",
    "accounts": "account",
    "entries": "entry",
}


def number(value: int) -> str:
    """With separators: 33,673,817."""
    return f"{value:,}"


def many(value: int, plural: str) -> str:
    """A number and its noun: 1 line, 2 lines."""
    if value != 1:
        return f"{value:,} {plural}"
    return f"1 {_ONE.get(plural, plural.removesuffix('s'))}"


def count_text(count: Count) -> str:
    """A count with its bounds in words."""
    return many(count.lower, count.unit) if count.exact else f"{bare_count(count)} {count.unit}"


def bare_count(count: Count) -> str:
    """A count with its bounds and without its unit, for a column whose head names the unit."""
    if count.exact:
        return number(count.lower)
    if count.upper is None:
        return f"at least {count.lower:,}"
    return f"{count.lower:,} to {count.upper:,}"


def visible(text: str) -> str:
    """The text with what moves a cursor, rings a bell or breaks a line written as \\x1b."""
    return "".join(mark if mark.isprintable() else f"\\x{ord(mark):02x}" for mark in text)


def reason_text(reason: Reason) -> str:
    """Why bounds differ: the code as words, how many it adds or takes, and where."""
    where = dict(reason.detail)
    taken = where.pop("takes_lower", None)
    if taken is not None:
        how = f"up to {int(taken):,} fewer"
    else:
        how = "how many cannot be told" if reason.adds_upper is None else f"up to {reason.adds_upper:,} more"
    return "; ".join(
        (f"{reason.code.replace('-', ' ')}, {how}", *(f"{key} {value}" for key, value in where.items()))
    )


def day_and_time(instant: datetime, zone: tzinfo) -> str:
    """15 Mar 2025, 00:26:41 in that zone."""
    local = instant.astimezone(zone)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H:%M:%S}"


def clock(instant: datetime, zone: tzinfo) -> str:
    """15 Mar 2025, 00:26 in that zone."""
    return day_and_time(instant, zone)[:-3]


def day(instant: datetime, zone: tzinfo) -> str:
    """15 Mar 2025 in that zone."""
    return day_and_time(instant, zone).split(",")[0]


def sortable(instant: datetime, zone: tzinfo) -> str:
    """2025-03-15 00:26 in that zone: for columns, where dates should line up."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def how_long(length: timedelta) -> str:
    """The two largest units: 39 days 22 hours, 4 minutes 10 seconds."""
    seconds = int(length.total_seconds())
    sizes = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
    parts = []
    for name, size in sizes:
        if seconds >= size:
            parts.append(many(seconds // size, name))
            seconds %= size
    return " ".join(parts[:2]) or "under a second"
