"""The local codes of many segments in one row, so that each has a place of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.store.digest_words import Places, Words, halves
from whosaw.store.files import ROW_GROUP, ContentStore, open_parquet
from whosaw.store.overlaps import LiveSegment

__all__ = ["LocalCodes"]

Ints = npt.NDArray[np.int32]
Runs = list[tuple[int, int, int]]  # kind, first row and end of each
_FEW = 4_096  # rows of a file that is read as a whole when it is opened first, and held
_HELD = 32 << 20  # bytes that are held in all


class LocalCodes:
    """The rows of one kind of file (identities or clients) over segments, in the order of the segments.

    A place is a segment's start plus a local code.
    """

    def __init__(self, store: ContentStore, segments: Sequence[LiveSegment], kind: str) -> None:
        self._ids = [segment.id for segment in segments]
        store.bring(segment.files[kind] for segment in segments)
        self.paths = [store.place(segment.files[kind]) for segment in segments]
        self._held: dict[int, pa.Table] = {}  # small files
        sizes = self._sizes()
        self.starts = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))).astype(np.int64)
        self._runs: list[Runs] | None = None  # per segment
        self._few: dict[int, tuple[Words, Words]] = {}  # digests of small files

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
