"""What comes to the steps from outside: events of segments by day, and whom else their responses named."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.app.reading.content import HEAD_BYTES
from whosaw.build.row_digest import RowDigest, RowDigests
from whosaw.build.state import Source
from whosaw.build.step import Span
from whosaw.store import statements as sa
from whosaw.store.days.events import DAY_MICROS, HOUR_MICROS, plain, portions
from whosaw.store.distinct import distinct_pairs, order_of
from whosaw.store.index.twin_rules import Side, TwinRule, sides_of
from whosaw.store.journal import tables
from whosaw.store.kinds import DAY
from whosaw.store.numbers.history import load_history
from whosaw.store.numbers.segments import NumbersFiles
from whosaw.store.parts import put_segment_rows, rows_of_segments, segments_with_rows
from whosaw.store.workspace import Workspace

from .segment_hours import KindHours, SegmentHours
from .segment_rows import SegmentRows, ToldSegment

__all__ = ["Segments", "what_there_is"]

Ints = npt.NDArray[np.int64]
_HOURS: Final = 24
_APART: Final = 1 << 36  # hours; between those of two segments
_KEPT: Final = 1 << 20  # rows of events that are kept for the first who asks
_NOTHING: Final = str(RowDigest())


def what_there_is(workspace: Workspace, twins: Sequence[TwinRule]) -> dict[str, Any]:
    """The segments that are counted and have numbers, what their files are told apart by where that may change, and on which sides of the map's twins
    they stand: a document in JSON's types, from which a killed round is ended with what it began with."""
    segment = tables.segment.c
    numbered = load_history(workspace.journal, workspace.files).numbered
    rows = workspace.journal.rows(
        sa.select(segment.id, segment.content).where(segment.live).order_by(segment.id)
    )
    live = [row for row in rows if row["id"] in numbered]
    counted = {row["content"] for row in live}
    sides = {
        content: side for content, side in sides_of(workspace.journal, twins).items() if content in counted
    }
    return {
        "segments": _spans(row["id"] for row in live),
        "twins": [each.by for each in twins],
        "files": _files(workspace, counted),
        "sides": [
            [*side, _spans(content for content, own in sorted(sides.items()) if own == side)]
            for side in sorted(set(sides.values()))
        ],
    }


def _files(workspace: Workspace, counted: set[int]) -> dict[str, str]:
    """What tells the files of contents apart, where it is not their first bytes. These stay as they are when a log grows; where they
    are too few, or another content begins with them as well, all of the file stands for it."""
    rows = [row for row in _contents(workspace) if row["id"] in counted]
    begun = Counter(row["head"] for row in rows)
    return {
        str(row["id"]): row["digest"]
        for row in rows
        if row["head_size"] < HEAD_BYTES or begun[row["head"]] > 1
    }


def _contents(workspace: Workspace) -> list[dict[str, Any]]:
    content = tables.content.c
    return workspace.journal.rows(sa.select(content.id, content.head, content.head_size, content.digest))


@dataclass(frozen=True, kw_only=True)
class Segments:
    """The segments of `what_there_is`, as sources. Each was numbered."""

    workspace: Workspace
    digests: RowDigests
    given: Mapping[str, Any]

    @cached_property
    def files(self) -> dict[int, bytes]:
        """What tells the files of contents apart."""
        heads = {row["id"]: row["head"] for row in _contents(self.workspace)}
        told = {**heads, **{int(content): digest for content, digest in self.given["files"].items()}}
        return {content: bytes.fromhex(digest) for content, digest in told.items()}

    @cached_property
    def sides(self) -> dict[int, Side]:
        """On which side of which rule each content stands."""
        return {
            content: (rule, side) for rule, side, spans in self.given["sides"] for content in _of_spans(spans)
        }

    def sources(self) -> list[Source]:
        """Events and whom else they named, by day. What segments hold is looked at once in their life."""
        hours = self._hours()
        return [
            self._source("events", hours.kind(0), self.rows.events),
            self._source("more", hours.kind(1), self.rows.more),
        ]

    @cached_property
    def _segments(self) -> list[ToldSegment]:
        wanted = _of_spans(self.given["segments"])
        segment = tables.segment.c
        names = ("id", "content", "first_time", "last_time", "map", "files")
        rows = self.workspace.journal.rows(sa.select(*(segment[each] for each in names)).order_by(segment.id))
        numbered = load_history(self.workspace.journal, self.workspace.files).numbered
        return [
            self._segment(row, numbered[row["id"]])
            for row in rows
            if row["id"] in wanted and row["first_time"] is not None
        ]

    def _segment(self, row: Mapping[str, Any], numbers: str) -> ToldSegment:
        files = json.loads(row["files"])
        side = self.sides.get(row["content"])
        return ToldSegment(
            **{name: row[name] for name in ("id", "content", "first_time", "last_time", "map")},
            file=self.files[row["content"]],
            side=side,
            key=None if side is None else f"{self.given['twins'][side[0]]}_key",
            events=files["events"],
            more=files.get("more"),
            numbers=numbers,
        )

    @cached_property
    def rows(self) -> SegmentRows:
        """Their rows."""
        return SegmentRows(
            store=self.workspace.files,
            routes=self.routes,
            segments=self._segments,
            numbers=NumbersFiles(self.workspace.files),
        )

    @cached_property
    def routes(self) -> dict[str, npt.NDArray[np.int16]]:
        """By map, the number of the route at each of its positions."""
        route = tables.route.c
        found: dict[str, dict[int, int]] = {}
        for row in self.workspace.journal.rows(sa.select(route.map, route.position, route.number)):
            found.setdefault(row["map"], {})[row["position"]] = row["number"]
        return {
            name: np.array([places.get(at, -1) for at in range(max(places) + 1)], np.int16)
            for name, places in found.items()
        }

    # -- what is there by hour

    def _hours(self) -> SegmentHours:
        """By segment and hour, the row digests of events and of whom else they named."""
        journal = self.workspace.journal
        known = segments_with_rows(journal)
        fresh = self._digested([each for each in self._segments if each.id not in known])
        if fresh:
            journal.create()  # a workspace of an earlier release has no such table
            with journal.transaction() as connection:
                put_segment_rows(connection, fresh)
        return SegmentHours.of(rows_of_segments(journal), {each.id for each in self._segments})

    def _digested(self, segments: Sequence[ToldSegment]) -> dict[int, dict[int, list[str]]]:
        """Of some segments, by hour. Which lines share an act is left out: it follows from the line and from the rules of the map."""
        found: dict[int, dict[int, list[str]]] = {each.id: {} for each in segments}
        whole: list[pa.Table] | None = [] if len(segments) == len(self._segments) else None
        every = _Always(
            min((each.first_time for each in segments), default=0),
            max((each.last_time for each in segments), default=0) + 1,
        )
        ids = iter(found)
        for each in portions(map(self.rows.numbered, segments), every):
            own = [next(ids) for _ in each.segments]
            hours = np.floor_divide(plain(each.rows["time"], np.int64), HOUR_MICROS)
            hours += np.repeat(np.arange(len(own)) * _APART + _APART // 2, each.sizes)
            told = (
                self._by_hour(each.rows.drop_columns(["day", "act"]), hours),
                self._by_hour(each.more, hours[each.more_at]),
            )
            for place, digests in enumerate(told):
                for code, digest in digests.items():
                    at, hour = divmod(code, _APART)
                    of = found[own[at]].setdefault(hour - _APART // 2, [_NOTHING, _NOTHING])
                    of[place] = str(digest)
            if whole is not None:
                whole.append(each.rows)
                if sum(rows.num_rows for rows in whole) > _KEPT:
                    whole = None
        if whole:
            days = Span(every.start // DAY_MICROS, (every.end - 1) // DAY_MICROS)
            self.rows.keep(days, pa.concat_tables(whole))
        return found

    def _by_hour(self, rows: pa.Table, hours: Ints) -> dict[int, RowDigest]:
        order = order_of(hours)
        rows = rows.take(pa.array(order)).add_column(0, DAY.name, pa.array(hours[order]))
        return self.digests.by_day(rows)

    # -- as sources

    def _source(self, kind: str, hours: KindHours, read: Any) -> Source:
        whole = hours.days()
        content_of = {each.id: each.content for each in self._segments}
        contents: dict[int, set[int]] = {day: set() for day in whole}
        for day, segment in zip(
            *(each.tolist() for each in distinct_pairs(hours.day, hours.segment)), strict=True
        ):
            contents[day].add(content_of[segment])
        said = {day: self._said(its) for day, its in contents.items()}

        def edge(day: int, many: int, last: bool) -> str:
            first = (day + 1) * _HOURS - many if last else day * _HOURS
            total = hours.between(first, first + many)
            return f"{total}{said[day]}" if total.rows else ""

        return Source(
            kind=kind,
            digests={day: f"{each}{said[day]}" for day, each in whole.items()},
            rows={day: each.rows for day, each in whole.items()},
            read=read,
            edge=edge,
        )

    def _said(self, contents: set[int]) -> str:
        """What of the contents of a day decides its rows beside these: in which order of files ties go, and sides of twins."""
        order = sorted(contents, key=lambda each: (self.files[each], each))
        sides = [[each, *self.sides[each]] for each in order if each in self.sides]
        if len(order) < 2 and not sides:
            return ""
        return "+" + hashlib.sha256(json.dumps([order, sides]).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Always:
    start: int
    end: int


def _spans(numbers: Iterable[int]) -> list[list[int]]:
    """Ascending numbers as spans, first and last of each."""
    found: list[list[int]] = []
    for each in numbers:
        if found and found[-1][1] == each - 1:
            found[-1][1] = each
        else:
            found.append([each, each])
    return found


def _of_spans(spans: Iterable[Sequence[int]]) -> set[int]:
    return {each for first, last in spans for each in range(first, last + 1)}
