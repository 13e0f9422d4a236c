"""Who bears a sign within the hours around each hour of a day: what a window of a day is bounded by.

A window of a day that ends in an hour touches 25 hours, that one among them, and holds the 23 before it whole.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.distinct import distinct, distinct_rows
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
        parts = []
        for (_, pair), least in asked:
            told, bears = seen.told(plan, pair)
            rule = plan.pairs[pair].rule
            counts = np.concatenate([plan.told.counts(of, rule) for of in (seen.answers, seen.late.rows)])
            some = told & (entity >= 0) & (counts | ~late)
            rows = (each[some] for each in (seen.days, entity, seen.whom, hour, bears & counts))
            parts.append(_of_pair(code, pair, days, least, *rows).cast(_ROWS))
        rows = pa.concat_tables(parts)
        made.append(rows.take(pa.array(grouping.order(rows["entity"].to_numpy(), digests))))
    return by_day(made)


def _of_pair(
    code: int,
    pair: int,
    days: Ints,
    least: int,
    day: Ints,
    entity: Ints,
    who: Ints,
    hour: Ints,
    signed: Bools,
) -> pa.Table:
    if not signed.any():
        return _ROWS.empty_table()
    mine = _are_in(entity, distinct(entity[signed]))
    day, entity, who, hour = (each[mine] for each in (day, entity, who, hour))
    signed = signed[mine]
    # a view is of its own day, and of the next one as of the day before
    of_day, of = np.append(day, day + 1), np.tile(np.arange(len(day)), 2)
    bears = signed[of]
    number, rows = numbered(entity[of][bears], of_day[bears])
    enough = np.bincount(number, minlength=len(rows)) >= least  # else so many people cannot be among them
    bearing, on = (each[bears][rows][enough] for each in (entity[of], of_day))
    asked = np.isin(on, days)
    bearing, on = bearing[asked], on[asked]
    row = _row_of(bearing, on, entity[of], of_day)
    mine = row >= 0
    row, of, hour = row[mine], of[mine], hour[of][mine] - of_day[mine] * _HOURS
    bears = signed[of]
    many = _within(row[bears], who[of][bears], hour[bears], len(bearing), *_TOUCHED)
    told = _within(row, who[of], hour, len(bearing), *_WHOLE)
    at, found = np.nonzero(many >= least)
    return pa.table(
        {
            "day": on[at],
            "kind": np.full(len(at), code),
            "entity": bearing[at],
            "pair": np.full(len(at), pair),
            "hour": found + on[at] * _HOURS,
            "signed": many[at, found],
            "told": told[at, found],
        }
    )


def _row_of(bearing: Ints, on: Ints, entity: Ints, day: Ints) -> Ints:
    """The place of each entity and day among these; -1 where it is none of them."""
    found = np.full(len(entity), -1)
    mine = np.flatnonzero(_are_in(entity, distinct(bearing)))
    number, rows = numbered(np.append(bearing, entity[mine]), np.append(on, day[mine]))
    place = np.full(len(rows), -1)
    place[number[: len(bearing)]] = np.arange(len(bearing))
    found[mine] = place[number[len(bearing) :]]
    return found


def _within(row: Ints, who: Ints, hour: Ints, rows: int, least: int, most: int) -> Ints:
    """By row and hour of the day, how many people were seen in an hour that lies from `least` to `most` hours before."""
    row, who, hour = distinct_rows(row, who, hour)
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
