"""Who bears a sign within the hours around each hour of a day: what a window of a day is bounded by.

A window of a day that ends in an hour touches 25 hours, that one among them, and holds the 23 before it whole.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.kinds import kind

from .held import Late
from .plan import Plan
from .who import Digests, column, rows_once, who_was_seen

__all__ = ["Part", "signed_hours"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Part = tuple[pa.Table, pa.Table, Late | None]  # views and answers of a day, and what was known late on it
_HOUR = 3_600_000_000
_HOURS = 24
_TOUCHED = (0, 24)  # an hour touches windows that end in it and up to so many hours later
_WHOLE = (1, 23)  # and lies wholly in those that end so many hours later


def signed_hours(day: int, parts: Sequence[Part], plan: Plan, digests: Digests) -> pa.Table:
    """The rows of `signed_hours` of one day, without the day, from its views and those of the day before. Of entities and hours in
    whose 25 hours enough people bear the sign for a window of a day."""
    columns = kind("signed_hours").columns
    made = [columns.empty_table()]
    who = [who_was_seen(views, digests) for views, *_ in parts]
    for (code, pair), least in sorted(plan.of_a_day.items()):
        grouping = plan.kinds.groupings[code]
        sign, rule = plan.pairs[pair].sign, plan.pairs[pair].rule
        rows: list[tuple[Ints, Ints, Ints, Bools]] = []
        for (views, answers, late), its in zip(parts, who, strict=True):
            told, bears = plan.told.sign(answers, sign)
            signed = bears & plan.told.counts(answers, rule)
            hour = column(views, "time") // _HOUR
            entity = grouping.entities(views, plan.agents)
            some = told & (entity >= 0)
            rows.append((entity[some], its[some], hour[some], signed[some]))
            if late is not None:
                entity = grouping.entities(late.views, plan.agents)
                some = (late.sign == plan.told.signs.index(sign)) & plan.told.counts(late.answers, rule)
                some &= entity >= 0
                rows.append(
                    (entity[some], late.who[some], late.known[some] // _HOUR, np.ones(int(some.sum()), bool))
                )
        if rows:
            entity, people, hour, signed = (np.concatenate([each[at] for each in rows]) for at in range(4))
            made.append(_of_pair(code, pair, day * _HOURS, least, entity, people, hour, signed).cast(columns))
    return pa.concat_tables(made)


def _of_pair(
    code: int, pair: int, first: int, least: int, entity: Ints, who: Ints, hour: Ints, signed: Bools
) -> pa.Table:
    bearing, many = np.unique(entity[signed], return_counts=True)
    bearing = bearing[many >= least]  # else so many people cannot be among them
    mine = np.isin(entity, bearing)
    entity, who, hour, signed = entity[mine], who[mine], hour[mine], signed[mine]
    row = np.searchsorted(bearing, entity)
    bears = _within(row[signed], who[signed], hour[signed], first, len(bearing), *_TOUCHED)
    told = _within(row, who, hour, first, len(bearing), *_WHOLE)
    at, of_day = np.nonzero(bears >= least)
    return pa.table(
        {
            "kind": np.full(len(at), code),
            "entity": bearing[at],
            "pair": np.full(len(at), pair),
            "hour": of_day + first,
            "signed": bears[at, of_day],
            "told": told[at, of_day],
        }
    )


def _within(row: Ints, who: Ints, hour: Ints, first: int, rows: int, least: int, most: int) -> Ints:
    """By row and hour of the day, how many people were seen in an hour that lies from `least` to `most` hours before."""
    row, who, hour = rows_once(row, who, hour)
    same = np.append((row[1:] == row[:-1]) & (who[1:] == who[:-1]), False)[: len(row)]
    starts, ends = hour + least, hour + most + 1
    # whoever is seen again before they are out is in once
    ends[same] = np.minimum(ends[same], starts[1:][same[:-1]])
    starts, ends = (np.clip(each - first, 0, _HOURS) for each in (starts, ends))
    changes = np.zeros((rows, _HOURS + 1), np.int64)
    np.add.at(changes, (row, starts), 1)
    np.add.at(changes, (row, ends), -1)
    return np.asarray(np.cumsum(changes, axis=1)[:, :_HOURS], np.int64)
