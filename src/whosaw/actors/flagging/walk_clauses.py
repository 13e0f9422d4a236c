"""Clauses that ask who walks through numbers: steps of days added up, and an exact look at people in the order in which they were seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.summing.who import column
from whosaw.actors.walk_flags import walkers
from whosaw.actors.walks import WalkRows
from whosaw.build.step import Span

from .bars import Bars
from .bounds import Bounds, entity_days, seen, within
from .looking import Looked, Raised, Shown, flag_rows, stretches
from .question import DAY, Question
from .sign_look import Window

__all__ = ["walk_bounds", "walk_look"]

Ints = npt.NDArray[np.int64]


def walk_bounds(question: Question, span: Span, bars: Bars, *, steps: pa.Table, present: pa.Table) -> Bounds:
    """Which entities' steps may be remarkably many in a window that ends on a day of the span: the steps of all days touched, as if
    everybody were one."""
    there = seen(question.kind, span, present)
    entities, days_of = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for days, (rows,) in entity_days(question.kind, span, question.furthest, present, steps):
        made = days.spread(rows, column(rows, "steps"))
        left = np.zeros(made.shape, bool)
        for window, (length, least) in enumerate(question.windows):
            most = within(made, question.back(length))
            for at, day in zip(*np.nonzero(days.there & (most >= least)), strict=True):
                needed = bars.of(int(day) + days.first, int(days.entity[at]))
                if needed is not None and (bar := needed[window]) is not None:
                    number = most[at, day : day + 1]
                    left[at, day] |= bool(bar.passed(number, number)[0])
        left[:, : days.days - (span.last - span.first + 1)] = False
        at_of, day_of = np.nonzero(left)
        entities.append(days.entity[at_of])
        days_of.append(day_of + days.first)
    entity, day = np.concatenate(entities), np.concatenate(days_of)
    return Bounds.of(sum(map(len, there.values())), entity, day, np.zeros(len(entity), bool))


def walk_look(
    question: Question, bounds: Bounds, bars: Bars, views: pa.Table, answers: pa.Table,
    *, place: Ints, most: int, order: Ints, shown: Shown,
) -> Looked:  # fmt: skip
    """The flags of the entities and days that are left. `place`: of each view's person among all numbers, below 0 where there is none,
    `most` the largest; `order`: the place of each view in order of time, digest of the file and line. `views` reach `reach` days back."""
    walk = question.clause.walk
    assert walk is not None  # the item was refused otherwise
    entity = question.grouping.entities(views, question.plan.agents)
    counted = question.plan.told.counts(answers, question.rule) & (place >= 0)
    some = np.flatnonzero(counted & np.isin(entity, np.unique(column(bounds.left, "entity"))))
    some = some[np.lexsort((order[some], entity[some]))]
    its, time, at, client = (
        entity[some],
        column(views, "time")[some],
        place[some],
        column(views, "client")[some],
    )
    day = time // DAY
    raised: list[Raised] = []
    clients: list[Ints] = []
    looked = 0
    sliding: list[Window] = []
    rows = WalkRows(walk, most)
    for stretch in stretches(its, day, bounds.left, reach(question)):
        if stretch.begins or not sliding:
            sliding, rows = [Window(*window) for window in question.windows], WalkRows(walk, most)
        part = stretch.rows
        looked += part.stop - part.start
        if part.start == part.stop:
            continue
        position, step, _ = rows.add(time[part], at[part])
        needed = None if stretch.judged is None else bars.of(stretch.judged, stretch.entity)
        own: Ints | None = None
        for window, each in enumerate(sliding):
            bar = needed[window] if needed else None
            peak = each.add(time[part][position], at[part][position].astype(np.uint32), step, bar)
            if stretch.judged is None or bar is None or peak.reached_at is None:
                continue
            if question.clause.members == "signed":
                if own is None:
                    first = np.searchsorted(its, stretch.entity)
                    since = first + np.searchsorted(day[first : part.stop], stretch.judged - reach(question))
                    mine = slice(int(since), part.stop)
                    own = _walkers(question, most, time[mine], at[mine], client[mine])
                if not len(own):
                    continue
                clients.append(own)
            raised.append(Raised(stretch.entity, stretch.judged, window, peak, int(some[part.start]), bar))
    listed = clients if question.clause.members == "signed" else None
    return Looked(flag_rows(question, raised, views, shown, listed), looked, views.num_rows)


def reach(question: Question) -> int:
    """How many days before a day are looked at to judge it. A step goes on from people seen before its window began, at most two of
    the spans within which it has to be, and these were new where they were not seen for one more."""
    assert question.clause.walk is not None
    return question.furthest + -(-3 * question.clause.walk.within // DAY)


def _walkers(question: Question, most: int, time: Ints, place: Ints, client: Ints) -> Ints:
    """The clients that made the long chains of the days looked at."""
    walk = question.clause.walk
    assert walk is not None
    rows = WalkRows(walk, most)
    position, _, chain = rows.add(time, place)
    numbers, small = np.unique(client[position], return_inverse=True)
    return np.asarray(numbers[walkers(walk, rows, small, chain)], np.int64)
