"""Addresses where a sign may be of somebody honest: as many people have views that are explained there as bear the sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.detectors import Clause
from whosaw.actors.summing.people_in_days import people_in_days
from whosaw.actors.summing.who import Digests, column, whom_each_saw
from whosaw.core import client
from whosaw.store.distinct import distinct, numbered_from_0

from .question import Question

__all__ = ["HOME_COLUMNS", "HOME_DAYS", "has_homes", "homes_of"]

Ints = npt.NDArray[np.int64]
HOME_DAYS: Final = 30
"""Days before the one a flag is raised on."""
HOME_COLUMNS: Final = ("person", "client", "address")
"""The columns of views that they are told from."""
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
    later = known.filter(pc.equal(known["sign"], told.signs.index(sign)))
    # a view with neither says nothing; where nobody bears the sign, or nobody is explained, there is no such address
    address = column(views, "address")
    bears, explained = bears & (address >= 0), explained & (address >= 0)
    places = np.intersect1d(
        np.concatenate([distinct(address[bears]), column(later, "address")]), distinct(address[explained])
    )
    if not len(places):
        return dict.fromkeys(wanted, places)
    some = np.flatnonzero(bears | explained)
    some = some[np.isin(address[some], places)]
    later = later.filter(pa.array(np.isin(column(later, "address"), places)))
    asked = np.zeros(views.num_rows, bool)
    asked[some] = True
    who = whom_each_saw(views, digests, asked)[some]
    day = column(views, "day")[some]
    at = np.concatenate([address[some], column(later, "address")])
    people = numbered_from_0(np.concatenate([who, column(later, "who")]))[1]
    last = np.concatenate([day, column(later, "view_day")]) + HOME_DAYS
    since = np.concatenate([day, column(later, "day")])  # the day it is known
    signs = np.concatenate([bears[some], np.ones(later.num_rows, bool)])
    honest = np.concatenate([explained[some], np.zeros(later.num_rows, bool)])
    place, number = numbered_from_0(at)
    bearing, others = (
        people_in_days(len(place), number[rows], people[rows], since[rows], last[rows], wanted)
        for rows in (signs, honest)
    )
    return {
        day: place[(many > 0) & (beside >= many)]
        for (day, many), (_, beside) in zip(bearing, others, strict=True)
    }
