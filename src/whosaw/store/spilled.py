"""Arrays of numbers that are asked for again: those asked for last stay in memory, and all of them in a file that has no name."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Hashable
from pathlib import Path
from threading import Lock
from typing import IO, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from .recent import Recent

__all__ = ["Spilled"]

K = TypeVar("K", bound=Hashable)
Ints = npt.NDArray[np.int32]


class Spilled(Generic[K]):
    """Several threads ask. The file lies in `folder`, takes 4 bytes a number, and is gone with the
    process, however that ends. What stays in memory takes up to `most` bytes."""

    def __init__(self, most: int, folder: Path) -> None:
        self._near: Recent[K, Ints] = Recent(most)
        self._folder, self._lock = folder, Lock()
        self._file: IO[bytes] | None = None
        self._at: dict[K, tuple[int, int]] = {}  # where it begins, and how many bytes it has
        self._end = 0

    def __contains__(self, key: K) -> bool:
        with self._lock:
            return key in self._at

    def get(self, key: K) -> Ints | None:
        near = self._near.get(key)
        if near is not None:
            return near
        with self._lock:
            at = self._at.get(key)
            if at is None or self._file is None:
                return None
            self._file.flush()
            file = self._file.fileno()
        begin, size = at
        numbers = np.frombuffer(os.pread(file, size, begin), np.int32)
        self._near.put(key, numbers, numbers.nbytes)
        return numbers

    def put(self, key: K, numbers: Ints) -> None:
        """What is there already stays as it is."""
        with self._lock:
            if key in self._at:
                return
            if self._file is None:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  # as long as this is there
                weakref.finalize(self, self._file.close)
            self._file.write(numbers.tobytes())
            self._at[key] = self._end, numbers.nbytes
            self._end += numbers.nbytes
        self._near.put(key, numbers, numbers.nbytes)
