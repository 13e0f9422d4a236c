"""The place of a person among all whose identifiers hold a number, as of the end of a day.

A place as of a day is how many stand before somebody in the list of all numbers that were known by then. Places of different kinds are
never near.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from .columns import Digests, Ints, digest_halves, plain

__all__ = ["NUMBERS", "DayPlaces"]

NUMBERS: Final = pa.schema([("person", pa.int32()), ("kind", pa.string()), ("value", pa.int64())])
"""People whose identifiers hold one whole number, and what stands around it."""
_APART: Final = 1000


class DayPlaces:
    """`values` are `NUMBERS` and `known`, the day on which somebody's number was met first. All numbers are put in their order once; a
    place as of a day is how many stand before it that were known by then."""

    def __init__(self, values: pa.Table, digests: Digests) -> None:
        self._known, people = (
            plain(values["known"]).astype(np.int64),
            plain(values["person"]).astype(np.int64),
        )
        order, kind = _in_order(values, people, digests)
        self._known, self._kind = self._known[order], kind[order]
        self._kinds = int(kind.max(initial=-1)) + 1
        by_person = np.argsort(people, kind="stable")
        self._people = people[by_person]
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        self._at = place[by_person]  # where each stands among all numbers
        self._asked = self._found = np.empty(0, np.int64)
        self._there, self._before = np.empty(0, bool), np.empty(0, np.int64)
        self._last: int | None = None

    def __call__(self, day: int, people: Ints) -> tuple[Ints, int]:
        """The places of people as of the end of the day, below 0 where there is none, and the largest of them."""
        if not len(self._people):
            return np.full(len(people), -1, np.int64), 0
        if self._last != day:
            self._there, self._last = self._known <= day, day
            self._before = np.cumsum(self._there)
        if self._asked is not people:  # who asks of one day mostly asks of the next
            self._asked, self._found = people, self._places_of(people)
        there = self._there
        numbered = np.flatnonzero(np.bincount(self._kind[there], minlength=self._kinds))
        apart = _APART * (np.searchsorted(numbered, np.arange(self._kinds)) + 1)
        known = (self._found >= 0) & there[self._found]
        place = np.where(known, self._before[self._found] + apart[self._kind[self._found]], -1)
        return place, max(0, int(place.max(initial=0)))

    def _places_of(self, people: Ints) -> Ints:
        """Where people stand among all numbers; below 0 where they have none."""
        at = np.minimum(np.searchsorted(self._people, people), len(self._people) - 1)
        return np.where(self._people[at] == people, self._at[at], -1)


def _in_order(values: pa.Table, people: Ints, digests: Digests) -> tuple[Ints, Ints]:
    """Numbers in the order of their kinds and values, those of one number by the digests of their people; and the kind of each, by the
    order of their names."""
    if not len(people):
        return people, people
    coded = values["kind"].combine_chunks().dictionary_encode()
    names = coded.dictionary.to_pylist()
    by_name = np.argsort(np.argsort(np.asarray(names, np.str_), kind="stable"), kind="stable")
    kind = np.asarray(by_name[np.asarray(coded.indices, np.int64)], np.int64)
    value = plain(values["value"]).astype(np.int64)
    order = np.lexsort((value, kind))
    same = (value[order][1:] == value[order][:-1]) & (kind[order][1:] == kind[order][:-1])
    tied = np.append(False, same) | np.append(same, False)
    rank = np.zeros(len(order), np.int64)
    same_as = people[order[tied]]
    if len(same_as):
        high, low = digest_halves(digests("person", pa.array(same_as, pa.int32())))
        rank[order[tied]] = np.argsort(np.lexsort((low, high)))
    return np.lexsort((rank, value, kind)), kind
