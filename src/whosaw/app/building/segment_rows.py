"""Rows of segments as steps read them, on any machine that has their files: events, and whom else their responses named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.build.step import Span
from whosaw.store.days.events import EVENTS, MORE, NumberedSegment, events_of, plain, portions
from whosaw.store.distinct import numbered_from_0
from whosaw.store.files import ContentStore
from whosaw.store.index.twin_rules import Side
from whosaw.store.kinds import DAY
from whosaw.store.numbers.segments import NumbersFiles
from whosaw.store.recent import Recent

__all__ = ["EVENT_COLUMNS", "MORE_COLUMNS", "SegmentRows", "ToldSegment"]

EVENT_COLUMNS: Final = pa.schema([*EVENTS, ("twins", pa.int8()), ("side", pa.int8())])
"""Events as steps read them: of sources that have a twin, under which rule of the map, and on which side of it."""
MORE_COLUMNS: Final = pa.schema([DAY, *MORE, ("time", pa.int64())])
"""Whom else a response named, with the time of its line."""
Ints = npt.NDArray[np.int64]
_KEPT: Final = 1 << 20  # rows of events that are kept for the next who asks


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSegment:
    """What the journal knows of a segment: its content with the digest that tells the file apart and the side of twins on which it stands, from
    when to when it has events, its map, and the names of its files. `key` names the column that lines of one act share."""

    id: int
    content: int
    file: bytes
    side: Side | None
    key: str | None
    first_time: int
    last_time: int
    map: str | None
    events: str
    more: str | None
    numbers: str

    def near(self, span: Span) -> bool:
        """Whether it may hold anything of these days."""
        return self.first_time < span.end and self.last_time >= span.start


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRows:
    """Rows of these segments. `routes` has by map the number of the route at each of its positions."""

    store: ContentStore
    routes: Mapping[str, npt.NDArray[np.int16]]
    segments: Sequence[ToldSegment]
    numbers: NumbersFiles
    # steps ask for the same days
    _spans: Recent[Span, pa.Table] = field(default_factory=lambda: Recent(_KEPT))

    def of(self, segments: Sequence[ToldSegment]) -> SegmentRows:
        """Those of others, of which some may have been read."""
        return SegmentRows(store=self.store, routes=self.routes, segments=segments, numbers=self.numbers)

    def numbered(self, segment: ToldSegment) -> NumberedSegment:
        """The segment with what stands for its codes."""
        numbers = self.numbers.of(segment.id, segment.numbers)
        none = np.zeros(0, np.int16)
        return NumberedSegment(
            content=segment.content,
            first_time=segment.first_time,
            last_time=segment.last_time,
            events=self.store.path(segment.events),
            more=None if segment.more is None else self.store.path(segment.more),
            identities=numbers.identities.astype(np.int32),
            clients=numbers.clients,
            traits=numbers.traits,
            routes=none if segment.map is None else self.routes.get(segment.map, none),
            key=segment.key,
        )

    def _near(self, span: Span) -> Iterator[NumberedSegment]:
        return (self.numbered(each) for each in self.segments if each.near(span))

    def events(self, span: Span, columns: Sequence[str] | None) -> pa.Table:
        """Events of these days, `day` first."""
        wider = next(
            (each for each in self._spans if each.first <= span.first and span.last <= each.last), span
        )
        rows = self._spans.get(wider)
        if rows is None:
            rows = self._events_of(span)
            self._spans.put(span, rows, rows.num_rows)
        elif wider != span:  # the rows of the days of the span stand in the same order
            day = plain(rows[DAY.name], np.int32)
            here = (day >= span.first) & (day <= span.last)
            rows = rows if here.all() else rows.filter(pa.array(here))
        return rows.select([DAY.name, *(columns or EVENT_COLUMNS.names[1:])])

    def keep(self, span: Span, rows: pa.Table) -> None:
        """All their events, which whoever asks for days of `span` is given: rows of segments as `portions` gives them."""
        self._spans.put(span, self._with_sides(rows), rows.num_rows)

    def _events_of(self, span: Span) -> pa.Table:
        return self._with_sides(events_of(self._near(span), span, {}).rows)

    def _with_sides(self, rows: pa.Table) -> pa.Table:
        sides = {each.content: each.side for each in self.segments if each.side is not None}
        known, at = numbered_from_0(plain(rows["content"], np.int64))
        for place, name in enumerate(("twins", "side")):
            told = [sides[each][place] if each in sides else None for each in known.tolist()]
            column = pa.array(told, pa.int8())
            none = column.null_count == len(told)
            rows = rows.append_column(
                name, pa.nulls(len(at), pa.int8()) if none else column.take(pa.array(at))
            )
        return rows if rows.schema.equals(EVENT_COLUMNS) else rows.cast(EVENT_COLUMNS)

    def more(self, span: Span, columns: Sequence[str] | None) -> pa.Table:
        """Whom else responses of these days named, `day` first."""
        found = [MORE_COLUMNS.empty_table()]
        near = (self.numbered(each) for each in self.segments if each.more is not None and each.near(span))
        for each in portions(near, span):
            at = pa.array(each.more_at)
            told = {name: each.rows[name].take(at) for name in ("day", "time")}
            told |= {name: each.more[name] for name in MORE.names}
            found.append(pa.table([told[name] for name in MORE_COLUMNS.names], schema=MORE_COLUMNS))
        return pa.concat_tables(found).select([DAY.name, *(columns or MORE_COLUMNS.names[1:])])
