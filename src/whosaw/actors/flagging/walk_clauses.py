"""Clauses that ask who walks through numbers: steps of days added up, and an exact look at people in the order in which they were seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
from .windows import instants, over_bars

__all__ = ["Places", "reach", "walk_bounds", "walk_look"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_MOST = 1 << 62
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
        for number, found, walking in _walked(
            question, judged, bars, its[own], time[own], place, client[own], most
        ):
            view = int(some[own[np.searchsorted(its[own], number)]])
            clients += [walking] * len(found)
            raised += [Raised(number, judged, window, peak, view, needed) for window, peak, needed in found]
    listed = clients if question.clause.members == "signed" else None
    return Looked(flag_rows(question, raised, views, shown, listed), int(looked.sum()), views.num_rows)


def _walked(
    question: Question,
    judged: int,
    bars: Bars,
    entity: Ints,
    time: Ints,
    place: Ints,
    client: Ints,
    most: int,
) -> Iterator[tuple[int, list[tuple[int, Peak, Bar | None]], Ints]]:
    """The entities that are over a bar at an instant of the day at which somebody comes as a step, with their windows; and, where the clause
    asks for these alone, the clients that walk. Rows by entity and time."""
    walk = question.clause.walk
    assert walk is not None
    numbers, whose = np.unique(entity, return_inverse=True)
    needed = [bars.of(judged, number) for number in numbers.tolist()]
    apart = int(time.max()) - int(time.min()) + 2 * walk.within + 1
    at_once = max(1, _MOST // apart)
    for first in range(0, len(numbers), at_once):
        mine = slice(*np.searchsorted(whose, [first, first + at_once]).tolist())
        its = whose[mine] - first
        rows = WalkRows(walk, most)
        position, step, chain = rows.add(its * apart + time[mine] - int(time.min()), place[mine], its)
        its, instant, walked = its[position], time[mine][position], client[mine][position]
        people = np.unique(place[mine][position], return_inverse=True)[1]
        own = np.where(instant >= judged * DAY, its, -1)
        found: dict[int, list[tuple[int, Peak, Bar | None]]] = {}
        for window, (length, least) in enumerate(question.windows):
            asked = [each[window] if each else None for each in needed[first : first + at_once]]
            come = instants(its, instant, people, step, length)
            for number, _, peak in over_bars(come, own, asked, least):
                found.setdefault(number, []).append((window, peak, asked[number]))
        for number, told in sorted(found.items()):
            walking = np.empty(0, np.int64)
            if question.clause.members == "signed":
                part = slice(*np.searchsorted(its, [number, number + 1]).tolist())
                known, small = np.unique(walked[part], return_inverse=True)
                walking = np.asarray(known[walkers(walk, rows, small, chain[part])], np.int64)
                if not len(walking):
                    continue
            yield int(numbers[first + number]), told, walking


def reach(question: Question) -> int:
    """How many days before a day are looked at to judge it: those that its longest window touches, and one more."""
    return question.furthest + 1
