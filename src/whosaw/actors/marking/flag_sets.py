"""Sets of flags with their bits, of views and of clients on one day, and what is alike among rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.distinct import distinct_pairs

from .bits import COUNTS, OF_ENTITY, OF_THE_DAY
from .flagged import Holder
from .holding import NONE, Held

__all__ = [
    "BITS",
    "NO_NUMBER",
    "ClientSets",
    "FlagSets",
    "alike",
    "by_mark",
    "client_sets",
    "nullable",
    "together",
]

Ints = npt.NDArray[np.int64]
BITS: Final = 256  # one flag with its bits is one number
NO_NUMBER: Final = -1


@dataclass(frozen=True, slots=True)
class FlagSets:
    """Sets of flags with their bits, and the key of each."""

    bits: list[dict[bytes, int]]
    keys: list[bytes]

    @classmethod
    def of(cls, bits: list[dict[bytes, int]]) -> FlagSets:
        return cls(bits, [_key(each) for each in bits])


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
    told = hashlib.sha256()
    for flag, its in sorted(bits.items()):
        told.update(flag + bytes((its,)))
    return told.digest()[:16]


def client_sets(held: Sequence[Held], client: Ints, some: Ints, flags: Sequence[Holder]) -> ClientSets:
    """Which flags count a view of each client on that day, and of which entities it is."""
    whose: list[Ints] = [np.empty(0, np.int64)]
    codes: list[Ints] = [np.empty(0, np.int64)]
    for each in held:
        counts = some[each.bits[some] & np.uint8(COUNTS) > 0]
        its = some[each.of_entity[some] != NONE]
        whose += [client[counts], client[its]]
        codes += [each.flag[counts] * BITS + OF_THE_DAY, each.of_entity[its] * BITS + OF_ENTITY]
    of, code = distinct_pairs(np.concatenate(whose), np.concatenate(codes))
    if not len(of):
        return ClientSets(np.empty(0, np.int64), np.empty(0, np.int64), FlagSets.of([]))
    borders = np.append(np.flatnonzero(np.append(True, of[1:] != of[:-1])), len(of))
    place, first = alike([np.add.reduceat(each, borders[:-1]).view(np.int64) for each in _weights(code)])
    sets = [together(code[borders[at] : borders[at + 1]], flags) for at in first.tolist()]
    return ClientSets(of[borders[:-1]], place, FlagSets.of(sets))


def _weights(codes: Ints) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Two numbers of each code whose sums tell sets apart."""
    own, place = np.unique(codes, return_inverse=True)
    digests = b"".join(hashlib.sha256(int(each).to_bytes(8, "big")).digest()[:16] for each in own)
    pairs = np.frombuffer(digests, np.uint64).reshape(-1, 2)
    return pairs[place, 0], pairs[place, 1]


def together(codes: Ints, flags: Sequence[Holder]) -> dict[bytes, int]:
    """By key of a flag its bits, from numbers that hold both."""
    found: dict[bytes, int] = {}
    for code in codes.tolist():
        key = flags[code // BITS].key
        found[key] = found.get(key, 0) | code % BITS
    return found


def alike(columns: Sequence[Ints]) -> tuple[Ints, Ints]:
    """By row, numbered from 0, which rows are alike in all columns, and the first row of each number."""
    size = len(columns[0])
    place = np.zeros(size, np.int64)
    for each in columns:
        own, small = np.unique(each, return_inverse=True)
        place = np.unique(place * len(own) + small.reshape(-1), return_inverse=True)[1].reshape(-1)
    return place, np.unique(place, return_index=True)[1]


def nullable(numbers: Ints) -> pa.Array:
    """Numbers as a column, null where there is none."""
    return pa.array(numbers, mask=numbers == NO_NUMBER)


def by_mark(rows: pa.Table) -> pa.Table:
    """Rows in the order of their marks, none last; rows of one mark stay as they stand."""
    own = rows["mark"].to_pylist()
    order = sorted(range(len(own)), key=lambda at: (own[at] is None, own[at] or b""))
    return rows.take(pa.array(order, pa.int64()))
