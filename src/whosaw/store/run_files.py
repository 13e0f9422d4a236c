"""Runs in files: many small ones of a month in one file, each in row groups of its own; a large one cut into ranges."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core import client
from whosaw.core.errors import WhosawError

from .files import ROW_GROUP, ContentStore
from .parts import Part

__all__ = ["RANGE_ROWS", "Placed", "RunWriter", "cut_into_ranges", "file_kind", "read_parts"]

RANGE_ROWS = 4_000_000  # rows of a run that is not cut, and of a file that no further run is put into
_FEW: Final = frozenset({
    "content", "act_content", "route", "rule", "extra", "unsure", "status", "hour", "kind", "joined", "view", "views", "unbounded",
    "possible", "explained", "unexplained", "cannot_tell", *client.CLEAR,
})  # fmt: skip
"""Columns with so few values that each is written once."""
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


class RunWriter:
    """Puts runs of one kind, as they come, into as few files as there may be."""

    def __init__(self, store: ContentStore, kind: str, schema: pa.Schema, *, rows: int = RANGE_ROWS) -> None:
        self._store, self._kind, self._schema, self._most = store, file_kind(kind), schema, rows
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
        name = self._store.put(self._kind, _parquet(self._schema, (run for _, _, run in self._waiting)))
        first = 0
        for day, range_, run in self._waiting:
            self._placed.append(Placed(day=day, range=range_, file=name, first=first, rows=run.num_rows))
            first += run.num_rows
        self._waiting, self._rows = [], 0


def _parquet(schema: pa.Schema, runs: Iterable[pa.Table]) -> memoryview:
    """Runs one behind the other, each in row groups of its own, so that one is read without the others."""
    import pyarrow.parquet as pq

    numbers = [each.name for each in schema if pa.types.is_integer(each.type) and each.name not in _FEW]
    options = {
        "compression": "ZSTD",
        "compression_level": 1,
        "use_dictionary": [name for name in schema.names if name in _FEW],
        "column_encoding": dict.fromkeys(numbers, "DELTA_BINARY_PACKED") or None,
        "store_schema": False,
        "version": "2.6",
    }
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, **options) as writer:
        for run in runs:
            # one array a column, for where a column is divided shows in the bytes
            writer.write_table(run.cast(schema).combine_chunks(), row_group_size=ROW_GROUP)
    return memoryview(sink.getvalue())


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


def read_parts(store: ContentStore, parts: Sequence[Part], columns: Sequence[str]) -> Iterator[pa.Table]:
    """The rows of each part, in the order in which they are given."""
    import pyarrow.parquet as pq

    for name, together in itertools.groupby(parts, key=lambda each: each.file):
        try:
            with pq.ParquetFile(store.path(name), memory_map=True) as file:
                sizes = [file.metadata.row_group(at).num_rows for at in range(file.metadata.num_row_groups)]
                starts = [0, *itertools.accumulate(sizes)]
                mine = [
                    (each, bisect_left(starts, each.first), bisect_left(starts, each.first + each.rows))
                    for each in together
                ]
                # all of them at once: there may be hundreds of small ones
                groups = [at for _, first, end in mine for at in range(first, end)]
                read = file.read_row_groups(groups, columns=list(columns), use_threads=False)
                read, at = read.select(list(columns)), 0
                for part, _, _ in mine:
                    yield read.slice(at, part.rows)
                    at += part.rows
        except FileNotFoundError as fault:
            raise WhosawError(
                "store.missing",
                f"{store.path(name)} is gone",
                hint="Restore it from a backup, or scan the logs again",
            ) from fault
