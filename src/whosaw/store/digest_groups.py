"""Rows of a column by what they hold: of digests and whole numbers, found by sorting, with nothing in hand but numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .digest_words import halves
from .distinct import order_of
from .numbers.allot import in_order_of_digest

__all__ = ["Grouped", "places_in_order"]

Ints = npt.NDArray[np.int64]
Few = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The rows that hold something, in the order of what they hold: 4 bytes a row. Those of the value at place n begin at `starts[n]`, and
    `starts` ends with how many rows there are."""

    rows: Few
    starts: Few

    @classmethod
    def of(cls, values: pa.Array) -> Grouped:
        """Of 16-byte digests or whole numbers."""
        if values.null_count == len(values):
            return cls(np.zeros(0, np.int32), np.zeros(1, np.int32))
        some = None
        if values.null_count:
            some = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False)).astype(np.int32)
            values = values.drop_null()
        if pa.types.is_integer(values.type):
            numbers = values.to_numpy()
            order = order_of(numbers).astype(np.int32)
            differs = np.diff(numbers[order]) != 0
        else:
            high, low = halves(values)
            order = in_order_of_digest(high, low).astype(np.int32)
            differs = np.diff(high[order]) != 0
            differs |= np.diff(low[order]) != 0
        starts = np.flatnonzero(np.concatenate([[True], differs, [True]])).astype(np.int32)
        return cls(order if some is None else some[order], starts)

    @property
    def first(self) -> Few:
        """One row of each value."""
        return self.rows[self.starts[:-1]]

    def things(self, rows: int) -> Few:
        """Of so many rows the place of the value that each holds; behind the last of them where it holds none."""
        count = len(self.starts) - 1
        found = np.full(rows, count, np.int32)
        found[self.rows] = np.repeat(np.arange(count, dtype=np.int32), np.diff(self.starts))
        return found


def places_in_order(digests: pa.Array, known: pa.Array) -> Ints:
    """The place of each digest among those that are known, which ascend without repeats and without nulls; below 0 where it is none of them,
    and behind the last where it is null."""
    there = digests.is_valid().to_numpy(zero_copy_only=False)
    place = np.where(there, -1, len(known))
    asked = np.flatnonzero(there)
    (high, low), (known_high, known_low) = halves(digests), halves(known)
    at = np.searchsorted(known_high, high[asked])
    while len(asked):  # more than once only where two digests begin alike
        inside = at < len(known_high)
        inside[inside] = known_high[at[inside]] == high[asked[inside]]
        asked, at = asked[inside], at[inside]
        same = known_low[at] == low[asked]
        place[asked[same]] = at[same]
        asked, at = asked[~same], at[~same] + 1
    return place
