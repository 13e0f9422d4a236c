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
from whosaw.actors.surprise import Bar, nats

__all__ = ["Instants", "instants", "over_bars"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_MOST = 1 << 62


@dataclass(frozen=True, slots=True)
class Instants:
    """Where somebody who bears the sign comes into the window: the row, when that is, how many in it bear the sign then, and how many
    people it holds."""

    row: Ints
    time: Ints
    signed: Ints
    people: Ints


def instants(entity: Ints, time: Ints, people: Ints, signed: Bools, length: int) -> Instants:
    """Rows by entity, numbered from 0, and in each by time. Somebody is in the window for as long after each of their views; views of one
    instant come together."""
    none = np.empty(0, np.int64)
    found = [Instants(none, none, none, none)]
    if len(time):
        apart = int(time.max()) - int(time.min()) + length + 1
        starts = np.flatnonzero(np.append(True, entity[1:] != entity[:-1]))
        borders = [*starts[:: max(1, _MOST // apart)].tolist(), len(entity)]
        for start, stop in pairwise(borders):
            part = slice(start, stop)
            at = (entity[part] - entity[start]) * apart + (time[part] - int(time.min()))
            found.append(_together(start, time[part], at, entity[part], people[part], signed[part], length))
    return Instants(*(np.concatenate([getattr(each, name) for each in found]) for name in Instants.__slots__))


def over_bars(
    come: Instants, judged: Ints, bars: Sequence[Bar | None], least: int
) -> Iterator[tuple[int, int, Peak]]:
    """By what is judged (`judged`: its number at each instant, ascending; below 0 for none) the first of its instants and its peak, where it is
    over its bar at any of them, with so many people at least."""
    its = judged[come.row]
    own = np.flatnonzero(its >= 0)
    own = own[np.asarray([each is not None for each in bars], bool)[its[own]]]
    if not len(own):
        return
    its, signed, people = its[own], come.signed[own], come.people[own]
    told = np.asarray([(0.0, 0.0, 0.0) if each is None else _of(each) for each in bars], np.float64)
    floors, usual, needed = told[its].T
    passed = (signed >= least) & (signed >= floors * people)
    some = np.flatnonzero(passed)
    passed[some] = nats(signed[some], people[some], usual[some]) >= needed[some]
    starts = np.flatnonzero(np.append(True, its[1:] != its[:-1]))
    borders = [*starts.tolist(), len(its)]
    reached = np.flatnonzero(np.logical_or.reduceat(passed, starts))
    for start, stop in ((borders[each], borders[each + 1]) for each in reached.tolist()):
        top = start + int(signed[start:stop].argmax())
        first = start + int(passed[start:stop].argmax())
        yield (
            int(its[start]),
            int(come.row[own[start]]),
            Peak(
                most=int(signed[top]),
                most_at=int(come.time[own[top]]),
                reached_at=int(come.time[own[first]]),
            ),
        )


def _of(bar: Bar) -> tuple[float, float, float]:
    return max(bar.least_share, bar.least_times * bar.usual), bar.usual, bar.nats


def _together(
    start: int, time: Ints, at: Ints, entity: Ints, people: Ints, signed: Bools, length: int
) -> Instants:
    """Of entities that are put behind one another: `at` is when each row is, in one time for all."""
    whose = entity * (int(people.max()) + 1) + people
    some = np.flatnonzero(signed)
    came, left = _moves(at[some], whose[some], length)
    rows = some[came]
    instant = at[rows]
    bearing = np.searchsorted(instant, instant, "right") - np.searchsorted(left, instant, "right")
    every = bearing
    if len(some) < len(at):
        came, left = _moves(at, whose, length)
        every = np.searchsorted(at[came], instant, "right") - np.searchsorted(left, instant, "right")
    return Instants(rows + start, time[rows], bearing, every)


def _moves(at: Ints, whose: Ints, length: int) -> tuple[Ints, Ints]:
    """The rows at which somebody comes into the window, and when somebody leaves it; both ascending."""
    order = _order(whose)
    same = whose[order][1:] == whose[order][:-1]
    apart = np.diff(at[order]) >= length
    new, over = np.ones(len(at), bool), np.ones(len(at), bool)
    new[order[1:]] = ~same | apart
    over[order[:-1]] = ~same | apart
    return np.flatnonzero(new), at[over] + length


def _order(numbers: Ints) -> Ints:
    """The places of numbers from 0 on in their order, equal ones as they stand: sorted together with their places, where both fit."""
    many = len(numbers)
    if many and int(numbers.max()) >= _MOST // many:
        return np.argsort(numbers, kind="stable")
    return np.asarray(np.sort(numbers * many + np.arange(many)) % max(1, many), np.int64)
