"""Draws that give the same numbers on every machine and every version of numpy.

Only the raw stream of PCG64 is guaranteed to stay as it is (numpy NEP 19), so everything is built from that
stream with whole numbers, one multiplication and table look-ups: no logarithm, no shuffle of numpy's own.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Dice", "Floats", "Ints", "Words", "at_quantiles", "mixed"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Bools = NDArray[np.bool_]

_CELLS = 1 << 12  # of the table that finds a weight: more would leave the processor's nearest cache


def at_quantiles(where: Floats, values: Sequence[int]) -> Ints:
    """The values at those places (0 up to 1) of a distribution given by its quantiles, rounded down."""
    table = np.asarray(values if len(values) > 1 else [*values, *values], dtype=np.float64)
    place = where * (len(table) - 1)
    low = place.astype(np.int64)
    drawn: Floats = table[low] + (table[low + 1] - table[low]) * (place - low)
    return drawn.astype(np.int64)


def mixed(words: Words, salt: int) -> Words:
    """Another 64-bit number for each, as good as random; different words of one salt stay different.

    The last step of SplitMix64 (Steele, Lea, Flood 2014), which can be undone, so no two words meet.
    """
    spread = np.uint64((salt * 2 + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF)
    out = words.astype(np.uint64) + spread
    out = (out ^ (out >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    out ^= out >> np.uint64(31)
    return out


class Dice:
    """One named stream of draws. Streams of different names do not disturb one another."""

    def __init__(self, seed: int, name: str) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))

    def raw(self, count: int) -> Words:
        """That many 64-bit numbers."""
        return np.asarray(self._bits.random_raw(count), dtype=np.uint64)

    def unit(self, count: int) -> Floats:
        """Evenly from 0 up to, not including, 1."""
        raw = self.raw(count)
        raw >>= np.uint64(11)
        drawn = raw.view(np.int64).astype(
            np.float64
        )  # below 2**53, so the sign bit is free and nothing is rounded
        drawn *= 2.0**-53
        return drawn

    def below(self, count: int, end: int | Ints) -> Ints:
        """Whole numbers from 0 up to, not including, `end`."""
        drawn: Floats = self.unit(count)
        drawn *= end
        return drawn.astype(np.int64)

    def yes(self, count: int, share: float) -> Bools:
        """True for about that share."""
        return np.asarray(self.unit(count) < share)

    def pick(self, count: int, weights: Sequence[float] | Mapping[str, float]) -> Ints:
        """Positions in `weights`, each as often as its weight says."""
        values = list(weights.values()) if isinstance(weights, Mapping) else list(weights)
        edges = np.cumsum(np.asarray(values, dtype=np.float64))
        where = self.unit(count) * edges[-1]
        at: Ints
        if count < _CELLS:
            at = np.searchsorted(edges, where, side="right").astype(np.int64)
            return at
        # most cells lie inside one weight, so a look-up answers them; only the others are searched
        sides = np.arange(_CELLS + 1) * (edges[-1] / _CELLS)
        low = np.searchsorted(edges, sides[:-1] * (1 - 1e-12), side="right")
        high = np.searchsorted(edges, sides[1:] * (1 + 1e-12), side="right")
        cell = np.minimum((where * (_CELLS / edges[-1])).astype(np.int64), _CELLS - 1)
        at = low.astype(np.int64)[cell]
        unsure = np.flatnonzero((low != high)[cell])
        at[unsure] = np.searchsorted(edges, where[unsure], side="right")
        return at

    def quantiles(self, count: int, values: Sequence[int]) -> Ints:
        """Draws from a distribution given by its quantiles."""
        return at_quantiles(self.unit(count), values)

    def order(self, count: int) -> Ints:
        """The numbers 0 up to `count` in random order."""
        # the number rides in the low bits of what is sorted: several times faster than sorting positions
        bits = np.uint64(max(1, count - 1).bit_length())
        words = (self.raw(count) >> bits) << bits
        words |= np.arange(count, dtype=np.uint64)
        words.sort()
        words &= (np.uint64(1) << bits) - np.uint64(1)
        return words.view(np.int64)
