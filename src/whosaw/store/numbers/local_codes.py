"""The local codes of many segments in one row, so that each has a place of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.store.digest_words import Places
from whosaw.store.files import ContentStore, open_parquet
from whosaw.store.overlaps import LiveSegment

__all__ = ["LocalCodes"]

Ints = npt.NDArray[np.int32]
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

    def where(self, places: Places) -> tuple[Ints, Ints]:
        """Segments and local codes of places."""
        at = np.searchsorted(self.starts, places, side="right") - 1
        ids = np.array(self._ids or [0], np.int32)
        return ids[at], (places - self.starts[at]).astype(np.int32)

    def ends(self, group: range) -> tuple[int, int]:
        """The first place of the segments in these places of the row, and the one behind their last."""
        return int(self.starts[group.start]), int(self.starts[group.stop])

    def rows(self, at: int, columns: Sequence[str]) -> pa.Table:
        """Columns of the file of the segment in this place."""
        held = self._held.get(at)
        if held is not None:
            return held.select(columns)
        with open_parquet(self.paths[at]) as file:
            return file.read(columns=list(columns), use_threads=False)

    def rows_of(self, group: range, columns: Sequence[str]) -> pa.Table:
        """Columns of the files of the segments in these places."""
        return pa.concat_tables([self.rows(at, columns) for at in group])

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
