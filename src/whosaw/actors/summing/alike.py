"""How many of the people who read in one way bear a sign, at addresses where people are seen otherwise, too: an app may ask for its
owner's page and do nothing else, wherever it is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.surprise import Usual
from whosaw.store.kinds import kind

from .baselines import eighth
from .held import Late
from .known_days import known_days
from .plan import Plan
from .who import Digests, column, rows_once, who_was_seen

__all__ = ["alike", "alike_as_of"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_MANNER = ("manner",)
_NEEDED = ["address", "way"]
_FEWEST = 3  # people at an address


def alike(
    views: pa.Table, answers: pa.Table, plan: Plan, digests: Digests, late: Late | None = None
) -> pa.Table:
    """The rows of `alike` of one day, without the day: of the pairs that are asked of ways of reading."""
    columns = kind("alike").columns
    asked = [
        pair
        for code, pairs in plan.asked.items()
        if plan.kinds.groupings[code].by == _MANNER
        for pair in pairs
    ]
    if not asked:
        return columns.empty_table()
    rows = views.select(_NEEDED)
    if late is not None:
        rows = pa.concat_tables([rows, late.views.select(_NEEDED)])
    who = who_was_seen(views, digests)
    if late is not None:
        who = np.concatenate([who, late.who])
    address, way = column(rows, "address"), column(rows, "way")
    parts = [columns.empty_table()]
    for at in sorted(set(asked)):
        told, bears = plan.told.sign(answers, plan.pairs[at].sign)
        if late is not None:
            its = late.sign == plan.told.signs.index(plan.pairs[at].sign)
            told, bears = np.concatenate([told, its]), np.concatenate([bears, its])
        some = np.flatnonzero(told & (address >= 0))
        some = some[np.isin(address[some], _honest(address[some], who[some], bears[some]))]
        some = some[way[some] >= 0]
        people, signed = (rows_once(way[rows_of], who[rows_of])[0] for rows_of in (some, some[bears[some]]))
        ways, every = np.unique(people, return_counts=True)
        parts.append(
            pa.table(
                {
                    "pair": np.full(len(ways), at),
                    "way": ways,
                    "signed": np.searchsorted(signed, ways, "right") - np.searchsorted(signed, ways),
                    "people": every,
                }
            ).cast(columns)
        )
    return pa.concat_tables(parts)


def alike_as_of(rows: pa.Table, pair: int, days: Iterable[int]) -> dict[int, dict[int, float]]:
    """By day and way of reading, what part of its people bear the sign as of that day, rounded; of ways that were seen so on known
    days."""
    mine = rows.filter(pc.field("pair") == pair)
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


def _honest(address: Ints, who: Ints, bears: Bools) -> Ints:
    """Addresses of three people or more of whom as many are seen without the sign as with it."""
    people, with_it, without = (
        rows_once(address[rows], who[rows])[0] for rows in (slice(None), bears, ~bears)
    )
    places, every = np.unique(people, return_counts=True)
    signed, others = (
        np.searchsorted(each, places, "right") - np.searchsorted(each, places) for each in (with_it, without)
    )
    return np.asarray(places[(every >= _FEWEST) & (others >= signed)], np.int64)
