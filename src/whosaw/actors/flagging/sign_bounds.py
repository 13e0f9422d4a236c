"""Bounds on clauses that count people who bear a sign: the most who may in a window, against the fewest people it can hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.summing.who import column, numbered
from whosaw.build.step import Span

from .bars import BarColumns, Bars
from .bounds import Bounds, EntityDays, PeopleSets, entity_days, most_before, within
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
    none = np.empty(0, np.int64)
    found: list[tuple[Ints, Ints, Bools]] = [(none, none, np.empty(0, bool))]
    by_hour = _Hours.of(question, hours)
    for days, (bearing, every) in entity_days(question.kind, span, question.furthest, None, rows, entities):
        at, day = _perhaps(question, span, days, bearing)
        if not len(at):
            continue
        entity, on = days.entity[at], day + days.first
        windows = bars.by_window(on, entity, len(question.windows))
        asked = [
            bar.there & (by_hour.may(entity, on, least, bar) if length == DAY else True)
            for bar, (length, least) in zip(windows, question.windows, strict=True)
        ]
        plain = _PlainSums.of(days, bearing, every, at, day)
        may, sure = np.zeros(len(at), bool), np.zeros(len(at), bool)
        for told, bar, window in zip(asked, windows, question.windows, strict=True):
            sure |= told & plain.confirm(question, *window, bar)
        may |= sure
        rest = np.flatnonzero(~sure & np.logical_or.reduce(asked))
        sums = _Sums.of(days, bearing, every, at[rest], day[rest])
        for told, bar, window in zip(asked, windows, question.windows, strict=True):
            some = np.flatnonzero(told[rest])
            decided = sums.decides(question, some, *window, bar.take(rest[some]))
            may[rest[some]] |= decided[0]
            sure[rest[some]] |= decided[1]
        found.append((entity[may], on[may], sure[may]))
    entity_of, day_of, sure_of = (np.concatenate([each[at] for each in found]) for at in range(3))
    return Bounds.of(judged, entity_of, day_of, sure_of.astype(bool))


@dataclass(frozen=True, slots=True)
class _Hours:
    """By entity and day, of each hour how many bear the sign at most in a window of a day that ends in it, and how many people it
    holds at least."""

    entity: Ints
    day: Ints
    signed: Ints
    told: Ints

    @classmethod
    def of(cls, question: Question, hours: pa.Table) -> _Hours:
        rows = hours.filter(
            pc.and_(pc.equal(hours["kind"], question.kind), pc.equal(hours["pair"], question.pair))
        )
        return cls(*(column(rows, name) for name in cls.__slots__))

    def may(self, entity: Ints, day: Ints, least: int, bar: BarColumns) -> Bools:
        """Whether each entity may be over its bar on a day in any window of a day that ends in one of its hours."""
        alike = numbered(np.concatenate([entity, self.entity]), np.concatenate([day, self.day]))[0]
        of = np.full(int(alike.max(initial=-1)) + 1, -1, np.int64)
        of[alike[: len(entity)]] = np.arange(len(entity))
        at = of[alike[len(entity) :]]
        rows = np.flatnonzero((at >= 0) & (self.signed >= least))
        signed = self.signed[rows]
        passed = bar.take(at[rows]).passed(signed, np.maximum(signed, self.told[rows]))
        found = np.zeros(len(entity), bool)
        found[at[rows][passed]] = True
        return found


def _perhaps(question: Question, span: Span, days: EntityDays, bearing: pa.Table) -> tuple[Ints, Ints]:
    """Entities and days on which somebody bears the sign and the sums of these people by day reach a bar, as places in `days`."""
    signed = days.spread(bearing, column(bearing, "signed"))
    left = np.zeros(signed.shape, bool)
    for length, bar in question.windows:
        left |= within(signed, question.back(length)) >= bar
    left &= signed > 0
    left[:, : days.days - (span.last - span.first + 1)] = False
    at, day = np.nonzero(left)
    return at, day


@dataclass(frozen=True, slots=True)
class _PlainSums:
    """What numbers of days alone say of entities and days: how many bear the sign on each day, and how many people there were. They are at most
    as many as bear it together, and at least as many as there are."""

    at: Ints
    day: Ints
    signed: Ints
    people: Ints

    @classmethod
    def of(cls, days: EntityDays, bearing: pa.Table, every: pa.Table, at: Ints, day: Ints) -> _PlainSums:
        signed = days.spread(bearing, column(bearing, "signed"))
        there = days.spread(every, np.ones(every.num_rows, np.int64))
        people = days.spread(every, column(every, "seen")) + signed + 1 - there
        return cls(at, day, signed, people)

    def confirm(self, question: Question, length: int, least: int, bar: BarColumns) -> Bools:
        """Which are over a bar for certain, so that no set of people has to be looked at: the most who bear the sign on one day before the last are
        remarkable among the people of all days added up."""
        bearing = most_before(self.signed, length // DAY - 1)[self.at, self.day]
        people = within(self.people, question.back(length))[self.at, self.day]
        found: Bools = ~bar.by_number & (bearing >= least) & bar.passed(bearing, np.maximum(bearing, people))
        return found


@dataclass(frozen=True, slots=True)
class _Sums:
    """The numbers of some entities by day, and the sets of people that name them; `at` and `day` are those that are asked about, as places."""

    at: Ints
    day: Ints
    signed: Ints
    seen: Ints
    untold: Ints  # who was there and of whom it cannot be told
    there: Ints
    bearers: PeopleSets
    people: PeopleSets

    @classmethod
    def of(cls, days: EntityDays, bearing: pa.Table, every: pa.Table, at: Ints, day: Ints) -> _Sums:
        signed, told = (days.spread(bearing, column(bearing, name)) for name in ("signed", "told"))
        seen = days.spread(every, column(every, "seen"))
        there, rowed = (days.spread(each, np.ones(each.num_rows, np.int64)) for each in (every, bearing))
        return cls(
            at=at,
            day=day,
            signed=signed,
            seen=seen,
            untold=np.where((there > 0) & (rowed > 0), seen - told, 0),
            there=there,
            bearers=PeopleSets.of(days, bearing),
            people=PeopleSets.of(days, every),
        )

    def decides(
        self, question: Question, some: Ints, length: int, least: int, bar: BarColumns
    ) -> tuple[Bools, Bools]:
        """Whether some of the entities may be over a bar in a window that ends on their day, and whether they are."""
        at, day = self.at[some], self.day[some]
        back, whole = question.back(length), max(0, length // DAY - 1)
        at_once = bar.by_number & (self.signed[at, day] >= least)
        may, sure = at_once.copy(), at_once & (length >= DAY)
        rest = np.flatnonzero(~at_once)
        most = self._signed(at[rest], day[rest], back)
        rest, most = rest[most >= least], most[most >= least]
        may[rest] = True
        luck = np.flatnonzero(~bar.by_number[rest])
        rest, most = rest[luck], most[luck]
        at, day, bar = at[rest], day[rest], bar.take(rest)
        may[rest] = bar.passed(most, np.maximum(most, self._fewest(at, day, whole)))
        kept = np.flatnonzero(may[rest])
        certain = self._certain(at[kept], day[kept], whole)
        kept, certain = kept[certain >= least], certain[certain >= least]
        every = np.maximum(certain, self._most(at[kept], day[kept], back))
        sure[rest[kept]] = bar.take(kept).passed(certain, every)
        return may, sure

    def _signed(self, at: Ints, day: Ints, back: int) -> Ints:
        """The most people who may bear the sign: whose set is absent, and whom nobody names, are added up."""
        together, named = self.bearers.together(at, day, back, 0)
        return together + within(self.signed, back)[at, day] - named

    def _certain(self, at: Ints, day: Ints, whole: int) -> Ints:
        """The fewest people who bear it, on whole days before the last."""
        together, _ = self.bearers.together(at, day, whole, 1)
        return np.maximum(together, most_before(self.signed, whole)[at, day])

    def _fewest(self, at: Ints, day: Ints, whole: int) -> Ints:
        """The fewest people of whom it can be told, on these days. Of a day without a row of `signed` it is told of all."""
        untold = within(self.untold, whole)[at, day] - self.untold[at, day]
        together, _ = self.people.together(at, day, whole, 1)
        return np.asarray(np.maximum(0, together - np.maximum(0, untold)), np.int64)

    def _most(self, at: Ints, day: Ints, back: int) -> Ints:
        """The most people there may have been, one on each day without a row."""
        together, named = self.bearers.and_of(self.people).together(at, day, back, 0)
        return together + within(self.seen + self.signed + 1 - self.there, back)[at, day] - named
