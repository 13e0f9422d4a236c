"""What segments hold by hour, as row digests: columns of numbers, for there are as many as a ledger has segments and hours."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
import numpy.typing as npt

from whosaw.build.row_digest import RowDigest
from whosaw.store.distinct import order_of

__all__ = ["KindHours", "SegmentHours"]

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
_HOURS: Final = 24
_AT_ONCE: Final = 256  # segments whose texts are in hand
_PLACES: Final = 2  # digests of an hour: of events, and of whom else they named


@dataclass(frozen=True, slots=True, kw_only=True)
class KindHours:
    """Of one of the two: where it has rows, by hour and of each hour by segment, how many and the two sums of their digest."""

    hour: Ints
    segment: Ints
    rows: Ints
    first: Words
    second: Words

    @property
    def day(self) -> Ints:
        return np.floor_divide(self.hour, _HOURS)

    def days(self) -> dict[int, RowDigest]:
        """The digest of each day, ascending."""
        day = self.day
        starts = np.flatnonzero(np.diff(day, prepend=day[0] - 1)) if len(day) else np.zeros(0, np.int64)
        sums = [np.add.reduceat(each, starts).tolist() if len(starts) else [] for each in self._summed]
        return {on: RowDigest(*told) for on, *told in zip(day[starts].tolist(), *sums, strict=True)}

    def between(self, first: int, end: int) -> RowDigest:
        """The digest of these hours, without the last of them."""
        start, stop = np.searchsorted(self.hour, [first, end]).tolist()
        return RowDigest(*(int(each[start:stop].sum(dtype=each.dtype)) for each in self._summed))

    @property
    def _summed(self) -> tuple[Ints, Words, Words]:
        return self.rows, self.first, self.second


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentHours:
    """Row digests by segment and hour, in any order; `rows` and `sums` beside each other for events and for whom else these named."""

    segment: Ints
    hour: Ints
    rows: Ints
    sums: Words

    @classmethod
    def of(cls, told: Iterable[tuple[int, str]], segments: Collection[int]) -> SegmentHours:
        """From what the journal keeps of segments (JSON: hour to both digests), of some of them."""
        wanted = (each for each in told if each[0] in segments)
        parts = [_parsed([])]
        while some := list(islice(wanted, _AT_ONCE)):
            parts.append(_parsed(some))
        segment, hour, rows, sums = (np.concatenate(each) for each in zip(*parts, strict=True))
        return cls(segment=segment, hour=hour, rows=rows, sums=sums)

    def kind(self, which: int) -> KindHours:
        """Those of events (0), or of whom else they named (1)."""
        own = np.flatnonzero(self.rows[:, which])
        own = own[order_of(self.hour[own], self.segment[own])]
        return KindHours(
            hour=self.hour[own],
            segment=self.segment[own],
            rows=self.rows[own, which],
            first=self.sums[own, which, 0],
            second=self.sums[own, which, 1],
        )


def _parsed(told: Sequence[tuple[int, str]]) -> tuple[Ints, Ints, Ints, Words]:
    def each() -> Iterator[tuple[int, str, str, str]]:
        for segment, text in told:
            for hour, digests in json.loads(text).items():
                yield segment, hour, *digests

    segments, hours, *digests = tuple(zip(*each(), strict=True)) or ((), (), (), ())
    both = [text.split(":") for pair in zip(*digests, strict=True) for text in pair]
    sums = np.frombuffer(bytes.fromhex("".join(sums for _, sums in both)), ">u8").astype(np.uint64)
    return (
        np.array(segments, np.int64),
        np.array([int(hour) for hour in hours], np.int64),
        np.array([int(rows) for rows, _ in both], np.int64).reshape(-1, _PLACES),
        sums.reshape(-1, _PLACES, 2),
    )
