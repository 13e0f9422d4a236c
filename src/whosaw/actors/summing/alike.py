"""How many of the people who read in one way bear a sign, at addresses where people are seen otherwise, too: an app may ask for its
owner's page and do nothing else, wherever it is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.surprise import Usual
from whosaw.store.distinct import order_of
from whosaw.store.kinds import kind

from .baselines import eighth
from .known_days import known_days
from .plan import Plan
from .seen import Seen
from .who import by_day, column, numbered, starts_of

__all__ = ["alike", "alike_as_of"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_MANNER = ("manner",)
_FEWEST = 3  # people at an address


def alike(seen: Seen, plan: Plan) -> pa.Table:
    """The rows of `alike`: of the pairs that are asked of ways of reading."""
    columns = kind("alike").in_hand
    asked = [
        pair
        for code, pairs in plan.asked.items()
        if plan.kinds.groupings[code].by == _MANNER
        for pair in pairs
    ]
    parts = [columns.empty_table()]
    if not asked:
        return parts[0]
    day, who, address, way = seen.days, seen.whom, seen.numbers("address"), seen.numbers("way")
    for at in sorted(set(asked)):
        told, bears = (each[seen.said.of] for each in seen.said.told(plan, at))
        some = np.flatnonzero(told & (address >= 0))
        some = some[_honest(day[some], address[some], who[some], bears[some]) & (way[some] >= 0)]
        number, rows = numbered(day[some], way[some])
        people, signed, _ = _people(number, who[some], bears[some], len(rows))
        parts.append(
            pa.table(
                {
                    "day": day[some][rows],
                    "pair": np.full(len(rows), at),
                    "way": way[some][rows],
                    "signed": signed,
                    "people": people,
                }
            ).cast(columns)
        )
    return by_day(parts)


def alike_as_of(rows: pa.Table, pair: int, days: Iterable[int]) -> dict[int, dict[int, float]]:
    """By day and way of reading, what part of its people bear the sign as of that day, rounded; of ways that were seen so on known
    days."""
    mine = rows.filter(pc.equal(rows["pair"], pair))
    known_of = np.unique(column(mine, "day")).tolist()
    return {day: _shares(mine, known_days(known_of, day).days) for day in days}


def _shares(rows: pa.Table, days: tuple[int, ...]) -> dict[int, float]:
    mine = rows.filter(pa.array(np.isin(column(rows, "day"), np.asarray(days, np.int64))))
    ways, at = np.unique(column(mine, "way"), return_inverse=True)
    signed, people = (
        np.bincount(at, column(mine, name), minlength=len(ways)).astype(np.int64)
        for name in ("signed", "people")
    )
    shares = [
        Usual(signed=bears, people=every).share
        for bears, every in zip(signed.tolist(), people.tolist(), strict=True)
    ]
    return dict(zip(ways.tolist(), [eighth(min(share, 0.999)) for share in shares], strict=True))


def _honest(day: Ints, address: Ints, who: Ints, bears: Bools) -> Bools:
    """Which rows are of an address that saw three people or more on their day, of whom as many are seen without the sign as with it."""
    place, rows = numbered(day, address)
    every, with_it, without = _people(place, who, bears, len(rows))
    return np.asarray(((every >= _FEWEST) & (without >= with_it))[place], bool)


def _people(number: Ints, who: Ints, bears: Bools, many: int) -> tuple[Ints, ...]:
    """How many people each number has, how many of them are seen with the sign, and how many without."""
    order = order_of(number, who)
    number, bears = number[order], bears[order]
    starts = starts_of(number, who[order])
    if not len(starts):
        return (np.zeros(many, np.int64),) * 3
    of = number[starts]
    with_it, without = (np.logical_or.reduceat(each, starts) for each in (bears, ~bears))
    every, signed, others = (np.bincount(each, minlength=many) for each in (of, of[with_it], of[without]))
    return every, signed, others
