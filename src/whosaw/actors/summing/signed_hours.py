"""Who bears a sign within the hours around each hour of a day: what a window of a day is bounded by.

A window of a day that ends in an hour touches 25 hours, that one among them, and holds the 23 before it whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.distinct import distinct, numbered_from_0, order_of
from whosaw.store.kinds import kind

from .plan import Plan
from .seen import Seen
from .who import Digests, by_day, column

__all__ = ["signed_hours"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_ROWS = kind("signed_hours").in_hand
_HOUR = 3_600_000_000
_HOURS = 24
_DAYS = 1 << 24  # more than there are days
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
        rows = _Rows.of(entity, seen.whom, hour)
        parts = []
        for (_, pair), least in asked:
            told, bears = seen.told(plan, pair)
            rule = plan.pairs[pair].rule
            counts = np.concatenate([plan.told.counts(of, rule) for of in (seen.answers, seen.late.rows)])
            some = rows.those(told & (counts | ~late))
            parts.append(
                _of_pair(code, pair, days, least, some, rows.those(told & counts & bears)).cast(_ROWS)
            )
        found = pa.concat_tables(parts)
        made.append(found.take(pa.array(grouping.order(found["entity"].to_numpy(), digests))))
    return by_day(made)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Views that are somebody's, by entity, by whom it saw, and by hour. `entity` is a place among those known, and a person of one has a
    number (`who`)."""

    at: Ints  # which of all views each is
    known: Ints
    entity: Ints
    who: Ints
    hour: Ints

    @classmethod
    def of(cls, entity: Ints, who: Ints, hour: Ints) -> Self:
        """Of all views; below 0 is an entity that is nobody."""
        at = np.flatnonzero(entity >= 0)
        known, entity = numbered_from_0(entity[at])
        who, hour = who[at], hour[at]
        order = order_of(entity, who, hour)
        entity, who, hour = entity[order], who[order], hour[order]
        new = np.ones(len(order), np.int64)
        new[1:] = (entity[1:] != entity[:-1]) | (who[1:] != who[:-1])
        return cls(at=at[order], known=known, entity=entity, who=np.cumsum(new), hour=hour)

    def those(self, some: Bools) -> Self:
        """Some of all views, of a person in an hour one."""
        here = np.flatnonzero(some[self.at])
        who, hour = self.who[here], self.hour[here]
        here = here[np.append(True, (who[1:] != who[:-1]) | (hour[1:] != hour[:-1]))[: len(here)]]
        return replace(
            self, at=self.at[here], entity=self.entity[here], who=self.who[here], hour=self.hour[here]
        )

    def of_entities(self, some: Bools) -> Self:
        """Those of some entities."""
        here = np.flatnonzero(some[self.entity])
        return replace(
            self, at=self.at[here], entity=self.entity[here], who=self.who[here], hour=self.hour[here]
        )


def _of_pair(code: int, pair: int, days: Ints, least: int, told: _Rows, bears: _Rows) -> pa.Table:
    """`told` are views of which the sign can be told, `bears` those of them that bear it."""
    # else so many people cannot be among them
    bears = bears.of_entities(np.bincount(bears.entity, minlength=len(bears.known)) >= least)
    if not len(bears.at):
        return _ROWS.empty_table()
    # a view is of its own day, and of the next one as of the day before
    own = bears.entity * _DAYS + bears.hour // _HOURS
    entities, number = numbered_from_0(np.append(own, own + 1))
    enough = (np.bincount(number) >= least) & _are_in(entities % _DAYS, days)
    if not enough.any():
        return _ROWS.empty_table()
    many = _within(bears, entities[enough], *_TOUCHED)
    kept = (many >= least).any(axis=1)
    if not kept.any():
        return _ROWS.empty_table()
    many, entities = many[kept], entities[enough][kept]
    asked = np.zeros(len(told.known), bool)
    asked[entities // _DAYS] = True
    whole = _within(told.of_entities(asked), entities, *_WHOLE)
    at, found = np.nonzero(many >= least)
    on = entities[at] % _DAYS
    return pa.table(
        {
            "day": on,
            "kind": np.full(len(at), code),
            "entity": told.known[entities[at] // _DAYS],
            "pair": np.full(len(at), pair),
            "hour": found + on * _HOURS,
            "signed": many[at, found],
            "told": whole[at, found],
        }
    )


def _within(rows: _Rows, wanted: Ints, least: int, most: int) -> Ints:
    """By wanted entity on a day and hour of that day, how many people were seen in an hour that lies from `least` to `most` hours before."""
    starts, ends = rows.hour + least, rows.hour + most + 1
    same = rows.who[1:] == rows.who[:-1]
    # whoever is seen again before they are out is in once
    ends[:-1][same] = np.minimum(ends[:-1][same], starts[1:][same])
    width = _HOURS + 1
    total = np.zeros(len(wanted) * width, np.int64)
    entity, on = wanted // _DAYS, wanted % _DAYS
    first, many = int(on.min()), int(on.max() - on.min()) + 1
    code = np.full(len(rows.known), -1)
    asked = distinct(entity)
    code[asked] = np.arange(len(asked))
    place = np.full(len(asked) * many, -1)
    place[code[entity] * many + (on - first)] = np.arange(len(wanted))
    its, day = code[rows.entity], rows.hour // _HOURS - first
    for later in (0, 1):
        there = (its >= 0) & (day + later >= 0) & (day + later < many)
        row = place[np.where(there, its * many + (day + later), 0)]
        here = np.flatnonzero(there & (row >= 0))
        row, begin = row[here] * width, (day[here] + (first + later)) * _HOURS
        came, went = (row + np.clip(each[here] - begin, 0, _HOURS) for each in (starts, ends))
        total += np.bincount(came, minlength=len(total)) - np.bincount(went, minlength=len(total))
    return np.asarray(np.cumsum(total.reshape(-1, width), axis=1)[:, :_HOURS], np.int64)


def _are_in(numbers: Ints, known: Ints) -> Bools:
    """Which are among known ones, which ascend."""
    if not len(known):
        return np.zeros(len(numbers), bool)
    return np.asarray(known[np.minimum(np.searchsorted(known, numbers), len(known) - 1)] == numbers)
