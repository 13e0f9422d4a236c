"""The views of what is left, read some days at a time: whatever is of somebody else is dropped before more of it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.flagging.looking import whose_left, whose_views
from whosaw.actors.flagging.question import Question
from whosaw.actors.summing.who import column, starts_of, whom_each_saw
from whosaw.build.step import Inputs, Span
from whosaw.store.distinct import distinct, places_among

__all__ = ["LeftViews", "left_views"]

Ints = npt.NDArray[np.int64]
_AT_ONCE: Final = 1 << 18  # rows, but never less than a day
_MANNERS: Final = ("way", "page")
_COLUMNS: Final = {
    "persons": ("person", "time"),
    "records": ("person", "time", "route", "extra", "content", "line"),
    "list": ("person", "time", "route", "extra", "content", "line"),
    "sign": ("person", "time", "client"),
    "walk": ("person", "time", "client", "content", "line"),
    "surge": ("person", "time", "client", "route"),
    "way": ("person", "time", "client", "page"),
}
"""What a look of each sort reads of views, beside whose they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftViews:
    """Views of what is left, with what is told of each row by row. `every`: how many views there were by day, of whomever."""

    views: pa.Table
    answers: pa.Table
    who: Ints  # of signs alone: whom each saw
    every: dict[int, int]


def left_views(
    question: Question, inputs: Inputs, left: pa.Table, back: int, fit: Callable[[int], None] = lambda _: None
) -> LeftViews:
    """Those of the days that are left and of so many before each. `fit` is told how many they are before they are read, and raises
    `MemoryError` where fewer days are to be asked about at once."""
    sort = question.detector.kind
    days = column(left, "day")
    near = Span(int(days.min()) - back, int(days.max()))
    told = ["route", "time"] if sort == "surge" else sorted(question.grouping.columns)
    columns = list(dict.fromkeys([*_COLUMNS[sort], *question.traits]))
    every = _views(inputs, told, near)
    day = every["day"].to_numpy()
    mine = places_among(distinct(whose_left(question, left)), whose_views(question, every)) >= 0
    del every
    fit(int(np.count_nonzero(mine)))
    views: list[pa.Table] = []
    answers: list[pa.Table] = []
    who = [np.empty(0, np.int64)]
    starts = starts_of(day)
    for rows, span in _spans(day):
        some = mine[rows]
        if not some.any() and views:
            continue
        its = _views(inputs, columns, span)
        if sort == "sign":
            who.append(whom_each_saw(its, inputs.digests, some)[some])
            if "client" not in question.traits:  # it was read for this alone
                its = its.drop_columns("client")
        said = inputs.rows("answers", ["answers", "signs"] if sort == "sign" else ["answers"], span)
        kept = pa.array(some)
        views.append(its.filter(kept))
        answers.append(said.filter(kept))
    return LeftViews(
        views=pa.concat_tables(views) if views else _views(inputs, columns, near),
        answers=pa.concat_tables(answers) if answers else inputs.rows("answers", None, near),
        who=np.concatenate(who),
        every=dict(zip(day[starts].tolist(), np.diff(np.append(starts, len(day))).tolist(), strict=True)),
    )


def _views(inputs: Inputs, columns: list[str], near: Span) -> pa.Table:
    """Views with what is asked of them, and of their manners."""
    own = [each for each in columns if each not in _MANNERS]
    asked = [each for each in columns if each in _MANNERS]
    tables = [inputs.rows(kind, names, near) for kind, names in (("views", own), ("manners", asked)) if names]
    table = tables[0]
    for each in tables[1:]:
        for name in asked:
            table = table.append_column(name, each[name])
    return table


def _spans(day: npt.NDArray[np.int32]) -> Iterator[tuple[slice, Span]]:
    """Rows of days, which ascend, in whole days."""
    starts = np.flatnonzero(np.append(True, day[1:] != day[:-1])) if len(day) else np.empty(0, np.int64)
    first = 0
    for start, end in pairwise([*starts.tolist(), len(day)]):
        if end - first > _AT_ONCE and start > first:
            yield slice(first, start), Span(int(day[first]), int(day[start - 1]))
            first = start
    if len(day):
        yield slice(first, len(day)), Span(int(day[first]), int(day[-1]))
