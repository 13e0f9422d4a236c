"""What is usual of a sign as of a day, in a window of a day and of a month, learnt from groups of people at addresses on known days.

A window is held against the people of its own unit: somebody who comes on four days has four days on which to bear a sign.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log2

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.surprise import Usual, judged, middle_share, usual_of
from whosaw.store.person_sets import unpack_rows

from .known_days import Known, known_days
from .who import column

__all__ = [
    "Learnt", "actors_as_of", "eighth", "learnt", "of_days", "of_month", "power_of_two", "walked_as_of", "walkers_as_of",
]  # fmt: skip

Ints = npt.NDArray[np.int64]
_EIGHTHS = 8  # of an octave
_EXACT = 1_024  # people up to whom each counts


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
    rows = places.filter(pc.field("pair") == pair)
    day = column(rows, "day")
    known_of = np.unique(day).tolist()
    months = _Months.of(rows)
    made: dict[Known, Learnt] = {}  # in hindsight all days have the same
    found = {}
    for each in days:
        known = known_days(known_of, each)
        if known not in made:
            mine = np.isin(day, np.asarray(known.days, np.int64))
            daily, monthly = of_days(rows.filter(pa.array(mine))), months.usual(mine)
            made[known] = _learnt(daily, monthly, hindsight=known.hindsight)
        found[each] = made[known]
    return found


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
    signed, people = judged(column(rows, "signed"), column(rows, "others"))
    address = np.unique(column(rows, "address"), return_inverse=True)[1]
    bearing, of_address = (np.bincount(address, values).astype(np.int64) for values in (signed, people))
    return Usual(
        signed=int(signed.sum()),
        people=int(people.sum()),
        middle=middle_share(bearing, of_address, of_address),
    )


def of_month(rows: pa.Table) -> Usual:
    """The people of an address over all days, each once; who bore the sign on any of them bears it. Whom no log names counts
    once a day."""
    return _Months.of(rows).usual(np.ones(rows.num_rows, bool))


@dataclass(frozen=True, slots=True)
class _Months:
    """The people of rows, read once: `person` is an address and a person as the place of that pair among all, `row` where it stands."""

    at: Ints  # the address of each row, as a place among all
    of_pair: Ints  # the address of each pair
    signed: tuple[Ints, Ints]  # pairs, and the row of each
    others: tuple[Ints, Ints]
    beyond: tuple[Ints, Ints]  # of each row, how many with and without the sign are in no set
    size: int

    @classmethod
    def of(cls, rows: pa.Table) -> _Months:
        addresses, at = np.unique(column(rows, "address"), return_inverse=True)
        pairs, places, beyond = [], [], []
        for number, sets in (("signed", "signed_people"), ("others", "other_people")):
            person, row = unpack_rows(rows[sets])
            pairs.append((at[row] << 32) | person)
            places.append(row)
            beyond.append(column(rows, number) - np.bincount(row, minlength=rows.num_rows))
        every, which = np.unique(np.concatenate(pairs), return_inverse=True)
        signed, others = np.split(which, [len(pairs[0])])
        return cls(
            at=at,
            of_pair=every >> 32,
            signed=(signed, places[0]),
            others=(others, places[1]),
            beyond=(beyond[0], beyond[1]),
            size=len(addresses),
        )

    def usual(self, mine: npt.NDArray[np.bool_]) -> Usual:
        """What is usual by these rows alone."""
        bears, other = (np.zeros(len(self.of_pair), bool) for _ in range(2))
        for flags, (pair, row) in ((bears, self.signed), (other, self.others)):
            flags[pair[mine[row]]] = True
        other &= ~bears
        counts = (
            np.bincount(self.of_pair[flags], minlength=self.size)
            + np.bincount(self.at[mine], beyond[mine], minlength=self.size).astype(np.int64)
            for flags, beyond in ((bears, self.beyond[0]), (other, self.beyond[1]))
        )
        return usual_of(*counts)


def actors_as_of(tellable: pa.Table, kind: int, pair: int, days: Iterable[int]) -> dict[int, int]:
    """How many entities could pass a bar by luck, as of each day, up to a power of two."""
    rows = tellable.filter((pc.field("kind") == kind) & (pc.field("pair") == pair))
    return _entities_as_of(rows, days)


def _entities_as_of(rows: pa.Table, days: Iterable[int]) -> dict[int, int]:
    entity, row = unpack_rows(rows["entities"])
    of_row = column(rows, "day")[row]
    known_of = np.unique(of_row).tolist()
    made: dict[Known, int] = {}
    found = {}
    for day in days:
        known = known_days(known_of, day)
        if known not in made:
            mine = np.isin(of_row, np.asarray(known.days, np.int64))
            made[known] = power_of_two(len(np.unique(entity[mine])))
        found[day] = made[known]
    return found


def walkers_as_of(several: pa.Table, days: Iterable[int]) -> dict[int, int]:
    """How many entities saw more than one person, as of each day, up to a power of two; of the rows of one kind and rule."""
    return _entities_as_of(several, days)


def walked_as_of(rows: pa.Table, days: Iterable[int]) -> dict[int, float]:
    """How often people at an address are steps of a walk as of each day, explained views among them, rounded: of the rows of addresses
    and of all views. The first of all at an address can be no step."""
    known_of = np.unique(column(rows, "day")).tolist()
    made: dict[Known, float] = {}
    found = {}
    for day in days:
        known = known_days(known_of, day)
        if known not in made:
            its = rows.filter(pa.array(np.isin(column(rows, "day"), np.asarray(known.days, np.int64))))
            places, at = np.unique(column(its, "entity"), return_inverse=True)
            taken, fresh = (
                np.bincount(at, column(its, name), minlength=len(places)).astype(np.int64)
                for name in ("steps", "fresh")
            )
            made[known] = _rounded(usual_of(taken, fresh - taken - 1))
        found[day] = made[known]
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
