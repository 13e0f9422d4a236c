"""One clock of one duty: from one claimed start to its deadline, and how what was done compares with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from math import ceil
from typing import Any

from .counting import Calendar, Counting, Deadline, deadline, reading_deadlines
from .facts import Made
from .items import Clock
from .moments import Moment, duration_text
from .truth import Truth

__all__ = ["Run", "Start", "run_clock"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A moment from which a clock is said to run. `scope` is the version whose added people started it, if any."""

    kind: str
    when: Moment
    claimed_by: str
    evidence: str = ""
    scope: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A deadline under another reading of the rules of counting, which nobody has confirmed."""

    rests_on: str
    due: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`status`: in time, late (done after), open, overdue (not done yet), no figure, standing, cannot tell.

    `by` is how much time is left (open), was left (in time) or was exceeded (late, overdue), as least and most seconds;
    `taken` how long it took from the start to what was done, or has taken until now.
    """

    start: Start
    in_force: Truth
    due: tuple[Deadline, Deadline] | None
    readings: tuple[Reading, ...]
    made: Made | None
    status: str
    taken: tuple[int, int]
    by: tuple[int, int] | None

    def as_json(self) -> dict[str, Any]:
        return {
            "start": {
                "event": self.start.kind,
                "claimed_by": self.start.claimed_by,
                "evidence": self.start.evidence,
                "when": self.start.when.as_json(),
                "scope": self.start.scope,
            },
            "version_certain": self.in_force is Truth.YES,
            "due": None if self.due is None else [each.as_json() for each in self.due],
            "readings": [
                {"rests_on": each.rests_on, "due": each.due.as_json(), "confidence": "unverified"}
                for each in self.readings
            ],
            "made": None
            if self.made is None
            else {"when": self.made.when.as_json(), "scope": self.made.scope, "source": self.made.source},
            "status": self.status,
            "taken_seconds": list(self.taken),
            "by_seconds": None if self.by is None else list(self.by),
            "sentence": self.sentence,
        }

    @property
    def sentence(self) -> str:
        """The answer in words, without its times."""
        taken = _span(self.taken)
        if self.status == "standing":
            return f"lasts since {taken}"
        if self.status == "no figure":
            done = f"done after {taken}" if self.made else f"not done after {taken}"
            return f"{done}; the law gives no figure"
        done = f"done after {taken}" if self.made else ""
        if self.by is None:
            why = "depends on times that are not known closely enough"
            return f"{done}; {why}" if done else why
        words = {
            "in time": f"in time, {_span(self.by)} left",
            "late": f"late by {_span(self.by)}",
            "open": f"{_span(self.by)} left",
            "overdue": f"overdue by {_span(self.by)}",
        }[self.status]
        return f"{done}: {words}" if done else words


def run_clock(
    clock: Clock,
    start: Start,
    *,
    in_force: Truth,
    zone: tzinfo,
    rules: Counting,
    calendar: Calendar,
    made: Made | None,
    now: datetime,
) -> Run:
    """Work one clock out. `now` stands in for what was not done yet."""
    done = made.when if made is not None else Moment.at(now)
    taken = (_seconds(done.earliest - start.when.latest), _seconds(done.latest - start.when.earliest))
    due: tuple[Deadline, Deadline] | None = None
    readings: tuple[Reading, ...] = ()
    by: tuple[int, int] | None = None
    if clock.period is None:
        status = "standing" if clock.standing else "no figure"
    else:
        due = (
            deadline(clock.period, start.when.earliest, zone, rules, calendar),
            deadline(clock.period, start.when.latest, zone, rules, calendar),
        )
        if start.when.exact:
            found = reading_deadlines(clock.period, start.when.earliest, zone, rules, calendar)
            readings = tuple(Reading(rests_on=why, due=each) for why, each in found)
        least, most = due[1].late(done.earliest), due[0].late(done.latest)
        if least > timedelta(0):
            status, by = ("late" if made else "overdue"), (_seconds(least), _seconds(most))
        elif most <= timedelta(0):
            status, by = ("in time" if made else "open"), (_seconds(-most), _seconds(-least))
        else:
            status = "cannot tell"
    return Run(
        start=start,
        in_force=in_force,
        due=due,
        readings=readings,
        made=made,
        status=status,
        taken=taken,
        by=by,
    )


def _seconds(length: timedelta) -> int:
    return ceil(length.total_seconds())


def _span(seconds: tuple[int, int]) -> str:
    first, last = (duration_text(max(0, each)) for each in seconds)
    return first if first == last else f"{first} to {last}"
