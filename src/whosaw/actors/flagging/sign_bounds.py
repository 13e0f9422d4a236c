"""Bounds on clauses that count people who bear a sign: the most who may in a window, against the fewest people it can hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from whosaw.actors.summing.who import column
from whosaw.actors.surprise import Bar
from whosaw.build.step import Span
from whosaw.store.person_sets import bitmap, unpack_rows

from .bars import NO_LUCK, Bars
from .bounds import Bounds, EntityDays, entity_days, most_before, within
from .question import DAY, Question

__all__ = ["sign_bounds"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def sign_bounds(
    question: Question,
    span: Span,
    bars: Bars,
    *,
    signed: pa.Table,
    entities: pa.Table,
    hours: pa.Table,
) -> Bounds:
    """Which entities may have remarkably many people who bear the sign in a window that ends on a day of the span.

    More who bear it and fewer people are always more remarkable. So an entity is dismissed where the most who may bear it are not
    remarkable among the fewest people, and confirmed where the fewest are among the most. Whoever bears a sign has a row, and on a day
    without one nobody comes who bears it. `judged` are entity-days with somebody who does.
    """
    rows = signed.filter(
        pa.array((column(signed, "kind") == question.kind) & (column(signed, "pair") == question.pair))
    )
    days_of = column(rows, "day")
    judged = int(np.count_nonzero(column(rows, "signed")[(days_of >= span.first) & (days_of <= span.last)]))
    found: list[tuple[int, int, bool]] = []
    by_hour = _by_hour(question, hours)
    for days, (bearing, every) in entity_days(question.kind, span, question.furthest, None, rows, entities):
        perhaps = _perhaps(question, span, days, bearing)
        if not perhaps:
            continue
        plain = _PlainSums.of(question, days, bearing, every, perhaps)
        asked: list[tuple[int, int, list[tuple[int, Bar]]]] = []
        for number, (at, day) in enumerate(perhaps):
            entity, on = int(days.entity[at]), day + days.first
            needed = bars.of(on, entity)
            if needed is None:
                continue
            told = [
                (window, bar)
                for window, (bar, (length, least)) in enumerate(zip(needed, question.windows, strict=True))
                if bar is not None and (length != DAY or _by_the_hour(by_hour.get((entity, on)), least, bar))
            ]
            if any(plain.confirm(question, number, window, bar) for window, bar in told):
                found.append((entity, on, True))
            elif told:
                asked.append((at, day, told))
        sums = _Sums.of(days, bearing, every, np.array([at for at, _, _ in asked], np.int64))
        for at, day, told in asked:
            decided = [sums.decides(question, at, day, window, bar) for window, bar in told]
            if any(may for may, _ in decided):
                found.append((int(days.entity[at]), day + days.first, any(sure for _, sure in decided)))
    entity_of, day_of, sure_of = (np.asarray([each[at] for each in found], np.int64) for at in range(3))
    return Bounds.of(judged, entity_of, day_of, sure_of.astype(bool))


def _by_hour(question: Question, hours: pa.Table) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """By entity and day, of each hour how many bear the sign at most in a window of a day that ends in it, and how many people it
    holds at least."""
    rows = hours.filter((pc.field("kind") == question.kind) & (pc.field("pair") == question.pair))
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    names = ("entity", "day", "signed", "told")
    for entity, day, signed, told in zip(*(column(rows, name).tolist() for name in names), strict=True):
        found.setdefault((entity, day), []).append((signed, told))
    return found


def _by_the_hour(hours: list[tuple[int, int]] | None, least: int, bar: Bar) -> bool:
    """Whether an entity may be over a bar in any window of a day that ends in one of the hours."""
    return any(signed >= least and _passed(bar, signed, max(signed, told)) for signed, told in hours or ())


def _perhaps(question: Question, span: Span, days: EntityDays, bearing: pa.Table) -> list[tuple[int, int]]:
    """Entities and days on which somebody bears the sign and the sums of these people by day reach a bar, as places in `days`."""
    signed = days.spread(bearing, column(bearing, "signed"))
    left = np.zeros(signed.shape, bool)
    for length, bar in question.windows:
        left |= within(signed, question.back(length)) >= bar
    left &= signed > 0
    left[:, : days.days - (span.last - span.first + 1)] = False
    at, day = np.nonzero(left)
    return list(zip(at.tolist(), day.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class _PlainSums:
    """What numbers of days alone say, by window and place in `perhaps`: the most who bear the sign on one day before the last, and all people of
    all days added up. They are at most as many as bear it together, and at least as many as there are."""

    bearing: tuple[list[int], ...]
    people: tuple[list[int], ...]

    @classmethod
    def of(
        cls, question: Question, days: EntityDays, bearing: pa.Table, every: pa.Table, perhaps: list[tuple[int, int]]
    ) -> _PlainSums:  # fmt: skip
        at, day = np.array(perhaps, np.int64).T
        signed = days.spread(bearing, column(bearing, "signed"))
        there = days.spread(every, np.ones(every.num_rows, np.int64))
        people = days.spread(every, column(every, "seen")) + signed + 1 - there
        return cls(
            tuple(most_before(signed, length // DAY - 1)[at, day].tolist() for length, _ in question.windows),
            tuple(within(people, question.back(length))[at, day].tolist() for length, _ in question.windows),
        )

    def confirm(self, question: Question, number: int, window: int, bar: Bar) -> bool:
        """Whether the entity is over a bar for certain, so that no set of people has to be looked at."""
        bearing, people = self.bearing[window][number], self.people[window][number]
        enough = bar != NO_LUCK and bearing >= question.windows[window][1]
        return enough and _passed(bar, bearing, max(bearing, people))


class _Sets:
    """Sets of people by row, of the rows that are wanted, each made once however many windows hold it."""

    def __init__(self, column: pa.ChunkedArray, wanted: Bools) -> None:
        self._numbers, row = unpack_rows(column.filter(pa.array(wanted)))
        some = np.flatnonzero(wanted)
        self._first, self._end = (
            dict(zip(some.tolist(), np.searchsorted(row, np.arange(len(some)), side).tolist(), strict=True))
            for side in ("left", "right")
        )
        self._made: dict[int, BitMap] = {}

    def of(self, row: int) -> BitMap:
        """One set; empty where it is absent."""
        found = self._made.get(row)
        if found is None:
            own = self._numbers[self._first[row] : self._end[row]]
            found = self._made[row] = bitmap(own)
        return found

    def together(self, rows: Iterable[int]) -> int:
        """How many people these hold together."""
        return len(BitMap.union(BitMap(), *map(self.of, rows)))


@dataclass(frozen=True, slots=True)
class _Sums:
    """The rows of some entities by day: where each stands, and its numbers and sets."""

    bearing: Ints
    every: Ints
    signed: Ints
    told: Ints
    bearers: _Sets
    people: Ints
    sets: _Sets

    @classmethod
    def of(cls, days: EntityDays, bearing: pa.Table, every: pa.Table, entities: Ints) -> _Sums:
        """Of these entities alone, as places in `days`."""
        wanted = np.zeros(len(days.entity), bool)
        wanted[entities] = True
        return cls(
            bearing=days.spread(bearing, np.arange(bearing.num_rows), empty=-1),
            every=days.spread(every, np.arange(every.num_rows), empty=-1),
            signed=column(bearing, "signed"),
            told=column(bearing, "told"),
            bearers=_Sets(bearing["people"], wanted[days.places(bearing)[0]]),
            people=column(every, "seen"),
            sets=_Sets(every["people"], wanted[days.places(every)[0]]),
        )

    def decides(self, question: Question, at: int, day: int, window: int, bar: Bar) -> tuple[bool, bool]:
        """Whether an entity may be over a bar in a window that ends on that day, and whether it is."""
        length, least = question.windows[window]
        first, whole = max(0, day - question.back(length)), max(0, day - max(0, length // DAY - 1))
        own = self.bearing[at, day]
        if bar == NO_LUCK and own >= 0 and int(self.signed[own]) >= least:
            return True, length >= DAY
        most = self._signed(at, first, day + 1)
        if most < least:
            return False, False
        if bar == NO_LUCK:
            return True, False
        fewest = self._fewest(at, whole, day)
        may = _passed(bar, most, max(most, fewest))
        certain = self._certain(at, whole, day) if may else 0
        sure = (
            may and certain >= least and _passed(bar, certain, max(certain, self._most(at, first, day + 1)))
        )
        return may, sure

    def _signed(self, at: int, first: int, end: int) -> int:
        """The most people who may bear the sign: whose set is absent, and whom nobody names, are added up."""
        rows = self._rows(self.bearing, at, first, end)
        beyond = sum(int(self.signed[row]) - len(self.bearers.of(row)) for row in rows)
        return self.bearers.together(rows) + beyond

    def _certain(self, at: int, first: int, end: int) -> int:
        """The fewest people who bear it."""
        rows = self._rows(self.bearing, at, first, end)
        return max([self.bearers.together(rows), *(int(self.signed[row]) for row in rows)])

    def _fewest(self, at: int, first: int, end: int) -> int:
        """The fewest people of whom it can be told. Of a day without a row of `signed` it is told of all."""
        rows = self._rows(self.every, at, first, end)
        untold = sum(
            int(self.people[self.every[at, day]]) - int(self.told[self.bearing[at, day]])
            for day in range(first, end)
            if self.every[at, day] >= 0 and self.bearing[at, day] >= 0
        )
        return max(0, self.sets.together(rows) - max(0, untold))

    def _most(self, at: int, first: int, end: int) -> int:
        """The most people there may have been, one on each day without a row."""
        rows = self._rows(self.every, at, first, end)
        bearing = self._rows(self.bearing, at, first, end)
        sets = [*map(self.sets.of, rows), *map(self.bearers.of, bearing)]
        beyond = sum(int(self.people[row]) - len(self.sets.of(row)) for row in rows)
        beyond += sum(int(self.signed[row]) - len(self.bearers.of(row)) for row in bearing)
        return len(BitMap.union(BitMap(), *sets)) + beyond + (end - first - len(rows))

    @staticmethod
    def _rows(places: Ints, at: int, first: int, end: int) -> list[int]:
        rows: list[int] = places[at, first:end].tolist()
        return [row for row in rows if row >= 0]


@lru_cache(maxsize=1 << 16)  # mostly the same few people
def _passed(bar: Bar, signed: int, people: int) -> bool:
    return bool(bar.passed(np.array([signed]), np.array([people]))[0])
