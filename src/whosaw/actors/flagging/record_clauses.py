"""Clauses that count what lists can have held: sums of records by day, and an exact look at each list."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.list_flags import list_peaks
from whosaw.actors.record_flags import record_peak
from whosaw.actors.sliding import Peak
from whosaw.actors.summing.told import NOT_EXPLAINED
from whosaw.actors.summing.who import column
from whosaw.build.step import Span
from whosaw.store.distinct import distinct, order_of

from .bounds import Bounds, entity_days, seen, within
from .looking import Looked, Raised, Shown, flag_rows
from .question import DAY, Question

__all__ = ["list_look", "record_bounds", "record_look"]

Ints = npt.NDArray[np.int64]


def record_bounds(question: Question, span: Span, entities: pa.Table, present: pa.Table) -> Bounds:
    """Which entities' lists may have held so many people in a window that ends on a day of the span. Whoever was shown a list has a row.
    Who is confirmed was shown as many on one day; of a list that has to come to its end nobody is."""
    there = seen(question.kind, span, present)
    if question.rule != NOT_EXPLAINED:  # records of other views are not summed, so all are looked at
        entity = np.concatenate([np.empty(0, np.int64), *there.values()])
        day = np.repeat(np.fromiter(there, np.int64, len(there)), [len(each) for each in there.values()])
        return Bounds.of(len(entity), entity, day, np.zeros(len(entity), bool))
    ends = question.detector.kind == "list"
    found: list[tuple[Ints, Ints, Ints]] = []
    for days, (rows,) in entity_days(question.kind, span, question.furthest, present, entities):
        records = days.spread(rows, column(rows, "records"))
        left = np.zeros(records.shape, bool)
        for length, bar in question.windows:
            left |= within(records, question.back(length)) >= bar
        left &= days.there
        left[:, : days.days - (span.last - span.first + 1)] = False
        one_day = [bar for length, bar in question.windows if length >= DAY]
        sure = records >= (min(one_day) if one_day and not ends else np.iinfo(np.int64).max)
        at, day = np.nonzero(left)
        found.append((days.entity[at], day + days.first, sure[at, day].astype(np.int64)))
    none = np.empty(0, np.int64)
    entity, day, certain = (np.concatenate([none, *(each[at] for each in found)]) for at in range(3))
    return Bounds.of(sum(map(len, there.values())), entity, day, certain.astype(bool))


def record_look(
    question: Question, bounds: Bounds, views: pa.Table, answers: pa.Table, *, order: Ints, shown: Shown
) -> Looked:
    """The flags of the entities and days that are left. `order`: the place of each view among all in order of time, digest of the
    file and line."""

    def peaks(_route: Ints, time: Ints, records: Ints, since: int) -> list[Peak]:
        return [record_peak(time, records, length, bar, since=since) for length, bar in question.windows]

    records = np.where(column(views, "extra") < 0, 1, column(views, "extra"))
    return _look(question, bounds, views, answers, records, order, shown, peaks)


def list_look(
    question: Question, bounds: Bounds, views: pa.Table, answers: pa.Table, *, order: Ints, shown: Shown
) -> Looked:
    """The same of lists that were opened to their end."""

    def peaks(route: Ints, time: Ints, records: Ints, since: int) -> list[Peak]:
        return list_peaks(route, time, records, question.clause, since=since)

    records = np.where(
        column(views, "route") < 0, -1, column(views, "extra")
    )  # without a bound, or of no page
    return _look(question, bounds, views, answers, records, order, shown, peaks)


def _look(
    question: Question, bounds: Bounds, views: pa.Table, answers: pa.Table, records: Ints, order: Ints, shown: Shown,
    peaks: Callable[[Ints, Ints, Ints, int], list[Peak]],
) -> Looked:  # fmt: skip
    entity = question.grouping.entities(views, question.plan.agents)
    counted = question.plan.told.counts(answers, question.rule) & (column(views, "person") < 0)
    wanted = np.isin(entity, distinct(column(bounds.left, "entity")))
    some = np.flatnonzero(counted & wanted & (records >= 0))
    some = some[order_of(entity[some], order[some])]
    its, time, route = entity[some], column(views, "time")[some], column(views, "route")[some]
    held, day = records[some], time // DAY
    raised: list[Raised] = []
    looked = np.zeros(len(some), bool)
    for row in bounds.left.to_pylist():
        first, last = np.searchsorted(its, [row["entity"], row["entity"] + 1])
        begin, own, end = first + np.searchsorted(
            day[first:last], [row["day"] - question.furthest, row["day"], row["day"] + 1]
        )
        looked[begin:end] = True
        if own == end:
            continue
        since = row["day"] * DAY
        for window, peak in enumerate(peaks(route[begin:end], time[begin:end], held[begin:end], since)):
            if peak.reached_at is not None:
                raised.append(Raised(row["entity"], row["day"], window, peak, int(some[own])))
    return Looked(flag_rows(question, raised, views, shown), int(looked.sum()), views.num_rows)
