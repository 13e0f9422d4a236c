"""Counts per member that grow day by day, in little memory: rows while they are few, an array when they are many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from whosaw.replay.dice import Bools, Ints

__all__ = ["NEVER", "Distinct", "Members", "ViewTally", "distinct"]

NEVER = np.uint32(0xFFFFFFFF)  # a first view that was none
_SHARE = 16  # of the members: with more rows than that, an array takes less memory
_LEAST = 4096
Seconds = NDArray[np.uint32]


def distinct(values: Ints) -> Ints:
    """Each value once, rising. By sorting: the hash table of `np.unique` is several times slower for many values."""
    ordered = np.sort(values)
    return ordered[np.concatenate([[True], np.diff(ordered) != 0])] if len(ordered) else ordered


class Members:
    """A set of members by position."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._rows: list[Ints] = []
        self._held = 0
        self._flags: Bools | None = None

    def add(self, who: Ints) -> None:
        """Put these in; they may be in already, and more than once."""
        if self._flags is not None:
            self._flags[who] = True
            return
        self._rows.append(distinct(who))
        self._held += len(self._rows[-1])
        if self._held > max(_LEAST, self._count // _SHARE):
            self._as_flags()

    def add_spans(self, low: Ints, high: Ints) -> None:
        """Put in everybody from each position of `low` up to, not including, that of `high`."""
        if not len(low):
            return
        order = np.argsort(low, kind="stable")
        low, high = low[order], np.maximum.accumulate(high[order])
        # spans that touch or overlap are one
        begins = np.flatnonzero(np.concatenate([[True], low[1:] > high[:-1]]))
        ends = np.append(begins[1:], len(low)) - 1
        flags = self._as_flags()
        for begin, end in zip(low[begins].tolist(), high[ends].tolist(), strict=True):
            flags[begin:end] = True

    def _as_flags(self) -> Bools:
        if self._flags is None:
            self._flags = np.zeros(self._count, dtype=bool)
            for rows in self._rows:
                self._flags[rows] = True
            self._rows = []
        return self._flags

    def kept(self) -> NDArray[Any]:
        """What `take` of another set of as many members takes: positions, or a bit for each member."""
        if self._flags is not None:
            return np.packbits(self._flags)
        return self.positions().astype(np.int32)

    def take(self, kept: NDArray[Any]) -> None:
        """Put in what another set holds."""
        if kept.dtype == np.uint8:
            self._as_flags()[:] |= np.unpackbits(kept, count=self._count).astype(bool)
        else:
            self.add(kept.astype(np.int64))

    def positions(self) -> Ints:
        """All of them, rising."""
        if self._flags is not None:
            return np.flatnonzero(self._flags)
        return distinct(np.concatenate(self._rows)) if self._rows else np.zeros(0, dtype=np.int64)

    def __len__(self) -> int:
        return int(np.count_nonzero(self._flags)) if self._flags is not None else len(self.positions())


class ViewTally:
    """Views of each member with the first and the last. Moments are whole seconds since the log began."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._rows: list[tuple[NDArray[np.int32], Seconds]] = []
        self._held = 0
        self._dense: tuple[Seconds, Seconds, Seconds] | None = None

    def add(self, who: Ints, second: Ints) -> None:
        """Add views in order of time, none earlier than those added before."""
        when = second.astype(np.uint32)
        if self._dense is not None:
            _count(self._dense, who, when)
            return
        self._rows.append((who.astype(np.int32), when))
        self._held += len(who)
        if self._held > max(_LEAST, self._count // _SHARE):
            self._as_dense()

    def kept(self) -> tuple[NDArray[Any], ...]:
        """What `take` of another tally of as many members takes: each view, or members with views, first and last."""
        if self._dense is not None:
            seen = np.flatnonzero(self._dense[0])
            return seen.astype(np.int32), *(column[seen] for column in self._dense)
        none: tuple[NDArray[Any], ...] = (np.zeros(0, np.int32), np.zeros(0, np.uint32))
        return tuple(np.concatenate(each) for each in zip(*self._rows, strict=True)) if self._rows else none

    def take(self, kept: tuple[NDArray[Any], ...]) -> None:
        """Add what another tally holds, none of whose views is earlier than those here."""
        if len(kept) == 2:
            self.add(kept[0].astype(np.int64), kept[1])
            return
        who, views, first, last = kept
        if self._dense is None:
            self._as_dense()
        assert self._dense is not None
        self._dense[0][who] += views
        self._dense[1][who] = np.minimum(self._dense[1][who], first)
        self._dense[2][who] = last

    def _as_dense(self) -> None:
        self._dense = _nothing(self._count)
        for earlier, times in self._rows:
            _count(self._dense, earlier, times)
        self._rows = []

    def between(self, low: int, high: int) -> tuple[Seconds, Seconds, Seconds]:
        """Views, first and last of the members from position `low` up to, not including, `high`.

        Where there were no views the first is `NEVER` and the last 0.
        """
        if self._dense is not None:
            return tuple(column[low:high] for column in self._dense)  # type: ignore[return-value]  # there are three
        out = _nothing(high - low)
        for who, when in self._rows:
            inside = np.flatnonzero((who >= low) & (who < high))
            if len(inside):
                _count(out, who[inside] - low, when[inside])
        return out


def _nothing(count: int) -> tuple[Seconds, Seconds, Seconds]:
    return np.zeros(count, np.uint32), np.full(count, NEVER), np.zeros(count, np.uint32)


def _count(columns: tuple[Seconds, Seconds, Seconds], who: NDArray[np.integer], when: Seconds) -> None:
    views, first, last = columns
    np.add.at(views, who, np.uint32(1))
    last[who] = when  # of equal positions the last assignment stays
    new = np.flatnonzero(first[who] == NEVER)
    first[who[new][::-1]] = when[new][::-1]


class Distinct:
    """How many different values there were, as long as they are few enough to remember."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: NDArray[Any] | None = None
        self.too_many = False

    def add(self, values: NDArray[Any]) -> None:
        """Take these into account."""
        if self.too_many or not len(values):
            return
        # a hash table first: addresses are few in many requests
        new = pa.array(values).unique().to_numpy(zero_copy_only=False)
        known = new if self._known is None else np.concatenate([self._known, new])
        self._known = distinct(known)
        if len(self._known) > self._most:
            self.give_up()

    def give_up(self) -> None:
        """Say from now on that there were too many."""
        self.too_many, self._known = True, None

    def kept(self) -> NDArray[Any]:
        """The values, which `add` of another takes; none where there were too many, which `too_many` says."""
        return np.zeros(0, dtype=np.int64) if self._known is None else self._known

    def count(self) -> int | None:
        """The number, or None where there were too many."""
        if self.too_many:
            return None
        return 0 if self._known is None else len(self._known)
