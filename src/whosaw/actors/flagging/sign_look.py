"""An exact look at entities of which remarkably many people may bear a sign: people in windows, view by view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.sliding import Peak, SlidingSigned
from whosaw.actors.summing.who import Digests, column, whom_each_saw
from whosaw.actors.surprise import Bar

from .bars import Bars
from .bounds import Bounds
from .homes import has_homes, homes_of
from .looking import Looked, Raised, Shown, flag_rows, stretches
from .question import DAY, Question

__all__ = ["Window", "sign_look"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def sign_look(
    question: Question, bounds: Bounds, bars: Bars, views: pa.Table, answers: pa.Table, known: pa.Table,
    *, digests: Digests, shown: Shown,
) -> Looked:  # fmt: skip
    """The flags of the entities and days that are left. `views`, `answers` and `known` are those of these days and of as many before
    them as windows reach; a view whose sign was known later counts once more, when it was known."""
    rows = _bearing(question, views, answers, known, digests)
    wanted = np.unique(column(bounds.left, "entity"))
    some = np.flatnonzero(np.isin(rows.entity, wanted))
    some = some[np.lexsort((rows.time[some], rows.entity[some]))]
    time, signed, entity = rows.time[some], rows.signed[some], rows.entity[some]
    person = _dense(rows.who[some])
    raised: list[Raised] = []
    looked = 0
    sliding: list[Window] = []
    for stretch in stretches(entity, time // DAY, bounds.left, question.furthest):
        if stretch.begins or not sliding:
            sliding = [Window(*window) for window in question.windows]
        part = stretch.rows
        looked += part.stop - part.start
        needed = None if stretch.judged is None else bars.of(stretch.judged, stretch.entity)
        for at, window in enumerate(sliding):
            peak = window.add(time[part], person[part], signed[part], needed[at] if needed else None)
            if needed and stretch.judged is not None and peak.reached_at is not None:
                row = int(some[part.start])
                raised.append(Raised(stretch.entity, stretch.judged, at, peak, row, needed[at]))
    homes = None
    if has_homes(question.clause):
        homes = homes_of(question, {each.day for each in raised}, views, answers, known, digests)
    flags = flag_rows(question, raised, rows.traits, shown, homes=homes)
    return Looked(flags, looked, views.num_rows)


class Window:
    """One window of an entity, held against the bar of each day."""

    def __init__(self, length: int, least: int) -> None:
        self._bar: Bar | None = None
        self._sliding = SlidingSigned([(length, least)], self._remarkable)

    def add(self, times: Ints, people: npt.NDArray[np.uint32], signed: Bools, bar: Bar | None) -> Peak:
        """The next rows, and what they held by themselves."""
        self._bar = bar
        self._sliding.peaks = (Peak(),)
        self._sliding.add(times, people, signed)
        return self._sliding.peaks[0]

    def _remarkable(self, signed: Ints, people: Ints) -> Bools:
        return np.zeros(len(signed), bool) if self._bar is None else self._bar.passed(signed, people)


@dataclass(frozen=True, slots=True)
class _Bearing:
    """Views of which it can be told, whose they are, when that was, and whether they bear the sign and count."""

    entity: Ints
    who: Ints
    time: Ints
    signed: Bools
    traits: pa.Table


def _bearing(
    question: Question, views: pa.Table, answers: pa.Table, known: pa.Table, digests: Digests
) -> _Bearing:
    pair = question.plan.pairs[question.pair]
    told, bears = question.plan.told.sign(answers, pair.sign)
    signed = bears & question.plan.told.counts(answers, pair.rule)
    own = np.flatnonzero(told)
    later = known.filter(pc.field("sign") == question.plan.told.signs.index(pair.sign))
    later = later.filter(pa.array(question.plan.told.counts(later, pair.rule)))
    names = question.traits
    traits = pa.concat_tables([views.select(names).take(pa.array(own)), later.select(names)])
    return _Bearing(
        entity=question.grouping.entities(traits, question.plan.agents),
        who=np.concatenate([whom_each_saw(views, digests)[own], column(later, "who")]),
        time=np.concatenate([column(views, "time")[own], column(later, "known")]),
        signed=np.concatenate([signed[own], np.ones(later.num_rows, bool)]),
        traits=traits,
    )


def _dense(who: Ints) -> npt.NDArray[np.uint32]:
    """People and those whom clients stand for, as small numbers."""
    return np.unique(who, return_inverse=True)[1].astype(np.uint32)
