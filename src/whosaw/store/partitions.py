"""Rows spread by the first bits of a key, so that each part fits memory: kept in memory while few, in files when many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

__all__ = ["PART_ROWS", "Partitions", "scratch"]

PART_ROWS = 1 << 21  # rows of one part, about: sorted within a fraction of a second in some 100 MB
_MOST = 256  # parts, so that their files can be open at once


class Partitions:
    """Records of one dtype in the order they were added, in parts by the first bits of a 64-bit key.

    `expected` is the number of rows to come, from which the number of parts follows. Use `close` when done: it removes
    the files. Keys are spread evenly, as digests and hashes are.
    """

    def __init__(self, folder: Path, name: str, dtype: npt.DTypeLike, expected: int) -> None:
        self._bits = 0
        while (1 << self._bits) < _MOST and expected >> self._bits > PART_ROWS:
            self._bits += 1
        self._dtype = np.dtype(dtype)
        self._memory: list[npt.NDArray[Any]] = []
        self._paths = [folder / f"{name}-{number}.rows" for number in range(1 << self._bits)]
        self._files: list[IO[bytes]] = [path.open("wb") for path in self._paths] if self._bits else []

    def add(self, keys: npt.NDArray[np.uint64], rows: npt.NDArray[Any]) -> None:
        """Rows (of the dtype) with their keys."""
        if not self._bits:
            self._memory.append(rows)
            return
        part = (keys >> np.uint64(64 - self._bits)).astype(np.uint16)
        order = np.argsort(part, kind="stable")
        cuts = np.searchsorted(part[order], np.arange((1 << self._bits) + 1))
        ordered = rows[order]
        for number, file in enumerate(self._files):
            ordered[cuts[number] : cuts[number + 1]].tofile(file)

    def parts(self) -> Iterator[npt.NDArray[Any]]:
        """The parts in order of the key; each is removed once it was given."""
        if not self._bits:
            yield np.concatenate(self._memory) if self._memory else np.zeros(0, self._dtype)
            return
        for path, file in zip(self._paths, self._files, strict=True):
            file.close()
            rows = np.fromfile(path, self._dtype)
            path.unlink()
            yield rows

    def close(self) -> None:
        for path, file in zip(self._paths, self._files, strict=False):
            file.close()
            path.unlink(missing_ok=True)


def scratch(path: Path, rows: int, *, fill: int | None = None) -> npt.NDArray[np.int32]:
    """32-bit numbers: in memory where they are few, else in a file that is gone when nobody holds it any more."""
    if rows <= PART_ROWS:
        return np.full(rows, fill or 0, np.int32)
    made: npt.NDArray[np.int32] = np.memmap(path, np.int32, "w+", shape=(rows,))
    path.unlink()
    if fill:
        made[:] = fill
    return made
