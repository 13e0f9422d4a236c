"""Sets of flags with their bits, of views and of clients on one day, and what is alike among rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.summing.who import starts_of
from whosaw.store.distinct import alike, distinct_pairs, numbered_from_0

from .bits import COUNTS, OF_ENTITY, OF_THE_DAY
from .flagged import Holder
from .holding import NONE, Hand, Held

__all__ = [
    "BITS",
    "NO_NUMBER",
    "ClientSets",
    "FlagSets",
    "by_mark",
    "client_sets",
    "nullable",
]

Ints = npt.NDArray[np.int64]
BITS: Final = 256  # one flag with its bits is one number
NO_NUMBER: Final = -1
_BYTES: Final = [bytes((each,)) for each in range(BITS)]


@dataclass(frozen=True, slots=True)
class FlagSets:
    """Sets of flags with their bits, and the key of each."""

    bits: list[dict[bytes, int]]
    keys: list[bytes]

    @classmethod
    def of(cls, bits: list[dict[bytes, int]]) -> FlagSets:
        return cls(bits, [_key(each) for each in bits])

    def of_rows(self, places: Ints) -> pa.Array:
        """The keys of the sets at these places, none at `NONE`."""
        return pa.array(self.keys, pa.binary(16)).take(pa.array(places, mask=places == NONE))


@dataclass(frozen=True, slots=True)
class ClientSets:
    """Clients of a day that are of any flagged entity, ascending; and for each its place among sets."""

    clients: Ints
    place: Ints
    sets: FlagSets

    def of(self, clients: Ints) -> Ints:
        """The place of each client's set; `NONE` for one that has none."""
        if not len(self.clients):
            return np.full(len(clients), NONE)
        at = np.minimum(np.searchsorted(self.clients, clients), len(self.clients) - 1)
        return np.where(self.clients[at] == clients, self.place[at], NONE)


def _key(bits: Mapping[bytes, int]) -> bytes:
    told = b"".join([flag + _BYTES[its] for flag, its in sorted(bits.items())])
    return hashlib.sha256(told).digest()[:16]


def client_sets(held: Sequence[Held], hand: Hand, some: Ints, flags: Sequence[Holder]) -> ClientSets:
    """Which flags count a view of each client on that day, and of which entities it is."""
    clients, _, client = hand.clients
    whose: list[Ints] = [np.empty(0, np.int64)]
    codes: list[Ints] = [np.empty(0, np.int64)]
    for each in held:
        asked = [(np.flatnonzero(each.bits & np.uint8(COUNTS)), each.flag, OF_THE_DAY)]
        if each.of_entity is not None:
            asked.append((some[each.of_entity[some] != NONE], each.of_entity, OF_ENTITY))
        for rows, flag, bit in asked:
            of, own = _once(client[rows], flag[rows], len(clients))
            whose.append(of)
            codes.append(own * BITS + bit)
    of, code = distinct_pairs(np.concatenate(whose), np.concatenate(codes))
    if not len(of):
        return ClientSets(np.empty(0, np.int64), np.empty(0, np.int64), FlagSets.of([]))
    borders = np.append(np.flatnonzero(np.append(True, of[1:] != of[:-1])), len(of))
    place, first = alike(*(np.add.reduceat(each, borders[:-1]).view(np.int64) for each in _weights(code)))
    sets = _together(code, borders[first], borders[first + 1], flags)
    return ClientSets(clients[of[borders[:-1]]], place, FlagSets.of(sets))


def _once(client: Ints, flag: Ints, many: int) -> tuple[Ints, Ints]:
    """Each client with each of its flags once. Mostly it has one."""
    flag_of = np.full(many, NONE)
    flag_of[client] = flag
    if not np.array_equal(flag_of[client], flag):
        return distinct_pairs(client, flag)
    own = np.flatnonzero(flag_of != NONE)
    return own, flag_of[own]


def _weights(codes: Ints) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Two numbers of each code whose sums tell sets apart."""
    own, place = numbered_from_0(codes)
    pairs = np.frombuffer(b"".join(map(_weight, own.tolist())), np.uint64).reshape(-1, 2)
    return pairs[place, 0], pairs[place, 1]


@lru_cache(maxsize=1 << 16)
def _weight(code: int) -> bytes:
    return hashlib.sha256(code.to_bytes(8, "big")).digest()[:16]


def _together(codes: Ints, starts: Ints, ends: Ints, flags: Sequence[Holder]) -> list[dict[bytes, int]]:
    """Of each of these stretches of codes, which ascend, by key of a flag its bits."""
    many = ends - starts
    stretch = np.repeat(np.arange(len(many)), many)
    its = codes[np.arange(len(stretch)) + np.repeat(starts - (np.cumsum(many) - many), many)]
    begins = starts_of(stretch, its // BITS)
    bits = np.bitwise_or.reduceat(its % BITS, begins).tolist()
    keys = [flags[each].key for each in (its[begins] // BITS).tolist()]
    borders = np.searchsorted(stretch[begins], np.arange(len(many) + 1)).tolist()
    return [dict(zip(keys[start:end], bits[start:end], strict=True)) for start, end in pairwise(borders)]


def nullable(numbers: Ints) -> pa.Array:
    """Numbers as a column, null where there is none."""
    return pa.array(numbers, mask=numbers == NO_NUMBER)


def by_mark(rows: pa.Table) -> pa.Table:
    """Rows in the order of their marks, none last; rows of one mark stay as they stand."""
    return rows.take(pc.sort_indices(rows, [("mark", "ascending")]))
