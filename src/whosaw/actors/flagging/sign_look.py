"""An exact look at entities of which remarkably many people may bear a sign: people in windows, view by view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.summing.who import column
from whosaw.store.distinct import distinct, order_of, places_among

from .bars import Bars
from .bounds import Bounds
from .homes import has_homes
from .looking import Looked, RaisedRows, Shown, flag_rows, judged_rows
from .question import DAY, Question
from .windows import Crowds, over_bars

__all__ = ["sign_look"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def sign_look(
    question: Question, bounds: Bounds, bars: Bars, views: pa.Table, answers: pa.Table, known: pa.Table,
    *, who: Ints, homes: Callable[[Iterable[int]], Mapping[int, Ints]], shown: Shown,
) -> Looked:  # fmt: skip
    """The flags of the entities and days that are left. `views`, `answers` and `known` are those of these days and of as many before
    them as windows reach; a view whose sign was known later counts once more, when it was known. `who`: whom each view saw; `homes`
    gives addresses where nothing counts, by day (`homes_of`)."""
    rows = _bearing(question, distinct(column(bounds.left, "entity")), views, answers, known, who)
    some = order_of(rows.entity, rows.time)
    time, signed, entity = rows.time[some], rows.signed[some], rows.entity[some]
    person, traits, view = rows.who[some], rows.traits, rows.view
    del rows
    its, on = column(bounds.left, "entity"), column(bounds.left, "day")
    judged, near = judged_rows(entity, time // DAY, bounds.left, question.furthest)
    place = np.cumsum(np.append(False, entity[1:] != entity[:-1])) if len(some) else some
    del entity
    raised: list[RaisedRows] = []
    crowds = Crowds(place, time, person, signed)
    del person, signed
    asked = judged >= 0
    for at, needed in enumerate(bars.by_window(on, its, len(question.windows))):
        length, least = question.windows[at]
        found = over_bars(crowds.instants(length, asked), judged, needed, least)
        raised.append(RaisedRows.of_peaks(at, found, its, on, view[some[found.row]], needed))
    del time, place, judged, asked, crowds
    every = RaisedRows.together(raised)
    at_home = homes(distinct(every.day).tolist()) if has_homes(question.clause) else None
    flags = flag_rows(question, every, traits, shown, homes=at_home)
    return Looked(flags, int(near.sum()), views.num_rows)


@dataclass(frozen=True, slots=True)
class _Bearing:
    """Views of entities that are left, of which it can be told: whose they are, when that was, and whether they bear the sign and count."""

    entity: Ints
    who: Ints
    time: Ints
    signed: Bools
    view: Ints  # the row of `traits`
    traits: pa.Table


def _bearing(
    question: Question, wanted: Ints, views: pa.Table, answers: pa.Table, known: pa.Table, who: Ints
) -> _Bearing:
    pair = question.plan.pairs[question.pair]
    told, bears = question.plan.told.sign(answers, pair.sign)
    signed = bears & question.plan.told.counts(answers, pair.rule)
    whose = partial(question.grouping.entities, agents=question.plan.agents)
    entity = whose(views)
    own = np.flatnonzero(told & (places_among(wanted, entity) >= 0))
    later = known.filter(pa.array(column(known, "sign") == question.plan.told.signs.index(pair.sign)))
    later = later.filter(pa.array(question.plan.told.counts(later, pair.rule)))
    later = later.filter(pa.array(np.isin(whose(later), wanted)))
    names = question.traits
    return _Bearing(
        entity=np.concatenate([entity[own], whose(later)]),
        who=np.concatenate([who[own], column(later, "who")]),
        time=np.concatenate([column(views, "time")[own], column(later, "known")]),
        signed=np.concatenate([signed[own], np.ones(later.num_rows, bool)]),
        view=np.concatenate([own, views.num_rows + np.arange(later.num_rows)]),
        traits=pa.concat_tables([views.select(names), later.select(names)]),
    )
