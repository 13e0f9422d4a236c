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
        """The share of people who bear the sign in windows of either length; None where nothing is known."""
        return (self.of_month if month else self.of_day) if self.anybody[month] else None


def learnt(places: pa.Table, pair: int, days: Iterable[int]) -> dict[int, Learnt]:
    """What is usual of a pair as of each day, from the rows of `places` of days that reach as far back as facts do."""
    rows = places.filter(pc.field("pair") == pair)
    known_of = np.unique(column(rows, "day")).tolist()
    made: dict[Known, Learnt] = {}  # in hindsight all days have the same
    found = {}
    for day in days:
        known = known_days(known_of, day)
        if known not in made:
            its = rows.filter(pa.array(np.isin(column(rows, "day"), np.asarray(known.days, np.int64))))
            made[known] = _learnt(its, hindsight=known.hindsight)
        found[day] = made[known]
    return found


def _learnt(rows: pa.Table, *, hindsight: bool) -> Learnt:
    daily, monthly = of_days(rows), of_month(rows)
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
    addresses, at = np.unique(column(rows, "address"), return_inverse=True)
    bearing, beyond = _people(rows, at, "signed", "signed_people")
    others, unnamed = _people(rows, at, "others", "other_people")
    others = others[~np.isin(others, bearing)]
    size = len(addresses)
    return usual_of(
        np.bincount(bearing >> 32, minlength=size) + np.bincount(at, beyond, minlength=size).astype(np.int64),
        np.bincount(others >> 32, minlength=size) + np.bincount(at, unnamed, minlength=size).astype(np.int64),
    )


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


def _people(rows: pa.Table, at: Ints, number: str, sets: str) -> tuple[Ints, Ints]:
    """Of a column of sets, address and person as one number, each once; and of each row, how many people are in no set."""
    person, row = unpack_rows(rows[sets])
    pairs = np.unique((at[row] << 32) | person)
    return pairs, column(rows, number) - np.bincount(row, minlength=rows.num_rows)
