"""How many people are in a window whenever somebody comes who bears a sign: of all entities at once, each by itself.

It comes to what `SlidingSigned` does view by view. Entities are put behind one another in time, further apart than a window reaches, so that
one pass over sorted numbers does for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from whosaw.actors.sliding import Peak
from whosaw.actors.summing.who import starts_of
from whosaw.actors.surprise import Bar
from whosaw.store.distinct import order_of

from .bars import BarColumns

__all__ = ["Crowds", "Instants", "apart", "over_bars", "peaks"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_MOST = 1 << 62
_NEVER = 1 << 62  # longer ago than any window reaches


@dataclass(frozen=True, slots=True)
class Instants:
    """Where somebody who bears the sign comes into the window: the row, when that is, how many in it bear the sign then, and how many
    people it holds."""

    row: Ints
    time: Ints
    signed: Ints
    people: Ints


class Crowds:
    """Who comes to entities and leaves them: rows by entity, numbered from 0, and in each by time. They are put in order once for windows of
    all lengths."""

    def __init__(self, entity: Ints, time: Ints, people: Ints, signed: Bools) -> None:
        self._entity, self._time = entity, time
        order = order_of(entity, people)
        whose = entity[order], people[order]
        self._every = _Stays.of(order, time, *whose)
        self._signed = self._every
        if not signed.all():
            some = signed[order]
            self._signed = _Stays.of(order[some], time, *(each[some] for each in whose))

    def instants(self, length: int) -> Instants:
        """Somebody is in the window for as long after each of their views; views of one instant come together."""
        none = np.empty(0, np.int64)
        found = [Instants(none, none, none, none)]
        entity, time = self._entity, self._time
        if len(time):
            signed = self._signed.moves(length, len(time))
            every = signed if self._signed is self._every else self._every.moves(length, len(time))
            for start, stop, at in apart(entity, time, length):
                came, gone = signed.within(start, stop)
                instant = at[came]
                inside = _inside(instant, at[gone] + length, instant)
                people = inside
                if every is not signed:
                    all_came, all_gone = every.within(start, stop)
                    people = _inside(at[all_came], at[all_gone] + length, instant)
                found.append(Instants(came + start, time[came + start], inside, people))
        return Instants(
            *(np.concatenate([getattr(each, name) for each in found]) for name in Instants.__slots__)
        )


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
    """By what is judged (`judged`: its number at each instant, ascending; below 0 for none) the first of its instants and its peak, where it is
    over its bar at any of them, with so many people at least."""
    its = judged[come.row]
    own = np.flatnonzero(its >= 0)
    needed = BarColumns.of(bars)
    own = own[needed.there[its[own]]]
    its, signed, people = its[own], come.signed[own], come.people[own]
    passed = signed >= least
    some = np.flatnonzero(passed)
    passed[some] = needed.take(its[some]).passed(signed[some], people[some])
    yield from peaks(come, own, its, passed)


def peaks(come: Instants, own: Ints, judged: Ints, passed: Bools) -> Iterator[tuple[int, int, Peak]]:
    """Of some instants (`own`), by what is judged at each (ascending), the first and the peak of what passed at any of them."""
    starts = starts_of(judged)
    if not len(starts):
        return
    kept = np.repeat(np.logical_or.reduceat(passed, starts), np.diff(np.append(starts, len(judged))))
    own, judged, passed = own[kept], judged[kept], passed[kept]
    starts = starts_of(judged)
    if not len(starts):
        return
    signed, time = come.signed[own], come.time[own]
    most = np.maximum.reduceat(signed, starts)
    tops = np.flatnonzero(signed == np.repeat(most, np.diff(np.append(starts, len(judged)))))
    firsts = np.flatnonzero(passed)
    top, first = (each[np.searchsorted(each, starts)] for each in (tops, firsts))
    found = (judged[starts], come.row[own[starts]], most, time[top], time[first])
    for number, row, many, most_at, reached_at in zip(*(each.tolist() for each in found), strict=True):
        yield number, row, Peak(most=many, most_at=most_at, reached_at=reached_at)


@dataclass(frozen=True, slots=True)
class _Moves:
    """The rows at which somebody comes into the window, and the last ones of those who leave it; both ascending."""

    came: Ints
    gone: Ints

    def within(self, start: int, stop: int) -> tuple[Ints, Ints]:
        """Those of some rows, counted from the first of these."""
        cut = (slice(*np.searchsorted(each, [start, stop]).tolist()) for each in (self.came, self.gone))
        came, gone = (each[its] - start for each, its in zip((self.came, self.gone), cut, strict=True))
        return came, gone


@dataclass(frozen=True, slots=True)
class _Stays:
    """Rows, each person's of an entity behind one another, and how long before each of them that person was seen there last."""

    row: Ints
    since: Ints

    @classmethod
    def of(cls, row: Ints, time: Ints, entity: Ints, person: Ints) -> _Stays:
        since = np.full(len(row), _NEVER, np.int64)
        same = (entity[1:] == entity[:-1]) & (person[1:] == person[:-1])
        np.copyto(since[1:], np.diff(time[row]), where=same)
        return cls(row, since)

    def moves(self, length: int, rows: int) -> _Moves:
        long = self.since >= length
        new, over = np.zeros(rows, bool), np.zeros(rows, bool)
        new[self.row[long]] = True
        over[self.row[np.append(long[1:], True)[: len(long)]]] = True
        return _Moves(np.flatnonzero(new), np.flatnonzero(over))


def _inside(came: Ints, left: Ints, at: Ints) -> Ints:
    """How many are inside at each instant."""
    entered = _up_to(at) if came is at else np.searchsorted(came, at, "right")
    return np.asarray(entered - np.searchsorted(left, at, "right"), np.int64)


def _up_to(at: Ints) -> Ints:
    """Of ascending instants, how many there are up to each, equal ones with it."""
    last = np.flatnonzero(np.append(at[1:] != at[:-1], True)[: len(at)])
    return np.repeat(last + 1, np.diff(last, prepend=-1))
