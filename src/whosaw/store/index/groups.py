"""Files of the index that are made of groups of segments, and who makes them: pure functions over files of the store, wherever they run.

All that stands in them are numbers, so that no key is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.files import ContentStore
from whosaw.store.numbers.segments import NumbersFiles

from .activity import activity_of, joined_activity
from .twin_lines import TwinLines
from .view_groups import Numbers, Wanted, as_views, exposures_of, sorted_views, views_of

__all__ = [
    "ACTIVITY_KINDS",
    "VIEW_KINDS",
    "Group",
    "GroupHands",
    "GroupMaker",
    "GroupSegment",
    "LinesOf",
    "SegmentLines",
    "lines_in",
    "lines_table",
]

VIEW_KINDS: Final = ("views", "exposures")
ACTIVITY_KINDS: Final = ("activity", "tries")
Lines = npt.NDArray[np.int64]
Routes = Mapping[str, npt.NDArray[np.int16]]
_NONE: Final = np.zeros(0, np.int64)
_NO_ROUTES: Final = np.zeros(0, np.int16)
_LINES: Final = pa.schema(
    [
        ("segment", pa.int32()),
        ("what", pa.int8()),  # the place in `_WHAT`
        ("line", pa.int64()),
        ("client", pa.int32()),  # this and the next of merged lines alone
        ("address", pa.int32()),
    ]
)
_WHAT: Final = ("repeated", "witnesses", "merged", "possible", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSegment:
    """A segment: the names of its files of events, of further persons (if any) and of numbers, and the digest of its map."""

    id: int
    events: str
    more: str | None
    numbers: str
    map: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Segments of which one file of each of these `kinds` is made: those of views, or those of activity."""

    kinds: tuple[str, str]
    segments: tuple[GroupSegment, ...]

    @property
    def files(self) -> frozenset[str]:
        """The files of the store that are read for it."""
        of_segments = (name for each in self.segments for name in (each.events, each.more, each.numbers))
        return frozenset(name for name in of_segments if name is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentLines:
    """Lines of a segment that are told apart from others: those that repeat an event of an earlier segment (ascending), and those that
    have a twin."""

    repeated: Lines
    twins: TwinLines | None = None


LinesOf = Callable[[int], SegmentLines]


class GroupHands(Protocol):
    """Whoever makes files of groups elsewhere, from the files of the same store into it."""

    def take(self, rows: int) -> bool:
        """Whether they make those of segments that have so many rows."""

    def made(self, groups: Iterable[Group], lines: LinesOf, routes: Routes) -> Iterator[Mapping[str, str]]:
        """By kind the name of the file that a group comes to, in the order of groups; a kind that has no rows is left out. What comes was
        checked: the files hold what their names say."""


class GroupMaker:
    """Makes the rows of a group. `routes` are by map the number of the page at each place of it. Several threads ask."""

    def __init__(self, store: ContentStore, numbers: NumbersFiles, routes: Routes) -> None:
        self._store, self._numbers, self._routes = store, numbers, routes

    def rows(self, group: Group, lines: LinesOf) -> Mapping[str, pa.Table]:
        """By kind."""
        self._store.bring(group.files)
        made = self._views(group, lines) if group.kinds == VIEW_KINDS else self._activity(group, lines)
        return dict(zip(group.kinds, made, strict=True))

    def _views(self, group: Group, lines: LinesOf) -> tuple[pa.Table, pa.Table]:
        views = sorted_views([views_of(self._wanted(each, lines)) for each in group.segments])
        return as_views(views), exposures_of(views)

    def _activity(self, group: Group, lines: LinesOf) -> tuple[pa.Table, pa.Table]:
        done = [
            activity_of(each.id, str(self._store.path(each.events)), self._numbers_of(each, lines))
            for each in group.segments
        ]
        return joined_activity([each.activity for each in done]), pa.concat_tables(
            each.tries for each in done
        )

    def _wanted(self, segment: GroupSegment, lines: LinesOf) -> Wanted:
        return Wanted(
            segment=segment.id,
            events=str(self._store.path(segment.events)),
            more=None if segment.more is None else str(self._store.path(segment.more)),
            numbers=self._numbers_of(segment, lines),
        )

    def _numbers_of(self, segment: GroupSegment, lines: LinesOf) -> Numbers:
        of, told = self._numbers.of(segment.id, segment.numbers), lines(segment.id)
        return Numbers(
            identity=of.identities.astype(np.int32),
            client=of.clients.astype(np.int32),
            address=of.traits["address"].fill_null(-1).to_numpy().astype(np.int32),
            route=_NO_ROUTES if segment.map is None else self._routes.get(segment.map, _NO_ROUTES),
            repeated=told.repeated,
            twins=told.twins,
        )


def lines_table(group: Group, lines: LinesOf) -> pa.Table:
    """What `lines` tell of the segments of a group, to be handed over; `lines_in` tells it again."""
    parts: list[pa.Table] = []
    for segment in sorted(each.id for each in group.segments):
        told = lines(segment)
        for what, name in enumerate(_WHAT):
            line = told.repeated if what == 0 else _NONE if told.twins is None else getattr(told.twins, name)
            if not len(line):
                continue
            merged = told.twins if name == "merged" else None
            columns = [
                pa.array(np.full(len(line), segment, np.int32)),
                pa.array(np.full(len(line), what, np.int8)),
                pa.array(line),
                pa.nulls(len(line), pa.int32()) if merged is None else pa.array(merged.clients),
                pa.nulls(len(line), pa.int32()) if merged is None else pa.array(merged.addresses),
            ]
            parts.append(pa.table(columns, schema=_LINES))
    return pa.concat_tables(parts) if parts else _LINES.empty_table()


def lines_in(table: pa.Table) -> LinesOf:
    """The lines that were handed over."""
    table = table.combine_chunks()
    key = table["segment"].to_numpy().astype(np.int64) * len(_WHAT) + table["what"].to_numpy()

    def lines(segment: int) -> SegmentLines:
        ends = np.searchsorted(key, segment * len(_WHAT) + np.arange(len(_WHAT) + 1)).tolist()
        if ends[0] == ends[-1]:
            return SegmentLines(repeated=_NONE)
        parts = {
            name: table.slice(first, end - first)
            for name, first, end in zip(_WHAT, ends[:-1], ends[1:], strict=True)
        }
        found = {name: part["line"].to_numpy() for name, part in parts.items()}
        repeated = found.pop("repeated")
        if ends[1] == ends[-1]:
            return SegmentLines(repeated=repeated)
        merged = parts["merged"]
        return SegmentLines(
            repeated=repeated,
            twins=TwinLines(
                **found, clients=merged["client"].to_numpy(), addresses=merged["address"].to_numpy()
            ),
        )

    return lines
