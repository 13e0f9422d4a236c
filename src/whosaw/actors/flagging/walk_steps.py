"""Who comes as a step as of a day: of people new to entities, in the order in which they came.

What is judged on one day and on the next is nearly the same, but for places, which are those of the day that is judged. Two people only
move apart as more numbers become known between them. So whoever can be near anybody is looked for once, as of the day on which they came,
and a day asks these alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from whosaw.actors.walks import Walk

from .question import DAY

__all__ = ["Came", "Comers"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Placed = Callable[[int], Ints]
"""Of each person, numbered from 0, the place as of the end of a day, below 0 where there is none by then."""
_NEVER = -(1 << 62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """Some of the people new to entities, as of a day: where they stand among those who came, by entity and time, and which of these each
    goes on from, below 0 for who is no step."""

    at: Ints
    before: Ints


class Comers:
    """Rows of entities, by entity and time, of people who have a number. `entity` and `person` are numbered from 0. `at` is where each stands
    among the rows that were handed in; `since`: when the entity saw the person last before."""

    def __init__(self, walk: Walk, entity: Ints, time: Ints, person: Ints, placed: Placed) -> None:
        self._walk, self._placed = walk, placed
        numbered = _numbered(time // DAY, person, placed)
        self.at = np.flatnonzero(numbered)
        self.entity, self.time, self.person = entity[self.at], time[self.at], person[self.at]
        self.since = self._seen_before()
        self._new = self.time - self.since >= walk.within
        self._pairs = self._near()

    def _seen_before(self) -> Ints:
        order = np.lexsort((self.person, self.entity))
        same = np.diff(self.entity[order]) == 0
        same &= np.diff(self.person[order]) == 0
        since = np.full(len(order), _NEVER, np.int64)
        later = np.flatnonzero(same) + 1
        since[order[later]] = self.time[order[later - 1]]
        return since

    def _near(self) -> tuple[Ints, Ints]:
        """Pairs of rows that can be near on any later day, each with the one that came first behind it; by row, and by the other."""
        some = np.flatnonzero(self._new)
        time = self.time[some]
        day = time // DAY
        ones, others = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for each in np.unique(day).tolist():
            mine = some[(day <= each) & (time >= each * DAY - self._walk.within)]
            one, other = self._beside(mine, self._placed(each)[self.person[mine]])
            own = self.time[mine[one]] >= each * DAY
            ones.append(mine[one[own]])
            others.append(mine[other[own]])
        one, other = np.concatenate(ones), np.concatenate(others)
        order = np.lexsort((other, one))
        return one[order], other[order]

    def _beside(self, rows: Ints, place: Ints) -> tuple[Ints, Ints]:
        """Of rows by entity and time, pairs of the same entity that are near, as places among these rows."""
        entity, time, near = self.entity[rows], self.time[rows], self._walk.near
        narrow = int(place.max(initial=0)) + near < 1 << 31
        small: npt.NDArray[np.signedinteger[Any]] = place.astype(np.int32 if narrow else np.int64)
        unsigned: type[np.unsignedinteger[Any]] = np.uint32 if narrow else np.uint64
        ones, others = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for lag in range(1, min(self._walk.recent, len(rows) - 1) + 1):
            # from -near to near in one comparison: below that it is a large number without a sign
            apart = (small[lag:] - small[:-lag] + near).view(unsigned)
            found = np.flatnonzero(apart <= 2 * near)
            later = found + lag
            kept = (apart[found] != near) & (entity[later] == entity[found])
            kept &= time[later] - time[found] <= self._walk.within
            ones.append(later[kept])
            others.append(found[kept])
        return np.concatenate(ones), np.concatenate(others)

    def as_of(self, day: int, since: int, wanted: Bools) -> Came:
        """Of the days from `since` to `day` those who are new to entities that are `wanted`, with the places of the end of that day. Nobody
        was seen before these days."""
        start, end = since * DAY, (day + 1) * DAY
        here = wanted[self.entity] & (self.time >= start) & (self.time < end)
        rows = np.flatnonzero(here & (self._new | (self.since < start)))
        place = self._placed(day)[self.person[rows]]
        before = self._gone_on(rows, place, start)
        self._strides(rows, place, before)
        return Came(at=rows, before=before)

    def _gone_on(self, rows: Ints, place: Ints, start: int) -> Ints:
        """The row, among these, that each is near of those shortly before, the last of them."""
        before = np.full(len(rows), -1, np.int64)
        # so long after the start nobody is beside one who is only new because nothing before it counts
        settled = start + 2 * self._walk.within
        where = np.full(len(self.time), -1, np.int64)
        where[rows] = np.arange(len(rows))
        one, other = (where[each] for each in self._pairs)
        kept = (one >= 0) & (other >= 0)
        one, other = one[kept], other[kept]
        near = np.abs(place[one] - place[other]) <= self._walk.near
        near &= self.time[rows[one]] >= settled
        first = np.flatnonzero(self.time[rows] < settled)
        its, beside = (first[each] for each in self._beside(rows[first], place[first]))
        one, other = np.concatenate([one[near], its]), np.concatenate([other[near], beside])
        np.maximum.at(before, one, other)
        return before

    def _strides(self, rows: Ints, place: Ints, before: Ints) -> None:
        """Who is as far from the last one as that was from the one before goes on from them."""
        if len(rows) < 3:
            return
        last, earlier = np.diff(place)[1:], np.diff(place)[:-1]
        time, entity = self.time[rows], self.entity[rows]
        stride = (last == earlier) & (last != 0) & (entity[2:] == entity[:-2])
        stride &= time[2:] - time[:-2] <= 2 * self._walk.within
        for behind in (2, 1):
            its = np.flatnonzero(stride) + behind
            alone = its[before[its] < 0]
            before[alone] = alone - 1


def _numbered(day: Ints, person: Ints, placed: Placed) -> Bools:
    """Whose identifiers hold a number. Whoever was seen on a day is known by its end."""
    found = np.zeros(len(day), bool)
    if not len(day):
        return found
    order = np.argsort(day, kind="stable")
    days, starts = np.unique(day[order], return_index=True)
    for each, start, stop in zip(
        days.tolist(), starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True
    ):
        rows = order[start:stop]
        found[rows] = placed(each)[person[rows]] >= 0
    return found
