"""What is usual of a sign as of a day, in a window of a day and of a month, learnt from groups of people at addresses on known days.

A window is held against the people of its own unit: somebody who comes on four days has four days on which to bear a sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log2
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.surprise import Usual, judged, middle_share, usual_of
from whosaw.store.distinct import alike, numbered_from_0
from whosaw.store.person_sets import counts_at_most, unpack_rows

from .known_days import ByDay, Known, Part, Sliding
from .who import column

__all__ = [
    "Learnt", "actors_as_of", "eighth", "learnt", "of_days", "of_month", "power_of_two", "walked_as_of", "walkers_as_of",
]  # fmt: skip

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_EIGHTHS = 8  # of an octave
_EXACT = 1_024  # people up to whom each counts
_PEOPLE: Final = 1 << 22  # of sets that are in hand at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What is usual as of a day, rounded, so that one person more does not make a year again. `anybody`: whether anything is known
    at all; `nobody_bears`: of how many people it is known that none of them bears the sign (0: somebody does)."""

    of_day: float
    of_month: float
    anybody: tuple[bool, bool]
    nobody_bears: int
    hindsight: bool

    def share(self, *, month: bool) -> float | None:
        """The share of people who bear the sign in windows of either length; None where nothing is known. Who bears it in views of a day
        bears it in those of a month, so where no day shows what is usual of a day, it is taken to be no less than in a month."""
        month = month or not self.anybody[False]
        return (self.of_month if month else self.of_day) if self.anybody[month] else None


def learnt(places: pa.Table, pair: int, days: Iterable[int]) -> dict[int, Learnt]:
    """What is usual of a pair as of each day, from the rows of `places` of days that reach as far back as facts do."""
    rows = places.filter(pc.equal(places["pair"], pair))
    by_day = ByDay(column(rows, "day"))
    daily, found = _Days(rows, by_day), {}
    for windows, (first, end) in _at_once(rows, by_day, days):
        its = by_day.rows((first, end))
        some = rows.slice(its.start, its.stop - its.start)
        monthly = _Month(some, ByDay(column(some, "day")))
        for day, known, part in windows:
            month = monthly.usual((part[0] - first, part[1] - first))
            found[day] = _learnt(daily.usual(part), month, hindsight=known.hindsight)
    return found


def _at_once(
    rows: pa.Table, by_day: ByDay, days: Iterable[int]
) -> Iterator[tuple[list[tuple[int, Known, Part]], Part]]:
    """Windows of days, in their order, as many at once as people fit, and the known days of all of them. People of days that windows share are read
    once more with each cut, so that twice those of one window always fit."""
    many = sum(counts_at_most(rows[sets].combine_chunks()) for sets in ("signed_people", "other_people"))
    before = np.append(0, np.cumsum(many))

    def people(part: Part) -> int:
        its = by_day.rows(part)
        return int(before[its.stop] - before[its.start])

    windows: list[tuple[int, Known, Part]] = []
    every, most = (0, 0), 0
    for window in by_day.windows(days):
        own = window[2]
        wide = (min(every[0], own[0]), max(every[1], own[1])) if windows else own
        if windows and people(wide) > most:
            yield windows, every
            windows, wide = [], own
        if not windows:
            most = max(_PEOPLE, 2 * people(own))
        windows.append(window)
        every = wide
    if windows:
        yield windows, every


def _learnt(daily: Usual, monthly: Usual, *, hindsight: bool) -> Learnt:
    return Learnt(
        of_day=_rounded(daily),
        of_month=_rounded(monthly),
        anybody=(daily.people > 0, monthly.people > 0),
        nobody_bears=0 if monthly.signed else _to_the_eighth(monthly.people),
        hindsight=hindsight,
    )


def of_days(rows: pa.Table) -> Usual:
    """Each address-day is judged by itself and added up; the middle one of all people is at an address with all its days."""
    rows = rows.sort_by("day")
    by_day = ByDay(column(rows, "day"))
    return _Days(rows, by_day).usual(by_day.every)


def of_month(rows: pa.Table) -> Usual:
    """The people of an address over all days, each once; who bore the sign on any of them bears it. Whom no log names counts
    once a day."""
    rows = rows.sort_by("day")
    by_day = ByDay(column(rows, "day"))
    return _Month(rows, by_day).usual(by_day.every)


class _Days:
    """Of a window that moves over rows: by address, how many people of its days bear the sign of how many, each day judged by itself."""

    def __init__(self, rows: pa.Table, by_day: ByDay) -> None:
        self._signed, self._people = judged(column(rows, "signed"), column(rows, "others"))
        addresses, self._at = np.unique(column(rows, "address"), return_inverse=True)
        self._bearing, self._every = (np.zeros(len(addresses), np.int64) for _ in range(2))
        self._window = Sliding(by_day, self._add)

    def usual(self, part: Part) -> Usual:
        """What is usual by the rows of these days alone."""
        self._window.move(part)
        return Usual(
            signed=int(self._bearing.sum()),
            people=int(self._every.sum()),
            middle=middle_share(self._bearing, self._every, self._every),
        )

    def _add(self, rows: slice, times: int) -> None:
        for total, values in ((self._bearing, self._signed), (self._every, self._people)):
            np.add.at(total, self._at[rows], times * values[rows])


class _Month:
    """The same of the people of all days of the window, each once. A pair is an address and a person, as the place among all pairs."""

    def __init__(self, rows: pa.Table, by_day: ByDay) -> None:
        addresses, self._at = np.unique(column(rows, "address"), return_inverse=True)
        pairs, self._beyond, starts = [], [], []
        for number, sets in (("signed", "signed_people"), ("others", "other_people")):
            person, row = unpack_rows(rows[sets])
            pairs.append((self._at[row], person))
            many = np.bincount(row, minlength=rows.num_rows)
            starts.append(np.append(0, np.cumsum(many)))  # where the pairs of a row begin
            # of each row, how many with and without the sign are in no set
            self._beyond.append(column(rows, number) - many)
        of, persons = (np.concatenate(each) for each in zip(*pairs, strict=True))
        which, first = alike(of, persons)
        self._place = of[first]
        self._pairs, self._starts = np.split(which, [len(pairs[0][0])]), starts
        self._days = [
            np.zeros(len(first), np.int32) for _ in range(2)
        ]  # of each pair, with the sign and without
        self._totals = [np.zeros(len(addresses), np.int64) for _ in range(2)]
        self._window = Sliding(by_day, self._add)

    def usual(self, part: Part) -> Usual:
        """What is usual by the rows of these days alone."""
        self._window.move(part)
        return usual_of(*self._totals)

    def _add(self, rows: slice, times: int) -> None:
        """Rows of one day: a pair comes once in sets of one sort."""
        for sort, (pairs, starts) in enumerate(zip(self._pairs, self._starts, strict=True)):
            mine = pairs[starts[rows.start] : starts[rows.stop]]
            days = [of[mine] for of in self._days]
            before = _who(*days)
            days[sort] += np.int32(times)
            self._days[sort][mine] = days[sort]
            for total, was, now in zip(self._totals, before, _who(*days), strict=True):
                others = np.flatnonzero(was != now)
                np.add.at(total, self._place[mine[others]], now[others].astype(np.int64) - was[others])
        for total, beyond in zip(self._totals, self._beyond, strict=True):
            np.add.at(total, self._at[rows], times * beyond[rows])


def _who(with_it: npt.NDArray[np.int32], without: npt.NDArray[np.int32]) -> tuple[Bools, Bools]:
    """By the days of pairs, who of them bears the sign on any day of the window, and who is there and does not."""
    bears = with_it > 0
    return bears, (without > 0) & ~bears


def actors_as_of(tellable: pa.Table, kind: int, pair: int, days: Iterable[int]) -> dict[int, int]:
    """How many entities could pass a bar by luck, as of each day, up to a power of two."""
    rows = tellable.filter(pc.and_(pc.equal(tellable["kind"], kind), pc.equal(tellable["pair"], pair)))
    return _entities_as_of(rows, days)


def _entities_as_of(rows: pa.Table, days: Iterable[int]) -> dict[int, int]:
    entity, row = unpack_rows(rows["entities"])
    known, at = numbered_from_0(entity)
    there = np.zeros(len(known), np.int64)  # on how many days of the window

    def add(its: slice, times: int) -> None:
        np.add.at(there, at[its], times)

    by_day = ByDay(column(rows, "day")[row])
    window = Sliding(by_day, add)
    found = {}
    for day, _, part in by_day.windows(days):
        window.move(part)
        found[day] = power_of_two(int(np.count_nonzero(there)))
    return found


def walkers_as_of(several: pa.Table, days: Iterable[int]) -> dict[int, int]:
    """How many entities saw more than one person, as of each day, up to a power of two; of the rows of one kind and rule."""
    return _entities_as_of(several, days)


def walked_as_of(rows: pa.Table, days: Iterable[int]) -> dict[int, float]:
    """How often people at an address are steps of a walk as of each day, explained views among them, rounded: of the rows of addresses
    and of all views. The first of all at an address can be no step."""
    places, at = np.unique(column(rows, "entity"), return_inverse=True)
    values = [column(rows, name) for name in ("steps", "fresh")]
    taken, fresh = totals = [np.zeros(len(places), np.int64) for _ in values]

    def add(its: slice, times: int) -> None:
        for total, value in zip(totals, values, strict=True):
            np.add.at(total, at[its], times * value[its])

    by_day = ByDay(column(rows, "day"))
    window = Sliding(by_day, add)
    found = {}
    for day, _, part in by_day.windows(days):
        window.move(part)
        there = fresh > 0
        found[day] = _rounded(usual_of(taken[there], fresh[there] - taken[there] - 1))
    return found


def eighth(share: float) -> float:
    """Rounded to an eighth of an octave, and then to a millionth."""
    return round(2.0 ** (round(_EIGHTHS * log2(share)) / _EIGHTHS), 6) or 1e-6


def power_of_two(number: int) -> int:
    """The next power of two that is not below it; 0 stays 0."""
    return 1 << (number - 1).bit_length() if number else 0


def _to_the_eighth(number: int) -> int:
    """Up to a thousand as it is; beyond, the next eighth of an octave that is not above it."""
    if number <= _EXACT:
        return number
    step = 1 << number.bit_length() - 4
    return number // step * step


def _rounded(usual: Usual) -> float:
    return eighth(min(usual.share, 0.999))
