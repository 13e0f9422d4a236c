"""Places of people among all numbers, as of the end of each day that is judged."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.signing.places import NUMBERS, Places, SortedNumbers
from whosaw.actors.summing.who import Digests, column

__all__ = ["DayPlaces", "numbered_as_of"]

Ints = npt.NDArray[np.int64]


class DayPlaces:
    """Asked for days in their order. `values` are `NUMBERS` and `known`, the day on which somebody's number was met first."""

    def __init__(self, values: pa.Table, digests: Digests) -> None:
        self._values, self._digests = values, digests
        self._known = column(values, "known")
        people = column(values, "person")
        self._order = np.argsort(people, kind="stable")
        self._people = people[self._order]
        self._lists: list[SortedNumbers] = []
        self._last: int | None = None

    def __call__(self, day: int, people: Ints) -> tuple[Ints, int]:
        """The places of people as of the end of the day, below 0 where there is none, and the largest of them."""
        if self._last != day:
            new = self._known <= day
            if self._last is not None:
                new &= self._known > self._last
            self._lists.append(
                SortedNumbers(self._values.filter(pa.array(new)).select(NUMBERS.names), self._digests)
            )
            self._last = day
        wanted, code = np.unique(people, return_inverse=True)
        at = np.searchsorted(self._people, wanted)
        at[at == len(self._people)] = 0
        has = np.zeros(len(wanted), bool)
        if len(self._people):
            has = (self._people[at] == wanted) & (self._known[self._order[at]] <= day)
        place = np.full(len(wanted), -1, np.int64)
        if has.any():
            rows = self._values.take(pa.array(self._order[at[has]]))
            place[has] = Places(self._lists, self._digests).of(rows)
        return place[code], int(place.max(initial=0))


def numbered_as_of(values: pa.Table, days: Iterable[int]) -> dict[int, int]:
    """How many people have a number as of the end of each day."""
    known = np.sort(column(values, "known"))
    return {day: int(np.searchsorted(known, day, "right")) for day in days}
