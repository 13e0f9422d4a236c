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
Bools = npt.NDArray[np.bool_]


class Chains:
    """Rows of entities, by entity and time, each with the row that it goes on from (below 0: none) and its client, numbered from 0. Windows are asked
    about in their order: those of one entity after another, and of each as they begin and end."""

    def __init__(self, walk: Walk, time: Ints, before: Ints, client: Ints) -> None:
        self._chain, self._share, self._time, self._client = walk.chain, walk.chained_share, time, client
        # what is new may lengthen the chains of rows of so long before at most
        self._reach = 2 * walk.within * (walk.chain - 1)
        none = len(before)  # the row behind all of them, which is in no window and that all go on from
        self._before = np.append(np.where(before < 0, none, before), none)
        self._rows = np.append(
            np.zeros(none, np.int64), walk.chain
        )  # that go on from each, or enough of them
        self._long = np.full(
            none, -1, np.int64
        )  # the last that each goes on from, itself among them, of which it is enough
        self._counted = np.zeros(none, bool)  # rows of the window that stand in long chains
        self._first = self._end = 0
        self._standing, self._every = (np.zeros(int(client.max(initial=-1)) + 1, np.int64) for _ in range(2))
        self._enough = np.zeros(len(self._every), bool)  # of each client, whether it walks

    def walkers(self, first: int, end: int) -> Ints:
        """The clients that walk in a window of rows."""
        return np.flatnonzero(self.walking(first, end))

    def walking(self, first: int, end: int) -> Bools:
        """Whether each client walks in a window of rows. It is told until the next window is asked about."""
        gone = slice(self._first, min(first, self._end))
        np.subtract.at(self._every, self._client[gone], 1)
        np.subtract.at(self._standing, self._client[gone][self._counted[gone]], 1)
        moved = [self._client[gone]]
        self._first, start = first, max(first, self._end)
        if end > first:
            upto = first + int(
                np.searchsorted(self._time[first:end], self._time[first] + self._reach, "right")
            )
            moved.append(self._count(first, min(upto, start)))
        if end > start:
            moved.append(self._count(self._add(first, start, end), end))
            moved.append(self._client[start:end])
        for clients in moved:
            standing = self._standing[clients]
            enough = standing - self._share * self._every[clients] >= -1e-6
            self._enough[clients] = enough & (standing > 0)
        return self._enough

    def _count(self, start: int, end: int) -> Ints:
        """Of these rows of the window, which stand in long chains now; returns the clients of those that did not, or do no longer."""
        now, client = self._long[start:end] >= self._first, self._client[start:end]
        was = self._counted[start:end]
        changed = np.flatnonzero(now != was)
        moved = client[changed]
        np.add.at(self._standing, moved, np.where(now[changed], 1, -1))
        self._counted[start:end] = now
        return moved

    def _add(self, first: int, start: int, end: int) -> int:
        """Rows from a start to an end; the first row of which it may be another that is long enough."""
        none = len(self._long)
        np.add.at(self._every, self._client[start:end], 1)
        self._rows[start:end] = 1
        of = self._before[start:end]
        for _ in range(self._chain - 1):  # those further up have enough rows between
            of = of[of < none]
            np.add.at(self._rows, of, 1)
            of = self._before[of]
        since = first + int(np.searchsorted(self._time[first:end], self._time[start] - self._reach))
        every = np.arange(since, end)
        rows = every[self._long[since:end] != every]  # of others nothing changes
        found = rows.copy()
        for _ in range(self._chain - 1):
            further = np.flatnonzero(self._rows[found] < self._chain)
            found[further] = self._before[found[further]]
        self._long[rows] = np.where((self._rows[found] >= self._chain) & (found < none), found, -1)
        self._end = end
        return since
