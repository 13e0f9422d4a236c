"""Clauses that ask who walks through numbers: steps of days added up, and an exact look at people in the order in which they were seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.sliding import Peak
from whosaw.actors.summing.who import column
from whosaw.actors.surprise import Bar
from whosaw.actors.walk_flags import walkers
from whosaw.actors.walks import WalkRows
from whosaw.build.step import Span

from .bars import Bars
from .bounds import Bounds, entity_days, within
from .looking import Looked, Raised, Shown, flag_rows
from .question import DAY, Question
from .walk_steps import Came, Comers
from .windows import instants, over_bars

__all__ = ["Places", "reach", "walk_bounds", "walk_look"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_DAYS_KEPT = 64  # at least
_PLACES_KEPT = 1 << 23
Places = Callable[[int, Ints], tuple[Ints, int]]
"""Of people, their places among all numbers as of a day (below 0 where there is none), and the largest of them. Who is known by a day has a
place on every later one, and two people are never nearer than they were."""


def walk_bounds(question: Question, span: Span, bars: Bars, *, steps: pa.Table) -> Bounds:
    """Which entities' steps may be remarkably many in a window that ends on a day of the span.

    Places are those of the day that is judged, so whoever was no step on an earlier day may be one by now: of these days everybody new
    is taken for one. A day without a step has nobody who comes as one. `judged` are entity-days with a step.
    """
    own = steps.filter(
        (pc.field("day") >= span.first) & (pc.field("steps") > 0) & (pc.field("day") <= span.last)
    )
    entities, days_of = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    wanted = steps.filter(pa.array(np.isin(column(steps, "entity"), column(own, "entity"))))
    for days, (rows,) in entity_days(question.kind, span, question.furthest, None, wanted):
        made, fresh = (days.spread(rows, column(rows, name)) for name in ("steps", "fresh"))
        left = np.zeros(made.shape, bool)
        for window, (length, least) in enumerate(question.windows):
            most = within(fresh, question.back(length)) - fresh + made
            for at, day in zip(*np.nonzero((made > 0) & (most >= least)), strict=True):
                needed = bars.of(int(day) + days.first, int(days.entity[at]))
                if needed is not None and (bar := needed[window]) is not None:
                    number = most[at, day : day + 1]
                    left[at, day] |= bool(bar.passed(number, number)[0])
        left[:, : days.days - (span.last - span.first + 1)] = False
        at_of, day_of = np.nonzero(left)
        entities.append(days.entity[at_of])
        days_of.append(day_of + days.first)
    entity, day = np.concatenate(entities), np.concatenate(days_of)
    return Bounds.of(own.num_rows, entity, day, np.zeros(len(entity), bool))


def walk_look(
    question: Question, bounds: Bounds, bars: Bars, views: pa.Table, answers: pa.Table,
    *, places: Places, order: Ints, shown: Shown,
) -> Looked:  # fmt: skip
    """The flags of the entities and days that are left. `order`: the place of each view in order of time, digest of the file and line.
    `views` reach `reach` days back; all of them have the places of the day that is judged."""
    walk = question.clause.walk
    assert walk is not None  # the item was refused otherwise
    entity = question.grouping.entities(views, question.plan.agents)
    person = column(views, "person")
    counted = question.plan.told.counts(answers, question.rule) & (person >= 0)
    some = np.flatnonzero(counted & np.isin(entity, np.unique(column(bounds.left, "entity"))))
    some = some[np.lexsort((order[some], entity[some]))]
    numbers, its = np.unique(entity[some], return_inverse=True)
    people, whose = np.unique(person[some], return_inverse=True)
    time = column(views, "time")[some]
    day = time // DAY
    comers = Comers(walk, its, time, whose, _placed(places, people))
    raised: list[Raised] = []
    clients: list[Ints] = []
    looked = np.zeros(len(some), bool)
    client = column(views, "client")[some]
    wanted, on = column(bounds.left, "entity"), column(bounds.left, "day")
    for judged in np.unique(on).tolist():
        asked = np.isin(numbers, wanted[on == judged])
        looked |= asked[its] & (day >= judged - reach(question)) & (day <= judged)
        came = comers.as_of(judged, judged - reach(question), asked)
        for number, found, walking in _walked(question, judged, bars, numbers, comers, came, client):
            view = int(some[np.searchsorted(its, number)])
            clients += [walking] * len(found)
            raised += [
                Raised(int(numbers[number]), judged, window, peak, view, needed)
                for window, peak, needed in found
            ]
    listed = clients if question.clause.members == "signed" else None
    return Looked(flag_rows(question, raised, views, shown, listed), int(looked.sum()), views.num_rows)


def _placed(places: Places, people: Ints) -> Callable[[int], Ints]:
    """Places of these people as of a day, kept for some days: those that follow one another ask for the same."""
    kept = max(_DAYS_KEPT, _PLACES_KEPT // max(1, len(people)))
    return lru_cache(maxsize=kept)(lambda day: places(day, people)[0])


def _walked(
    question: Question, judged: int, bars: Bars, numbers: Ints, comers: Comers, came: Came, client: Ints
) -> Iterator[tuple[int, list[tuple[int, Peak, Bar | None]], Ints]]:
    """The entities, as places in `numbers`, that are over a bar at an instant of the day at which somebody comes as a step, with their
    windows; and, where the clause asks for these alone, the clients that walk."""
    found: dict[int, list[tuple[int, Peak, Bar | None]]] = {}
    entity, time = comers.entity[came.at], comers.time[came.at]
    step = came.before >= 0
    needed = {
        each: bars.of(judged, int(numbers[each]))
        for each in np.unique(entity[step & (time >= judged * DAY)]).tolist()
    }
    for window, (length, least) in enumerate(question.windows):
        asked = {each: own[window] for each, own in needed.items() if own is not None}
        # who came before is in no window that ends on the day
        rows = np.flatnonzero(time > judged * DAY - length)
        may = _perhaps(judged, length, least, asked, comers, came.at[rows], step[rows])
        rows = rows[np.isin(entity[rows], may)]
        if not len(rows):
            continue
        begins = np.append(True, np.diff(entity[rows]) > 0)
        which, its = entity[rows][begins], np.cumsum(begins) - 1
        come = instants(its, time[rows], comers.person[came.at[rows]], step[rows], length)
        own = np.where(time[rows] >= judged * DAY, its, -1)
        over = [asked[each] for each in which.tolist()]
        for at, _, peak in over_bars(come, own, over, least):
            found.setdefault(int(which[at]), []).append((window, peak, over[at]))
    for number, told in sorted(found.items()):
        walking = np.empty(0, np.int64)
        if question.clause.members == "signed":
            walking = _walking(question, comers, came, number, client)
            if not len(walking):
                continue
        yield number, told, walking


def _perhaps(
    judged: int,
    length: int,
    least: int,
    bars: Mapping[int, Bar | None],
    comers: Comers,
    at: Ints,
    step: Bools,
) -> list[int]:
    """Which entities may be over their bars: with all steps that any window holds, and with nobody beside these but who was not seen for a
    window's length before, in the time that all windows hold."""
    entity, time = comers.entity[at], comers.time[at]
    size = int(entity.max(initial=-1)) + 1
    most = np.bincount(entity[step], minlength=size)
    sure = (time - length >= comers.since[at]) & (time >= (judged + 1) * DAY - length) & (time < judged * DAY)
    fewest = np.bincount(entity[sure], minlength=size)
    return [
        each
        for each, bar in bars.items()
        if bar is not None
        and each < size
        and most[each] >= least
        and bar.passed(most[each : each + 1], np.maximum(most, fewest)[each : each + 1])[0]
    ]


def _walking(question: Question, comers: Comers, came: Came, number: int, client: Ints) -> Ints:
    """The clients of an entity that walk."""
    walk = question.clause.walk
    assert walk is not None
    first, end = np.searchsorted(comers.entity[came.at], [number, number + 1]).tolist()
    before = came.before[first:end]
    rows = WalkRows(walk, 0)
    chain = rows.hang_together(np.where(before >= 0, before - first, -1))
    known, small = np.unique(client[comers.at[came.at[first:end]]], return_inverse=True)
    return np.asarray(known[walkers(walk, rows, small, chain)], np.int64)


def reach(question: Question) -> int:
    """How many days before a day are looked at to judge it: those that its longest window touches, and one more."""
    return question.furthest + 1
