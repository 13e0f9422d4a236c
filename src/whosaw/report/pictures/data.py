"""What pictures show, as plain data. The use cases fill these; everything in them is masked and may be printed.

Each picture has rows, which are its numbers: what is drawn stands in them and nothing else does. A row has a short name, by which the
command opens it, and the first lines that were counted in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import ClassVar

from whosaw.core.counts import Count

from .kinds import Kind

__all__ = [
    "CategoriesByActor",
    "Cell",
    "Column",
    "CoverageOfSources",
    "HourOfWeek",
    "Networks",
    "NumberOrder",
    "Numbers",
    "NumbersRow",
    "OfActor",
    "OfCategory",
    "OfNetwork",
    "OfSource",
    "OfVersion",
    "OfViewer",
    "OrderSlot",
    "OverTime",
    "PersonTime",
    "Picture",
    "ScopeVersions",
    "Stretch",
    "Telling",
    "TimeBin",
    "Told",
    "ToldRow",
    "WaveRow",
    "WeekHours",
]

Cell = str | int | datetime | Count | None
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the table beside a picture. `name` is that of the JSON, `title` that for people."""

    name: str
    title: str
    number: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersRow:
    """A row of that table. `name` opens it; `lines` are the first lines it was counted from, as locators."""

    name: str
    cells: tuple[Cell, ...]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The numbers of a picture, row by row."""

    columns: tuple[Column, ...]
    rows: tuple[NumbersRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is said of every picture. `of` is what it is about, such as the id of a finding. `opens` is the command that lists all lines
    behind a row, whose name is put in for `ROW`; where it is empty, `opens_all` shows what is behind all of them."""

    of: str
    title: str
    says: str  # the picture in a sentence or two, for those who cannot see it
    zone: tzinfo
    zone_name: str
    notes: tuple[str, ...] = ()
    opens: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBin:
    """From `start` (in) to `end` (out): views that are sure, those that are only possible, people never seen before by this actor."""

    name: str
    start: datetime
    end: datetime
    views: int
    possible: int
    persons: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OverTime(Told):
    """An actor's views and new people over time. Bins without a view are left out. `alert` is when a finding could have been raised,
    after `persons_then` people. `step` says how long a bin is."""

    kind: ClassVar[Kind] = "timeline"
    bins: tuple[TimeBin, ...]
    start: datetime
    end: datetime
    step: str
    alert: datetime | None = None
    persons_then: int | None = None

    def numbers(self) -> Numbers:
        so_far, rows = 0, []
        for each in self.bins:
            so_far += each.persons
            cells = (each.start, each.end, each.views, each.possible, each.persons, so_far)
            rows.append(NumbersRow(name=each.name, cells=cells, lines=each.lines))
        columns = (
            Column(name="start", title="From", number=False),
            Column(name="end", title="To", number=False),
            Column(name="views", title="Views"),
            Column(name="possible_views", title="Only possible"),
            Column(name="new_persons", title="New persons"),
            Column(name="persons_so_far", title="Persons so far"),
        )
        return Numbers(columns=columns, rows=tuple(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class HourOfWeek:
    """One hour (0 to 23) of one day of the week (0 is Monday), all weeks together."""

    day: int
    hour: int
    views: int
    possible: int
    lines: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{DAYS[self.day].lower()}-{self.hour:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekHours(Told):
    """An actor's views by hour and day of the week. Hours without a view are left out."""

    kind: ClassVar[Kind] = "week"
    hours: tuple[HourOfWeek, ...]

    def numbers(self) -> Numbers:
        rows = tuple(
            NumbersRow(
                name=each.name,
                cells=(DAYS[each.day], each.hour, each.views, each.possible),
                lines=each.lines,
            )
            for each in self.hours
        )
        columns = (
            Column(name="day", title="Day", number=False),
            Column(name="hour", title="Hour", number=False),
            Column(name="views", title="Views"),
            Column(name="possible_views", title="Only possible"),
        )
        return Numbers(columns=columns, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSlot:
    """The people seen in a stretch of time, by where their numbers lie among all known ones: how many views in each of `PLACES` equal
    parts, from the lowest numbers to the highest."""

    name: str
    start: datetime
    end: datetime
    parts: tuple[int, ...]
    lines: tuple[str, ...] = ()

    @property
    def views(self) -> int:
        return sum(self.parts)

    def part_at(self, share: float) -> int:
        """The part in which that share of the views is reached."""
        reached, wanted = 0, share * self.views
        for at, many in enumerate(self.parts):
            reached += many
            if reached and reached >= wanted:
                return at
        return len(self.parts) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOrder(Told):
    """In which order an actor went through numbers. `without` views show people whose id holds no number that can be compared."""

    kind: ClassVar[Kind] = "order"
    slots: tuple[OrderSlot, ...]
    start: datetime
    end: datetime
    parts: int
    without: int = 0

    def numbers(self) -> Numbers:
        def percent(slot: OrderSlot, share: float, *, end: bool = False) -> str:
            return f"{(slot.part_at(share) + end) * 100 // self.parts} %"

        rows = tuple(
            NumbersRow(
                name=each.name,
                cells=(
                    each.start,
                    each.end,
                    each.views,
                    percent(each, 0),
                    percent(each, 0.5),
                    percent(each, 1, end=True),
                ),
                lines=each.lines,
            )
            for each in self.slots
        )
        columns = (
            Column(name="start", title="From", number=False),
            Column(name="end", title="To", number=False),
            Column(name="views", title="Views of a person"),
            Column(name="lowest", title="Lowest place", number=False),
            Column(name="middle", title="Middle place", number=False),
            Column(name="highest", title="Highest place", number=False),
        )
        return Numbers(columns=columns, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfNetwork:
    """Views from one network; or from `networks` others together; or of lines that name none."""

    name: str
    label: str
    views: int
    possible: int
    addresses: int
    networks: int = 1
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks(Told):
    """From which networks an actor's views came, the busiest first."""

    kind: ClassVar[Kind] = "networks"
    networks: tuple[OfNetwork, ...]

    def numbers(self) -> Numbers:
        rows = tuple(
            NumbersRow(
                name=each.name,
                cells=(each.label, each.views, each.possible, each.addresses),
                lines=each.lines,
            )
            for each in self.networks
        )
        columns = (
            Column(name="network", title="Network", number=False),
            Column(name="views", title="Views"),
            Column(name="possible_views", title="Only possible"),
            Column(name="addresses", title="Addresses"),
        )
        return Numbers(columns=columns, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfViewer:
    """Who saw a person: a client, masked, or the rest together. `slots` are the stretches of time with views, by number, and how many."""

    name: str
    label: str
    answer: str  # explained, unexplained, cannot tell, or counts of these
    views: int
    possible: int
    first: datetime
    last: datetime
    slots: tuple[tuple[int, int], ...]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTime(Told):
    """Who saw one person, and when. The time from `start` to `end` is cut into `slots` equal stretches."""

    kind: ClassVar[Kind] = "person"
    viewers: tuple[OfViewer, ...]
    start: datetime
    end: datetime
    slots: int

    def numbers(self) -> Numbers:
        rows = tuple(
            NumbersRow(
                name=each.name,
                cells=(each.label, each.answer, each.first, each.last, each.views, each.possible),
                lines=each.lines,
            )
            for each in self.viewers
        )
        columns = (
            Column(name="client", title="Client", number=False),
            Column(name="explanation", title="Explanation", number=False),
            Column(name="first", title="First view", number=False),
            Column(name="last", title="Last view", number=False),
            Column(name="views", title="Views"),
            Column(name="possible_views", title="Only possible"),
        )
        return Numbers(columns=columns, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCategory:
    """A category of data, its name and how sensitive it is (1 to 4)."""

    key: str
    title: str
    sensitivity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfActor:
    """What one finding's actor saw of a category. `persons` None: it cannot be told whose."""

    finding: str
    label: str
    category: str
    persons: Count | None
    views: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoriesByActor(Told):
    """How many people each actor saw in which category. Pairs without a view are left out; `more` findings are not shown."""

    kind: ClassVar[Kind] = "categories"
    actors: tuple[tuple[str, str], ...]  # id and label of each finding, those about most people first
    categories: tuple[OfCategory, ...]
    seen: tuple[OfActor, ...]
    more: int = 0

    def numbers(self) -> Numbers:
        titles = {each.key: each.title for each in self.categories}
        rows = tuple(
            NumbersRow(
                name=f"{each.finding}-{each.category}",
                cells=(each.finding, titles[each.category], each.persons, each.views),
                lines=each.lines,
            )
            for each in self.seen
        )
        columns = (
            Column(name="finding", title="Finding", number=False),
            Column(name="category", title="Category", number=False),
            Column(name="persons", title="Persons"),
            Column(name="views", title="Views"),
        )
        return Numbers(columns=columns, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfVersion:
    """The counts of one version of a case, and whether it was final."""

    version: int
    made: datetime
    views: Count
    accounts: Count
    persons: Count
    final: bool
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeVersions(Told):
    """How the bounds of a case moved from version to version."""

    kind: ClassVar[Kind] = "versions"
    versions: tuple[OfVersion, ...]

    def numbers(self) -> Numbers:
        rows = tuple(
            NumbersRow(
                name=str(each.version),
                cells=(
                    f"Version {each.version}{', final' if each.final else ''}",
                    each.made,
                    each.persons,
                    each.accounts,
                    each.views,
                ),
                lines=each.lines,
            )
            for each in self.versions
        )
        columns = (
            Column(name="version", title="Version", number=False),
            Column(name="made", title="Made", number=False),
            Column(name="persons", title="Persons"),
            Column(name="accounts", title="Accounts"),
            Column(name="views", title="Views"),
        )
        return Numbers(columns=columns, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Hours in a row of one state: whole, partial, missing or quiet."""

    start: datetime
    end: datetime
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfSource:
    """One source: what was read of it, and its hours."""

    source: str
    events: int
    rejects: int
    whole: int
    partial: int
    missing: int
    quiet: int
    stretches: tuple[Stretch, ...]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageOfSources(Told):
    """Which hours of each source are in its logs, all on one axis."""

    kind: ClassVar[Kind] = "coverage"
    sources: tuple[OfSource, ...]

    def numbers(self) -> Numbers:
        rows = tuple(
            NumbersRow(
                name=each.source,
                cells=(
                    each.source,
                    each.events,
                    each.rejects,
                    each.whole,
                    each.partial,
                    each.missing,
                    each.quiet,
                ),
                lines=each.lines,
            )
            for each in self.sources
        )
        columns = (
            Column(name="source", title="Source", number=False),
            Column(name="events", title="Events"),
            Column(name="rejects", title="Rejects"),
            *(Column(name=each, title=f"Hours {each}") for each in ("whole", "partial", "missing", "quiet")),
        )
        return Numbers(columns=columns, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """Recipients of one list of a case, or of one channel of it; the five numbers add up to all of them."""

    name: str
    label: str
    sent: int
    waiting: int
    failed: int
    unknown: int
    excluded: int

    @property
    def people(self) -> int:
        return self.sent + self.waiting + self.failed + self.unknown + self.excluded


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveRow:
    """A wave of a list, how many of its people were tried at least once, and whether a person let it go."""

    name: str
    label: str
    people: int
    begun: int
    released: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling(Told):
    """How far the telling of a case is: each list of recipients, its channels, and its waves."""

    kind: ClassVar[str] = "telling"
    rows: tuple[ToldRow, ...]
    waves: tuple[WaveRow, ...] = ()

    def numbers(self) -> Numbers:
        columns = ("people", "sent", "waiting", "failed", "unknown", "excluded", "begun")
        return Numbers(
            columns=(
                Column(name="list", title="Recipients", number=False),
                *(Column(name=each, title=each.capitalize()) for each in columns),
            ),
            rows=tuple(
                NumbersRow(name=name, cells=(label, *(getattr(row, each, None) for each in columns)))
                for name, label, row in (
                    *((each.name, each.label, each) for each in self.rows),
                    *((each.name, each.label, each) for each in self.waves),
                )
            ),
        )


Picture = (
    OverTime
    | WeekHours
    | NumberOrder
    | Networks
    | PersonTime
    | CategoriesByActor
    | ScopeVersions
    | CoverageOfSources
    | Telling
)
