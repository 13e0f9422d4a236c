"""Clauses that ask who walks through numbers: steps of days added up, and an exact look at people in the order in which they were seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.sliding import Peak
from whosaw.actors.summing.who import column, starts_of
from whosaw.actors.surprise import Bar
from whosaw.build.step import Span
from whosaw.store.distinct import distinct, numbered_from_0, order_of

from .bars import AnyBars, BarColumns
from .bounds import Bounds, entity_days, most_before, within
from .looking import Looked, Raised, Shown, flag_rows, packed
from .question import DAY, Question
from .walk_chains import Chains
from .walk_steps import Comers
from .windows import Crowds, over_bars

__all__ = ["Places", "reach", "walk_bounds", "walk_look"]

Ints = npt.NDArray[np.int64]
_ORDERED_BY = ["time", "content", "line", "person"]
Places = Callable[[int, Ints], tuple[Ints, int]]
"""Of people, their places among all numbers as of a day (below 0 where there is none), and the largest of them. Who is known by a day has a
place on every later one."""


def walk_bounds(question: Question, span: Span, bars: AnyBars, *, steps: pa.Table) -> Bounds:
    """Which entities' steps may be remarkably many in a window that ends on a day of the span. A day without a step has nobody who comes as
    one. `judged` are entity-days with a step."""
    walk = question.clause.walk
    assert walk is not None  # the item was refused otherwise
    own = steps.filter(
        (pc.field("day") >= span.first) & (pc.field("steps") > 0) & (pc.field("day") <= span.last)
    )
    entities, days_of = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    wanted = steps.filter(pa.array(np.isin(column(steps, "entity"), column(own, "entity"))))
    for days, (rows,) in entity_days(question.kind, span, question.furthest, None, wanted):
        made, fresh = (days.spread(rows, column(rows, name)) for name in ("steps", "fresh"))
        # nobody is new to an entity more often than that on a day
        people = -(-fresh // -(-DAY // walk.within))
        own_days = np.arange(days.days) >= days.days - (span.last - span.first + 1)
        at, day = np.nonzero((made > 0) & own_days)
        entity, on = days.entity[at], day + days.first
        needed = BarColumns.by_window(bars.of_each(on, entity), len(question.windows))
        left = np.zeros(len(at), bool)
        for bar, (length, least) in zip(needed, question.windows, strict=True):
            most = within(made, question.back(length))[at, day]
            fewest = most_before(people, length // DAY - 1)[at, day]
            left |= bar.there & (most >= least) & bar.passed(most, np.maximum(most, fewest))
        entities.append(entity[left])
        days_of.append(on[left])
    entity, day = np.concatenate(entities), np.concatenate(days_of)
    return Bounds.of(own.num_rows, entity, day, np.zeros(len(entity), bool))


def walk_look(
    question: Question, bounds: Bounds, bars: AnyBars, views: pa.Table, answers: pa.Table,
    *, places: Places, order: Callable[[pa.Table], Ints], shown: Shown,
) -> Looked:  # fmt: skip
    """The flags of the entities and days that are left. `order` puts views in order of time, digest of the file and line. `views` reach
    `reach` days back."""
    walk = question.clause.walk
    assert walk is not None  # the item was refused otherwise
    entity = question.grouping.entities(views, question.plan.agents)
    person = column(views, "person")
    counted = question.plan.told.counts(answers, question.rule) & (person >= 0)
    some = np.flatnonzero(counted & np.isin(entity, distinct(column(bounds.left, "entity"))))
    numbers, its = numbered_from_0(entity[some])
    del entity, counted
    by_time = np.empty(len(some), np.int64)
    by_time[order(views.select(_ORDERED_BY).take(pa.array(some)))] = np.arange(len(some))
    by_time = by_time[order_of(its[by_time])]
    some, its = some[by_time], its[by_time]
    people, seen = numbered_from_0(person[some])
    del person, by_time
    time = column(views, "time")[some]
    comers = Comers(walk, its, time, seen, lambda day, those: places(day, people[those])[0])
    left = _Left.of(bounds, numbers)
    raised: list[Raised] = []
    clients: list[bytes | None] = []
    known, chains = np.empty(0, np.int64), None
    if question.clause.members == "signed":
        known, client = numbered_from_0(column(views, "client")[some[comers.at]])
        chains = Chains(walk, comers.time, comers.before, client)
    first_view = some[starts_of(its)]
    for judged, number, found in _walked(question, left, bars, numbers, comers):
        if chains is not None:
            walking = chains.walkers(*_window(question, comers, judged, number))
            if not len(walking):
                continue
            clients += [packed(known[walking])] * len(found)  # of every day they may be hundreds of thousands
        whose, view = int(numbers[number]), int(first_view[number])
        raised += [Raised(whose, judged, window, peak, view, needed) for window, peak, needed in found]
    listed = None if chains is None else clients
    looked = left.views(its, time // DAY, reach(question))
    return Looked(flag_rows(question, raised, views, shown, listed), looked, views.num_rows)


@dataclass(frozen=True, slots=True)
class _Left:
    """Entities, as places among those that were seen, and days that are left, by entity and day."""

    number: Ints
    day: Ints

    @classmethod
    def of(cls, bounds: Bounds, numbers: Ints) -> _Left:
        entity, day = column(bounds.left, "entity"), column(bounds.left, "day")
        seen = np.isin(entity, numbers)
        number, day = np.searchsorted(numbers, entity[seen]), day[seen]
        order = order_of(number, day)
        return cls(number[order], day[order])

    def judged(self, number: Ints, day: Ints) -> Ints:
        """Of each row, by entity and time, which of these it is of; below 0 for none."""
        if not len(self.day):
            return np.full(len(number), -1, np.int64)
        first, most = int(min(self.day.min(), day.min(initial=self.day.min()))), 1 << 32
        mine, theirs = self.number * most + self.day - first, number * most + day - first
        at = np.minimum(np.searchsorted(mine, theirs), len(mine) - 1)
        return np.where(mine[at] == theirs, at, -1)

    def views(self, number: Ints, day: Ints, back: int) -> int:
        """How many of these rows, by entity and time, are looked at to judge these days."""
        most = 1 << 32
        key = number * most + day
        mine = self.number * most + self.day
        bounds = np.zeros(len(key) + 1, np.int64)
        np.add.at(bounds, np.searchsorted(key, np.maximum(mine - back, self.number * most)), 1)
        np.add.at(bounds, np.searchsorted(key, mine, "right"), -1)
        return int((np.cumsum(bounds) > 0).sum())


def _walked(
    question: Question, left: _Left, bars: AnyBars, numbers: Ints, comers: Comers
) -> list[tuple[int, int, list[tuple[int, Peak, Bar | None]]]]:
    """The days and entities, as places in `numbers`, that are over a bar at an instant of the day at which somebody comes as a step, with
    their windows."""
    found: dict[int, list[tuple[int, Peak, Bar | None]]] = {}
    needed = bars.of_each(left.day, numbers[left.number])
    judged = left.judged(comers.entity, comers.time // DAY)
    crowds = Crowds(comers.entity, comers.time, comers.person, comers.before >= 0)
    for window, (length, least) in enumerate(question.windows):
        over = [None if each is None else each[window] for each in needed]
        for at, _, peak in over_bars(crowds.instants(length), judged, over, least):
            found.setdefault(at, []).append((window, peak, over[at]))
    return [(int(left.day[at]), int(left.number[at]), told) for at, told in sorted(found.items())]


def _window(question: Question, comers: Comers, judged: int, number: int) -> tuple[int, int]:
    """The rows of an entity that are looked at to judge a day."""
    first, end = np.searchsorted(comers.entity, [number, number + 1]).tolist()
    days = [(judged - reach(question)) * DAY, (judged + 1) * DAY]
    start, stop = np.searchsorted(comers.time[first:end], days).tolist()
    return first + start, first + stop


def reach(question: Question) -> int:
    """How many days before a day are looked at to judge it: those that its longest window touches, and one more."""
    return question.furthest + 1
