"""Draws that give the same numbers on every machine and every version of numpy.

Only the raw stream of PCG64 is guaranteed to stay as it is (numpy NEP 19), so everything is built from that
stream with whole numbers, one multiplication and table look-ups: no logarithm, no shuffle of numpy's own.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Dice", "Floats", "Ints", "at_quantiles"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def at_quantiles(where: Floats, values: Sequence[int]) -> Ints:
    """The values at those places (0 up to 1) of a distribution given by its quantiles, rounded down."""
    table = np.asarray(values if len(values) > 1 else [*values, *values], dtype=np.float64)
    place = where * (len(table) - 1)
    low = place.astype(np.int64)
    drawn: Floats = table[low] + (table[low + 1] - table[low]) * (place - low)
    return drawn.astype(np.int64)


class Dice:
    """One named stream of draws. Streams of different names do not disturb one another."""

    def __init__(self, seed: int, name: str) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))

    def raw(self, count: int) -> NDArray[np.uint64]:
        """That many 64-bit numbers."""
        return np.asarray(self._bits.random_raw(count), dtype=np.uint64)

    def unit(self, count: int) -> Floats:
        """Evenly from 0 up to, not including, 1."""
        return (self.raw(count) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, count: int, end: int | Ints) -> Ints:
        """Whole numbers from 0 up to, not including, `end`."""
        drawn: Floats = self.unit(count) * end
        return drawn.astype(np.int64)

    def yes(self, count: int, share: float) -> NDArray[np.bool_]:
        """True for about that share."""
        return np.asarray(self.unit(count) < share)

    def pick(self, count: int, weights: Sequence[float] | Mapping[str, float]) -> Ints:
        """Positions in `weights`, each as often as its weight says."""
        values = list(weights.values()) if isinstance(weights, Mapping) else list(weights)
        edges = np.cumsum(np.asarray(values, dtype=np.float64))
        at: Ints = np.searchsorted(edges, self.unit(count) * edges[-1], side="right").astype(np.int64)
        return at

    def quantiles(self, count: int, values: Sequence[int]) -> Ints:
        """Draws from a distribution given by its quantiles."""
        return at_quantiles(self.unit(count), values)

    def order(self, count: int) -> Ints:
        """The numbers 0 up to `count` in random order."""
        return np.argsort(self.raw(count), kind="stable").astype(np.int64)
