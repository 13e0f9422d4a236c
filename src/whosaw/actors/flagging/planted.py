"""Clauses that ask who saw planted people: told from views in order of person, exactly, so that nothing is bounded first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.sliding import Peak
from whosaw.actors.summing.who import column

from .looking import Looked, Raised, Shown, flag_rows
from .question import DAY, Question

__all__ = ["planted_look"]

Ints = npt.NDArray[np.int64]


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
