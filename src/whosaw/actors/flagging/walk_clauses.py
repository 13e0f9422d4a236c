"""Clauses that ask who walks through numbers: steps of days added up, and an exact look at people in the order in which they were seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.summing.who import column, starts_of
from whosaw.build.step import Span
from whosaw.store.distinct import distinct, numbered_from_0, order_of, places_among
from whosaw.store.person_sets import pack_ascending

from .bars import AnyBars
from .bounds import Bounds, entity_days, most_before, within
from .looking import Looked, RaisedRows, Shown, flag_rows
from .question import DAY, Question
from .walk_chains import Chains
from .walk_steps import Comers
from .windows import Crowds, over_bars

__all__ = ["Places", "reach", "walk_bounds", "walk_look"]

Ints = npt.NDArray[np.int64]
_NEVER = 1 << 62
_ORDERED_BY = ["time", "content", "line", "person"]
Places = Callable[[int, Ints], tuple[Ints, int]]
"""Of people, their places among all numbers as of a day (below 0 where there is none), and the largest of them. Who is known by a day has a
place on every later one."""


def walk_bounds(question: Question, span: Span, bars: AnyBars, *, steps: pa.Table) -> Bounds:
    """Which entities' steps may be remarkably many in a window that ends on a day of the span. A day without a step has nobody who comes as
    one. `judged` are entity-days with a step."""
    walk = question.clause.walk
    assert walk is not None  # the item was refused otherwise
    day_of = column(steps, "day")
    own = steps.filter(
        pa.array((day_of >= span.first) & (day_of <= span.last) & (column(steps, "steps") > 0))
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
        needed = bars.by_window(on, entity, len(question.windows))
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
    counted &= places_among(distinct(column(bounds.left, "entity")), entity) >= 0
    some = np.flatnonzero(counted)
    numbers, its = numbered_from_0(entity[some])
    del entity, counted
    time = column(views, "time")[some]
    by_time = order_of(its, time)
    some, its, time = some[by_time], its[by_time], time[by_time]
    del by_time
    _put_in_order(some, its, time, lambda rows: order(views.select(_ORDERED_BY).take(pa.array(rows))))
    people, seen = numbered_from_0(person[some])
    del person
    comers = Comers(walk, its, time, seen, lambda day, those: places(day, people[those])[0])
    left = _Left.of(bounds, numbers)
    at, raised = _walked(question, left, bars, numbers, comers, some[starts_of(its)])
    listed: list[bytes | None] | None = None
    if question.clause.members == "signed":
        known, client = numbered_from_0(column(views, "client")[some[comers.at]])
        chains = Chains(walk, comers.time, comers.before, client)
        walking: dict[int, bytes | None] = {}  # of every day they may be hundreds of thousands
        for each in distinct(at).tolist():
            window = _window(question, comers, int(left.day[each]), int(left.number[each]))
            walks = chains.walkers(*window)
            if len(walks):
                walking[each] = pack_ascending(known[walks])
        walked = np.flatnonzero(np.isin(at, np.fromiter(walking, np.int64, len(walking))))
        raised, listed = raised.take(walked), [walking[each] for each in at[walked].tolist()]
    looked = left.views(its, time // DAY, reach(question))
    return Looked(flag_rows(question, raised, views, shown, listed), looked, views.num_rows)


def _put_in_order(some: Ints, its: Ints, time: Ints, order: Callable[[Ints], Ints]) -> None:
    """Put rows that are of one entity and instant in the order that is told of such rows. They are few."""
    same = (its[1:] == its[:-1]) & (time[1:] == time[:-1])
    alike = np.append(same, np.zeros(min(1, len(some)), bool))
    alike[1:] |= same
    rows = np.flatnonzero(alike)
    if len(rows):
        some[rows] = some[rows][order_of(its[rows], order(some[rows]))]


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
        starts = starts_of(number, day)
        sizes = np.diff(np.append(starts, len(day)))
        return np.repeat(
            places_among(_cells(self.number, self.day), _cells(number[starts], day[starts])), sizes
        )

    def views(self, number: Ints, day: Ints, back: int) -> int:
        """How many of these rows, by entity and time, are looked at to judge these days."""
        starts = starts_of(number, day)
        sizes = np.diff(np.append(starts, len(day)))
        mine, theirs = _cells(self.number, self.day), _cells(number[starts], day[starts])
        after = np.append(mine, _NEVER)[np.searchsorted(mine, theirs)]  # the next one that is judged
        return int(sizes[after - theirs <= back].sum())


def _cells(number: Ints, day: Ints) -> Ints:
    """Entities and days as one number each, in their order; days of two entities are further apart than any window reaches."""
    return (number << 32) + day


def _walked(
    question: Question, left: _Left, bars: AnyBars, numbers: Ints, comers: Comers, views: Ints
) -> tuple[Ints, RaisedRows]:
    """What is over a bar at an instant of the day at which somebody comes as a step, and which of `left` it is. `views`: one of each entity."""
    judged = left.judged(comers.entity, comers.time // DAY)
    crowds = Crowds(comers.entity, comers.time, comers.person, comers.before >= 0)
    entity = numbers[left.number]
    at, raised = [], []
    for window, needed in enumerate(bars.by_window(left.day, entity, len(question.windows))):
        length, least = question.windows[window]
        found = over_bars(crowds.instants(length), judged, needed, least)
        at.append(found.judged)
        view = views[left.number[found.judged]]
        raised.append(RaisedRows.of_peaks(window, found, entity, left.day, view, needed))
    return np.concatenate(at), RaisedRows.together(raised)


def _window(question: Question, comers: Comers, judged: int, number: int) -> tuple[int, int]:
    """The rows of an entity that are looked at to judge a day."""
    first, end = np.searchsorted(comers.entity, [number, number + 1]).tolist()
    days = [(judged - reach(question)) * DAY, (judged + 1) * DAY]
    start, stop = np.searchsorted(comers.time[first:end], days).tolist()
    return first + start, first + stop


def reach(question: Question) -> int:
    """How many days before a day are looked at to judge it: those that its longest window touches, and one more."""
    return question.furthest + 1
