"""Clauses that ask who saw planted people: told from views in order of person, exactly, so that nothing is bounded first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.sliding import Peak
from whosaw.actors.summing.who import column
from whosaw.build.step import Span
from whosaw.store.kinds import kind

from .looking import Looked, Raised, Shown, flag_rows
from .question import DAY, Question

__all__ = ["baits", "planted_flags", "planted_look"]

Ints = npt.NDArray[np.int64]
_EVER = -(1 << 62)


def baits(views: pa.Table, canaries: pa.Table) -> pa.Table:
    """The rows of `baits`: views of planted people from when these were planted on. `views` are whole days (`person`, `time`); a person
    who stands in several rows was planted at the first of these times."""
    since: dict[int, int] = {}
    told = zip(canaries["person"].to_pylist(), canaries["since"].to_pylist(), strict=True)
    for person, planted in told:
        if person is not None and person >= 0:
            at = _EVER if planted is None else planted
            since[person] = min(since.get(person, at), at)
    person, day = column(views, "person"), column(views, "day")
    rows = np.flatnonzero(np.isin(person, np.fromiter(since, np.int64, len(since))))
    rows = rows[[time >= since[each] for each, time in zip(person[rows].tolist(), column(views, "time")[rows].tolist(), strict=True)]] if len(rows) else rows  # fmt: skip
    position = rows - np.searchsorted(day, day[rows])
    return pa.table({"day": day[rows], "position": position}).cast(kind("baits").in_hand)


def planted_flags(
    question: Question,
    rows: pa.Table,
    views: pa.Table,
    answers: pa.Table,
    shown: Shown,
    *,
    span: Span,
    back: int,
) -> tuple[pa.Table, pa.Table]:
    """The flags of each day of a span, and at how many views was looked for them. `rows` are those of `baits`, and `views` and `answers`
    whole days, of the span and of so many days before."""
    day = column(views, "day")
    at = np.searchsorted(day, column(rows, "day")) + column(rows, "position")
    flags, looked = [kind("flags").in_hand.empty_table()], []
    for judged in range(span.first, span.last + 1):
        mine = pa.array(at[(day[at] <= judged) & (day[at] >= judged - back)])
        its, told = views.take(mine), answers.take(mine)
        planted = dict.fromkeys(its["person"].to_pylist())
        found = planted_look(question, planted, its, told, shown).flags
        flags.append(found.filter(pc.equal(found["day"], judged)))
        if int((day[at] == judged).sum()):
            looked.append({"day": judged, "views": len(mine), "every": int((day == judged).sum())})
    return pa.concat_tables(flags), pa.Table.from_pylist(looked, kind("looked").in_hand)


def planted_look(
    question: Question, planted: Mapping[int, int | None], views: pa.Table, answers: pa.Table, shown: Shown
) -> Looked:
    """On each day, who saw a planted person after it was planted (`planted`: when, None: from the beginning), once so many of them were
    seen among all views handed in."""
    person, time = column(views, "person"), column(views, "time")
    known = np.isin(person, np.fromiter(planted, np.int64, len(planted)))
    rows = np.flatnonzero(known & question.plan.told.counts(answers, question.rule))
    since = np.array([planted[each] or np.iinfo(np.int64).min for each in person[rows].tolist()], np.int64)
    rows = rows[time[rows] >= since]
    entity = question.grouping.entities(views, question.plan.agents)
    rows = rows[entity[rows] >= 0]
    rows = rows[np.lexsort((person[rows], time[rows], entity[rows]))]
    (window,) = question.clause.windows
    seen: dict[int, set[int]] = {}
    held: dict[tuple[int, int], Raised] = {}
    for row in rows.tolist():
        its, at = int(entity[row]), int(time[row])
        mine = seen.setdefault(its, set())
        mine.add(int(person[row]))
        if len(mine) < window.persons:
            continue
        before = held.get((its, at // DAY))
        first = at if before is None else before.peak.reached_at
        most_at = at if before is None or len(mine) > before.peak.most else before.peak.most_at
        peak = Peak(most=len(mine), most_at=most_at, reached_at=first)
        held[its, at // DAY] = Raised(its, at // DAY, 0, peak, row)
    return Looked(flag_rows(question, list(held.values()), views, shown), len(rows), views.num_rows)
