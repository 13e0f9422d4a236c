"""Digests as numbers that sort as they do."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Places", "Words", "halves"]

Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


def halves(digests: pa.ChunkedArray | pa.Array) -> tuple[Words, Words]:
    """A column of 16-byte digests as two columns of numbers that sort as the bytes do."""
    array = digests.combine_chunks() if isinstance(digests, pa.ChunkedArray) else digests
    if isinstance(array, pa.ChunkedArray) or not len(
        array
    ):  # what combine_chunks returns for no chunks at all
        return np.zeros(0, np.uint64), np.zeros(0, np.uint64)
    words = np.frombuffer(array.buffers()[1], ">u8")[2 * array.offset : 2 * (array.offset + len(array))]
    pairs = words.astype(np.uint64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
