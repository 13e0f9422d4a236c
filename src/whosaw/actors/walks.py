"""Walks through numbers: people seen one after another whose numbers lie side by side, or a fixed stride apart.

Honest people come in no order. So when somebody is seen who was not seen for a while, their place among all known numbers is compared with those
of the people seen shortly before by the same actor. Places are ranks: holes between numbers do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from whosaw.store.distinct import order_of

from .sliding import by_value

__all__ = ["Walk", "WalkRows"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Places = npt.NDArray[np.uint32]
_BESIDE = 64  # rows of an actor that may stand near one, ordered by place, before they are looked for in order of time


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What counts as a step: at most `near` places away from one of the `recent` people new before, seen `within`
    microseconds; or as far from the last one as that was from the one before."""

    recent: int
    near: int
    within: int
    chain: int  # from so many steps that hang together on, those who made them belong to the walk
    chained_share: float = 0.0  # of the people a client saw, so many must stand in such chains

    def chance(self, places: int) -> float:
        """How likely a person is a step by accident, where people come in no order."""
        return min(1.0, self.recent * 2 * self.near / max(1, places))


class WalkRows:
    """Takes the views of one actor slice by slice, in order of time; gives back those of people new to the actor."""

    def __init__(self, walk: Walk, most: int) -> None:
        """`most`: the largest place there is."""
        self._walk, self._most = walk, most
        self._first: tuple[Places, Ints] | None = None  # places and times of the first slice's last views
        self._since = 0  # instants of places are counted from here
        self._last: Ints | None = None  # when each place was seen last; only from the second slice on
        self._times: Ints = np.empty(0, np.int64)
        self._places: Ints = np.empty(0, np.int64)
        self._roots: Ints = np.empty(
            0, np.int64
        )  # of each carried row: the number of the chain it belongs to
        self._next = 0
        self._sizes: Ints = np.zeros(0, np.int64)  # of chains, and room for more

    def in_chains_of(self, least: int, chains: npt.NDArray[np.integer[Any]]) -> Bools:
        """Of each row, by its chain, whether that is of at least so many rows."""
        return np.asarray((self._sizes >= least)[chains])

    def hang_together(self, before: Ints) -> Ints:
        """The chain of each row of people new to the actor, where it is known from which earlier row (below 0: none) each goes on."""
        count = len(before)
        rows = np.arange(count, dtype=np.int32 if count < 1 << 31 else np.int64)
        known: npt.NDArray[np.signedinteger[Any]] = before.astype(rows.dtype)
        head = _heads(np.where(known >= 0, known, rows))
        starts = np.flatnonzero(known < 0)
        number = np.empty(count, np.int64)
        number[starts] = np.arange(len(starts))
        root: Ints = number[head]
        self._sizes, self._next = np.bincount(root, minlength=len(starts)), len(starts)
        return root

    def add(self, times: Ints, places: Ints) -> tuple[Ints, Bools, Ints]:
        """Positions of the rows of people not seen for `within`, whether each is a step, and the chain it belongs to."""
        position = self._fresh(times, places)
        carried = len(self._times)
        time = np.concatenate([self._times, times[position]])
        place = np.concatenate([self._places, places[position]])
        before = self._goes_on(time, place)
        root = self._chains(before, carried)
        keep = slice(max(0, len(time) - self._walk.recent), None)
        self._times, self._places, self._roots = time[keep], place[keep], root[keep]
        return position, before[carried:] >= 0, root[carried:]

    def steps(self, entity: Ints, times: Ints, places: Ints, asked: Bools) -> tuple[Ints, Bools, Ints]:
        """Of rows that are all there is of some actors (`entity`, numbered in the order in which they stand, and each in order of time): positions
        of those of people not seen for `within`, whether each is a step that an asked row shows, and the position of the row that shows it,
        which is the next one where only that has the same stride."""
        by_place = order_of(entity, places)
        whose, place = entity[by_place], places[by_place]
        known = (whose[1:] == whose[:-1]) & (place[1:] == place[:-1])
        fresh = np.append(True, ~known | (np.diff(times[by_place]) >= self._walk.within))[: len(by_place)]
        by_place = by_place[fresh]
        position = np.sort(by_place)
        number = np.empty(len(times), np.int64)
        number[position] = np.arange(len(position))
        whose, time, place, ends = (each[position] for each in (entity, times, places, asked))
        wanted = ends.copy()
        wanted[:-1] |= ends[1:]  # whether the one before an asked row is a step decides whether that shows it
        before = self._latest_near(whose, time, place, number[by_place], wanted)
        shown = np.arange(len(position))
        last = np.flatnonzero(wanted)
        last = last[np.searchsorted(last, 2) :]
        by = place[last] - place[last - 1]
        stride = (by == place[last - 1] - place[last - 2]) & (by != 0) & (whose[last] == whose[last - 2])
        last = last[stride & (time[last] - time[last - 2] <= 2 * self._walk.within)]
        for rows, later in ((last, 0), (last - 1, 1)):
            alone = rows[before[rows] < 0]
            before[alone], shown[alone] = alone - 1, alone + later
        return position, (before >= 0) & ends[shown], position[shown]

    def _latest_near(self, entity: Ints, time: Ints, place: Ints, by_place: Ints, wanted: Bools) -> Ints:
        """Of each wanted row, the last of the `recent` ones before it that stands near, -1 where none does. `by_place` are the rows in order of
        entity and place: near ones stand together there."""
        before = np.full(len(time), -1, np.int64)
        whose, places, asked = entity[by_place], place[by_place], wanted[by_place]
        one = np.flatnonzero((whose[1:] == whose[:-1]) & (np.diff(places) <= self._walk.near))
        for apart in range(1, _BESIDE + 1):
            pair = one[asked[one] | asked[one + apart]]  # of others nothing is asked
            row, other = by_place[pair], by_place[pair + apart]
            soon = np.flatnonzero(np.abs(row - other) <= self._walk.recent)
            row, other = row[soon], other[soon]
            earlier, later = np.minimum(row, other), np.maximum(row, other)
            goes_on = (place[row] != place[other]) & (time[later] - time[earlier] <= self._walk.within)
            np.maximum.at(before, later[goes_on], earlier[goes_on])
            one = one[: np.searchsorted(one, len(by_place) - apart - 1)]
            next_one = one + apart + 1
            one = one[(places[next_one] - places[one] <= self._walk.near) & (whose[next_one] == whose[one])]
            if not len(one):
                return before
        # somebody comes again and again: of each row those before it are few
        rows = np.flatnonzero(wanted)
        for lag in range(min(self._walk.recent, len(time) - 1), 0, -1):
            mine = rows[np.searchsorted(rows, lag) :]
            gap = np.abs(place[mine] - place[mine - lag])
            near = (gap <= self._walk.near) & (gap != 0) & (entity[mine] == entity[mine - lag])
            mine = mine[near & (time[mine] - time[mine - lag] <= self._walk.within)]
            before[mine] = mine - lag
        return before

    def _fresh(self, times: Ints, places: Ints) -> Ints:
        """Positions of the rows whose place was not seen for `within`."""
        order, place = by_value(places.astype(np.uint32))
        time = times[order]
        starts = np.append(True, place[1:] != place[:-1])
        ends = np.append(place[1:] != place[:-1], True)
        previous = np.empty(len(time), np.int64)
        previous[1:] = time[:-1]
        previous[starts] = self._seen_before(place[starts], time[ends], int(times[0]) - self._walk.within)
        fresh = np.zeros(len(time), bool)
        fresh[order] = time - previous >= self._walk.within
        return np.flatnonzero(fresh)

    def _seen_before(self, places: Places, last: Ints, never: int) -> Ints:
        """When each of these places was seen last in earlier slices; `last` is kept for the next one."""
        if self._first is None:
            self._first = (places, last)
            self._since = never
            return np.full(len(places), never, np.int64)
        if self._last is None:
            # memory that was never written to is not taken from the machine
            self._last = np.zeros(self._most + 1, np.int64)
            self._last[self._first[0]] = self._first[1] - self._since
        before = self._last[places] + self._since
        self._last[places] = last - self._since
        return before

    def _goes_on(self, time: Ints, place: Ints) -> Ints:
        """The earlier row that each goes on from, -1 where there is none."""
        before = np.full(len(time), -1, np.int64)
        near = self._walk.near
        narrow = self._most + near < 1 << 31
        small: npt.NDArray[np.signedinteger[Any]] = place.astype(np.int32 if narrow else np.int64)
        unsigned: type[np.unsignedinteger[Any]] = np.uint32 if narrow else np.uint64
        for lag in range(min(self._walk.recent, len(time) - 1), 0, -1):
            # from -near to near in one comparison: below that it is a large number without a sign
            apart = (small[lag:] - small[:-lag] + near).view(unsigned)
            rows = np.flatnonzero(apart <= 2 * near)
            rows = rows[(apart[rows] != near) & (time[rows + lag] - time[rows] <= self._walk.within)] + lag
            before[rows] = rows - lag
        if len(time) > 2:
            last, earlier = np.diff(place)[1:], np.diff(place)[:-1]
            stride = (last == earlier) & (last != 0) & (time[2:] - time[:-2] <= 2 * self._walk.within)
            for rows in (np.flatnonzero(stride) + 2, np.flatnonzero(stride) + 1):
                alone = rows[before[rows] < 0]
                before[alone] = alone - 1
        return before

    def _chains(self, before: Ints, carried: int) -> Ints:
        """The chain of each row: rows that hang together by `before`. Carried rows keep theirs."""
        count = len(before)
        head = np.where(before >= 0, before, np.arange(count))
        head[:carried] = np.arange(carried)
        head = _heads(head)
        number = np.empty(count, np.int64)
        number[:carried] = self._roots
        starts = np.flatnonzero((head == np.arange(count)) & (np.arange(count) >= carried))
        number[starts] = self._next + np.arange(len(starts))
        self._next += len(starts)
        root: Ints = np.asarray(number[head], np.int64)
        if self._next > len(self._sizes):
            sizes = np.zeros(2 * self._next, np.int64)
            sizes[: len(self._sizes)] = self._sizes
            self._sizes = sizes
        grown, rows = np.unique(root[carried:], return_counts=True)
        self._sizes[grown] += rows
        return root


def _heads(before: npt.NDArray[np.signedinteger[Any]]) -> npt.NDArray[np.signedinteger[Any]]:
    """The first row of each row's chain; `before` is the one that each goes on from, of a first row the row itself."""
    while True:
        further = before[before]
        if np.array_equal(further, before):
            return before
        before = further
