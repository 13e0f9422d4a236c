"""How many people are in a window whenever somebody comes who bears a sign: of all entities at once, each by itself.

It comes to what `SlidingSigned` does view by view. Entities are put behind one another in time, further apart than a window reaches, so that
one pass over sorted numbers does for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from whosaw.actors.sliding import Peak
from whosaw.actors.summing.who import starts_of
from whosaw.actors.surprise import Bar
from whosaw.store.distinct import order_of, repeated

from .bars import BarColumns

__all__ = ["Crowds", "Instants", "apart", "over_bars", "peaks"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_MOST = 1 << 62
_NEVER = 1 << 62  # longer ago than any window reaches


@dataclass(frozen=True, slots=True)
class Instants:
    """Where somebody who bears the sign comes into the window: the row, when that is, and how many in it bear the sign then."""

    row: Ints
    time: Ints
    signed: Ints
    every: _Inside

    def people(self, some: Ints) -> Ints:
        """How many people the window holds at some of them, which ascend."""
        return self.signed[some] if self.every.all_signed else self.every.at(self.row[some])


class Crowds:
    """Who comes to entities and leaves them: rows by entity, numbered from 0, and in each by time. They are put in order once for windows of
    all lengths."""

    def __init__(self, entity: Ints, time: Ints, people: Ints, signed: Bools) -> None:
        self._entity, self._time = entity, time
        # who is there but once comes and goes with that row, so that only of the others it is asked when they were there last
        again = np.flatnonzero(repeated(people))
        order = again[order_of(entity[again], people[again])]
        self._every = _Stays.of(order, time, entity, people, None)
        self._signed = self._every
        if not signed.all():
            self._signed = _Stays.of(order[signed[order]], time, entity, people, signed)

    def instants(self, length: int, asked: Bools | None = None) -> Instants:
        """Somebody is in the window for as long after each of their views; views of one instant come together. `asked`: at which rows, if not
        at all."""
        came = self._signed.came(length)
        if asked is not None:
            came = came[asked[came]]
        inside = _Inside(self._entity, self._time, self._signed, length, all_signed=True)
        every = inside
        if self._every is not self._signed:
            every = _Inside(self._entity, self._time, self._every, length, all_signed=False)
        return Instants(came, self._time[came], inside.at(came), every)


@dataclass(frozen=True, slots=True)
class _Inside:
    """How many are in a window of that length."""

    entity: Ints
    time: Ints
    stays: _Stays
    length: int
    all_signed: bool

    def at(self, rows: Ints) -> Ints:
        """At the instants of some rows, which ascend."""
        found = np.empty(len(rows), np.int64)
        if not len(rows):
            return found
        came, gone = self.stays.came(self.length), self.stays.gone(self.length)
        for start, stop, at in apart(self.entity, self.time, self.length):
            mine, entered, left = (slice(*np.searchsorted(each, [start, stop])) for each in (rows, came, gone))
            instant = at[rows[mine] - start]
            found[mine] = np.searchsorted(at[came[entered] - start], instant, "right")
            found[mine] -= np.searchsorted(at[gone[left] - start] + self.length, instant, "right")
        return found


def apart(entity: Ints, time: Ints, length: int) -> Iterator[tuple[int, int, Ints]]:
    """Rows by entity and time, as many entities at once as numbers do for: the first and the end of these rows, and instants at which each entity's
    are further behind those of the one before than a window reaches."""
    if not len(time):
        return
    low = int(time.min())
    wide = int(time.max()) - low + length + 1
    borders = [*starts_of(entity)[:: max(1, _MOST // wide)].tolist(), len(entity)]
    for start, stop in pairwise(borders):
        yield start, stop, (entity[start:stop] - entity[start]) * wide + (time[start:stop] - low)


def over_bars(
    come: Instants, judged: Ints, bars: Sequence[Bar | None], least: int
) -> Iterator[tuple[int, int, Peak]]:
    """By what is judged (`judged`: its number at each row, ascending; below 0 for none) the first of its instants and its peak, where it is
    over its bar at any of them, with so many people at least."""
    its = judged[come.row]
    needed = BarColumns.of(bars)
    own = its >= 0
    if not needed.there.all():
        own[own] = needed.there[its[own]]

    def passed(some: Ints) -> Bools:
        return needed.take(its[some]).passed(come.signed[some], come.people(some))

    yield from peaks(come, np.flatnonzero(own), its, passed, least)


def peaks(
    come: Instants, own: Ints, judged: Ints, passed: Callable[[Ints], Bools], least: int
) -> Iterator[tuple[int, int, Peak]]:
    """Of some instants (`own`), by what is judged at each (`judged`, ascending), the first and the peak of what passed at any of them with
    so many people at least. `passed` says of instants, which ascend, whether they do; mostly the first ones do, so they are asked first."""
    judged, signed = judged[own], come.signed[own]
    enough = np.flatnonzero(signed >= least)
    starts = starts_of(judged[enough])
    if not len(starts):
        return
    first = enough[starts]
    at_once = passed(own[first])
    later = enough[np.repeat(~at_once, np.diff(np.append(starts, len(enough))))]
    later = later[passed(own[later])]
    later = later[starts_of(judged[later])]
    first = np.sort(np.concatenate([first[at_once], later]))
    if not len(first):
        return
    starts = starts_of(judged)
    place = np.searchsorted(starts, first, "right") - 1
    tops = np.maximum.reduceat(signed, starts)
    top = np.flatnonzero(signed == np.repeat(tops, np.diff(np.append(starts, len(judged)))))
    top = top[np.searchsorted(top, starts[place])]
    time = come.time[own]
    found = (judged[first], come.row[own[starts[place]]], tops[place], time[top], time[first])
    for number, row, many, most_at, reached_at in zip(*(each.tolist() for each in found), strict=True):
        yield number, row, Peak(most=many, most_at=most_at, reached_at=reached_at)


@dataclass(frozen=True, slots=True)
class _Stays:
    """How long before each row its person was seen at its entity last, and how long after it next. `since` is below 0 where a row does
    not count."""

    since: Ints
    until: Ints

    @classmethod
    def of(cls, order: Ints, time: Ints, entity: Ints, person: Ints, counted: Bools | None) -> _Stays:
        """`order`: rows of those who may be there more than once, each person's of an entity behind one another."""
        before, after = order[:-1], order[1:]
        same = (entity[before] == entity[after]) & (person[before] == person[after])
        before, after = before[same], after[same]
        since = np.full(len(time), _NEVER, np.int64)
        until = since.copy()
        if counted is not None:
            since[~counted] = until[~counted] = -1
        since[after] = until[before] = time[after] - time[before]
        return cls(since, until)

    def came(self, length: int) -> Ints:
        """The rows at which somebody comes into the window."""
        return np.flatnonzero(self.since >= length)

    def gone(self, length: int) -> Ints:
        """The last rows of those who leave it."""
        return np.flatnonzero(self.until >= length)
