"""Who bears a sign within the hours around each hour of a day: what a window of a day is bounded by.

A window of a day that ends in an hour touches 25 hours, that one among them, and holds the 23 before it whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.distinct import numbered_from_0, order_of
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
    of_view = seen.said.late < 0
    for code, grouping in plan.kinds.groupings.items():
        asked = [each for each in sorted(plan.of_a_day.items()) if each[0][0] == code]
        if not asked:
            continue
        entity = np.concatenate([grouping.entities(of, plan.agents) for of in (seen.views, seen.late.rows)])
        rows = _Rows.of(entity, seen.whom, hour, seen.said.of)
        parts, found = [], dict[bytes, pa.Table]()  # of many pairs the same is said of the same views
        for (_, pair), least in asked:
            told, bears = seen.said.told(plan, pair)
            counts = seen.said.counts(plan, plan.pairs[pair].rule)
            told, bears = told & (counts | of_view), told & counts & bears
            which = told.tobytes() + bears.tobytes() + str(least).encode()
            if which not in found:
                found[which] = _of_views(rows, told, bears, days, least)
            its = found[which]
            parts.append(its.append_column("pair", pa.array(np.full(its.num_rows, pair))))
        every = pa.concat_tables(parts)
        every = every.append_column("kind", pa.array(np.full(every.num_rows, code)))
        every = every.select(_ROWS.names).cast(_ROWS)
        made.append(every.take(pa.array(grouping.order(every["entity"].to_numpy(), digests))))
    return by_day(made)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Views that are somebody's, by entity, by whom it saw, and by hour. `entity` is a place among those known, and a person of one has a
    number (`who`)."""

    said: Ints  # what is said of each
    known: Ints
    entity: Ints
    who: Ints
    hour: Ints

    @classmethod
    def of(cls, entity: Ints, who: Ints, hour: Ints, said: Ints) -> Self:
        """Of all views; below 0 is an entity that is nobody."""
        at = np.flatnonzero(entity >= 0)
        known, entity = numbered_from_0(entity[at])
        who, hour = who[at], hour[at]
        order = order_of(entity, who, hour)
        entity, who, hour = entity[order], who[order], hour[order]
        new = np.ones(len(order), np.int64)
        new[1:] = (entity[1:] != entity[:-1]) | (who[1:] != who[:-1])
        return cls(said=said[at[order]], known=known, entity=entity, who=np.cumsum(new), hour=hour)

    def those(self, said: Bools) -> Self:
        """Those of which some of it is said, of a person in an hour one."""
        some = said[self.said]
        rows = self if some.all() else self.some(some)
        new = np.ones(len(rows.who), bool)
        new[1:] = (rows.who[1:] != rows.who[:-1]) | (rows.hour[1:] != rows.hour[:-1])
        return rows if new.all() else rows.some(new)

    def of_entities(self, some: Bools) -> Self:
        """Those of some entities."""
        return self if some.all() else self.some(some[self.entity])

    def days_of(self, days: Ints, least: int) -> Ints:
        """On which of these days each entity may have so many views around an hour: entities and days as one number, ascending."""
        if not len(self.who):
            return self.who
        # a view is of its own day, and of the next one as of the day before
        first, last = int(self.hour.min()) // _HOURS, int(self.hour.max()) // _HOURS + 1
        width = last - first + 1
        own, place = numbered_from_0(self.entity * width + (self.hour // _HOURS - first))
        entities, at = numbered_from_0(np.append(own, own + 1))
        many = np.bincount(place)
        enough = np.bincount(at, np.append(many, many)) >= least
        entity, on = entities // width, entities % width + first
        enough &= _are_in(on, days)
        return np.asarray(entity[enough] * _DAYS + on[enough])

    def within(self, wanted: Ints, least: int, most: int) -> Ints:
        """By wanted entity on a day and hour of that day, how many people were seen in an hour that lies from `least` to `most` hours before."""
        if not len(wanted) or not len(self.who):
            return np.zeros((len(wanted), _HOURS), np.int64)
        # hours of one entity lie apart from those of the next, and after its last one nobody is in any more
        low = min(int(self.hour.min()), int((wanted % _DAYS).min()) * _HOURS)
        width = max(int(self.hour.max()), (int((wanted % _DAYS).max()) + 1) * _HOURS) - low + most + 2
        starts = self.entity * width + (self.hour - low + least)
        ends = starts + (most + 1 - least)
        same = self.who[1:] == self.who[:-1]
        # whoever is seen again before they are out is in once
        ends[:-1][same] = np.minimum(ends[:-1][same], starts[1:][same])
        starts.sort()
        ends.sort()
        begin = wanted // _DAYS * width + (wanted % _DAYS * _HOURS - low)
        asked = (begin[:, None] + np.arange(_HOURS)).ravel()
        came, went = (np.searchsorted(each, asked, side="right") for each in (starts, ends))
        return np.asarray(came - went, np.int64).reshape(-1, _HOURS)

    def some(self, which: Bools) -> Self:
        """Some of the rows."""
        here = np.flatnonzero(which)
        return replace(
            self, said=self.said[here], entity=self.entity[here], who=self.who[here], hour=self.hour[here]
        )


def _of_views(rows: _Rows, told: Bools, bears: Bools, days: Ints, least: int) -> pa.Table:
    """The rows but for their kind and pair. By what is said of views, of which of them the sign can be told, and which of these bear it."""
    bearing = rows.those(bears) if bears.any() else rows.some(np.zeros(len(rows.who), bool))
    # else so many people cannot be among them
    bearing = bearing.of_entities(np.bincount(bearing.entity, minlength=len(rows.known)) >= least)
    wanted = bearing.days_of(days, least)
    many = bearing.within(wanted, *_TOUCHED)
    kept = (many >= least).any(axis=1)
    many, wanted = many[kept], wanted[kept]
    asked = np.zeros(len(rows.known), bool)
    asked[wanted // _DAYS] = True
    whole = rows.those(told).of_entities(asked).within(wanted, *_WHOLE) if len(wanted) else many
    at, found = np.nonzero(many >= least)
    on = wanted[at] % _DAYS
    return pa.table(
        {
            "day": on,
            "entity": rows.known[wanted[at] // _DAYS],
            "hour": found + on * _HOURS,
            "signed": many[at, found],
            "told": whole[at, found],
        }
    )


def _are_in(numbers: Ints, known: Ints) -> Bools:
    """Which are among known ones, which ascend."""
    if not len(known):
        return np.zeros(len(numbers), bool)
    return np.asarray(known[np.minimum(np.searchsorted(known, numbers), len(known) - 1)] == numbers)
