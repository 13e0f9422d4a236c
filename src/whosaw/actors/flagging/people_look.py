"""An exact look at entities that may have seen too many people: distinct people in windows, view by view."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.sliding import Peak, SlidingPersons
from whosaw.actors.summing.who import column
from whosaw.store.distinct import distinct, order_of

from .bounds import Bounds
from .looking import Looked, Raised, Shown, flag_rows, stretches
from .question import Question

__all__ = ["people_look"]

Ints = npt.NDArray[np.int64]


def people_look(
    question: Question, bounds: Bounds, views: pa.Table, answers: pa.Table, shown: Shown
) -> Looked:
    """The flags of the entities and days that are left; `views` and `answers` hold those days and as many before them as windows reach."""
    entity = question.grouping.entities(views, question.plan.agents)
    counted = question.plan.told.counts(answers, question.rule)
    wanted = np.isin(entity, distinct(column(bounds.left, "entity"))) & (column(views, "person") >= 0)
    share = question.clause.least_share
    some = np.flatnonzero(wanted if share else wanted & counted)
    time, day = column(views, "time"), column(views, "day")
    some = some[order_of(entity[some], time[some])]
    its, at, person, counts = (
        entity[some],
        time[some],
        column(views, "person")[some].astype(np.uint32),
        counted[some],
    )
    raised: list[Raised] = []
    looked = 0
    sliding: SlidingPersons | None = None
    for stretch in stretches(its, day[some], bounds.left, question.furthest):
        if stretch.begins or sliding is None:
            sliding = SlidingPersons(question.windows, least_share=share)
        rows = stretch.rows
        looked += rows.stop - rows.start
        sliding.peaks = tuple(Peak() for _ in question.windows)
        sliding.add(at[rows], person[rows], counts[rows] if share else None)
        if stretch.judged is not None:
            raised += [
                Raised(stretch.entity, stretch.judged, window, peak, int(some[rows.start]))
                for window, peak in enumerate(sliding.peaks)
                if peak.reached_at is not None
            ]
    return Looked(flag_rows(question, raised, views, shown), looked, views.num_rows)
