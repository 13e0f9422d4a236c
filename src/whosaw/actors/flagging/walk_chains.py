"""Who walks, day after day: clients of which enough people stand in chains of steps that are long enough, of the days of a window alone.

A row is in a chain of so many rows just where it, or a row of the window that it goes on from over some others, has so many rows that go on
from it, itself among them. So days are added to what is known, and nothing of a window is told anew for the next one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from whosaw.actors.walks import Walk

__all__ = ["Chains"]

Ints = npt.NDArray[np.int64]


class Chains:
    """Rows of entities, by entity and time, each with the row that it goes on from (below 0: none) and its client, numbered from 0. Windows of one
    entity are asked about in the order in which they end."""

    def __init__(self, walk: Walk, time: Ints, before: Ints, client: Ints) -> None:
        self._walk, self._time, self._client = walk, time, client
        none = len(before)  # the row behind all of them, which is in no window and that all go on from
        self._before = np.append(np.where(before < 0, none, before), none)
        self._rows = np.append(
            np.zeros(none, np.int64), walk.chain
        )  # that go on from each, or enough of them
        self._long = np.full(
            none, -1, np.int64
        )  # the last that each goes on from, itself among them, of which it is enough
        self._end = 0

    def walkers(self, first: int, end: int) -> Ints:
        """The clients that walk in a window of rows."""
        if end > max(first, self._end):
            self._add(first, end)
        client = self._client[first:end]
        standing = np.bincount(client[self._long[first:end] >= first])
        every = np.bincount(client, minlength=len(standing))[: len(standing)]
        enough = (standing > 0) & (standing - self._walk.chained_share * every >= -1e-6)
        return np.flatnonzero(enough)

    def _add(self, first: int, end: int) -> None:
        """Rows up to an end. Those that were not asked about are before the first row of every window to come."""
        start = max(first, self._end)
        none = len(self._long)
        self._rows[start:end] = 1
        of = self._before[start:end]
        for _ in range(self._walk.chain - 1):  # those further up have enough rows between
            of = of[of < none]
            np.add.at(self._rows, of, 1)
            of = self._before[of]
        # what is new goes on from rows of shortly before, and changes nothing of those that were there before these
        reach = 2 * self._walk.within * (self._walk.chain - 1)
        since = first + int(np.searchsorted(self._time[first:end], self._time[start] - reach))
        found = np.arange(since, end)
        for _ in range(self._walk.chain - 1):
            found = np.where(self._rows[found] >= self._walk.chain, found, self._before[found])
        self._long[since:end] = np.where((self._rows[found] >= self._walk.chain) & (found < none), found, -1)
        self._end = end
