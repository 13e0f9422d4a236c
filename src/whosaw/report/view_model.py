"""What a report shows. The use cases fill these; everything in them is already masked and may be printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal

from whosaw.core.counts import Count

from .pictures.data import OverTime, Picture

__all__ = [
    "CategoryView",
    "Command",
    "ContextTable",
    "DemoStory",
    "DemoTold",
    "ExplanationView",
    "FileView",
    "FindingView",
    "HourSpan",
    "RouteView",
    "ScanSummary",
    "Sentence",
    "SourceView",
    "State",
    "WhoRow",
]

State = Literal["whole", "partial", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """One content that was read. lines = events + rejects + comments + continued."""

    name: str
    source: str
    format: str
    lines: int
    events: int
    rejects: int
    comments: int = 0  # blank or comment lines
    continued: int = 0  # further lines of a record that spans lines
    confidence: float | None = None  # part that the guessed format understood; None when it was given
    fault: str = ""  # why it could not be read to its end
    digests: tuple[str, ...] = ()  # SHA-256 of it up to the ends of segments that locators of the report name
    line: str = ""  # the locator of its first line

    @property
    def refused(self) -> bool:
        """Whether every line was rejected."""
        return self.rejects > 0 and not self.events

    @property
    def adds_up(self) -> bool:
        return self.lines == self.events + self.rejects + self.comments + self.continued


@dataclass(frozen=True, slots=True, kw_only=True)
class HourSpan:
    """Hours in a row with the same state, from `start` (in) to `end` (out), and the rule that decided."""

    start: datetime
    end: datetime
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """One stream of logs: what it holds and from when to when it can be relied on."""

    source: str
    lines: int
    events: int
    rejects: int
    duplicates: int
    first: datetime | None
    last: datetime | None
    spans: tuple[HourSpan, ...]

    def hours(self, state: State) -> int:
        """How many hours are in that state."""
        return sum(
            round((span.end - span.start).total_seconds() / 3600)
            for span in self.spans
            if span.state == state
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryView:
    """A category of personal data. `special` names the laws that treat it as special."""

    key: str
    title: str
    sensitivity: int
    special: tuple[str, ...] = ()
    persons: Count | None = None
    views: int | None = None
    lines: tuple[str, ...] = ()  # the first that carried it


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationView:
    """A reason that would make views legitimate, and its answers. The four numbers add up to all views."""

    id: str
    title: str
    explained: int
    unexplained: int
    cannot_tell: int
    does_not_apply: int = 0
    why_not: str = ""  # why it could not be told, where it could not
    opens: str = ""  # the command that lists every view with its answer


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """What a detector says. `noticed` is when its threshold was reached, after `persons_then` persons."""

    id: str
    detector: str
    title: str
    actor: str
    first: datetime
    last: datetime
    noticed: datetime
    counts: tuple[Count, ...]
    categories: tuple[CategoryView, ...] = ()
    explanations: tuple[ExplanationView, ...] = ()
    locators: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    persons_then: int | None = None
    confidence: str = ""  # low, medium or high
    confidence_reasons: tuple[str, ...] = ()
    technique: str = ""
    blind_spots: tuple[str, ...] = ()
    person_lines: tuple[str, ...] = ()  # the first lines that surely show somebody
    opens_views: str = ""  # the command that lists all its lines
    opens_persons: str = ""  # the same for its people
    explains: str = ""  # the command that says what explanations answer of its lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextTable:
    """A table of the context folder. `rows` is None when it was not given."""

    name: str
    rows: int | None
    used_for: str
    file: str = ""
    digest: str = ""  # SHA-256 of that file


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteView:
    """A route of the data map and how many views it had."""

    id: str
    categories: tuple[str, ...]
    views: int
    draft: bool = False
    lines: tuple[str, ...] = ()  # the first that it matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command that a reader can run, and what it shows."""

    text: str
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What cannot be told, with the first lines that it is about and the command that shows all of them, where there are any."""

    text: str
    lines: tuple[str, ...] = ()
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSummary:
    """One scan. Times are shown in `zone`. `cannot_tell` says what is missing and what it hides. `opens_...`
    are commands that list all rejects, all hours that are not whole, and the views of a route, whose id is put in for `ROUTE`."""

    title: str
    version: str
    files: tuple[FileView, ...]
    sources: tuple[SourceView, ...]
    findings: tuple[FindingView, ...]
    routes: tuple[RouteView, ...] = ()
    categories: tuple[CategoryView, ...] = ()
    context: tuple[ContextTable, ...] = ()
    cannot_tell: tuple[Sentence, ...] = ()
    verify: tuple[Command, ...] = ()
    pictures: tuple[Picture, ...] = ()
    zone: tzinfo = UTC
    zone_name: str = "UTC"
    skipped: tuple[tuple[str, str], ...] = ()  # what was not read, and why
    opens_rejects: str = ""
    opens_gaps: str = ""
    opens_route: str = ""

    @property
    def timeline(self) -> OverTime | None:
        """The picture of the finding about most people, over time."""
        return next((each for each in self.pictures if isinstance(each, OverTime)), None)

    @property
    def largest(self) -> FindingView | None:
        """The finding about most people, which comes first: what is told of one finding is told of this one."""
        return next(iter(self.findings), None)

    @property
    def lines(self) -> int:
        return sum(file.lines for file in self.files)

    @property
    def events(self) -> int:
        return sum(file.events for file in self.files)

    @property
    def rejects(self) -> int:
        return sum(file.rejects for file in self.files)

    @property
    def comments(self) -> int:
        return sum(file.comments for file in self.files)

    @property
    def continued(self) -> int:
        return sum(file.continued for file in self.files)

    @property
    def duplicates(self) -> int:
        return sum(source.duplicates for source in self.sources)

    @property
    def refused(self) -> bool:
        """Whether every line was rejected."""
        return self.rejects > 0 and not self.events

    @property
    def adds_up(self) -> bool:
        return all(file.adds_up for file in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTold:
    """Who was told in the demo: the five numbers add up to `recipients`. `groups` is how many each group has, `never` how many get nothing
    by why; `picture` is a file."""

    recipients: int
    sent: int
    waiting: int
    failed: int
    excluded: int
    unknown: int
    groups: Mapping[str, int]
    never: Mapping[str, int]
    picture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStory:
    """What `demo` tells. `finding` is the one it is about.

    `claimed_by_victim` of its views name the very person they read as their user; the tokens of
    `never_issued` views are in no login on record.
    """

    scan: ScanSummary
    seconds: float
    finding: FindingView | None
    first_view: datetime | None = None
    claimed_by_victim: int | None = None
    never_issued: int | None = None
    picture: str = ""
    report: str = ""
    told: DemoTold | None = None
    next: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoRow:
    """One actor who saw a person: in which category, when, how often, and whether that is explained."""

    actor: str
    category: str
    first: datetime
    last: datetime
    views: int
    explanation: str
