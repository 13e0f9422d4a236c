"""The place of a person among all whose identifiers hold a number, as of the end of a day.

A place as of a day is how many stand before somebody in the list of all numbers that were known by then. Places of different kinds are
never near.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.store.distinct import numbered_from_0, order_of

from .columns import Bools, Digests, Ints, digest_halves, plain

__all__ = ["NUMBERS", "PLACED", "DayPlaces", "placed"]

NUMBERS: Final = pa.schema(
    [("person", pa.int32()), ("kind", pa.dictionary(pa.int32(), pa.string())), ("value", pa.int64())]
)
"""People whose identifiers hold one whole number, and what stands around it."""
PLACED: Final = pa.schema([("person", pa.int32()), ("sort", pa.int16()), ("place", pa.int64())])
"""The same people with the place of each among all of them: those of one kind (`sort`: its place among the names of kinds) lie together, in the
order of their values, those of one value by the digests of the people."""
_APART: Final = 1000
_WORD: Final = 6  # a word holds two to the sixth bits


def placed(numbers: pa.Table, digests: Digests) -> pa.Table:
    """Row by row of `NUMBERS` a row of `PLACED`."""
    people = plain(numbers["person"]).astype(np.int64)
    order, sort = _in_order(numbers, people, digests)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return pa.table([numbers["person"], pa.array(sort), pa.array(place)], PLACED.names).cast(PLACED)


class DayPlaces:
    """`values` are `PLACED` and `known`, the day on which somebody's number was met first; some of all there are will do. A place as of a day is
    how many stand before it that were known by then: they are bits, counted word by word, so that one more day adds those it met first."""

    def __init__(self, values: pa.Table) -> None:
        people, sort, place, known = (
            plain(values[name]).astype(np.int64) for name in ("person", "sort", "place", "known")
        )
        by_day = order_of(known)
        self._known, self._new = known[by_day], place[by_day]
        self._at = np.full(int(people.max(initial=-1)) + 2, -1, np.int64)
        self._at[people] = place
        sorts, kind = numbered_from_0(sort)
        self._kind, self._kinds = kind[by_day], len(sorts)
        self._starts = np.full(len(sorts), len(self._new), np.int64)
        if len(place):
            self._starts[:] = place.max()
        np.minimum.at(self._starts, kind, place)
        self._forget()

    def has(self, people: Ints) -> Bools:
        """Which people, below 0 nobody, have a number at all."""
        return np.asarray(self._at[np.minimum(people, len(self._at) - 1)] >= 0)

    def _forget(self) -> None:
        words = (int(self._new.max(initial=0)) >> _WORD) + 1
        self._there, self._before = np.zeros(words, np.uint64), np.zeros(words, np.int64)
        self._apart = np.zeros(max(1, self._kinds), np.int64)
        self._numbered = np.zeros(self._kinds, bool)  # kinds of which anybody is known
        self._upto, self._day = 0, -(1 << 62)

    def __call__(self, day: int, people: Ints) -> tuple[Ints, int]:
        """The places of people as of the end of the day, below 0 where there is none, and the largest of them."""
        if day < self._day:
            self._forget()
        if day > self._day:
            self._go_on(day)
        at = self._at[np.minimum(people, len(self._at) - 1)]
        some = np.maximum(at, 0)
        word, bit = some >> _WORD, (some & ((1 << _WORD) - 1)).astype(np.uint64)
        here = self._there[word] >> bit
        known = (at >= 0) & (here & np.uint64(1) > 0)
        # the bits of the word up to this one
        upto = np.bitwise_count(self._there[word] << (np.uint64(63) - bit)).astype(np.int64)
        kind = np.searchsorted(self._starts, some, "right") - 1
        place = np.where(known, self._before[word] + upto + self._apart[np.maximum(kind, 0)], -1)
        return place, max(0, int(place.max(initial=0)))

    def _go_on(self, day: int) -> None:
        """With those who were met first until the end of the day."""
        upto = int(np.searchsorted(self._known, day, "right"))
        new = self._new[self._upto : upto]
        if len(new):
            bits = np.uint64(1) << (new & ((1 << _WORD) - 1)).astype(np.uint64)
            np.add.at(self._there, new >> _WORD, bits)  # nobody's bit is there yet, and to add is quick
            many = np.bitwise_count(self._there).astype(np.int64)
            self._before = np.cumsum(many) - many
            self._numbered[self._kind[self._upto : upto]] = True
            numbered = np.flatnonzero(self._numbered)
            self._apart = _APART * (np.searchsorted(numbered, np.arange(self._kinds)) + 1)
        self._upto, self._day = upto, day


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
