"""Who comes as a step: of people new to entities, in the order in which they came.

Who is near whom is told as of the end of the day on which somebody came, and holds from then on: so steps of days add up, and one look does
for all days that are judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from whosaw.actors.summing.who import starts_of
from whosaw.actors.walks import Walk
from whosaw.store.distinct import order_of

from .question import DAY

__all__ = ["Comers"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_AT_ONCE = 1 << 17  # rows, but never less than a day
_HOUR = 3_600_000_000
_HOURS = 24  # bits of the number of an hour
Placed = Callable[[int, Ints], Ints]
"""Of people, by their numbers from 0, the place as of the end of a day, below 0 where there is none by then."""


class Comers:
    """Of rows of entities, by entity and time, those of people who have a number and were not seen for the time of the walk. `entity` and
    `person` are numbered from 0. `at` is where each stands among the rows that were handed in; `before`: which of these rows each goes on from,
    below 0 for who is no step."""

    def __init__(self, walk: Walk, entity: Ints, time: Ints, person: Ints, placed: Placed) -> None:
        self._walk = walk
        # whoever was seen on a day is known by its end
        every = np.arange(int(person.max(initial=-1)) + 1)
        known = placed(int(time.max(initial=0)) // DAY, every) >= 0
        rows = np.flatnonzero(known[person])
        self.at = rows[_not_seen_for(walk.within, entity[rows], time[rows], person[rows])]
        self.entity, self.time, self.person = entity[self.at], time[self.at], person[self.at]
        self.before = self._go_on(placed)

    def _go_on(self, placed: Placed) -> Ints:
        before = np.full(len(self.at), -1, np.int64)
        for rows, which, places, own in self._day_by_day(placed):
            self._go_on_in(rows, which, places, own, before)
        return before

    def _go_on_in(self, rows: Ints, which: Ints, places: Ints, own: Bools, before: Ints) -> None:
        time = self.time[rows]
        for lag, those in self._near(which, time, places):
            late = those[own[those]]
            before[rows[late]] = rows[late - lag]
        stride = _strides(self._walk, which, time, places)
        # who is a step by the next row alone is one only if that is of the same day: nothing of an earlier day changes
        for those in (stride + 2, stride + 1):
            alone = those[own[those]]
            alone = alone[before[rows[alone]] < 0]
            before[rows[alone]] = rows[alone - 1]

    def _day_by_day(self, placed: Placed) -> Iterator[tuple[Ints, Ints, Ints, Bools]]:
        """For each day and entity that anybody came to on it those of that day and the few of shortly before that any of them may go on from, by
        entity and time; which are of one entity and day, their places as of its end, and which are of the day itself. Some days at once, none of
        them without a row."""
        day = self.time // DAY
        first = starts_of(self.entity, day)
        since, end = self._shortly_before(first), np.append(first[1:], len(day))
        order = order_of(day[first])
        first, since, end, day = first[order], since[order], end[order], day[first][order]
        for start, stop in _portions(day, end - since):
            size = end[start:stop] - since[start:stop]
            which = np.repeat(np.arange(len(size)), size)
            rows = np.arange(len(which)) + (since[start:stop] - (np.cumsum(size) - size))[which]
            on = day[start:stop][which]
            borders = [*starts_of(on).tolist(), len(on)]
            places = [placed(int(on[low]), self.person[rows[low:high]]) for low, high in pairwise(borders)]
            yield rows, which, np.concatenate(places), rows >= first[start:stop][which]

    def _shortly_before(self, first: Ints) -> Ints:
        """Of the first rows of an entity and day each, the first that these and later ones may go on from."""
        low = int(self.time.min(initial=0)) // _HOUR
        key = (self.entity << _HOURS) | (self.time // _HOUR - low)
        back = (self.time[first] // DAY * DAY - 2 * self._walk.within) // _HOUR - low
        near = np.searchsorted(key, (self.entity[first] << _HOURS) | np.maximum(back, 0))
        return np.maximum(near, first - max(self._walk.recent, 2))

    def _near(self, which: Ints, time: Ints, places: Ints) -> list[tuple[int, Ints]]:
        """By how many rows lie between, those that are near the row so many before; the nearest of these last."""
        near = self._walk.near
        narrow = int(places.max(initial=0)) + near < 1 << 31
        small: npt.NDArray[np.signedinteger[Any]] = places.astype(np.int32 if narrow else np.int64)
        unsigned: type[np.unsignedinteger[Any]] = np.uint32 if narrow else np.uint64
        found = []
        for lag in range(min(self._walk.recent, len(places) - 1), 0, -1):
            # from -near to near in one comparison: below that it is a large number without a sign
            apart = (small[lag:] - small[:-lag] + near).view(unsigned)
            first = np.flatnonzero(apart <= 2 * near)
            late = first + lag
            kept = (apart[first] != near) & (which[late] == which[first])
            kept &= time[late] - time[first] <= self._walk.within
            found.append((lag, late[kept]))
        return found


def _portions(day: Ints, rows: Ints) -> Iterator[tuple[int, int]]:
    """Borders of whole days, which ascend, of so many rows each together, or of one day."""
    starts = [*starts_of(day).tolist(), len(day)]
    before = np.append(0, np.cumsum(rows))[starts].tolist()
    at = 0
    for number in range(1, len(starts)):
        if number == len(starts) - 1 or before[number + 1] - before[at] > _AT_ONCE:
            yield starts[at], starts[number]
            at = number


def _not_seen_for(within: int, entity: Ints, time: Ints, person: Ints) -> Ints:
    """The rows, by entity and time, whose person the entity did not see for so long."""
    order = order_of(entity, person)
    again = np.diff(time[order]) < within
    again &= np.diff(person[order]) == 0
    again &= np.diff(entity[order]) == 0
    new = np.ones(len(order), bool)
    new[order[1:][again]] = False
    return np.flatnonzero(new)


def _strides(walk: Walk, which: Ints, time: Ints, places: Ints) -> Ints:
    """The first of three rows of which the last is as far from the second as that is from the first."""
    if len(places) < 3:
        return np.empty(0, np.int64)
    last, earlier = np.diff(places)[1:], np.diff(places)[:-1]
    stride = (last == earlier) & (last != 0) & (which[2:] == which[:-2])
    stride &= time[2:] - time[:-2] <= 2 * walk.within
    return np.flatnonzero(stride)
