"""Runs in files: many small ones of a month in one file, several to a row group; a large one in row groups of its own, or cut into ranges."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client
from whosaw.core.errors import WhosawError

from .files import ROW_GROUP, ContentStore
from .parts import Part
from .recent import Recent
from .written_instants import SECOND, cut, named_behind, parts_of

if TYPE_CHECKING:
    import pyarrow.parquet as pq

__all__ = [
    "RANGE_ROWS",
    "Placed",
    "RunCache",
    "RunWriter",
    "cut_into_ranges",
    "file_kind",
    "read_parts",
    "read_runs",
]

_TOGETHER: Final = (
    32_768  # rows: smaller runs share a row group up to so many, for each group costs a write and a read
)
_CACHED: Final = 1 << 20  # rows of a file of which columns are kept whole
RANGE_ROWS = 4_000_000  # rows of a run that is not cut, and of a file that no further run is put into
_FEW: Final = frozenset({
    "content", "act_content", "route", "rule", "extra", "unsure", "status", "hour", "kind", "joined", "view", "views", "unbounded",
    "possible", "explained", "unexplained", "cannot_tell", "address", "network", "page", "pages", "way", "events", "others", "tries",
    "window", "bar", "usual", "nats", *client.CLEAR,
})  # fmt: skip
"""Columns with so few values that each is written once."""
_BEHIND: Final[Mapping[str, str]] = MappingProxyType({
    "last": "first", "viewed": "first", "end": "start", "page_at": "start", "last_row": "first_row", "most": "least",
})  # fmt: skip
"""Columns that mostly say what another one of their row does, or little more: what is written is how far they lie behind it."""
_INSTANTS: Final = frozenset({"time", "first", "start"})
"""Instants, most of which are whole seconds: what is written are their seconds, and the microseconds beside them."""
_NUMBER_AS: Final = "DELTA_BINARY_PACKED"
_SCATTERED_AS: Final = "BYTE_STREAM_SPLIT"
_DEEPEST = 16  # bits of a range; more would only say that one person has all the rows


def file_kind(kind: str) -> str:
    """What files of runs of a kind are of in the store; the index has kinds of the same names. Kinds that are kept apart by what
    stands behind a dot are alike."""
    return f"day-{kind.partition('.')[0]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a run was put."""

    day: int
    range: str
    file: str
    first: int
    rows: int


RunCache: TypeAlias = Recent[tuple[str, str], pa.ChunkedArray]
"""Columns of files that were read or written, by file and name: steps of one round read the same ones."""


class RunWriter:
    """Puts runs of one kind, as they come, into as few files as there may be. Those of few rows stay in the `cache`: the next step reads them."""

    def __init__(
        self,
        store: ContentStore,
        kind: str,
        schema: pa.Schema,
        *,
        rows: int = RANGE_ROWS,
        cache: RunCache | None = None,
    ) -> None:
        self._store, self._kind, self._schema, self._most = store, file_kind(kind), schema, rows
        self._cache = cache
        self._waiting: list[tuple[int, str, pa.Table]] = []
        self._rows = 0
        self._placed: list[Placed] = []

    def add(self, day: int, range_: str, run: pa.Table) -> None:
        """A run that has rows, in its total order."""
        if self._waiting and self._rows + run.num_rows > self._most:
            self._write()
        self._waiting.append((day, range_, run))
        self._rows += run.num_rows

    def close(self) -> list[Placed]:
        """Write what waits; returns where every run stands."""
        if self._waiting:
            self._write()
        return self._placed

    def _write(self) -> None:
        runs = [run for _, _, run in self._waiting]
        name = self._store.put(self._kind, _parquet(self._schema, runs))
        if self._cache is not None and self._rows <= _TOGETHER:
            whole = pa.concat_tables(runs).combine_chunks()
            for each in self._schema:
                column = whole[each.name].cast(each.type)
                self._cache.put((name, each.name), column, column.nbytes)
        first = 0
        for day, range_, run in self._waiting:
            self._placed.append(Placed(day=day, range=range_, file=name, first=first, rows=run.num_rows))
            first += run.num_rows
        self._waiting, self._rows = [], 0


def _parquet(schema: pa.Schema, runs: Iterable[pa.Table]) -> memoryview:
    """Runs one behind the other, small ones together in row groups, so that a large one is read without the others."""
    import pyarrow.parquet as pq

    runs = list(runs)
    behind = _behind(schema, runs)
    written = pa.schema([
        each.with_name(name)
        for each in schema
        for name in (cut(each.name) if each.name in _INSTANTS else (behind.get(each.name, each.name),))
    ])  # fmt: skip
    seconds = {cut(name)[0] for name in _INSTANTS}
    numbers = [each.name for each in written if pa.types.is_integer(each.type) and each.name not in _FEW]
    options = {
        "compression": "ZSTD",
        # days of one entity hold the same people, farther apart than the quickest level looks back
        "compression_level": {each.name: 3 if pa.types.is_binary(each.type) else 1 for each in written},
        "use_dictionary": [name for name in written.names if name in _FEW],
        # seconds come in no order: what their bytes have in common says more than what lies between one and the next
        "column_encoding": {name: _SCATTERED_AS if name in seconds else _NUMBER_AS for name in numbers}
        or None,
        "store_schema": False,
        "version": "2.6",
    }
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, written, **options) as writer:
        for group in _groups(runs):
            # one array a column, for where a column is divided shows in the bytes
            rows = group.combine_chunks()
            rows = rows if rows.schema.equals(schema) else rows.cast(schema)
            for name in behind:
                apart = pc.subtract(
                    rows[name], rows[_BEHIND[name]]
                )  # what does not fit goes round, here and back
                rows = rows.set_column(schema.get_field_index(name), name, apart)
            columns = [
                column
                for each in schema.names
                for column in (parts_of(rows[each]) if each in _INSTANTS else (rows[each],))
            ]
            writer.write_table(pa.table(columns, schema=written), row_group_size=ROW_GROUP)
    return memoryview(sink.getvalue())


def _behind(schema: pa.Schema, runs: Sequence[pa.Table]) -> dict[str, str]:
    """The columns that are written as how far they lie behind another one, and the names that they have in the file."""
    return {
        name: _named_behind(name)
        for name, first in _BEHIND.items()
        if {name, first} <= set(schema.names) and not any(_lacks(run[name], run[first]) for run in runs)
    }


def _named_behind_in(name: str, names: set[str]) -> bool:
    return name in _BEHIND and _named_behind(name) in names


def _named_behind(name: str) -> str:
    return named_behind(name, _BEHIND[name])


def _lacks(column: pa.ChunkedArray, first: pa.ChunkedArray) -> bool:
    """Whether a row has a value, and nothing that it could lie behind."""
    return bool(first.null_count) and bool(pc.any(pc.and_(first.is_null(), column.is_valid())).as_py())


def _groups(runs: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Runs that lie side by side together, as long as they are few rows."""
    waiting: list[pa.Table] = []
    rows = 0
    for run in runs:
        if waiting and rows + run.num_rows > _TOGETHER:
            yield pa.concat_tables(waiting)
            waiting, rows = [], 0
        waiting.append(run)
        rows += run.num_rows
    if waiting:
        yield pa.concat_tables(waiting)


def cut_into_ranges(
    run: pa.Table, bits: npt.NDArray[np.uint64] | None, *, rows: int = RANGE_ROWS
) -> Iterator[tuple[str, pa.Table]]:
    """A run as it is, or, where it has more rows, cut by the first of the 64 bits that each row is given: no more bits than it takes
    for no range to have more rows. The order of rows stays."""
    if bits is None or run.num_rows <= rows:
        yield "", run
        return
    depth = next(
        (
            each
            for each in range(1, _DEEPEST)
            if np.bincount((bits >> np.uint64(64 - each)).astype(np.int64)).max() <= rows
        ),
        _DEEPEST,
    )
    where = bits >> np.uint64(64 - depth)
    for number in np.unique(where).tolist():
        yield f"{number:0{depth}b}", run.take(pa.array(np.flatnonzero(where == number)))


def read_runs(
    store: ContentStore, parts: Sequence[Part], columns: Sequence[str], cache: RunCache | None = None
) -> list[pa.Table]:
    """The rows of all parts in the order in which they are given, those that lie side by side in a file as one table."""
    joined: list[tuple[str, int, int]] = []
    for each in parts:
        if joined and joined[-1][0] == each.file and joined[-1][1] + joined[-1][2] == each.first:
            joined[-1] = (each.file, joined[-1][1], joined[-1][2] + each.rows)
        else:
            joined.append((each.file, each.first, each.rows))
    store.bring({each[0] for each in joined})
    found: list[pa.Table] = []
    for name, together in itertools.groupby(joined, key=lambda each: each[0]):
        found += _read(store, name, [(first, rows) for _, first, rows in together], list(columns), cache)
    return found


def read_parts(store: ContentStore, parts: Sequence[Part], columns: Sequence[str]) -> Iterator[pa.Table]:
    """The rows of each part, in the order in which they are given."""
    store.bring({each.file for each in parts})
    for name, together in itertools.groupby(parts, key=lambda each: each.file):
        yield from _read(store, name, [(each.first, each.rows) for each in together], list(columns), None)


def _read(
    store: ContentStore,
    name: str,
    places: Sequence[tuple[int, int]],
    columns: list[str],
    cache: RunCache | None,
) -> list[pa.Table]:
    """Rows of one file, by the first of them and how many."""
    import pyarrow.parquet as pq

    told = {} if cache is None else {each: cache.get((name, each)) for each in columns}
    known = {each: column for each, column in told.items() if column is not None}
    lacking = [each for each in columns if each not in known]
    if lacking or not columns:
        try:
            with pq.ParquetFile(store.place(name), memory_map=True) as file:
                if cache is None or not columns or file.metadata.num_rows > _CACHED:
                    return _read_groups(file, places, columns, _written(file, columns, name))
                there = _written(file, lacking, name)
                read = _as_told(file.read(columns=there, use_threads=False), lacking)
        except FileNotFoundError as fault:
            raise WhosawError(
                "store.missing",
                f"{store.place(name)} is gone",
                hint="Restore it from a backup, or scan the logs again",
            ) from fault
        for each in lacking:
            known[each] = read[each]
            cache.put((name, each), read[each], read[each].nbytes)
    whole = pa.table({each: known[each] for each in columns})
    return [whole.slice(first, rows) for first, rows in places]


def _read_groups(
    file: pq.ParquetFile, places: Sequence[tuple[int, int]], columns: list[str], written: list[str]
) -> list[pa.Table]:
    """The same of the row groups that hold them, all of these at once, for there may be hundreds of small ones. `written` tell `columns`."""
    sizes = [file.metadata.row_group(at).num_rows for at in range(file.metadata.num_row_groups)]
    starts = [0, *itertools.accumulate(sizes)]
    spans = [(bisect_right(starts, first) - 1, bisect_left(starts, first + rows)) for first, rows in places]
    groups = sorted({at for first, end in spans for at in range(first, end)})
    offsets = dict(zip(groups, itertools.accumulate((sizes[at] for at in groups), initial=0), strict=False))
    read = _as_told(file.read_row_groups(groups, columns=written, use_threads=False), columns)
    return [
        read.slice(offsets[group] + first - starts[group], rows)
        for (first, rows), (group, _) in zip(places, spans, strict=True)
    ]


def _written(file: pq.ParquetFile, columns: Sequence[str], name: str) -> list[str]:
    """The columns of a file that tell these. Raises `WhosawError` where nothing does, for another release names its columns otherwise."""
    there = set(file.schema_arrow.names)
    found = dict[str, None]()
    for each in columns:
        whole = each
        if _named_behind_in(each, there):
            found[_named_behind(each)] = None
            whole = _BEHIND[each]
        found |= dict.fromkeys(cut(whole) if cut(whole)[0] in there else (whole,))
    for each in found:
        if each not in there:
            raise WhosawError(
                "store.written",
                f"{name} holds days that another release of whosaw wrote: it has no column {each}",
                hint="Use the program that wrote it, or scan the logs again into another --workspace",
            )
    return list(found)


def _as_told(read: pa.Table, columns: Sequence[str]) -> pa.Table:
    """These columns of what was read of a file."""
    names = set(read.column_names)
    instants = {
        name: pc.add(pc.multiply(read[seconds], SECOND), read[beside])
        for name, (seconds, beside) in zip(_INSTANTS, map(cut, _INSTANTS), strict=True)
        if seconds in names
    }

    def whole(name: str) -> pa.ChunkedArray:
        return instants[name] if name in instants else read[name]

    return pa.table({
        each: pc.add(read[_named_behind(each)], whole(_BEHIND[each])) if _named_behind_in(each, names) else whole(each)
        for each in columns
    })  # fmt: skip
