"""An exact look at entities of which remarkably many people may bear a sign: people in windows, view by view."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.sliding import Peak, SlidingSigned
from whosaw.actors.summing.sums import known_late
from whosaw.actors.summing.who import Digests, column, whom_each_saw
from whosaw.actors.surprise import Bar

from .bars import Bars
from .bounds import Bounds
from .looking import Looked, Raised, Shown, flag_rows, stretches
from .question import DAY, Question

__all__ = ["Window", "sign_look"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def sign_look(
    question: Question, bounds: Bounds, bars: Bars, views: pa.Table, answers: pa.Table, late: pa.Table,
    *, digests: Digests, shown: Shown,
) -> Looked:  # fmt: skip
    """The flags of the entities and days that are left. `views` and `answers` hold those days and as many before them as windows
    reach, and the days of views of which `late` tells; a view whose sign was known later counts once more, when it was known."""
    row, time, signed = _bearing(question, views, answers, late)
    wanted = np.unique(column(bounds.left, "entity"))
    entity = question.grouping.entities(views, question.plan.agents)[row]
    some = np.flatnonzero(np.isin(entity, wanted))
    some = some[np.lexsort((time[some], entity[some]))]
    row, time, signed, entity = row[some], time[some], signed[some], entity[some]
    person = _dense(whom_each_saw(views, digests)[row])
    raised: list[Raised] = []
    looked = 0
    sliding: list[Window] = []
    for stretch in stretches(entity, time // DAY, bounds.left, question.furthest):
        if stretch.begins or not sliding:
            sliding = [Window(*window) for window in question.windows]
        rows = stretch.rows
        looked += rows.stop - rows.start
        needed = None if stretch.judged is None else bars.of(stretch.judged, stretch.entity)
        for at, window in enumerate(sliding):
            peak = window.add(time[rows], person[rows], signed[rows], needed[at] if needed else None)
            if needed and stretch.judged is not None and peak.reached_at is not None:
                raised.append(Raised(stretch.entity, stretch.judged, at, peak, int(row[rows.start])))
    return Looked(flag_rows(question, raised, views, shown), looked, views.num_rows)


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


def _bearing(
    question: Question, views: pa.Table, answers: pa.Table, late: pa.Table
) -> tuple[Ints, Ints, Bools]:
    """Views of which it can be told, when that was, and whether they bear the sign and count."""
    pair = question.plan.pairs[question.pair]
    told, bears = question.plan.told.sign(answers, pair.sign)
    counts = question.plan.told.counts(answers, pair.rule)
    own = np.flatnonzero(told)
    then, known = known_late(views, late, question.plan.told.signs.index(pair.sign))
    kept = counts[then]
    return (
        np.concatenate([own, then[kept]]),
        np.concatenate([column(views, "time")[own], known[kept]]),
        np.concatenate([(bears & counts)[own], np.ones(int(kept.sum()), bool)]),
    )


def _dense(who: Ints) -> npt.NDArray[np.uint32]:
    """People and those whom clients stand for, as small numbers."""
    return np.unique(who, return_inverse=True)[1].astype(np.uint32)
