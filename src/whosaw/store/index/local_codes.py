"""The local codes of many segments in one row, so that a number stands at the place of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.store.files import ROW_GROUP, ContentStore, open_parquet
from whosaw.store.schemas import CLIENTS
from whosaw.store.vault import as_column

from .numbering import Fresh, Places, Words, halves
from .overlaps import LiveSegment
from .partitions import PART_ROWS, scratch

__all__ = ["ClientRows", "LocalCodes"]

Ints = npt.NDArray[np.int32]
Runs = list[tuple[int, int, int]]  # kind, first row and end of each
_FEW = 4_096  # rows of a file that is read as a whole when it is opened first, and held
_HELD = 32 << 20  # bytes that are held in all


class LocalCodes:
    """The rows of one kind of file (identities or clients) over segments, in the order of the segments.

    A place is a segment's start plus a local code. `numbers` has the number of each place once it was given.
    """

    def __init__(self, store: ContentStore, segments: Sequence[LiveSegment], kind: str, spill: Path) -> None:
        self._ids = [segment.id for segment in segments]
        store.bring(segment.files[kind] for segment in segments)
        self.paths = [store.place(segment.files[kind]) for segment in segments]
        self._held: dict[int, pa.Table] = {}  # small files
        sizes = self._sizes()
        self.starts = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))).astype(np.int64)
        self._at = {segment: number for number, segment in enumerate(self._ids)}
        self.numbers = scratch(spill / f"{kind}-numbers.rows", int(self.starts[-1]))
        self._runs: list[Runs] | None = None  # per segment
        self._few: dict[int, tuple[Words, Words]] = {}  # digests of small files

    def of(self, segment: int) -> Ints:
        """The numbers of one segment's codes."""
        at = self._at[segment]
        return np.array(self.numbers[self.starts[at] : self.starts[at + 1]])

    def where(self, places: Places) -> tuple[Ints, Ints]:
        """Segments and local codes of places."""
        at = np.searchsorted(self.starts, places, side="right") - 1
        ids = np.array(self._ids or [0], np.int32)
        return ids[at], (places - self.starts[at]).astype(np.int32)

    def rows_of(self, kind: int) -> int:
        return sum(end - first for runs in self._kinds() for each, first, end in runs if each == kind)

    def digests(self, kind: int | None) -> Iterator[tuple[Words, Words, int]]:
        """Digests (of one kind) with the place of the first, a few at a time."""
        for at, path in enumerate(self.paths):
            start = int(self.starts[at])
            if kind is None:
                yield (*halves(self.rows(at, ["digest"])["digest"]), start)
                continue
            for each, first, end in self._kinds()[at]:
                if each != kind:
                    continue
                if (few := self._few.get(at)) is not None:
                    yield few[0][first:end], few[1][first:end], start + first
                else:
                    yield (*halves(_slice(path, first, end)), start + first)

    def kinds(self, at: int) -> npt.NDArray[np.int8]:
        """The kind of each identifier of the segment in this place."""
        runs = self._kinds()[at]
        return np.repeat([np.int8(kind) for kind, _, _ in runs], [end - first for _, first, end in runs])

    def rows(self, at: int, columns: Sequence[str]) -> pa.Table:
        """Columns of the file of the segment in this place."""
        held = self._held.get(at)
        if held is not None:
            return held.select(columns)
        with open_parquet(self.paths[at]) as file:
            return file.read(columns=list(columns), use_threads=False)

    def _sizes(self) -> list[int]:
        """How many rows each file has."""
        sizes, room = [], _HELD
        for at, path in enumerate(self.paths):
            try:
                with open_parquet(path) as file:
                    sizes.append(int(file.metadata.num_rows))
                    if sizes[-1] <= _FEW and room > 0:
                        self._held[at] = file.read(use_threads=False)
                        room -= self._held[at].nbytes
            except OSError as fault:
                raise WhosawError(
                    "store.missing",
                    f"{path} is gone",
                    hint="Restore it from a backup, or scan the logs again",
                ) from fault
        return sizes

    def _kinds(self) -> list[Runs]:
        if self._runs is None:
            self._runs = []
            for at in range(len(self.paths)):
                self._runs.append(_runs(self.rows(at, ["kind"])["kind"].to_numpy()))
                if at in self._held:
                    self._few[at] = halves(self._held[at]["digest"])
        return self._runs


def _runs(kinds: npt.NDArray[np.int8]) -> Runs:
    """Rows of one kind stand together."""
    if not len(kinds):
        return []
    cuts = np.flatnonzero(kinds[1:] != kinds[:-1]) + 1
    starts, ends = [0, *cuts.tolist()], [*cuts.tolist(), len(kinds)]
    return [(int(kinds[first]), first, end) for first, end in zip(starts, ends, strict=True)]


def _slice(path: Path, first: int, end: int) -> pa.ChunkedArray:
    """The digests of rows `first` to `end`, from the row groups that hold them."""
    with open_parquet(path) as file:
        groups = list(range(first // ROW_GROUP, (end - 1) // ROW_GROUP + 1))
        table = file.read_row_groups(groups, columns=["digest"], use_threads=False)
    return table["digest"].slice(first - groups[0] * ROW_GROUP, end - first)


class ClientRows:
    """The rows of new clients in the order of their numbers. What is known of each is read where it stood first."""

    def __init__(self, identities: LocalCodes, clients: LocalCodes, spill: Path) -> None:
        self._identities, self._clients, self._spill = identities, clients, spill
        self._fresh: list[Fresh] = []

    def add(self, fresh: Fresh) -> None:
        self._fresh.append(fresh)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """What was added as rows of CLIENTS."""
        if not self._fresh:
            return
        sought = _Sought(self._fresh)
        columns, texts = self._columns(sought)
        base = self._fresh[0].number
        for fresh in self._fresh:
            for start in range(0, len(fresh.places), PART_ROWS):
                count = min(PART_ROWS, len(fresh.places) - start)
                first = fresh.number + start
                ranks = sought.ranks[first - base : first - base + count]
                arrays = {
                    "digest": as_column(fresh.digests[start : start + count]),
                    "client": pa.array(np.arange(first, first + count, dtype=np.int32)),
                }
                for name in client.COLUMNS:
                    column = columns.get(name)
                    if column is None:
                        arrays[name] = pa.nulls(count, CLIENTS.field(name).type)
                        continue
                    part = column[ranks]
                    found = pa.array(part, mask=part < 0)
                    arrays[name] = texts[name].take(found) if name in texts else found
                yield from pa.table(arrays, schema=CLIENTS).to_batches()

    def _columns(self, sought: _Sought) -> tuple[dict[str, Ints], dict[str, pa.Array]]:
        """Each column that has a value, in the order of places, in which it is written from beginning to end: numbers written
        to in no order would have every page of a large file written again and again. Texts as codes, with what these stand for.
        """
        columns: dict[str, Ints] = {}
        codes: dict[str, dict[str, int]] = {name: {} for name in client.CLEAR}
        for at in range(len(self._clients.paths)):
            rows, ranks = sought.within(int(self._clients.starts[at]), int(self._clients.starts[at + 1]))
            if not len(rows):
                continue
            names = [*client.COLUMNS]
            table = self._clients.rows(at, names)
            given = np.append(
                self._identities.numbers[self._identities.starts[at] : self._identities.starts[at + 1]], -1
            )
            for name in names:
                if table[name].null_count == len(table):
                    continue
                found = (
                    given[table[name].fill_null(-1).to_numpy()[rows]]
                    if name in client.NUMBERED
                    else _coded(table[name], codes[name])[rows]
                )
                if name not in columns:
                    columns[name] = scratch(self._spill / f"client-{name}.rows", len(sought.ranks), fill=-1)
                columns[name][ranks] = found
        return columns, {name: pa.array(list(known), pa.string()) for name, known in codes.items()}


class _Sought:
    """Places of new clients in order. `ranks` gives by number, from the first new one on, the how many-th place is its own."""

    def __init__(self, fresh: Sequence[Fresh]) -> None:
        places = np.concatenate([each.places for each in fresh])
        order = np.argsort(places)
        self._places = places[order]
        self.ranks = np.empty(len(order), np.int32)
        self.ranks[order] = np.arange(len(order), dtype=np.int32)

    def within(self, start: int, end: int) -> tuple[npt.NDArray[np.int64], slice]:
        """Rows of the segment at these places that are new, and their ranks."""
        first, last = np.searchsorted(self._places, (start, end))
        return self._places[first:last] - start, slice(int(first), int(last))


def _coded(column: pa.ChunkedArray, known: dict[str, int]) -> Ints:
    """Texts as codes that are the same over all segments; -1 for null."""
    coded = pc.dictionary_encode(column.combine_chunks())
    codes = [known.setdefault(text, len(known)) for text in coded.dictionary.to_pylist()]
    found: Ints = np.array([*codes, -1], np.int32)[coded.indices.fill_null(-1).to_numpy()]
    return found
