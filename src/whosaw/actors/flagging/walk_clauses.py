"""Clauses that ask who walks through numbers: steps of days added up, and an exact look at people in the order in which they were seen."""

from __future__ import annotations

from collections.abc import Callable

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
from .sign_look import Window

__all__ = ["Places", "reach", "walk_bounds", "walk_look"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Places = Callable[[int, Ints], tuple[Ints, int]]
"""Of people, their places among all numbers as of a day (below 0 where there is none), and the largest of them."""


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
    its, time, client = entity[some], column(views, "time")[some], column(views, "client")[some]
    day = time // DAY
    raised: list[Raised] = []
    clients: list[Ints] = []
    looked = np.zeros(len(some), bool)
    wanted, on = column(bounds.left, "entity"), column(bounds.left, "day")
    for judged in np.unique(on).tolist():
        own = np.flatnonzero(
            np.isin(its, wanted[on == judged]) & (day >= judged - reach(question)) & (day <= judged)
        )
        looked[own] = True
        place, most = places(judged, person[some[own]])
        own, place = own[place >= 0], place[place >= 0]
        if not len(own):
            continue
        borders = np.flatnonzero(np.append(True, its[own][1:] != its[own][:-1]))
        for start, stop in zip(borders.tolist(), [*borders[1:].tolist(), len(own)], strict=True):
            mine, at = own[start:stop], place[start:stop]
            number = int(its[mine[0]])
            needed = bars.of(judged, number)
            if needed is None:
                continue
            rows = WalkRows(walk, most)
            position, step, chain = rows.add(time[mine], at)
            found = _reached(question, judged, needed, time[mine][position], at[position], step)
            if not found:
                continue
            if question.clause.members == "signed":
                numbers, small = np.unique(client[mine][position], return_inverse=True)
                walking = np.asarray(numbers[walkers(walk, rows, small, chain)], np.int64)
                if not len(walking):
                    continue
                clients += [walking] * len(found)
            raised += [
                Raised(number, judged, window, peak, int(some[mine[0]]), needed[window])
                for window, peak in found
            ]
    listed = clients if question.clause.members == "signed" else None
    return Looked(flag_rows(question, raised, views, shown, listed), int(looked.sum()), views.num_rows)


def _reached(
    question: Question, judged: int, needed: tuple[Bar | None, ...], time: Ints, place: Ints, step: Bools
) -> list[tuple[int, Peak]]:
    """The windows that are over their bar at an instant of the day at which somebody comes as a step."""
    own = int(np.searchsorted(time, judged * DAY))
    found = []
    for window, (size, bar) in enumerate(zip(question.windows, needed, strict=True)):
        sliding = Window(*size)
        sliding.add(time[:own], place[:own].astype(np.uint32), step[:own], None)
        peak = sliding.add(time[own:], place[own:].astype(np.uint32), step[own:], bar)
        if peak.reached_at is not None:
            found.append((window, peak))
    return found


def reach(question: Question) -> int:
    """How many days before a day are looked at to judge it: those that its longest window touches, and one more."""
    return question.furthest + 1
