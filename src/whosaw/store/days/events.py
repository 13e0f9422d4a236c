"""Events of a span of days in hand: from whichever segments can hold them, with numbers put for local codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    "Portion",
    "day_of",
    "events_of",
    "packed",
    "plain",
    "portions",
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
_LATER = ("unsure",)  # columns that segments of earlier releases lack; 0 stands in them
_AT_ONCE: Final = 1 << 17  # rows of small segments that are put in hand together
Ints = npt.NDArray[np.int64]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """The events of some segments, one segment behind the other: how many rows each has, and which row each of `more` is of."""

    segments: Sequence[NumberedSegment]
    sizes: Sequence[int]
    rows: pa.Table
    more: pa.Table
    more_at: Ints


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
    for each in portions(segments, days, margin=margin):
        rows.append(each.rows)
        more.append(each.more)
    return Events(rows=pa.concat_tables(rows), more=pa.concat_tables(more), files=files)


def portions(segments: Iterable[NumberedSegment], days: Days, *, margin: int = 0) -> Iterator[Portion]:
    """The same, of some segments at once: small ones together, for what is done with the rows of one costs a call for each column."""
    read: list[tuple[NumberedSegment, pa.Table]] = []
    rows = 0
    for segment, start, end in reaching(segments, days, margin):
        table = _within(segment.events, start, end, segment.key)
        if read and (table.schema != read[0][1].schema or rows + table.num_rows > _AT_ONCE):
            yield _portion(read)
            read, rows = [], 0
        read.append((segment, table))
        rows += table.num_rows
    if read:
        yield _portion(read)


def _portion(read: Sequence[tuple[NumberedSegment, pa.Table]]) -> Portion:
    more, at = [MORE.empty_table()], [np.empty(0, np.int64)]
    first = 0
    for segment, table in read:
        if segment.more is not None and table.num_rows:
            rows, of = _further(segment, segment.more, plain(table["line"], np.int64))
            more.append(rows)
            at.append(first + of)
        first += table.num_rows
    return Portion(
        segments=[segment for segment, _ in read],
        sizes=[table.num_rows for _, table in read],
        rows=_in_hand(read),
        more=pa.concat_tables(more),
        more_at=np.concatenate(at),
    )


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
        rows = pa.concat_tables(found) if found else file.schema_arrow.empty_table().select(wanted)
        return rows.rename_columns(["act" if name == key else name for name in wanted])


def _in_hand(read: Sequence[tuple[NumberedSegment, pa.Table]]) -> pa.Table:
    """Rows of segments, which all have the same columns, one segment behind the other."""
    segments, sizes = [segment for segment, _ in read], [table.num_rows for _, table in read]
    rows = pa.concat_tables([table for _, table in read])
    client, person, position = (
        plain(rows[name], dtype, -1)
        for name, dtype in (("client", np.int32), ("person", np.int32), ("route", np.int16))
    )
    whose = _placed(client, [len(each.clients) for each in segments], sizes)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        **{name: rows[name] for name in rows.column_names},
        **{name: pa.nulls(len(client), EVENTS.field(name).type) for name in ("act", *_LATER) if name not in rows.column_names},
        "day": pa.array(day_of(plain(rows["time"], np.int64))),
        "content": pa.array(np.repeat(np.array([each.content for each in segments], np.int32), sizes)),
        "client": pa.array(_joined([each.clients for each in segments])[whose]),
        "person": _numbered(person, [each.identities for each in segments], sizes),
        "route": _numbered(position, [each.routes for each in segments], sizes),
        "position": pa.array(position),
        "hash": pa.array(plain(rows["hash"], np.uint64)),
    }  # fmt: skip
    for name in _LATER:
        columns[name] = columns[name].fill_null(0)
    traits = pa.concat_tables([each.traits for each in segments]).combine_chunks().take(pa.array(whose))
    columns.update({each.name: traits[each.name] for each in CLIENT_COLUMNS})
    made = pa.table([columns[name] for name in EVENTS.names], names=EVENTS.names)
    return (made if made.schema.equals(EVENTS) else made.cast(EVENTS)).combine_chunks()


def _further(segment: NumberedSegment, path: Path, lines: Ints) -> tuple[pa.Table, Ints]:
    """Whom else the responses of these lines named, and which of the lines each is of."""
    with pq.ParquetFile(path) as file:
        table = file.read(columns=["line", "person"], use_threads=False)
    line = plain(table["line"], np.int64)
    order = np.argsort(lines)
    at = order[np.minimum(np.searchsorted(lines[order], line), len(lines) - 1)]
    held = np.flatnonzero(lines[at] == line)
    person = plain(table["person"], np.int32, -1)[held]
    arrays = [
        pa.array(np.full(len(held), segment.content, np.int32)), pa.array(line[held]),
        _numbered(person, [segment.identities], [len(held)]),
    ]  # fmt: skip
    return pa.table(arrays, schema=MORE), at[held]


def _numbered(codes: npt.NDArray[T], numbers: Sequence[npt.NDArray[T]], sizes: Sequence[int]) -> pa.Array:
    """The number of each code, which is a place among the numbers of its segment; null where it is below 0."""
    none = np.less(codes, 0)
    known = np.append(_joined(numbers), -1).astype(codes.dtype)
    at = _placed(codes, [len(each) for each in numbers], sizes)
    return pa.array(known[np.where(none, -1, at)], mask=none if none.any() else None)


def _placed(codes: npt.NDArray[Any], many: Sequence[int], sizes: Sequence[int]) -> Ints:
    """The place of each code among those of all segments: so many each has, and so many rows."""
    found: Ints = np.repeat(np.cumsum(many) - many, sizes) + codes
    return found


def _joined(parts: Sequence[npt.NDArray[T]]) -> npt.NDArray[T]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


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
