"""Addresses where a sign may be of somebody honest: as many people have views that are explained there as bear the sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.detectors import Clause
from whosaw.actors.summing.who import Digests, column, distinct, whom_each_saw
from whosaw.core import client

from .question import Question

__all__ = ["has_homes", "homes_of"]

Ints = npt.NDArray[np.int64]
_DAYS: Final = 30  # before the one a flag is raised on
_SHARED: Final = frozenset(("manner", *client.with_(lambda each: each.holders != "one")))


def has_homes(clause: Clause) -> bool:
    """Whether strangers share what views are put together by, so that some honest people among them show the sign by chance. Where
    explained views count as others do, they prove nobody honest."""
    by_luck = bool(clause.chance or clause.never_among)
    signed = clause.sign is not None and clause.members == "signed"
    return signed and clause.counted != "any" and by_luck and _SHARED.issuperset(clause.group_by)


def homes_of(
    question: Question, days: Iterable[int], views: pa.Table, answers: pa.Table, known: pa.Table, digests: Digests
) -> Mapping[int, Ints]:  # fmt: skip
    """By day such addresses, of the views of the day and of thirty days before it. Who bears a sign that is known later is among them
    once it is known."""
    clause, told = question.clause, question.plan.told
    assert clause.sign is not None  # else it has none
    sign = (clause.belongs or clause.sign).name
    wanted = sorted(set(days))
    if not wanted:
        return {}
    bears = told.sign(answers, sign)[1]
    explained = told.explained(answers, question.detector.explanations) & (column(views, "person") >= 0)
    later = known.filter(pc.field("sign") == told.signs.index(sign))
    who = whom_each_saw(views, digests)
    address = np.concatenate([column(views, "address"), column(later, "address")])
    people = np.unique(np.concatenate([who, column(later, "who")]), return_inverse=True)[1]
    size = int(people.max(initial=0)) + 1
    day = np.concatenate([column(views, "day"), column(later, "view_day")])
    since = np.concatenate([column(views, "day"), column(later, "day")])  # the day it is known
    signs = np.concatenate([bears, np.ones(later.num_rows, bool)]) & (address >= 0)
    honest = np.concatenate([explained, np.zeros(later.num_rows, bool)]) & (address >= 0)
    some = np.flatnonzero(
        signs | (honest & np.isin(address, distinct(address[signs])))
    )  # elsewhere nobody bears it
    address, people, day, since = address[some], people[some], day[some], since[some]
    signs, honest = signs[some], honest[some]
    found = {}
    for each in wanted:
        here = (day >= each - _DAYS) & (since <= each)
        places, bearing = _people(address, people, size, here & signs)
        others = dict(
            zip(*(counts.tolist() for counts in _people(address, people, size, here & honest)), strict=True)
        )
        kept = [
            others.get(place, 0) >= many
            for place, many in zip(places.tolist(), bearing.tolist(), strict=True)
        ]
        found[each] = places[np.asarray(kept, bool)]
    return found


def _people(address: Ints, people: Ints, size: int, rows: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    pairs = distinct(address[rows] * size + people[rows])
    places, many = np.unique(pairs // size, return_counts=True)
    return places, many
