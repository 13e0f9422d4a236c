"""What sums are made of: views of several days with what is said of each, and what was known late."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.distinct import alike, distinct, numbered_from_0

from .plan import Plan
from .told import Rule
from .who import Digests, column, whom_each_saw

__all__ = ["Late", "Said", "Seen"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Views that bear a sign which was known on a later day: rows of `known`, day by day."""

    rows: pa.Table  # the columns of views and of answers beside those of `late`
    day: Ints  # on which it was known
    who: Ints
    sign: Ints  # its place in `Told.signs`
    known: Ints

    @classmethod
    def of(cls, rows: pa.Table) -> Self:
        """From rows of `known`."""
        told = {"day": "day", "who": "who", "sign": "sign", "known": "known"}
        return cls(rows=rows, **{name: column(rows, each) for name, each in told.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of views, by a number of all of which the same is said: of many views there are few. What follows from it is worked out
    by number."""

    of: Ints  # the number of each row
    answers: pa.Table  # by number
    late: Ints  # by number, the sign that was known late; -1 of views

    @classmethod
    def of_rows(cls, answers: pa.Table, late: Late) -> Self:
        """Of views, and behind them of what was known late."""
        lately = column(late.rows, "answers")
        said = np.append(column(answers, "answers"), lately)
        signs = np.append(answers["signs"].to_numpy().view(np.int64), np.zeros(len(lately), np.int64))
        known = np.append(np.full(answers.num_rows, -1), late.sign)
        of, first = alike(known, said, signs)
        told = pa.table(
            {
                "answers": pa.array(said[first].astype(np.uint16)),
                "signs": pa.array(signs[first].view(np.uint64)),
            }
        )
        return cls(of=of, answers=told, late=known[first])

    def within(self, rows: Ints) -> Self:
        """Of some rows."""
        return replace(self, of=self.of[rows])

    def told(self, plan: Plan, pair: int) -> tuple[Bools, Bools]:
        """By number, whether the sign of a pair can be told, and whether it is borne; what is known late is told and borne on the day on
        which it is known."""
        known, bears = plan.told.sign(self.answers, plan.pairs[pair].sign)
        lately = self.late == plan.told.signs.index(plan.pairs[pair].sign)
        of_view = self.late < 0
        return (known & of_view) | lately, (bears & of_view) | lately

    def counts(self, plan: Plan, rule: Rule) -> Bools:
        """By number, whether a rule counts it."""
        return plan.told.counts(self.answers, rule)

    def usual(self, plan: Plan, pair: int) -> tuple[Bools, Bools]:
        """By number, whether it says anything of what is usual of a pair, and whether the sign is borne."""
        known, bears = self.told(plan, pair)
        honest = plan.told.honest(self.answers, plan.pairs[pair]) | (self.late >= 0)
        return known & (bears | honest), bears


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Views day by day, row by row beside their answers; `days` and `whom` hold behind them the days and people of what was known late,
    and so does each column that `numbers` gives. Whom nobody names has a number below -1, of these rows alone."""

    views: pa.Table
    answers: pa.Table
    late: Late
    said: Said
    days: Ints
    whom: Ints

    @classmethod
    def of(cls, views: pa.Table, answers: pa.Table, known: pa.Table, digests: Digests) -> Self:
        """`known` holds rows of that kind."""
        views, answers = (each.combine_chunks() for each in (views, answers))  # each column is read often
        if not np.array_equal(column(views, "day"), column(answers, "day")):
            raise ValueError("answers stand beside views, row by row")
        late = Late.of(known)
        days = np.concatenate([column(views, "day"), late.day])
        whom = np.concatenate([whom_each_saw(views, digests), late.who])
        unnamed = whom < -1  # what stands for a client is numbered anew, for it may be wide
        whom[unnamed] = -2 - numbered_from_0(-2 - whom[unnamed])[1]
        said = Said.of_rows(answers, late)
        return cls(views=views, answers=answers, late=late, said=said, days=days, whom=whom)

    def within(self, first: int, last: int) -> Self:
        """Those of the days from `first` to `last`."""
        many = self.views.num_rows
        start, stop = np.searchsorted(self.days[:many], [first, last + 1]).tolist()
        late_start, late_stop = np.searchsorted(self.late.day, [first, last + 1]).tolist()
        here = np.r_[start:stop, many + late_start : many + late_stop]
        return type(self)(
            views=self.views.slice(start, stop - start),
            answers=self.answers.slice(start, stop - start),
            late=Late.of(self.late.rows.slice(late_start, late_stop - late_start)),
            said=self.said.within(here),
            days=self.days[here],
            whom=self.whom[here],
        )

    def each_day(self) -> Ints:
        """The days that hold any of it, ascending."""
        return distinct(self.days)

    def numbers(self, name: str) -> Ints:
        """A column of views; -1 where there is none."""
        return np.concatenate([column(self.views, name), column(self.late.rows, name)])
