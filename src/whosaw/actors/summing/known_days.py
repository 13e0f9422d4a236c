"""The days from which a fact as of a day is learnt: the last 28 known ones before it, or the first ones there are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from whosaw.store.distinct import distinct

__all__ = ["DAYS", "FURTHEST", "ByDay", "Known", "Part", "Sliding", "known_days"]

DAYS = 28
FURTHEST = 400  # days; what is older says nothing any more
Part: TypeAlias = tuple[int, int]
"""Known days that follow one another: the place of the first, and that behind the last."""


@dataclass(frozen=True, slots=True)
class Known:
    """Days, ascending; `hindsight`: fewer were known before, so that they are the first there are, the day itself among them or not."""

    days: tuple[int, ...]
    hindsight: bool


def known_days(known: Sequence[int], day: int) -> Known:
    """From which of the days on which anybody was there (ascending) a fact as of `day` is learnt.

    A day that lies more than `FURTHEST` days after the last known one begins anew.
    """
    upto = bisect_left(known, day)
    first = upto - DAYS
    if first >= 0 and day - known[first] <= FURTHEST:  # so no silence parts them from it
        return Known(tuple(known[first:upto]), hindsight=False)
    days = np.asarray(known, np.int64)
    era = days[slice(*_era(days, day))]
    before = era[(era < day) & (era >= day - FURTHEST)][-DAYS:]
    if len(before) == DAYS:
        return Known(tuple(before.tolist()), hindsight=False)
    return Known(tuple(era[:DAYS].tolist()), hindsight=True)


def _era(days: np.ndarray, day: int) -> tuple[int, int]:
    """Between which places the days lie that no long silence parts from `day`."""
    at = int(np.searchsorted(days, day, "right"))
    after = np.flatnonzero(np.diff(days) > FURTHEST) + 1  # places at which something begins anew
    if at == 0 or day - int(days[at - 1]) > FURTHEST:
        start = at
    else:
        begun = after[after < at]
        start = int(begun[-1]) if len(begun) else 0
    ended = after[after > max(start, at - 1)]
    return start, int(ended[0]) if len(ended) else len(days)


class ByDay:
    """Where the rows of each known day stand among rows in the order of their days."""

    def __init__(self, day: npt.NDArray[np.int64]) -> None:
        if (np.diff(day) < 0).any():
            raise ValueError("days do not ascend")
        self.days = distinct(day)
        self._known = self.days.tolist()
        self._starts = np.append(np.searchsorted(day, self.days), len(day)).tolist()

    @property
    def every(self) -> Part:
        """All known days."""
        return 0, len(self.days)

    def rows(self, part: Part) -> slice:
        """The rows of these days."""
        return slice(self._starts[part[0]], self._starts[part[1]])

    def windows(self, days: Iterable[int]) -> Iterator[tuple[int, Known, Part]]:
        """By day, in their order, from which known days a fact as of it is learnt."""
        for day in sorted(days):
            known = known_days(self._known, day)
            first = bisect_left(self._known, known.days[0]) if known.days else 0
            yield day, known, (first, first + len(known.days))


class Sliding:
    """Sums over a window of days that moves: rows that come into it are added, and those that leave it are taken away, day by day (`add`, with
    1 or -1 times)."""

    def __init__(self, by_day: ByDay, add: Callable[[slice, int], None]) -> None:
        self._by_day, self._add = by_day, add
        self._part: Part = (0, 0)

    def move(self, part: Part) -> None:
        """Have it hold these days."""
        before, self._part = self._part, part
        for one, other, times in ((part, before, 1), (before, part, -1)):
            for first, end in _without(one, other):
                for at in range(first, end):
                    self._add(self._by_day.rows((at, at + 1)), times)


def _without(one: Part, other: Part) -> tuple[Part, Part]:
    """What of the first days is not among the others: before these, and after them."""
    return (one[0], min(one[1], other[0])), (max(one[0], other[1]), one[1])
