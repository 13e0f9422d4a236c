"""What is kept of every segment: its lines and times, the content that it is a part of, and its hours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from whosaw.store import statements as sa
from whosaw.store.journal import Journal, tables

__all__ = [
    "Counted",
    "Harmless",
    "ReadSegment",
    "SegmentHour",
    "all_indexed",
    "all_segments",
    "events_without_views",
    "harmless_rejects",
    "hours_of_content",
    "hours_of_segments",
    "last_indexed",
    "live_segments",
    "segments_with_digest",
    "span_of_ledger",
]

_OF_SEGMENT = (
    "id", "content", "start", "end", "first_line", "lines", "events", "rejects", "comments", "continued", "duplicates", "views",
    "terminated", "digest", "first_time", "last_time", "back_step", "files", "live",
)  # fmt: skip
_OF_CONTENT = ("name", "source", "place", "format", "fault", "mtime", "read_in")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSegment:
    """A segment, and of its content what is told of it. Times are microseconds since 1970 UTC; `digest` is that of the content
    up to `end`; `live` says whether the ledger counts it."""

    id: int
    content: int
    start: int
    end: int
    first_line: int
    lines: int
    events: int
    rejects: int
    comments: int
    continued: int
    duplicates: int
    views: int
    terminated: bool
    digest: str
    first_time: int | None
    last_time: int | None
    back_step: int
    files: str  # JSON: kind -> file name
    live: bool
    name: str
    source: str
    place: str
    format: str
    fault: str | None
    mtime: int | None
    read_in: int

    @property
    def file_names(self) -> dict[str, str]:
        """By kind, the file that holds it."""
        return dict(json.loads(self.files))


class SegmentHour(NamedTuple):
    """One hour (since 1970 UTC) of a segment. `cross` are duplicates of events in other segments; bit m of `minutes` says that an
    event is in minute m."""

    segment: int
    hour: int
    events: int
    rejects: int
    duplicates: int
    cross: int
    minutes: int


@dataclass(frozen=True)
class Counted:
    """The segments that the ledger counts and their hours as the journal has them, each read once, when it is asked for first. So it is of one
    state of the journal: whoever changed that makes another."""

    journal: Journal

    @cached_property
    def segments(self) -> list[ReadSegment]:
        """The segments, by number."""
        return live_segments(self.journal)

    @cached_property
    def hours(self) -> list[SegmentHour]:
        """Every hour of these."""
        counted = {each.id for each in self.segments}
        return [each for each in hours_of_segments(self.journal) if each.segment in counted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmless:
    """Rejects of an hour (None: not known) of a segment that surely hold no request for a page of the map."""

    segment: int
    hour: int | None
    rejects: int


def live_segments(journal: Journal, *, source: str | None = None) -> list[ReadSegment]:
    """The segments that the ledger counts, or those of one source, by number."""
    query = _query().where(tables.segment.c.live).order_by(tables.segment.c.id)
    return _rows(journal, query if source is None else query.where(tables.content.c.source == source))


def all_segments(journal: Journal) -> list[ReadSegment]:
    """Every segment that was ever read, by number."""
    return _rows(journal, _query().order_by(tables.segment.c.id))


def all_indexed(journal: Journal) -> frozenset[int]:
    """The numbers of the segments that the ledger was brought up to, those among them that it should not count any more."""
    segment = tables.segment.c
    return frozenset(row["id"] for row in journal.rows(sa.select(segment.id).where(segment.indexed)))


def segments_with_digest(journal: Journal, beginning: str) -> list[ReadSegment]:
    """Segments whose digest begins so; those that the ledger counts first, then the newest."""
    segment = tables.segment
    return _rows(
        journal,
        _query()
        .where(segment.c.digest.startswith(beginning))
        .order_by(segment.c.live.desc(), segment.c.id.desc()),
    )


def span_of_ledger(journal: Journal) -> tuple[int | None, int | None]:
    """The first and the last time of anything that the ledger counts."""
    segment = tables.segment.c
    first, last = sa.func.min(segment.first_time), sa.func.max(segment.last_time)
    (row,) = journal.rows(sa.select(first.label("first"), last.label("last")).where(segment.live))
    return row["first"], row["last"]


def last_indexed(journal: Journal) -> int:
    """The number of the newest segment that the ledger was brought up to; 0 for none."""
    segment = tables.segment.c
    (row,) = journal.rows(sa.select(sa.func.max(segment.id).label("id")).where(segment.indexed))
    return int(row["id"] or 0)


def hours_of_segments(journal: Journal, *, with_rejects: bool = False) -> list[SegmentHour]:
    """Every hour of every segment, those that the ledger does not count included; or only those with a reject."""
    hour = tables.hour
    query = sa.select(*(hour.c[name] for name in SegmentHour._fields))
    return [
        SegmentHour(*row)
        for row in journal.tuples(query.where(hour.c.rejects > 0) if with_rejects else query)
    ]


def hours_of_content(journal: Journal, content: int) -> dict[int, int]:
    """By hour, how many events of a content the ledger counts."""
    segment, hour = tables.segment, tables.hour
    of_it = sa.and_(segment.c.content == content, segment.c.live)
    query = sa.select(hour.c.hour, hour.c.events).join(segment, segment.c.id == hour.c.segment).where(of_it)
    found: dict[int, int] = {}
    for row in journal.rows(query):
        if row["events"]:
            found[row["hour"]] = found.get(row["hour"], 0) + row["events"]
    return found


def events_without_views(
    journal: Journal, *, since: int | None = None, until: int | None = None
) -> dict[str, int]:
    """By source of which no line is a view, how many events the ledger counts; or only those in the hours (since 1970) from `since` to
    `until`, both of them in. Sources without an event then are not there."""
    segment, content, hour = tables.segment, tables.content, tables.hour
    of_content = segment.join(content, content.c.id == segment.c.content)
    events, views = sa.func.sum(segment.c.events).label("events"), sa.func.sum(segment.c.views).label("views")
    query = sa.select(content.c.source, events, views).select_from(of_content)
    rows = journal.rows(query.where(segment.c.live).group_by(content.c.source).order_by(content.c.source))
    bare = {str(row["source"]): int(row["events"]) for row in rows if row["events"] and not row["views"]}
    if not bare or (since is None and until is None):
        return bare
    ends = [hour.c.hour >= since] if since is not None else []
    ends += [hour.c.hour <= until] if until is not None else []
    of_hour = of_content.join(hour, segment.c.id == hour.c.segment)
    then = sa.select(content.c.source, sa.func.sum(hour.c.events).label("events")).select_from(of_hour)
    rows = journal.rows(then.where(sa.and_(segment.c.live, *ends)).group_by(content.c.source))
    found = {str(row["source"]): int(row["events"]) for row in rows}
    return {source: found[source] for source in bare if found.get(source)}


def harmless_rejects(journal: Journal) -> list[Harmless]:
    """Of all segments; none in a workspace of an earlier release, which did not look."""
    if not journal.has(tables.harmless):
        return []
    return [Harmless(**row) for row in journal.rows(sa.select(tables.harmless))]


def _query() -> sa.Select:
    segment, content = tables.segment, tables.content
    return sa.select(
        *(segment.c[name] for name in _OF_SEGMENT), *(content.c[name] for name in _OF_CONTENT)
    ).select_from(segment.join(content, content.c.id == segment.c.content))


def _rows(journal: Journal, query: sa.Select) -> list[ReadSegment]:
    return [ReadSegment(**row) for row in journal.rows(query)]
