"""Coverage per source and hour: whole, partial or missing, with the rule that decided.

The rules know nothing of what should have been logged; they compare a source with itself, at the same hour of all days, once
there are three of them.

    missing   no-event        no event in this hour, between the first and the last event of the source
    partial   edge            the first or the last hour of the source, which begins or ends within it
    partial   cut-off         a file of the source broke off in this hour (truncated archive, file that shrank)
    partial   rejects         more than one line in a hundred was rejected
    partial   silent-minutes  minutes in a row without an event, of which the chance is below one in a million, were the
                              source half as busy: by the number of its events and by the silences it has by itself
    partial   few-events      less than a tenth of what three of four days have at that hour, where that is at least 100
    quiet     stated-quiet    no event, and the user says that there is no traffic then
    quiet     learnt-quiet    no event, and at most one in ten such hours of the week has any, of at least four; or fewer than
                              half of such hours of the day, of at least 28
    whole     steady          none of these

A run of empty hours is quiet only as a whole: where it begins before the quiet time or ends after it, all of it is missing.
Other honest empty hours of a quiet source are still `missing`: no line is no proof that nothing happened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar

from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, from_micros
from whosaw.store.journal import Journal
from whosaw.store.repositories.contents import has_source
from whosaw.store.repositories.segments import Counted, ReadSegment

from .quiet_hours import LEARNT, STATED, QuietRule, quiet_hours, quiet_rules
from .silences import DAYS, Silences, has_silence

__all__ = ["HourCoverage", "SourceCoverage", "coverage_of", "judge", "require_source"]

_HOUR = 3_600_000_000
_LONGEST_GAP = 24 * 366 * 10  # hours; of a longer gap only the beginning is listed, and it is said
_LISTED = 24 * 366


@dataclass(frozen=True, slots=True)
class HourCoverage:
    """One hour of one source. `hour` counts hours since 1970 UTC."""

    hour: int = field(metadata=told_as(form=lambda hour: from_micros(hour * _HOUR)))
    state: str
    rule: str
    events: int
    rejects: int
    duplicates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCoverage:
    """One source: its lines, its hours, and files that stand out."""

    source: str
    lines: int
    events: int
    rejects: int
    comments: int
    continued: int
    duplicates: int
    views: int
    hours: tuple[HourCoverage, ...]
    notes: tuple[str, ...]
    ALSO: ClassVar[tuple[str, ...]] = ("whole", "partial", "missing", "quiet")

    def count(self, state: str) -> int:
        """How many hours are in `state`."""
        return sum(hour.state == state for hour in self.hours)

    @property
    def whole(self) -> int:
        return self.count("whole")

    @property
    def partial(self) -> int:
        return self.count("partial")

    @property
    def missing(self) -> int:
        return self.count("missing")

    @property
    def quiet(self) -> int:
        return self.count("quiet")


def judge(
    rows: dict[int, tuple[int, int, int, int]],
    cut_hours: Iterable[int] = (),
    source: str = "",
    rules: Sequence[QuietRule] = (),
) -> list[HourCoverage]:
    """States of all hours from the first to the last. `rows`: hour -> events, rejects, duplicates, minutes bitmap. `rules` say
    when the source is quiet."""
    if not rows:
        return []
    listed, cut = list(_listed(rows)), set(cut_hours)
    first, last = listed[0], listed[-1]
    of_day: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for hour in listed:
        events, _, _, minutes = rows.get(hour, (0, 0, 0, 0))
        of_day[hour % 24].append((events, minutes))
    unlikely = {at: Silences.of(hours).least_unlikely() for at, hours in of_day.items()}
    least = {
        at: sorted(hours)[len(hours) // 4][0] if len(hours) >= DAYS else 0 for at, hours in of_day.items()
    }
    quiet = quiet_hours(source, listed, {hour: row[0] for hour, row in rows.items()}, rules)
    out: list[HourCoverage] = []
    for hour in listed:
        events, rejects, duplicates, minutes = rows.get(hour, (0, 0, 0, 0))
        state, rule = "whole", "steady"
        if not events:
            state, rule = ("quiet", quiet[hour]) if hour in quiet else ("missing", "no-event")
        elif hour in cut:
            state, rule = "partial", "cut-off"
        elif rejects * 100 > events + rejects:
            state, rule = "partial", "rejects"
        elif hour in (first, last) and not _fills(minutes, first=hour == first, last=hour == last):
            state, rule = "partial", "edge"
        elif least[hour % 24] >= 100 and events * 10 < least[hour % 24]:
            state, rule = "partial", "few-events"
        elif has_silence(minutes, unlikely[hour % 24]):
            state, rule = "partial", "silent-minutes"
        out.append(HourCoverage(hour, state, rule, events, rejects, duplicates))
    return out


def _listed(rows: Iterable[int]) -> Iterator[int]:
    """All hours from the first to the last; of a gap of more than ten years its first year."""
    hours = sorted(rows)
    yield hours[0]
    for before, after in pairwise(hours):
        yield from range(before + 1, after if after - before <= _LONGEST_GAP else before + _LISTED)
        yield after


def _fills(minutes: int, *, first: bool, last: bool) -> bool:
    return not ((first and not minutes & 1) or (last and not minutes >> 59 & 1))


def require_source(journal: Journal, source: str) -> None:
    """Refuse a source that no file belongs to: nothing of it is not the same as none."""
    if not has_source(journal, source):
        raise WhosawError(
            "source.unknown",
            f"no file that was read belongs to {source!r}",
            hint="`whosaw coverage` lists the sources",
        )


def coverage_of(
    journal: Journal, source: str | None = None, *, counted: Counted | None = None
) -> list[SourceCoverage]:
    """Coverage of every source (or one), from the live segments: those of `counted`, where the caller has them."""
    if source is not None:
        require_source(journal, source)
    counted = counted or Counted(journal)
    by_source: dict[str, list[ReadSegment]] = defaultdict(list)
    of_segment: dict[int, str] = {}
    for segment in counted.segments:
        if source in (None, segment.source):
            by_source[segment.source].append(segment)
            of_segment[segment.id] = segment.source
    hours: dict[str, dict[int, tuple[int, int, int, int]]] = defaultdict(dict)
    cross: dict[str, int] = defaultdict(int)
    for of, hour, events, rejects, duplicates, again, minutes in counted.hours:
        name = of_segment.get(of)
        if name is None:
            continue
        cross[name] += again
        before = hours[name].get(hour)
        now = events, rejects, duplicates + again, minutes
        hours[name][hour] = (
            now
            if before is None
            else (before[0] + now[0], before[1] + now[1], before[2] + now[2], before[3] | now[3])
        )
    rules = quiet_rules(journal)
    return [
        _source(name, found, hours[name], cross[name], rules) for name, found in sorted(by_source.items())
    ]


def _source(
    name: str,
    rows: list[ReadSegment],
    hours: dict[int, tuple[int, int, int, int]],
    cross: int,
    rules: Sequence[QuietRule],
) -> SourceCoverage:
    notes: list[str] = []
    last_of_content: dict[int, ReadSegment] = {}
    cut_at: dict[int, int] = {}
    for row in rows:
        last_of_content[row.content] = row
        # what broke off mostly ends with a torn line, which has no time of its own
        if row.fault and row.last_time is not None:
            cut_at[row.content] = row.last_time
    cut = {last // _HOUR for last in cut_at.values()}
    notes.extend(f"{row.name}: {row.fault}" for row in last_of_content.values() if row.fault)
    notes.extend(_clock_notes(rows))
    notes.extend(_late_notes(rows))
    for before, after in pairwise(sorted(hours)):
        if after - before > _LONGEST_GAP:
            notes.append(
                f"nothing for {(after - before) // (24 * 366)} years after {format_instant(from_micros(before * _HOUR))}: "
                "some clock was wrong, and of this gap only its first year is listed as missing"
            )
    total = {
        key: sum(getattr(row, key) for row in rows)
        for key in ("lines", "events", "rejects", "comments", "continued", "duplicates", "views")
    }
    if total["lines"] != total["events"] + total["rejects"] + total["comments"] + total["continued"]:
        raise WhosawError(
            "coverage.lines-lost",
            f"{name}: {total['lines']:,} lines were read, and the ledger accounts for more or fewer",
            hint="The ledger was altered or damaged: scan the logs into a new workspace",
        )
    total["duplicates"] += cross
    judged = tuple(judge(hours, cut, name, rules))
    notes.extend(_quiet_notes(judged))
    return SourceCoverage(source=name, hours=judged, notes=tuple(dict.fromkeys(notes)), **total)


def _quiet_notes(hours: Sequence[HourCoverage]) -> list[str]:
    """How many hours are quiet, and who says so."""
    told = ((STATED, "stated"), (LEARNT, "learnt from the weeks of its log"))
    counts = [(sum(hour.rule == rule for hour in hours), words) for rule, words in told]
    return [f"{count:,} hours without traffic are quiet, as {words}" for count, words in counts if count]


def _clock_notes(rows: list[ReadSegment]) -> list[str]:
    """Files whose clock looks wrong: times after the file was last written, or a step back of a minute and more."""
    notes: list[str] = []
    for row in rows:
        if row.mtime is not None and row.last_time is not None and row.last_time - row.mtime > 300_000_000:
            ahead = (row.last_time - row.mtime) / 1e6
            notes.append(
                f"{row.name}: skewed, its last event is {_length(ahead)} after the file was last written"
            )
        if row.back_step >= 60_000_000:
            notes.append(
                f"{row.name}: out of order, its time steps back by up to {_length(row.back_step / 1e6)}"
            )
    return notes


def _late_notes(rows: list[ReadSegment]) -> list[str]:
    """Files read in a later scan that hold events from before what earlier scans had reached."""
    notes: list[str] = []
    reached: dict[int, int] = {}
    for row in sorted(rows, key=lambda r: (r.read_in, r.id)):
        if row.first_time is None or row.last_time is None:
            continue
        earlier = [time for scan, time in reached.items() if scan < row.read_in]
        if earlier and row.first_time < max(earlier):
            late = (max(earlier) - row.first_time) / 1e6
            if late >= 60:
                notes.append(
                    f"{row.name}: late, begins {_length(late)} before what an earlier scan had reached"
                )
        reached[row.read_in] = max(reached.get(row.read_in, row.last_time), row.last_time)
    return notes


def _length(seconds: float) -> str:
    for size, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= size:
            return f"{seconds / size:.1f} {word}"
    return f"{seconds:.0f} seconds"
