"""Rows of clients: what each number of a client stands for, as readers ask it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core import client
from whosaw.store.files import ContentStore, open_parquet
from whosaw.store.numbers.history import History
from whosaw.store.numbers.segments import SegmentNumbers
from whosaw.store.numbers.texts import texts_of
from whosaw.store.partitions import scratch
from whosaw.store.schemas import CLIENTS
from whosaw.store.vault import as_column

__all__ = ["ClientRows", "lacking_clients"]

Ints = npt.NDArray[np.int32]
_AT_ONCE: Final = 1 << 18  # rows in hand while they are written


def lacking_clients(files: Sequence[Path], given: int) -> npt.NDArray[np.int64]:
    """The numbers below `given` that no row of these files has, in order."""
    opened = []
    for path in files:
        with open_parquet(path) as file:
            opened.append(file.metadata.num_rows)
    rows = sum(opened)
    if rows == given:
        return np.zeros(0, np.int64)
    lacks = np.ones(given, np.bool_)
    for path in files:
        with open_parquet(path) as file:
            for group in range(file.metadata.num_row_groups):
                lacks[
                    file.read_row_group(group, columns=["client"], use_threads=False)["client"].to_numpy()
                ] = False
    return np.flatnonzero(lacks)


class ClientRows:
    """The rows of some clients in the order of their numbers. What is known of each is what is said where it stands first."""

    def __init__(
        self, store: ContentStore, history: History, wanted: npt.NDArray[np.int64], spill: Path
    ) -> None:
        self._store, self._history, self._wanted, self._spill = store, history, wanted, spill
        self._row = np.full(len(wanted), -1, np.int32)  # of each the row of the columns
        self._rows = 0
        # in the order in which they come: columns written to in no order would have every page of a large file written again and again
        self._columns: dict[str, Ints] = {}

    def add(self, numbers: SegmentNumbers) -> None:
        """The clients of one more segment."""
        at = np.minimum(np.searchsorted(self._wanted, numbers.clients), len(self._wanted) - 1)
        new = np.flatnonzero((self._wanted[at] == numbers.clients) & (self._row[at] < 0))
        if not len(new):
            return
        end = self._rows + len(new)
        self._row[at[new]] = np.arange(self._rows, end)
        for name in client.NAMES:
            column = numbers.traits[name]
            if column.null_count == len(column):
                continue
            if name not in self._columns:
                self._columns[name] = scratch(self._spill / f"client-{name}.rows", len(self._wanted), fill=-1)
            self._columns[name][self._rows : end] = column.fill_null(-1).to_numpy()[new]
        self._rows = end

    def batches(self) -> Iterator[pa.RecordBatch]:
        """What was added as rows of CLIENTS."""
        texts = {name: self._texts(name) for name in client.CLEAR if name in self._columns}
        for start in range(0, len(self._wanted), _AT_ONCE):
            row = self._row[start : start + _AT_ONCE]
            numbers, row = self._wanted[start : start + _AT_ONCE][row >= 0], row[row >= 0]
            arrays = {
                "digest": as_column(self._history.known["client"].digests(numbers)),
                "client": pa.array(numbers.astype(np.int32)),
            }
            for name in client.COLUMNS:
                if name not in self._columns:
                    arrays[name] = pa.nulls(len(row), CLIENTS.field(name).type)
                    continue
                part = self._columns[name][row]
                if name in texts:
                    known, told = texts[name]
                    found = pa.array(np.searchsorted(known, part), mask=part < 0)
                    arrays[name] = told.take(found)
                else:
                    arrays[name] = pa.array(part, mask=part < 0)
            yield from pa.table([arrays[name] for name in CLIENTS.names], schema=CLIENTS).to_batches()

    def _texts(self, name: str) -> tuple[Ints, pa.Array]:
        """The numbers of the texts of a column, in order, and the texts."""
        known = np.unique(self._columns[name][: self._rows])
        known = known[known >= 0]
        return known, texts_of(self._store, self._history.texts.get(name, ()), known.astype(np.int64))
