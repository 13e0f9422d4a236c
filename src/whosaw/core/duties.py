"""The duties of a case, answered: whether each falls on the organisation, and how each of its clocks runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import ClassVar, Final

from .document import JsonObject, document, object_of, told_as
from .instants import clock_text, parse_zone
from .law_items import Area, DutyText
from .moments import Moment, duration_text
from .ranges import Range
from .truth import Answer, Truth

__all__ = [
    "OWED",
    "Added",
    "Deadline",
    "DutyAnswer",
    "Exemption",
    "Made",
    "Reading",
    "Run",
    "Start",
    "StatePeople",
    "owed_json",
    "owed_words",
]

# whether a duty falls on the organisation, in words that nobody takes for whether it was done
OWED: Final = {Truth.YES: "owed", Truth.NO: "not owed", Truth.OPEN: "cannot tell"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A report or notice that was made, and the scope version it spoke of (None: it spoke of none)."""

    duty: str
    when: Moment
    scope: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A moment from which a clock is said to run. `scope` is the version whose added people started it, if any."""

    kind: str = field(metadata=told_as("event"))
    when: Moment
    claimed_by: str
    evidence: str = ""
    scope: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The end of a period. A period in hours is kept at the instant itself; one in days until the instant begins."""

    instant: datetime = field(metadata=told_as("at"))
    kept_at_instant: bool = field(metadata=told_as("at_instant_in_time"))

    def late(self, at: datetime) -> timedelta:
        """How much later than the deadline; zero or less when kept. A day that ended is late by its first instant."""
        over = at - self.instant
        return over if self.kept_at_instant or over else timedelta(microseconds=1)

    def text(self, zone: tzinfo) -> str:
        local = self.instant.astimezone(zone)
        if self.kept_at_instant:
            return clock_text(local)
        return f"end of {(local - timedelta(seconds=1)).date().isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A deadline under another reading of the rules of counting, which nobody has confirmed."""

    ALSO: ClassVar[tuple[str, ...]] = ("confidence",)

    rests_on: str
    due: Deadline

    @property
    def confidence(self) -> str:
        """How sure it is."""
        return "unverified"


def _done(made: Made | None) -> JsonObject | None:
    if made is None:
        return None
    return {"when": document(made.when), "scope": made.scope, "source": made.source}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One clock from one claimed start. `status`: in time, late (done after), open, overdue (not done yet), no figure, standing,
    cannot tell.

    `by` is how much time is left (open), was left (in time) or was exceeded (late, overdue), as least and most seconds;
    `taken` how long it took from the start to what was done, or has taken until now.
    """

    ALSO: ClassVar[tuple[str, ...]] = ("sentence",)

    start: Start
    in_force: Truth = field(metadata=told_as("version_certain", lambda truth: truth is Truth.YES))
    due: tuple[Deadline, Deadline] | None
    readings: tuple[Reading, ...]
    made: Made | None = field(metadata=told_as(form=_done))
    status: str
    taken: tuple[int, int] = field(metadata=told_as("taken_seconds"))
    by: tuple[int, int] | None = field(metadata=told_as("by_seconds"))

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


def _span(seconds: tuple[int, int]) -> str:
    first, last = (duration_text(max(0, each)) for each in seconds)
    return first if first == last else f"{first} to {last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """The people whom one scope version added, as bounds, and the notice that told them, if any."""

    version: int
    added: Range
    made: Made | None = field(
        metadata=told_as("told", lambda made: None if made is None else document(made.when))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """An exception that takes the duty away, and whether it does."""

    id: str
    text: str
    answer: Answer = field(metadata=told_as(among=True))


def owed_words(state: str) -> str:
    """Whether a duty is owed, as a clause: owed, not owed, cannot tell whether it is owed."""
    return "cannot tell whether it is owed" if state == "cannot tell" else state


def owed_json(owed: Answer) -> JsonObject:
    """Whether a duty is owed, in the words of `OWED`."""
    return {**object_of(owed), "answer": OWED[owed.truth]}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePeople:
    """People seen of one state among several."""

    state: str
    people: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyAnswer:
    """One version of one duty. `in_force` says whether this version governs the case; `owed` whether the duty does fall on the
    organisation. `not_told` bounds the people whom no notice can have reached by their account; None where nothing is known of people.
    `elsewhere` bounds people outside the place whom the law may reach too, since the organisation is established there; `each_of` are
    the states each of whose authorities is told, where none of them leads.
    """

    ALSO: ClassVar[tuple[str, ...]] = ("runs", "meanwhile")

    duty: DutyText = field(metadata=told_as(among=True))
    area: Area = field(metadata=told_as("place", lambda area: area.name))
    zone: str
    in_force: Answer
    applies: Answer
    threshold: Answer
    exceptions: tuple[Exemption, ...]
    owed: Answer = field(metadata=told_as(form=owed_json))
    clocks: tuple[Run, ...] = field(metadata=told_as(never=True))
    versions: tuple[Added, ...] = field(metadata=told_as("versions_told"))
    not_told: Range | None
    elsewhere: Range | None = field(default=None, metadata=told_as(if_any=True))
    each_of: tuple[StatePeople, ...] = field(default=(), metadata=told_as(if_any=True))

    @property
    def state(self) -> str:
        """Owed, not owed, or cannot tell."""
        return OWED[self.owed.truth]

    @property
    def governs(self) -> bool:
        """Whether this version of the law governs the case, or may."""
        return self.in_force.truth is not Truth.NO

    @property
    def may_be_owed(self) -> bool:
        """Whether it is owed, or may be."""
        return self.owed.truth is not Truth.NO

    @property
    def reached(self) -> bool:
        """Whether the law surely applies to the case."""
        return self.applies.truth is Truth.YES

    @property
    def runs(self) -> tuple[Run, ...]:
        """The clocks, where the duty is owed or may be."""
        return self.clocks if self.may_be_owed else ()

    @property
    def meanwhile(self) -> str:
        """What to do while it is undecided whether the duty is owed."""
        if self.owed.truth is not Truth.OPEN:
            return ""
        if self.duty.clock.standing:
            return "until that is known, keep everything: what is deleted meanwhile cannot be brought back"
        if self.duty.clock.starts == ("determined",) and not self.runs:
            return (
                "decide it without delay, and write down when and why: the clock starts at that decision and not before. "
                f"Nothing goes to {self.duty.recipient} until then"
            )
        ends = [run.due[0] for run in self.runs if run.due is not None and run.made is None]
        first = min(ends, key=lambda each: each.instant) if ends else None
        until = f" before {first.text(parse_zone(self.zone))} ({self.zone})" if first else ""
        waits = (
            "the clock does not wait for the answer"
            if self.duty.clock.period
            else "the law gives no figure, and waiting counts"
        )
        later = "; what is known later can follow" if self.duty.phasing else ""
        return (
            f"until that is known, act as if it were owed: {waits}. "
            f"Have it ready for {self.duty.recipient}{until}{later}"
        )
