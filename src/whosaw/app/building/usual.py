"""What clauses took for usual as of the last day, for whoever asks how sure a finding is. It decides nothing: bars are held against facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.flagging.question import Question
from whosaw.actors.summing.baselines import of_days, of_month
from whosaw.actors.summing.known_days import known_days
from whosaw.actors.summing.named import of, pair_name, walk_name
from whosaw.actors.summing.who import column
from whosaw.actors.surprise import Learnt, Usual, usual_of
from whosaw.build.state import Runs

from .setup import Setup
from .sums import asked_of as clauses_of
from .sums import plan_of

__all__ = ["learnt_by"]

_DAY: Final = 86_400_000_000


def learnt_by(setup: Setup, runs: Runs) -> list[Learnt]:
    """By clause that anybody could pass, what is usual of its sign or of its walk: of a month where a window is longer than a day."""
    days = runs.days("views")
    if not days:
        return []
    return sorted(_learnt(setup, runs, days[-1]), key=lambda each: (each.detector, each.clause))


def _learnt(setup: Setup, runs: Runs, last: int) -> Iterator[Learnt]:
    plan = plan_of(setup)
    for detector, clause in clauses_of(setup):
        by_luck = clause.walk is not None or bool(clause.chance or clause.least_times or clause.never_among)
        if detector.kind not in ("sign", "walk") or not by_luck:
            continue
        if not runs.days(of("left", detector.id, clause.id)):
            continue
        if clause.walk is not None:
            name = of("steps", "address", walk_name(clause.walk), "every")
        else:
            question = Question(detector=detector, clause=clause, plan=plan)
            name = of("places", pair_name(plan.pairs[question.pair]))
        known = known_days(runs.days(name), last).days
        rows = runs.rows(name, known)
        if clause.walk is not None:
            usual = _walked(rows)
        else:
            long = any(window.micros > _DAY for window in clause.windows)
            usual = of_month(rows) if long else of_days(rows)
        first, until = _seen(runs, known or runs.days("views"))
        yield Learnt(detector=detector.id, clause=clause.id, usual=usual, first=first, last=until)


def _walked(rows: pa.Table) -> Usual:
    """How often people at an address are steps of a walk; the first of all there can be none."""
    places, at = np.unique(column(rows, "entity"), return_inverse=True)
    taken, fresh = (
        np.bincount(at, column(rows, name), minlength=len(places)).astype(np.int64)
        for name in ("steps", "fresh")
    )
    return usual_of(taken, fresh - taken - 1)


def _seen(runs: Runs, days: Sequence[int]) -> tuple[int, int]:
    """The instants of the first and the last view of these days."""
    first, last = (runs.rows("views", [day], ["time"])["time"] for day in (days[0], days[-1]))
    return pc.min(first).as_py(), pc.max(last).as_py()
