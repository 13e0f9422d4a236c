"""When logs are rotated: the days on which logrotate would do it, from its frequency alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

__all__ = ["FREQUENCIES", "nth_rotation", "rotations"]

FREQUENCIES = ("hourly", "daily", "weekly", "monthly", "yearly")
_ANY_DAY = 7  # `weekly 7`: every seven days whatever the weekday, so the first may be the next day


def nth_rotation(now: datetime, frequency: str, count: int, *, weekday: int = 0) -> date:
    """The day (UTC) of the `count`-th rotation after the day of `now`, from 1; for `hourly` after the hour of `now`."""
    if frequency == "hourly":
        return (now + timedelta(hours=count)).date()
    days = rotations(now.date(), frequency, weekday=weekday)
    day = next(days)
    for _ in range(count - 1):
        day = next(days)
    return day


def rotations(after: date, frequency: str, *, weekday: int = 0) -> Iterator[date]:
    """The days of rotation after a day: logrotate(8), "Frequency". `weekday` counts from Sunday as 0; 7 is any day."""
    if frequency == "daily":
        day = after
        while True:
            day += timedelta(days=1)
            yield day
    elif frequency == "weekly":
        ahead = 1 if weekday == _ANY_DAY else (weekday - after.isoweekday() % 7 - 1) % 7 + 1
        day = after + timedelta(days=ahead)
        while True:
            yield day
            day += timedelta(days=7)
    elif frequency == "monthly":
        year, month = after.year, after.month
        while True:
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
            yield date(year, month, 1)
    elif frequency == "yearly":
        year = after.year
        while True:
            year += 1
            yield date(year, 1, 1)
    else:
        raise ValueError(frequency)
