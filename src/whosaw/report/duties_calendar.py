"""Deadlines that are still to be met as an iCalendar file (RFC 5545)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from whosaw.core.instants import parse_instant

from .law_wording import clock_line, moment_text, no_law_lines, sure

__all__ = ["duties_calendar"]


def duties_calendar(document: Mapping[str, Any]) -> str:
    """One event at the earliest end of each clock that nothing has answered yet, with an alarm a quarter of the time before.

    Duties that may be owed are in it too. The same document gives the same bytes: stamps are its own `now`.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//whosaw//duties//EN")
    calendar.add("name", f"whosaw: case {document['case']}")
    for line in no_law_lines(document):
        calendar.add_component(_ask(line, document))
    for duty, run in _waiting(document):
        calendar.add_component(_event(duty, run, document))
    return str(calendar.to_ical().decode("utf-8"))


def _ask(line: str, document: Mapping[str, Any]) -> Any:
    """A place without a law on record, as an entry at once: a calendar that is empty there would say that nothing is due."""
    from icalendar import Event

    at = parse_instant(document["now"])
    digest = hashlib.sha256(f"{document['case']}\nno law\n{line}".encode()).hexdigest()[:32]
    event = Event()
    event.add("uid", f"{digest}@whosaw")
    for name in ("dtstamp", "dtstart", "dtend"):
        event.add(name, at)
    event.add("summary", line)
    event.add("description", document["not_legal_advice"])
    return event


def _waiting(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for duty in document["duties"]:
        if duty["applies"]["answer"] != "met" or duty["owed"]["answer"] == "not owed":
            continue
        for run in duty["runs"]:
            if run["due"] is not None and run["made"] is None:
                yield duty, run


def _event(duty: Mapping[str, Any], run: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    from icalendar import Alarm, Event

    start, due = run["start"], run["due"][0]
    end = parse_instant(due["at"])
    # a period in days ends as the next day begins; the calendar shows its last second
    shown = end if due["at_instant_in_time"] else end - timedelta(seconds=1)
    said = f"{duty['id']}\n{start['event']}\n{start['claimed_by']}\n{start['scope']}\n{due['at']}"
    digest = hashlib.sha256(f"{document['case']}\n{said}".encode()).hexdigest()[:32]
    begun = parse_instant(start["when"].get("at") or start["when"]["earliest"])
    words = f"scope version {start['scope']}" if start["scope"] else start["event"].replace("-", " ")
    lines = [
        f"{duty['statute']}, {duty['article']}{sure(duty)}",
        f"{clock_line(duty)}; from {words} {moment_text(start['when'], document['zone'])}, says {start['claimed_by']}",
        duty["meanwhile"],
        document["not_legal_advice"],
    ]
    event = Event()
    event.add("uid", f"{digest}@whosaw")
    event.add("dtstamp", parse_instant(document["now"]))
    event.add("dtstart", shown)
    event.add("dtend", shown)
    event.add("summary", f"{duty['title']}: {duty['recipient']}{sure(duty)}")
    event.add("description", "\n".join(filter(None, lines)))
    event.add("categories", [duty["place"], duty["owed"]["answer"]])
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"{duty['title']} is due soon")
    alarm.add("trigger", -timedelta(seconds=max(0, int((end - begun).total_seconds())) // 4))
    event.add_component(alarm)
    return event
