"""Who bears a sign within the hours around each hour of a day: what a window of a day is bounded by.

A window of a day that ends in an hour touches 25 hours, that one among them, and holds the 23 before it whole.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.distinct import distinct, numbered_from_0, order_of
from whosaw.store.kinds import kind

from .plan import Plan
from .seen import Seen
from .who import Digests, by_day, column, numbered

__all__ = ["signed_hours"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_ROWS = kind("signed_hours").in_hand
_HOUR = 3_600_000_000
_HOURS = 24
_TOUCHED = (0, 24)  # an hour touches windows that end in it and up to so many hours later
_WHOLE = (1, 23)  # and lies wholly in those that end so many hours later


def signed_hours(seen: Seen, days: Ints, plan: Plan, digests: Digests) -> pa.Table:
    """The rows of `signed_hours` of these days, from their views and those of the day before each. Of entities and hours in whose 25 hours
    enough people bear the sign for a window of a day."""
    made = [_ROWS.empty_table()]
    hour = np.append(column(seen.views, "time"), seen.late.known) // _HOUR
    late = np.arange(len(hour)) >= seen.views.num_rows
    for code, grouping in plan.kinds.groupings.items():
        asked = [each for each in sorted(plan.of_a_day.items()) if each[0][0] == code]
        if not asked:
            continue
        entity = np.concatenate([grouping.entities(of, plan.agents) for of in (seen.views, seen.late.rows)])
        theirs = entity >= 0
        known, entity = numbered_from_0(np.where(theirs, entity, -1))
        parts = []
        for (_, pair), least in asked:
            told, bears = seen.told(plan, pair)
            rule = plan.pairs[pair].rule
            counts = np.concatenate([plan.told.counts(of, rule) for of in (seen.answers, seen.late.rows)])
            some = told & theirs & (counts | ~late)
            rows = (each[some] for each in (seen.days, entity, seen.whom, hour, bears & counts))
            parts.append(_of_pair(code, pair, days, least, known, *rows).cast(_ROWS))
        rows = pa.concat_tables(parts)
        made.append(rows.take(pa.array(grouping.order(rows["entity"].to_numpy(), digests))))
    return by_day(made)


def _of_pair(
    code: int,
    pair: int,
    days: Ints,
    least: int,
    known: Ints,
    day: Ints,
    entity: Ints,
    who: Ints,
    hour: Ints,
    signed: Bools,
) -> pa.Table:
    """Of views of which the sign can be told; each `entity` is a place among those known."""
    bears = np.flatnonzero(signed)
    # a view is of its own day, and of the next one as of the day before
    of, of_day = np.tile(bears, 2), np.append(day[bears], day[bears] + 1)
    number, rows = numbered(entity[of], of_day)
    # else so many people cannot be among them
    enough = (np.bincount(number, minlength=len(rows)) >= least) & _are_in(of_day[rows], days)
    bearing, on = entity[of][rows][enough], of_day[rows][enough]
    row = np.where(enough, np.cumsum(enough) - 1, -1)[number]
    mine = row >= 0
    many = _within(row[mine], who[of[mine]], hour[of[mine]] - of_day[mine] * _HOURS, len(on), *_TOUCHED)
    kept = np.flatnonzero((many >= least).any(axis=1))
    if not len(kept):
        return _ROWS.empty_table()
    bearing, on, many = bearing[kept], on[kept], many[kept]
    of, row = _rows_of(bearing, on, entity, day, len(known))
    told = _within(row, who[of], hour[of] - on[row] * _HOURS, len(on), *_WHOLE)
    at, found = np.nonzero(many >= least)
    return pa.table(
        {
            "day": on[at],
            "kind": np.full(len(at), code),
            "entity": known[bearing[at]],
            "pair": np.full(len(at), pair),
            "hour": found + on[at] * _HOURS,
            "signed": many[at, found],
            "told": told[at, found],
        }
    )


def _rows_of(bearing: Ints, on: Ints, entity: Ints, day: Ints, entities: int) -> tuple[Ints, Ints]:
    """The views of these entities on these days and on the day before each, and which of them each view is of; one view may be of two."""
    asked = distinct(bearing)
    code = np.full(entities, -1)
    code[asked] = np.arange(len(asked))
    mine = np.flatnonzero(code[entity] >= 0)
    first = int(day.min())
    place = np.full((len(asked), int(on.max()) - first + 2), -1)
    place[code[bearing], on - first] = np.arange(len(on))
    its, at = code[entity[mine]], day[mine] - first
    of, row = (
        np.tile(mine, 2),
        np.append(*(place[its, np.minimum(each, place.shape[1] - 1)] for each in (at, at + 1))),
    )
    return of[row >= 0], row[row >= 0]


def _within(row: Ints, who: Ints, hour: Ints, rows: int, least: int, most: int) -> Ints:
    """By row and hour of the day, how many people were seen in an hour that lies from `least` to `most` hours before."""
    order = order_of(row, who, hour)
    row, who, hour = row[order], who[order], hour[order]
    same = np.append((row[1:] == row[:-1]) & (who[1:] == who[:-1]), False)[: len(row)]
    starts, ends = hour + least, hour + most + 1
    # whoever is seen again before they are out is in once
    ends[same] = np.minimum(ends[same], starts[1:][same[:-1]])
    starts, ends = (np.clip(each, 0, _HOURS) for each in (starts, ends))
    width = _HOURS + 1
    came, went = (np.bincount(row * width + each, minlength=rows * width) for each in (starts, ends))
    return np.asarray(np.cumsum((came - went).reshape(rows, width), axis=1)[:, :_HOURS], np.int64)


def _are_in(numbers: Ints, known: Ints) -> Bools:
    """Which are among known ones, which ascend."""
    if not len(known):
        return np.zeros(len(numbers), bool)
    return np.asarray(known[np.minimum(np.searchsorted(known, numbers), len(known) - 1)] == numbers)
