"""An exact look at entities that may have seen too many people: distinct people in windows, view by view."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.summing.who import column
from whosaw.store.distinct import distinct, order_of, places_among

from .bounds import Bounds
from .looking import Looked, RaisedRows, Shown, flag_rows, judged_rows
from .question import DAY, Question, share_step
from .windows import Crowds, Instants, apart, peaks

__all__ = ["people_look"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def people_look(
    question: Question, bounds: Bounds, views: pa.Table, answers: pa.Table, shown: Shown
) -> Looked:
    """The flags of the entities and days that are left; `views` and `answers` hold those days and as many before them as windows reach."""
    entity = question.grouping.entities(views, question.plan.agents)
    counted = question.plan.told.counts(answers, question.rule)
    wanted = places_among(distinct(column(bounds.left, "entity")), entity) >= 0
    wanted &= column(views, "person") >= 0
    share = question.clause.least_share
    some = np.flatnonzero(wanted if share else wanted & counted)
    time = column(views, "time")
    some = some[order_of(entity[some], time[some])]
    judged, near = judged_rows(entity[some], time[some] // DAY, bounds.left, question.furthest)
    some, judged = some[near], judged[near]
    its, at, counts = entity[some], time[some], counted[some]
    place = np.cumsum(np.append(False, its[1:] != its[:-1])) if len(some) else some
    own = np.flatnonzero(counts)
    person = column(views, "person")[some[own]]
    crowds = Crowds(place[own], at[own], person, np.ones(len(own), bool))
    entities, days = column(bounds.left, "entity"), column(bounds.left, "day")
    raised: list[RaisedRows] = []
    mine = judged[own]
    asked = mine >= 0
    for window, (length, least) in enumerate(question.windows):
        come = crowds.instants(length, asked)

        def passed(these: Ints, come: Instants = come, length: int = length) -> Bools:
            if not share:
                return np.ones(len(these), bool)
            return _enough(place, at, counts, own[come.row[these]], length, share)

        found = peaks(come, np.arange(len(come.row)), mine[come.row], passed, least)
        raised.append(RaisedRows.of_peaks(window, found, entities, days, some[own[found.row]]))
    flags = flag_rows(question, RaisedRows.together(raised), views, shown)
    return Looked(flags, len(some), views.num_rows)


def _enough(place: Ints, time: Ints, counted: Bools, rows: Ints, length: int, share: float) -> Bools:
    """Whether of all views of the window that ends at each of these rows such a share is counted. Its start is rounded down to a sixtieth."""
    step = share_step(length)
    since = (time[rows] - length) // step * step - time[rows]
    before = np.append(0, np.cumsum(counted))
    found = np.zeros(len(rows), bool)
    for start, stop, at in apart(place, time, length + step):
        mine = slice(*np.searchsorted(rows, [start, stop]).tolist())
        ends = at[rows[mine] - start]
        first = start + np.searchsorted(at, ends + since[mine])
        end = start + np.searchsorted(at, ends, "right")
        found[mine] = before[end] - before[first] >= share * (end - first)
    return found
