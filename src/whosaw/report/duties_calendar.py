"""Deadlines that are still to be met as an iCalendar file (RFC 5545)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, timedelta
from typing import Any

from whosaw.core.case_head import CaseDuties, CaseHead
from whosaw.core.contracts import KINDS, ContractAnswer
from whosaw.core.duties import OWED, DutyAnswer, Run
from whosaw.core.instants import format_instant
from whosaw.core.law_items import cited
from whosaw.core.truth import Truth

from .law_wording import clock_line, moment_text, sure

__all__ = ["duties_calendar"]


def duties_calendar(result: CaseDuties) -> str:
    """One event at the earliest end of each clock that nothing has answered yet, of the law and of contracts, with an alarm a quarter of
    the time before.

    What may be owed is in it too. The same duties give the same bytes: stamps are their own `now`.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//whosaw//duties//EN")
    calendar.add("name", f"whosaw: case {result.head.case}")
    for line in (each.sentence for each in result.head.no_law):
        calendar.add_component(_ask(line, result.head))
    for duty, run in _waiting(result.duties):
        calendar.add_component(_event(duty, run, result.head))
    for agreed, run in _agreed(result.contracts):
        calendar.add_component(_agreed_event(agreed, run, result.head))
    return str(calendar.to_ical().decode("utf-8"))


def _ask(line: str, head: CaseHead) -> Any:
    """A place without a law on record, as an entry at once: a calendar that is empty there would say that nothing is due."""
    from icalendar import Event

    at = head.now.astimezone(UTC)
    digest = hashlib.sha256(f"{head.case}\nno law\n{line}".encode()).hexdigest()[:32]
    event = Event()
    event.add("uid", f"{digest}@whosaw")
    for name in ("dtstamp", "dtstart", "dtend"):
        event.add(name, at)
    event.add("summary", line)
    event.add("description", head.not_legal_advice)
    return event


def _waiting(duties: Iterable[DutyAnswer]) -> Iterator[tuple[DutyAnswer, Run]]:
    for duty in duties:
        if duty.reached:
            yield from ((duty, run) for run in duty.runs if run.due is not None and run.made is None)


def _agreed(contracts: Iterable[ContractAnswer]) -> Iterator[tuple[ContractAnswer, Run]]:
    for each in contracts:
        if each.counts.truth is not Truth.NO:
            yield from ((each, run) for run in each.runs if run.due is not None and run.made is None)


def _event(answer: DutyAnswer, run: Run, head: CaseHead) -> Any:
    origin, duty = answer.duty.origin, answer.duty
    lines = [
        f"{cited(origin.statute, origin.article)}{sure(origin.confidence)}",
        f"{clock_line(answer)}; {_from(run, head)}",
        answer.meanwhile,
        head.not_legal_advice,
    ]
    title = f"{origin.title}: {duty.recipient}{sure(origin.confidence)}"
    return _made(
        run, head, key=origin.id, title=title, alarm=f"{origin.title} is due soon",
        lines=lines, categories=[answer.area.name, answer.state],
    )  # fmt: skip


def _agreed_event(answer: ContractAnswer, run: Run, head: CaseHead) -> Any:
    entry, state = answer.contract, OWED[answer.counts.truth]
    lines = [
        f"{entry.source}: within {entry.hours} hours of {entry.incident}; {_from(run, head)}",
        entry.address,
        "" if answer.counts.truth is Truth.YES else "Nobody has said whether the incident counts under it.",
        head.not_legal_advice,
    ]
    return _made(
        run, head, key=f"contract {entry.party}", title=f"By agreement: {entry.party} ({KINDS[entry.kind]})",
        alarm=f"{entry.party} is to be told soon", lines=lines, categories=["by agreement", state],
    )  # fmt: skip


def _from(run: Run, head: CaseHead) -> str:
    start = run.start
    words = f"scope version {start.scope}" if start.scope else start.kind.replace("-", " ")
    return f"from {words} {moment_text(start.when, head.zone)}, says {start.claimed_by}"


def _made(
    run: Run, head: CaseHead, *, key: str, title: str, alarm: str, lines: list[str], categories: list[str]
) -> Any:
    """The entry of a clock; `key` tells it from others of the same time."""
    from icalendar import Alarm, Event

    assert run.due is not None
    start, due = run.start, run.due[0]
    end, begun = due.instant.astimezone(UTC), start.when.earliest
    # a period in days ends as the next day begins; the calendar shows its last second
    shown = end if due.kept_at_instant else end - timedelta(seconds=1)
    said = f"{key}\n{start.kind}\n{start.claimed_by}\n{start.scope}\n{format_instant(end)}"
    digest = hashlib.sha256(f"{head.case}\n{said}".encode()).hexdigest()[:32]
    event = Event()
    event.add("uid", f"{digest}@whosaw")
    event.add("dtstamp", head.now.astimezone(UTC))
    event.add("dtstart", shown)
    event.add("dtend", shown)
    event.add("summary", title)
    event.add("description", "\n".join(filter(None, lines)))
    event.add("categories", categories)
    bell = Alarm()
    bell.add("action", "DISPLAY")
    bell.add("description", alarm)
    bell.add("trigger", -timedelta(seconds=max(0, int((end - begun).total_seconds())) // 4))
    event.add_component(bell)
    return event
