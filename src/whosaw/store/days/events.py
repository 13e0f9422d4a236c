"""Events of a span of days in hand: from whichever segments can hold them, with numbers put for local codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from whosaw.store.kinds import CLIENT_COLUMNS, DAY

__all__ = [
    "DAY_MICROS",
    "EVENTS",
    "HOUR_MICROS",
    "MORE",
    "Days",
    "Events",
    "NumberedSegment",
    "day_of",
    "events_of",
    "packed",
    "plain",
    "reaching",
]

HOUR_MICROS: Final = 3_600_000_000
DAY_MICROS: Final = 24 * HOUR_MICROS
EVENTS: Final = pa.schema([
    DAY,
    ("content", pa.int32()),
    ("line", pa.int64()),
    ("time", pa.int64()),
    ("client", pa.int64()),
    ("person", pa.int32()),  # the first whom a response named; null: nobody
    ("route", pa.int16()),  # number of the route; null: none
    ("position", pa.int16()),  # of the route in the map it was read with; -1: none
    ("view", pa.bool_()),
    ("extra", pa.int32()),
    ("undecided", pa.bool_()),
    ("unsure", pa.int8()),
    ("status", pa.int16()),
    ("duplicate", pa.bool_()),  # it repeats an earlier line of its segment
    ("hash", pa.uint64()),
    ("act", pa.uint64()),  # what lines of one act share, where its source has a twin; null: none
    *CLIENT_COLUMNS,
])  # fmt: skip
"""One line each, in no order."""
MORE: Final = pa.schema([("content", pa.int32()), ("line", pa.int64()), ("person", pa.int32())])
"""Whom else a response named, or may have named (null: it cannot be told whom)."""
_READ = (
    "line", "time", "client", "person", "route", "view", "extra", "undecided", "unsure", "status", "duplicate", "hash",
)  # fmt: skip
_LATER = {"unsure": pa.int8()}  # columns that segments of earlier releases lack; nothing stands in them
T = TypeVar("T", bound=np.generic)


class Days(Protocol):
    """Days that lie together, from the first instant `start` to the first one after them, `end`, in microseconds."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedSegment:
    """A segment with what stands for its local codes: numbers of identifiers, number and traits (`CLIENT_COLUMNS`) of each client,
    and the route of each position of its map. `key` names the column that lines of one act share, where its source has a twin."""

    content: int
    first_time: int | None
    last_time: int | None
    events: Path
    more: Path | None
    identities: npt.NDArray[np.int32]
    clients: npt.NDArray[np.int64]
    traits: pa.Table
    routes: npt.NDArray[np.int16]
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """What a span is made from: rows of `EVENTS` and of `MORE`, and by content the digest of its file, which decides orders and
    ties."""

    rows: pa.Table
    more: pa.Table
    files: Mapping[int, bytes]

    def ranks(self, contents: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """The place of each content's file among all of them, by digest."""
        known = np.unique(contents)
        order = sorted(known.tolist(), key=lambda each: (self.files[each], each))
        place = np.empty(len(known), np.int32)
        place[np.searchsorted(known, order)] = np.arange(len(order), dtype=np.int32)
        found: npt.NDArray[np.int32] = place[np.searchsorted(known, contents)]
        return found


def reaching(
    segments: Iterable[NumberedSegment], days: Days, margin: int = 0
) -> Iterator[tuple[NumberedSegment, int, int]]:
    """The segments that can hold an event of these days, and those of sources with a twin that can hold one of no more than `margin`
    microseconds before and after them; of each, from which instant to which (not among them)."""
    for each in segments:
        if each.first_time is None or each.last_time is None:
            continue
        more = 0 if each.key is None else margin
        start, end = days.start - more, days.end + more
        if each.first_time < end and each.last_time >= start:
            yield each, start, end


def events_of(
    segments: Iterable[NumberedSegment], days: Days, files: Mapping[int, bytes], *, margin: int = 0
) -> Events:
    """The events of these days. Where a source has a twin, also those of so many microseconds before and after."""
    rows, more = [EVENTS.empty_table()], [MORE.empty_table()]
    for segment, start, end in reaching(segments, days, margin):
        table = _within(segment.events, start, end, segment.key)
        if not table.num_rows:
            continue
        rows.append(_in_hand(table, segment))
        if segment.more is not None:
            more.append(_further(segment, rows[-1]["line"]))
    return Events(rows=pa.concat_tables(rows), more=pa.concat_tables(more), files=files)


def _within(path: Path, start: int, end: int, key: str | None) -> pa.Table:
    """The events from one instant to another, from the row groups that can hold any."""
    with pq.ParquetFile(path, pre_buffer=False) as file:
        names = file.schema_arrow.names
        at = names.index("time")
        wanted = [name for name in (*_READ, key) if name in names]
        found = []
        for group in range(file.metadata.num_row_groups):
            told = file.metadata.row_group(group).column(at).statistics
            whole = told is not None and told.has_min_max
            if whole and (told.max < start or told.min >= end):
                continue
            table = file.read_row_group(group, columns=wanted, use_threads=False)
            if not (whole and told.min >= start and told.max < end):
                time = plain(table["time"], np.int64)
                table = table.filter(pa.array((time >= start) & (time < end)))
            found.append(table)
        return pa.concat_tables(found) if found else file.schema_arrow.empty_table().select(wanted)


def _in_hand(table: pa.Table, segment: NumberedSegment) -> pa.Table:
    count = table.num_rows
    client, position = plain(table["client"], np.int32, -1), plain(table["route"], np.int16, -1)
    time = plain(table["time"], np.int64)
    route = np.append(segment.routes, -1)[position].astype(np.int16)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        "day": pa.array(day_of(time)),
        "content": pa.array(np.full(count, segment.content, np.int32)),
        "client": pa.array(segment.clients[client]),
        "person": _numbered(plain(table["person"], np.int32, -1), segment.identities),
        "route": pa.array(route, mask=position < 0),
        "position": pa.array(position),
        "act": table[segment.key]
        if segment.key is not None and segment.key in table.column_names
        else pa.nulls(count, pa.uint64()),
        **{name: pa.array(np.zeros(count), kind) for name, kind in _LATER.items()},
        **{
            name: table[name] for name in _READ if name in table.column_names and name not in ("client", "person", "route", "hash")
        },
        "hash": pa.array(plain(table["hash"], np.uint64)),
    }  # fmt: skip
    traits = segment.traits.take(pa.array(client))
    columns.update({each.name: traits[each.name] for each in CLIENT_COLUMNS})
    return pa.table([columns[name] for name in EVENTS.names], names=EVENTS.names).cast(EVENTS)


def _further(segment: NumberedSegment, lines: pa.ChunkedArray) -> pa.Table:
    with pq.ParquetFile(segment.more) as file:
        table = file.read(columns=["line", "person"], use_threads=False)
    line = plain(table["line"], np.int64)
    held = np.flatnonzero(np.isin(line, plain(lines, np.int64)))
    person = plain(table["person"], np.int32, -1)[held]
    arrays = [
        pa.array(np.full(len(held), segment.content, np.int32)), pa.array(line[held]), _numbered(person, segment.identities),
    ]  # fmt: skip
    return pa.table(arrays, schema=MORE)


def _numbered(codes: npt.NDArray[np.int32], numbers: npt.NDArray[np.int32]) -> pa.Array:
    return pa.array(np.append(numbers, -1)[codes].astype(np.int32), mask=codes < 0)


def day_of(time: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """The UTC day of each instant; before 1970 they are below zero."""
    days: npt.NDArray[np.int32] = np.floor_divide(time, DAY_MICROS).astype(np.int32)
    return days


def plain(column: pa.ChunkedArray | pa.Array, dtype: type[T], null: Any = None) -> npt.NDArray[T]:
    """A column as an array, `null` put for what is null."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        return np.zeros(0, dtype)
    if array.null_count:
        array = array.fill_null(null)
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype)


def packed(*pairs: tuple[npt.NDArray[Any], npt.NDArray[Any]]) -> list[npt.NDArray[np.int64]]:
    """Pairs of numbers as one number each, alike where both are: for each pair of columns one column. They ascend as the pairs do."""
    ones = np.unique(np.concatenate([pair[0] for pair in pairs]), return_inverse=True)[1]
    second, others = np.unique(np.concatenate([pair[1] for pair in pairs]), return_inverse=True)
    whole = ones.astype(np.int64) * max(len(second), 1) + others
    return np.split(whole, np.cumsum([len(pair[0]) for pair in pairs])[:-1])
