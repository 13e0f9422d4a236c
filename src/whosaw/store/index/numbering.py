"""Dense numbers for digests: known ones keep theirs, new ones get the next in the order of the digests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .partitions import Partitions

__all__ = ["Fresh", "Places", "Words", "halves", "number_all"]

_ROW = np.dtype([("high", np.uint64), ("low", np.uint64), ("place", np.int64)])
Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """Digests that had no number, in their order: the number of the first (the others follow), and where each stood first."""

    digests: npt.NDArray[np.uint8]  # (n, 16)
    number: int
    places: Places


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


def number_all(
    known: Iterable[tuple[Words, Words, npt.NDArray[np.int32]]],
    local: Iterable[tuple[Words, Words, int]],
    *,
    expected: int,
    keep: Callable[[Places, npt.NDArray[np.int32]], None],
    folder: Path,
) -> Iterator[Fresh]:
    """Give every digest of `local` its number, in parts.

    `known` holds digests with their numbers; `local` digests with the place of the first, the others following it.
    `keep` is told places and their numbers. Yields the digests that were new, in their order. `expected` is how many rows both
    have together, about.
    """
    rows = Partitions(folder, "digests", _ROW, expected)
    try:
        top = -1
        for high, low, numbers in known:
            top = max(top, int(numbers.max(initial=-1)))
            rows.add(high, _rows(high, low, ~numbers.astype(np.int64)))  # below zero: a number, not a place
        for high, low, start in local:
            rows.add(high, _rows(high, low, np.arange(start, start + len(high))))
        for part in rows.parts():
            fresh = _number_part(part, top + 1, keep)
            top += len(fresh.places)
            if len(fresh.places):
                yield fresh
    finally:
        rows.close()


def _rows(high: Words, low: Words, places: Places) -> npt.NDArray[Any]:
    made = np.empty(len(high), _ROW)
    made["high"], made["low"], made["place"] = high, low, places
    return made


def _number_part(
    part: npt.NDArray[Any], next_number: int, keep: Callable[[Places, npt.NDArray[np.int32]], None]
) -> Fresh:
    if not len(part):
        return Fresh(digests=np.zeros((0, 16), np.uint8), number=next_number, places=np.zeros(0, np.int64))
    high, low, places = (np.ascontiguousarray(part[name]) for name in ("high", "low", "place"))
    order = np.argsort(high)
    high, low, places = high[order], low[order], places[order]
    same_high = high[1:] == high[:-1]
    if np.any(same_high & (low[1:] != low[:-1])):
        order = np.lexsort((low, high))
        high, low, places = high[order], low[order], places[order]
        same_high = high[1:] == high[:-1]
    starts = np.flatnonzero(np.concatenate(([True], ~(same_high & (low[1:] == low[:-1])))))
    first = np.minimum.reduceat(places, starts)  # a known number is below every place
    new = first >= 0
    numbers = np.where(new, next_number + np.cumsum(new) - 1, ~first).astype(np.int32)
    each = np.repeat(numbers, np.diff(np.append(starts, len(places))))
    here = places >= 0
    if here.all():
        keep(places, each)
    else:
        keep(places[here], each[here])
    kept = starts[new]
    words = np.stack((high[kept], low[kept]), axis=1).astype(">u8")
    return Fresh(digests=words.view(np.uint8).reshape(-1, 16), number=next_number, places=first[new])
