"""How a period of law is counted: from a start to the last instant at which it is still kept, and which days are days off.

The rules of a jurisdiction are an item (`data/law/*/counting.toml`); this file knows what each rule means.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cache, cached_property
from typing import Any, Final, Protocol

from whosaw.core.duties import Deadline
from whosaw.core.errors import WhosawError
from whosaw.core.law_items import Period
from whosaw.core.moments import day_start

__all__ = [
    "UNITS",
    "Calendar",
    "Counting",
    "calendar_of",
    "deadline",
    "reading_deadlines",
]

UNITS: Final = ("hours", "calendar-days", "working-days", "months")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """The rules. The strict ones make the deadline; the readings give more time, and are shown beside it."""

    id: str
    law: str
    confidence: str
    last_day_moves: bool = False
    hours_begin_next_hour: bool = False
    least_working_days: int = 0
    days_off_left_out_up_to: int = 0


def deadline(period: Period, start: datetime, zone: tzinfo, rules: Counting, calendar: Calendar) -> Deadline:
    """The strict deadline: hours run at once and through days off; days run from the day after the start; months end with the day
    that has the number of the start, or with the last one of a shorter month.

    Hours are elapsed time, so a change of the clock neither lengthens nor shortens them.
    """
    if period.unit == "hours":
        return Deadline(instant=start + timedelta(hours=period.limit), kept_at_instant=True)
    day = start.astimezone(zone).date()
    if period.from_end_of == "year":
        day = date(day.year, 12, 31)
    return _end_of(_last_day(period, day, rules, calendar), zone)


def reading_deadlines(
    period: Period, start: datetime, zone: tzinfo, rules: Counting, calendar: Calendar
) -> list[tuple[str, Deadline]]:
    """Further readings under the same rules, each later than the strict one: (what it rests on, deadline)."""
    if period.unit != "hours":
        return []
    found = []
    begin = start
    strict = start + timedelta(hours=period.limit)
    if rules.hours_begin_next_hour and start.replace(minute=0, second=0, microsecond=0) != start:
        begin = start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        later = Deadline(instant=begin + timedelta(hours=period.limit), kept_at_instant=True)
        found.append(("the hour of the event is not counted", later))
    if rules.least_working_days and period.limit >= 48:
        end = begin + timedelta(hours=period.limit)
        day, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
        whole = [
            day + timedelta(days=n)
            for n in range(1, (last - day).days)
            if not calendar.off(day + timedelta(days=n))
        ]
        missing = rules.least_working_days - len(whole)
        until = last
        while missing > 0:
            missing -= not calendar.off(until)
            until += timedelta(days=1)
        moved = day_start(until, zone)
        if len(whole) < rules.least_working_days and moved > strict:
            text = f"the period must hold at least {rules.least_working_days} working days"
            found.append((text, Deadline(instant=moved, kept_at_instant=False)))
    return found


def _last_day(period: Period, day: date, rules: Counting, calendar: Calendar) -> date:
    if period.unit == "months":
        count = day.month - 1 + period.limit
        year, month = day.year + count // 12, count % 12 + 1
        return _moved(date(year, month, min(day.day, monthrange(year, month)[1])), rules, calendar)
    skip = period.unit == "working-days" or period.limit <= rules.days_off_left_out_up_to
    left = period.limit
    while left:
        day += timedelta(days=1)
        left -= not (skip and calendar.off(day))
    return _moved(day, rules, calendar)


def _moved(day: date, rules: Counting, calendar: Calendar) -> date:
    while rules.last_day_moves and calendar.off(day):
        day += timedelta(days=1)
    return day


def _end_of(day: date, zone: tzinfo) -> Deadline:
    return Deadline(instant=day_start(day + timedelta(days=1), zone), kept_at_instant=False)


class Calendar(Protocol):
    """Says of a day whether it is a day off."""

    def off(self, day: date) -> bool: ...


class _EveryDay:
    """No day is off: for periods that run through."""

    def off(self, day: date) -> bool:
        del day
        return False


class _Country:
    """The days off of a country, or of a part of one, from the first day on that is asked for: most duties ask for none."""

    def __init__(self, country: str) -> None:
        self._country = country

    def off(self, day: date) -> bool:
        return not self._holidays.is_working_day(day)

    @cached_property
    def _holidays(self) -> Any:
        import holidays

        name, _, part = self._country.partition("-")
        try:
            return holidays.country_holidays(name, subdiv=part or None)
        except NotImplementedError as fault:
            raise WhosawError(
                "law.no-holidays",
                f"no calendar of public holidays is known for {self._country}",
                hint="Use the two letters of a country, such as KR or IE",
            ) from fault


@cache
def calendar_of(country: str | None) -> Calendar:
    """The calendar of a country code (KR) or of a part of one (US-NY). None: no day is off. Where no holidays of the country are known, the
    first day that is asked for raises a `WhosawError`."""
    return _EveryDay() if country is None else _Country(country)
