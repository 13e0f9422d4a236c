"""Bounds on clauses that count people: sums of people by day, and unions of the people of those days."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.summing.told import NOT_EXPLAINED, UNEXPLAINED_PEOPLE
from whosaw.actors.summing.who import column
from whosaw.build.step import Span
from whosaw.store.person_sets import FEWEST, counts

from .bounds import Bounds, EntityDays, PeopleSets, entity_days, seen, within
from .question import DAY, Question

__all__ = ["people_bounds"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def people_bounds(question: Question, span: Span, entities: pa.Table, present: pa.Table) -> Bounds:
    """Which entities may have seen so many people in a window that ends on a day of the span.

    On a day without a row an entity showed one person at most. Who is confirmed saw as many in one day; a share of views, where one
    is asked, confirms nobody.
    """
    there = seen(question.kind, span, present)
    found: list[tuple[Ints, Ints, Bools]] = []
    known: list[Ints] = []
    for days, (rows,) in entity_days(question.kind, span, question.furthest, present, entities):
        most, exact = _people(question, rows)
        found.append(_judged(question, span, days, rows, most, exact))
        known.append(days.entity)
    if any(bar <= question.back(length) + 1 for length, bar in question.windows):
        # so few are asked that somebody who showed one person a day may reach them
        rowed = np.concatenate([np.empty(0, np.int64), *known])
        for on, its in there.items():
            others = its[~np.isin(its, rowed)]
            found.append((others, np.full(len(others), on), np.zeros(len(others), bool)))
    none = np.empty(0, np.int64)
    entity, day, sure = (np.concatenate([none, *(each[at] for each in found)]) for at in range(3))
    return Bounds.of(sum(map(len, there.values())), entity, day, sure.astype(bool))


def _people(question: Question, rows: pa.Table) -> tuple[Ints, Bools]:
    """At most how many people each row counts, and whether it is just so many."""
    if question.rule == NOT_EXPLAINED:
        return column(rows, "counted"), np.ones(rows.num_rows, bool)
    if question.rule == UNEXPLAINED_PEOPLE:
        return column(rows, "unexplained"), np.ones(rows.num_rows, bool)
    sizes = counts(rows["people"])
    return np.where(sizes > 0, sizes, FEWEST - 1), (sizes > 0) & (question.rule.counted == "any")


def _judged(
    question: Question, span: Span, days: EntityDays, rows: pa.Table, most: Ints, exact: Bools
) -> tuple[Ints, Ints, Bools]:
    """Of entities with rows, the entity and day of what is not dismissed, and whether it is confirmed."""
    people = days.spread(rows, most)
    rowed = days.spread(rows, np.ones(rows.num_rows, np.int64))
    left = np.zeros(people.shape, bool)
    for length, bar in question.windows:
        back = question.back(length)
        left |= within(people + 1 - rowed, back) >= bar
    sure = np.zeros(people.shape, bool)
    if not question.clause.least_share:
        one_day = [bar for length, bar in question.windows if length >= DAY]
        certain = days.spread(rows, np.where(exact, most, 0))
        sure = certain >= min(one_day) if one_day else sure
    own = np.zeros(days.days, bool)
    own[days.days - (span.last - span.first + 1) :] = True
    at, day = np.nonzero(left & days.there & own)
    kept = sure[at, day]
    rest = np.flatnonzero(~kept)
    kept[rest] = _by_union(question, days, rows, most, at[rest], day[rest])
    return days.entity[at[kept]], day[kept] + days.first, sure[at[kept], day[kept]]


def _by_union(question: Question, days: EntityDays, rows: pa.Table, most: Ints, at: Ints, day: Ints) -> Bools:
    """Whether the people of the days together, explained ones among them, may be enough: many come again the next day."""
    sets = PeopleSets.of(days, rows)
    absent = days.spread(rows, np.where(rows["people"].is_null().to_numpy(), most, 0))
    rowed = days.spread(rows, np.ones(rows.num_rows, np.int64))
    enough = np.zeros(len(at), bool)
    for length, bar in question.windows:
        back = question.back(length)
        rest = np.flatnonzero(~enough)
        some, end = at[rest], day[rest]
        together, _ = sets.together(some, end, back, 0)
        together += within(absent - rowed, back)[some, end] + back + 1
        enough[rest] = together >= bar
    return enough
