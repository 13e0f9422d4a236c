"""The step `month`: runs of closed days lie together in one file for each kind and month, whole, one behind the other.

What a run holds stays as it is, and so does its digest; it is found in another file. A file depends on the runs in it and on
nothing else: the same runs give the same bytes in whatever order days came and however often they were moved before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from whosaw.core import client
from whosaw.store.files import ROW_GROUP, ContentStore
from whosaw.store.kinds import Kind, kind

from .events import plain

__all__ = [
    "SMALL", "Place", "by_day", "first_of_month", "moves", "put_runs", "put_together", "read_run", "with_day",
]  # fmt: skip

SMALL: Final = 2 * ROW_GROUP  # rows; a longer run is a good file by itself
_LONE: Final = 8  # files of a month that is not over before they are put together
_FEW: Final = frozenset({
    "content", "act_content", "route", "rule", "extra", "unsure", "status", "hour", "kind", "joined", "view", "views", "unbounded",
    "possible", "explained", "unexplained", "cannot_tell", *client.CLEAR,
})  # fmt: skip
"""Columns with so few values that each is written once."""
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Where a run is found: the rows of one kind of one day (of a kind of months: of its first day), or of a range of it (first bits
    of digests), from row
    `first` of a file on."""

    kind: str
    day: int
    range: str = ""
    file: str
    first: int
    rows: int


def first_of_month(day: int) -> int:
    """The first day of the month in which a day lies, both as days since 1970."""
    return (_date(day).replace(day=1) - _EPOCH).days


def _date(day: int) -> date:
    return _EPOCH + timedelta(days=day)


def moves(places: Iterable[Place], open_day: int) -> list[tuple[Place, ...]]:
    """Which runs are to be put together, those of one new file each: small ones of closed days (before the open one) of one kind and
    month that lie in several files. Of a month that is not over, once these are many."""
    months: dict[tuple[str, int], list[Place]] = {}
    for each in sorted(places):
        if each.day < open_day and each.rows <= SMALL and kind(each.kind).of == "day":
            months.setdefault((each.kind, first_of_month(each.day)), []).append(each)
    found = []
    for (_, month), runs in sorted(months.items()):
        least = 2 if first_of_month(open_day) != month else _LONE
        if len({each.file for each in runs}) >= least:
            found.append(tuple(runs))
    return found


def put_runs(
    store: ContentStore, name: str, runs: Mapping[tuple[int, str], Callable[[], pa.Table]]
) -> list[Place]:
    """Write runs of one kind, by (day, range), as one file in the order of days, each with row groups of its own. Runs without a row
    are not written, and have no place."""
    of = kind(name)
    sink = pa.BufferOutputStream()
    places: list[tuple[tuple[int, str], int, int]] = []
    first = 0
    with pq.ParquetWriter(sink, of.columns, **_options(of)) as writer:
        for key in sorted(runs):
            table = runs[key]().select(of.columns.names).cast(of.columns)
            if table.num_rows:
                writer.write_table(table.combine_chunks(), row_group_size=ROW_GROUP)
                places.append((key, first, table.num_rows))
                first += table.num_rows
    if not places:
        return []
    file = store.put(name, memoryview(sink.getvalue()))
    return [
        Place(kind=name, day=day, range=part, file=file, first=at, rows=rows)
        for (day, part), at, rows in places
    ]


def put_together(store: ContentStore, runs: Sequence[Place]) -> list[Place]:
    """Runs of one kind in one new file. Their old files stay: they go once nothing names them."""
    by_key = {(each.day, each.range): lambda place=each: read_run(store, place) for each in runs}
    return put_runs(store, runs[0].kind, by_key)


def read_run(store: ContentStore, place: Place, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a run, or these columns of them, from the row groups that hold it."""
    with pq.ParquetFile(store.path(place.file)) as file:
        sizes = [file.metadata.row_group(at).num_rows for at in range(file.metadata.num_row_groups)]
        ends = np.cumsum(sizes)
        groups = [
            at
            for at, (size, end) in enumerate(zip(sizes, ends.tolist(), strict=True))
            if end > place.first and end - size < place.first + place.rows
        ]
        table = file.read_row_groups(groups, columns=columns and list(columns), use_threads=False)
    start = int(ends[groups[0]]) - sizes[groups[0]] if groups else 0
    schema = kind(place.kind).columns
    wanted = schema if columns is None else pa.schema([schema.field(name) for name in columns])
    return table.slice(place.first - start, place.rows).select(wanted.names).cast(wanted)


def with_day(table: pa.Table, day: int) -> pa.Table:
    """A run in hand: its day before its columns."""
    return table.add_column(0, "day", pa.array(np.full(table.num_rows, day, np.int32)))


def by_day(table: pa.Table) -> dict[int, pa.Table]:
    """Rows in hand, which are in the order of days, as a run for each day."""
    if not table.num_rows:
        return {}
    days = plain(table["day"], np.int32)
    starts = np.flatnonzero(np.concatenate(([True], days[1:] != days[:-1])))
    ends = np.append(starts[1:], len(days))
    rest = table.drop_columns(["day"])
    return {
        int(days[start]): rest.slice(start, end - start)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    }


def _options(of: Kind) -> dict[str, object]:
    numbers = [each.name for each in of.columns if pa.types.is_integer(each.type) and each.name not in _FEW]
    return {
        "compression": "ZSTD",
        "compression_level": 1,
        "use_dictionary": [name for name in of.columns.names if name in _FEW],
        "column_encoding": dict.fromkeys(numbers, "DELTA_BINARY_PACKED") or None,
        "store_schema": False,
        "version": "2.6",
    }
