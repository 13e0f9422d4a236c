"""Whom each principal saw at each address, with and without a sign: what is usual of one of few colleagues is learnt from the others.

In an office of four, the people of one are a quarter of all that is known of the office. Whoever looks at people without a reason
would be held against a share that is mostly of their own making.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.surprise import usual_of
from whosaw.store.distinct import alike, distinct, numbered_from_0, order_of
from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs, unpack_rows

from .baselines import eighth
from .known_days import ByDay
from .plan import Plan
from .seen import Seen
from .who import by_day, column, starts_of

__all__ = ["BY_COLLEAGUES", "colleagues", "without_own"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
BY_COLLEAGUES = ("principal",)
"""The grouping whose entities are colleagues of one another."""
_SETS = ("signed_people", "other_people")


def colleagues(seen: Seen, plan: Plan) -> pa.Table:
    """The rows of `colleagues`: of the pairs that principals are asked luck of. Their sets are never absent; whom no log names is in
    none. As in `places`, unexplained views without a sign that comes from an explanation are left out."""
    columns = kind("colleagues").in_hand
    parts = [columns.empty_table()]
    asked = {at for code, at in plan.lucky if plan.kinds.groupings[code].by == BY_COLLEAGUES}
    if not asked:
        return parts[0]
    day, who, address, principal = seen.days, seen.whom, seen.numbers("address"), seen.numbers("principal")
    for at in sorted(asked):
        usual, bears = (each[seen.said.of] for each in seen.said.usual(plan, at))
        some = np.flatnonzero(usual & (address >= 0) & (principal >= 0) & (who >= 0))
        if not len(some):
            continue
        some = some[order_of(day[some], address[some], principal[some], who[some])]
        people = starts_of(*(each[some] for each in (day, address, principal, who)))
        signed = np.logical_or.reduceat(bears[some], people)
        some = some[people]
        begins = starts_of(*(each[some] for each in (day, address, principal)))
        of = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(some))))
        rows = {
            "day": day[some][begins],
            "pair": np.full(len(begins), at),
            "address": address[some][begins],
            "principal": principal[some][begins],
        }
        for sets, mine in zip(_SETS, (signed, ~signed), strict=True):
            borders = np.append(0, np.cumsum(np.bincount(of[mine], minlength=len(begins))))
            rows[sets] = pack_runs(who[some][mine], borders, fewest=1)
        parts.append(pa.table(rows).cast(columns))
    return by_day(parts)


def without_own(rows: pa.Table, pair: int, days: Iterable[int]) -> dict[int, dict[int, float]]:
    """By day and principal, what part of the people of colleagues bear the sign as of that day, rounded; of those who bear it
    themselves, where colleagues saw anybody. Each person of an address counts once in the window, and bears the sign where any colleague saw
    it so."""
    mine = rows.filter(pc.equal(rows["pair"], pair))
    known = ByDay(column(mine, "day"))
    parts = {day: known.rows(part) for day, _, part in known.windows(days)}
    return {day: _as_of(mine.slice(its.start, its.stop - its.start)) for day, its in parts.items()}


def _as_of(rows: pa.Table) -> dict[int, float]:
    addresses, address = numbered_from_0(column(rows, "address"))
    principals, by = numbered_from_0(column(rows, "principal"))
    met = _Met.of(rows, address, by)
    found = {}
    for at in met.bearers.tolist():
        usual = usual_of(*met.without(at, len(addresses)))
        if usual.people:
            found[int(principals[at])] = eighth(min(usual.share, 0.999))
    return found


@dataclass(frozen=True, slots=True)
class _Met:
    """Who saw which person at which address within a window: each once, beside the place of address and person among all pairs of these."""

    pair: Ints
    bears: Ints  # 0 or 1
    bearers: Ints  # principals who saw anybody with the sign
    borders: Ints  # between which rows the people of a principal stand
    address: Ints  # by pair
    bearing: Ints  # by pair, how many principals saw it with the sign
    there: Ints  # and how many saw it at all

    @classmethod
    def of(cls, rows: pa.Table, address: Ints, by: Ints) -> Self:
        found = [unpack_rows(rows[sets]) for sets in _SETS]
        person, row = (np.concatenate(each) for each in zip(*found, strict=True))
        which, first = alike(by[row], address[row], person)
        bears = np.zeros(len(first), np.int64)
        bears[which[: len(found[0][0])]] = 1
        pair, at = alike(address[row][first], person[first])
        return cls(
            pair=pair,
            bears=bears,
            bearers=distinct(by[row][: len(found[0][0])]),
            borders=np.searchsorted(by[row][first], np.arange(int(by.max(initial=-1)) + 2)),
            address=address[row][first][at],
            bearing=np.bincount(pair, bears, len(at)).astype(np.int64),
            there=np.bincount(pair, minlength=len(at)),
        )

    def without(self, principal: int, addresses: int) -> tuple[Ints, Ints]:
        """By address, how many people others than this principal saw with the sign, and how many without it."""
        bearing, there = self.bearing.copy(), self.there.copy()
        own = slice(self.borders[principal], self.borders[principal + 1])
        bearing[self.pair[own]] -= self.bears[own]
        there[self.pair[own]] -= 1
        signed, others = bearing > 0, (bearing == 0) & (there > 0)
        with_it, without = (np.bincount(self.address[each], minlength=addresses) for each in (signed, others))
        return with_it, without
