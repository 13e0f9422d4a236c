"""What sums of days say of entities before any view is looked at: which cannot be over a bar, and which are for certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.summing.people_in_days import people_at, people_of_groups
from whosaw.actors.summing.who import column
from whosaw.build.step import Span
from whosaw.store.distinct import distinct, numbered_from_0, order_of
from whosaw.store.kinds import kind
from whosaw.store.person_sets import unpack_rows

__all__ = [
    "Bounds",
    "EntityDays",
    "PeopleSets",
    "entity_days",
    "left_of",
    "left_rows",
    "most_before",
    "seen",
    "within",
]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_CELLS = 1 << 24  # entities times days that are held at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What sums decide of one clause over a span. `judged` entity-days were there; all of them are dismissed but those of `left`
    (day, entity, confirmed), ordered by entity and day: what is confirmed is over a bar on that day, of the rest it is not known."""

    judged: int
    left: pa.Table

    @classmethod
    def of(cls, judged: int, entity: Ints, day: Ints, confirmed: Bools) -> Bounds:
        """From columns in any order."""
        order = order_of(entity, day)
        left = pa.table(
            {
                "day": pa.array(day[order], pa.int32()),
                "entity": entity[order],
                "confirmed": pa.array(confirmed[order]),
            }
        )
        return cls(judged=judged, left=left)

    @property
    def confirmed(self) -> int:
        """How many entity-days are over a bar for certain."""
        return int(pc.sum(self.left["confirmed"]).as_py() or 0)


@dataclass(frozen=True, slots=True)
class EntityDays:
    """Some entities of one kind, a row each, and days from `first` on, a column each: which of these an entity was seen on, and
    rows of a table of sums by their place in both."""

    entity: Ints
    first: int
    days: int
    there: Bools

    def spread(self, rows: pa.Table, values: Ints, empty: int = 0) -> Ints:
        """Values of rows (day, entity) at their places."""
        out = np.full((len(self.entity), self.days), empty, np.int64)
        at, day = self.places(rows)
        out[at, day] = values
        return out

    def places(self, rows: pa.Table) -> tuple[Ints, Ints]:
        """Row and column of each row."""
        return np.searchsorted(self.entity, column(rows, "entity")), column(rows, "day") - self.first

    def mine(self, rows: pa.Table) -> pa.Table:
        """The rows of these entities."""
        return rows.filter(pa.array(np.isin(column(rows, "entity"), self.entity)))


@dataclass(frozen=True, slots=True)
class PeopleSets:
    """Sets of people of entities and days, as places in `EntityDays`."""

    entity: Ints
    day: Ints
    people: pa.ChunkedArray

    @classmethod
    def of(cls, days: EntityDays, rows: pa.Table) -> PeopleSets:
        return cls(*days.places(rows), rows["people"])

    def and_of(self, other: PeopleSets) -> PeopleSets:
        """Those of both."""
        entity, day = np.append(self.entity, other.entity), np.append(self.day, other.day)
        return PeopleSets(
            entity, day, pa.chunked_array([*self.people.chunks, *other.people.chunks], pa.binary())
        )

    def together(self, at: Ints, day: Ints, since: int, until: int) -> tuple[Ints, Ints]:
        """How many people the sets of each entity hold from so many days before a day to so many before it: together, and added up."""
        if not len(at):
            return at, at
        entities, whose = numbered_from_0(at)
        days = int(max(day.max(initial=0), self.day.max(initial=0))) + 1
        first, end = np.maximum(day - since, 0), day - until + 1
        # which sets are of days that are asked about
        asked = np.zeros((len(entities), days + 1), np.int64)
        np.add.at(asked, (whose, first), 1)
        np.subtract.at(asked, (whose, np.maximum(end, first)), 1)
        own = np.minimum(np.searchsorted(entities, self.entity), len(entities) - 1)
        rows = np.flatnonzero(entities[own] == self.entity)
        rows = rows[np.cumsum(asked, axis=1)[own[rows], self.day[rows]] > 0]
        group, on = own[rows], self.day[rows]
        many, found = np.zeros(len(rows), np.int64), np.zeros(len(at), np.int64)
        for some, row, person in people_of_groups(group, self.people.take(pa.array(rows)).combine_chunks()):
            many += np.bincount(row, minlength=len(rows))
            those = np.flatnonzero((whose >= group[some[0]]) & (whose <= group[some[-1]]))
            came, gone = on[row] + until, on[row] + since
            found[those] = people_at(group[row], person, came, gone, whose[those], day[those])
        sizes = np.zeros((len(entities), days + 1), np.int64)
        np.add.at(sizes, (group, on + 1), many)
        before = np.cumsum(sizes, axis=1)
        return found, before[whose, np.maximum(end, first)] - before[whose, first]


def entity_days(
    of_kind: int, span: Span, back: int, present: pa.Table | None, *tables: pa.Table
) -> Iterator[tuple[EntityDays, list[pa.Table]]]:
    """Entities of a kind with a row in any of the tables within the span and so many days before, some at a time, and their rows.
    Without `present` it is not known on which days they were there."""
    wide = span.wider(back, 0)
    days = wide.last - wide.first + 1
    rows = [_within(each, of_kind, wide) for each in tables]
    every = distinct(np.concatenate([np.empty(0, np.int64), *(column(each, "entity") for each in rows)]))
    of_day = {} if present is None else seen(of_kind, span, present)
    at_once = max(1, _CELLS // days)
    for start in range(0, len(every), at_once):
        entity = every[start : start + at_once]
        there = np.zeros((len(entity), days), bool)
        for day, its in of_day.items():
            at = np.minimum(np.searchsorted(entity, its), len(entity) - 1)
            there[at[entity[at] == its], day - wide.first] = True
        mine = EntityDays(entity, wide.first, days, there)
        yield mine, rows if len(entity) == len(every) else [mine.mine(each) for each in rows]


def left_rows(left: pa.Table) -> pa.Table:
    """Entities and days that are left as rows of the kind, day by day."""
    columns = kind("left").in_hand
    entity, day = column(left, "entity"), column(left, "day")
    rows = left.take(pa.array(order_of(day, entity)))
    made = {
        name: rows[name] if name in rows.column_names else pa.nulls(rows.num_rows, columns.field(name).type)
        for name in columns.names
    }
    return pa.table(made).cast(columns)


def left_of(rows: pa.Table) -> pa.Table:
    """The same as bounds have it, by entity and day."""
    order = order_of(column(rows, "entity"), column(rows, "day"))
    return rows.select(["day", "entity", "confirmed"]).take(pa.array(order))


def seen(of_kind: int, span: Span, present: pa.Table) -> Mapping[int, Ints]:
    """Which entities of a kind were there, by day of the span."""
    rows = _within(present, of_kind, span)
    entity, row = unpack_rows(rows["entities"])
    borders = np.searchsorted(row, np.arange(rows.num_rows + 1)).tolist()
    days = column(rows, "day").tolist()
    return {day: entity[start:stop] for day, (start, stop) in zip(days, pairwise(borders), strict=True)}


def most_before(values: Ints, back: int) -> Ints:
    """By row, the largest value of so many days before each day."""
    found = np.zeros(values.shape, np.int64)
    for each in range(1, min(back, values.shape[1] - 1) + 1):
        np.maximum(found[:, each:], values[:, :-each], out=found[:, each:])
    return found


def within(values: Ints, back: int) -> Ints:
    """By row, the sum of values over each day and so many days before it."""
    total = np.cumsum(values, axis=1)
    total[:, back + 1 :] -= total[:, : -back - 1].copy() if back + 1 < total.shape[1] else 0
    return np.asarray(total, np.int64)


def _within(rows: pa.Table, of_kind: int, span: Span) -> pa.Table:
    day = column(rows, "day")
    return rows.filter(pa.array((column(rows, "kind") == of_kind) & (day >= span.first) & (day <= span.last)))
