"""Days on which law begins or ends to hold as an iCalendar file (RFC 5545)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

__all__ = ["DayOfLaw", "law_calendar"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfLaw:
    """One entry. `key` is the same each time the calendar is made, so that a reader does not show it twice."""

    day: date
    key: str
    title: str
    text: str


def law_calendar(days: Iterable[DayOfLaw]) -> str:
    """Entries of a whole day each. The same days give the same bytes: the stamp of an entry is its own day."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//whosaw//law//EN")
    calendar.add("name", "whosaw: law that is coming")
    for each in days:
        event = Event()
        event.add("uid", f"{hashlib.sha256(each.key.encode()).hexdigest()[:32]}@whosaw")
        event.add("dtstamp", datetime.combine(each.day, time.min, UTC))
        event.add("dtstart", each.day)
        event.add("dtend", each.day + timedelta(days=1))
        event.add("summary", each.title)
        event.add("description", f"{each.text}. Not legal advice.")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return str(calendar.to_ical().decode("utf-8"))
