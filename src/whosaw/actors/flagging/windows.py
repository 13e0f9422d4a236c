"""How many people are in a window whenever somebody comes who bears a sign: of all entities at once, each by itself.

It comes to what `SlidingSigned` does view by view. Entities are put behind one another in time, further apart than a window reaches, so that
one pass over sorted numbers does for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from whosaw.actors.sliding import Peak
from whosaw.actors.summing.who import starts_of
from whosaw.store.distinct import distinct, order_of, places_among, repeated

from .bars import BarColumns

__all__ = ["Crowds", "Instants", "Peaks", "apart", "over_bars", "peaks"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_MOST = 1 << 62
_NEVER = 1 << 62  # longer ago than any window reaches


@dataclass(frozen=True, slots=True)
class Instants:
    """Where somebody who bears the sign comes into the window: the row, when that is, and how many in it bear the sign then."""

    crowds: Crowds
    length: int
    row: Ints
    time: Ints
    signed: Ints

    def people(self, some: Ints) -> Ints:
        """How many people the window holds at some of them, which ascend."""
        return self.signed[some] + self.crowds.unsigned(self.length, self.row[some])


class Crowds:
    """Who comes to entities and leaves them: rows by entity, numbered from 0, and in each by time. They are put in order once for windows of
    all lengths."""

    def __init__(self, entity: Ints, time: Ints, people: Ints, signed: Bools) -> None:
        self._entity, self._time = entity, time
        every = bool(signed.all())
        self._signed = _Stays.of_rows(None if every else np.flatnonzero(signed), entity, time, people)
        # of whoever bears the sign at each row it is told by these, so only of others it is asked when they are there without it
        mixed = np.empty(0, np.int64)
        if not every:
            mixed = np.flatnonzero(places_among(distinct(people[~signed]), people) >= 0)
        self._mixed = _Stays.of_rows(mixed, entity, time, people)
        self._mixed_signed = _Stays.of_rows(mixed[signed[mixed]], entity, time, people)

    def instants(self, length: int, asked: Bools | None = None) -> Instants:
        """Somebody is in the window for as long after each of their views; views of one instant come together. `asked`: at which rows, if not
        at all."""
        came = self._signed.came(length)
        time = self._time[came]
        # those who come at one instant are all there then
        last = np.append(starts_of(self._entity[came], time)[1:], len(came))
        there = np.repeat(last, np.diff(last, prepend=0))
        if asked is not None:
            kept = asked[came]
            came, time, there = came[kept], time[kept], there[kept]
        return Instants(self, length, came, time, there - self._gone(self._signed, length, came))

    def unsigned(self, length: int, rows: Ints) -> Ints:
        """How many people who do not bear the sign are in the window at the instants of some rows, which ascend."""
        every = self._inside(self._mixed, length, rows)
        return every - self._inside(self._mixed_signed, length, rows)

    def _inside(self, stays: _Stays, length: int, rows: Ints) -> Ints:
        return self._counted(stays.came(length), 0, length, rows) - self._gone(stays, length, rows)

    def _gone(self, stays: _Stays, length: int, rows: Ints) -> Ints:
        return self._counted(stays.gone(length), length, length, rows)

    def _counted(self, events: Ints, after: int, length: int, rows: Ints) -> Ints:
        """How many events there were until the instants of some rows, those of all entities before among them: events are rows, and so long after
        them."""
        found = np.zeros(len(rows), np.int64)
        if not len(rows) or not len(events):
            return found
        for start, stop, at in apart(self._entity, self._time, length):
            (first, last), mine = (
                np.searchsorted(events, [start, stop]),
                slice(*np.searchsorted(rows, [start, stop])),
            )
            found[mine] = np.searchsorted(
                at[events[first:last] - start] + after, at[rows[mine] - start], "right"
            )
            found[mine] += first
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
        at = time[start:stop] - low
        if entity[start] != entity[stop - 1]:
            at += (entity[start:stop] - entity[start]) * wide
        yield start, stop, at


@dataclass(frozen=True, slots=True)
class Peaks:
    """By what is judged (its number, ascending) the row of the first of its instants, how many people it held at most, when that was first, and
    when it passed."""

    judged: Ints
    row: Ints
    most: Ints
    most_at: Ints
    reached_at: Ints

    @classmethod
    def none(cls) -> Peaks:
        return cls(*(np.empty(0, np.int64) for _ in cls.__slots__))

    def __iter__(self) -> Iterator[tuple[int, int, Peak]]:
        columns = (getattr(self, name).tolist() for name in self.__slots__)
        for number, row, most, most_at, reached_at in zip(*columns, strict=True):
            yield number, row, Peak(most=most, most_at=most_at, reached_at=reached_at)


def over_bars(come: Instants, judged: Ints, needed: BarColumns, least: int) -> Peaks:
    """What is judged (`judged`: its number at each row, ascending; below 0 for none) and over its bar at any of its instants, with so many
    people at least. `needed`: by that number, its bar."""
    its = judged[come.row]
    own = its >= 0
    if not needed.there.all():
        own[own] = needed.there[its[own]]

    def passed(some: Ints) -> Bools:
        if needed.by_number.all():
            return np.ones(len(some), bool)
        return needed.take(its[some]).passed(come.signed[some], come.people(some))

    return peaks(come, np.flatnonzero(own), its, passed, least)


def peaks(come: Instants, own: Ints, judged: Ints, passed: Callable[[Ints], Bools], least: int) -> Peaks:
    """Of some instants (`own`), by what is judged at each (`judged`, ascending), what passed at any of them with so many people at least.
    `passed` says of instants, which ascend, whether they do; mostly the first ones do, so they are asked first."""
    judged, signed = judged[own], come.signed[own]
    enough = np.flatnonzero(signed >= least)
    starts = starts_of(judged[enough])
    if not len(starts):
        return Peaks.none()
    first = enough[starts]
    at_once = passed(own[first])
    later = enough[np.repeat(~at_once, np.diff(np.append(starts, len(enough))))]
    later = later[passed(own[later])]
    later = later[starts_of(judged[later])]
    first = np.sort(np.concatenate([first[at_once], later]))
    if not len(first):
        return Peaks.none()
    starts = starts_of(judged)
    place = np.searchsorted(starts, first, "right") - 1
    tops = np.maximum.reduceat(signed, starts)
    top = np.flatnonzero(signed == np.repeat(tops, np.diff(np.append(starts, len(judged)))))
    top = top[np.searchsorted(top, starts[place])]
    time = come.time[own]
    return Peaks(judged[first], come.row[own[starts[place]]], tops[place], time[top], time[first])


@dataclass(frozen=True, slots=True)
class _Stays:
    """Some rows, how long before each its person was seen at its entity last, and how long after it next."""

    row: Ints | None  # None: all there are
    since: Ints
    until: Ints

    @classmethod
    def of_rows(cls, row: Ints | None, entity: Ints, time: Ints, people: Ints) -> _Stays:
        if row is not None:
            entity, time, people = entity[row], time[row], people[row]
        since, until = np.full(len(time), _NEVER, np.int64), np.full(len(time), _NEVER, np.int64)
        some = np.flatnonzero(repeated(people))  # who is there but once comes and goes with that row
        few = 2 * len(some) < len(time)
        order = some[order_of(entity[some], people[some])] if few else order_of(entity, people)
        who = people[order]
        same = who[1:] == who[:-1]
        if len(order) and entity[-1] != entity[0]:
            mine = entity[order]
            same &= mine[1:] == mine[:-1]
        gap = np.where(same, np.diff(time[order]), _NEVER)
        since[order[1:]] = gap
        until[order[:-1]] = gap
        return cls(row, since, until)

    def came(self, length: int) -> Ints:
        """The rows at which somebody comes into the window."""
        return self._rows(np.flatnonzero(self.since >= length))

    def gone(self, length: int) -> Ints:
        """The last rows of those who leave it."""
        return self._rows(np.flatnonzero(self.until >= length))

    def _rows(self, some: Ints) -> Ints:
        return some if self.row is None else self.row[some]
