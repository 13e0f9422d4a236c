"""Sets of flags with their bits, of views and of clients on one day, and what is alike among rows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explaining.row_digests import Words, mixed
from whosaw.actors.summing.who import starts_of
from whosaw.store.distinct import alike, distinct, order_of

from .bits import COUNTS, OF_ENTITY, OF_THE_DAY
from .flagged import Holder
from .holding import NONE, Hand, Held

__all__ = [
    "BITS",
    "NO_NUMBER",
    "ClientSets",
    "FlagSets",
    "all_held",
    "by_mark",
    "client_sets",
    "nullable",
    "sets_of",
]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
BITS: Final = 256  # one flag with its bits is one number
NO_NUMBER: Final = -1
_NONE: Final = np.zeros(0, np.int64)
_OF_CLIENTS: Final = (OF_THE_DAY, OF_ENTITY)
_TABLE: Final = 1 << 23  # clients and flags up to which a table of them all is made
_KEY_BYTES: Final = 16
_LANES: Final = (np.uint64(0x243F6A8885A308D3), np.uint64(0x13198A2E03707344))  # any two words


@dataclass(frozen=True, slots=True)
class FlagSets:
    """Sets of flags with their bits, and the key of each. Of every flag of a set, one set behind the other and in each in the order of the keys
    of flags: which set it is of, the flag by the place of its key among `flags`, and its bits."""

    of_set: Ints
    flag: Ints
    bits: Ints
    flags: list[bytes]
    keys: list[bytes]

    @classmethod
    def of(cls, parts: Sequence[tuple[Ints, ...]], many: int, flags: list[bytes]) -> FlagSets:
        """From which of so many sets each flag is in, the flag by its place, and bits; these are put together."""
        of_set, flag, bits = (np.concatenate(each) for each in zip(*parts, strict=True))
        order = order_of(of_set, flag)
        of_set, flag, bits = of_set[order], flag[order], bits[order]
        starts = starts_of(of_set, flag)
        if len(starts) < len(order):
            of_set, flag, bits = of_set[starts], flag[starts], np.bitwise_or.reduceat(bits, starts)
        told = np.empty((len(flag), _KEY_BYTES + 1), np.uint8)
        told[:, :_KEY_BYTES] = np.frombuffer(b"".join(flags), np.uint8).reshape(-1, _KEY_BYTES)[flag]
        told[:, _KEY_BYTES] = bits
        ends = (np.searchsorted(of_set, np.arange(many + 1)) * told.shape[1]).tolist()
        written = told.tobytes()
        keys = [hashlib.sha256(written[start:end]).digest()[:16] for start, end in pairwise(ends)]
        return cls(of_set, flag, bits, flags, keys)

    def any_has(self, bit: int) -> Bools:
        """Of which sets any flag has a bit."""
        found = np.zeros(len(self.keys), bool)
        found[self.of_set[self.bits & bit > 0]] = True
        return found

    def among(self, sets: Ints) -> tuple[Ints, Ints, Ints]:
        """The flags of these sets, as `of` takes them: which of the asked ones each is of, the flag, and its bits."""
        begins, ends = (np.searchsorted(self.of_set, sets, side) for side in ("left", "right"))
        many = ends - begins
        of = np.repeat(np.arange(len(sets)), many)
        at = np.arange(len(of)) + np.repeat(begins - (np.cumsum(many) - many), many)
        return of, self.flag[at], self.bits[at]

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


def client_sets(held: Sequence[Held], hand: Hand, held_by_any: Bools, flags: Sequence[Holder]) -> ClientSets:
    """Which flags count a view of each client on that day, and of which entities it is."""
    clients, _, client = hand.clients
    rows, flag, bits = all_held(held)
    counts = bits & COUNTS > 0
    its, of = (
        np.concatenate(each) for each in zip((_NONE, _NONE), *(each.of_entity for each in held), strict=True)
    )
    some = held_by_any[its]
    width = len(_OF_CLIENTS) * len(flags)
    codes = [
        client[seen] * width + len(_OF_CLIENTS) * by + at
        for at, (seen, by) in enumerate(((rows[counts], flag[counts]), (its[some], of[some])))
    ]
    own = _each_once(np.concatenate(codes), width * len(clients))
    whose, code = np.divmod(own, max(1, width))
    flag, at = np.divmod(code, len(_OF_CLIENTS))
    those, place, sets = sets_of((whose, flag, np.array(_OF_CLIENTS)[at]), len(clients), flags)
    return ClientSets(clients[those], place, sets)


def all_held(held: Sequence[Held]) -> tuple[Ints, Ints, Ints]:
    """The views that flags of any of these clauses hold, with the flag and the bits of each."""
    columns = zip((_NONE, _NONE, _NONE), *((each.rows, each.flag, each.bits) for each in held), strict=True)
    rows, flag, bits = (np.concatenate(each).astype(np.int64, copy=False) for each in columns)
    return rows, flag, bits


def _each_once(numbers: Ints, many: int) -> Ints:
    """Numbers below so many, each once, ascending."""
    if many > _TABLE:
        return distinct(numbers)
    there = np.zeros(many, bool)
    there[numbers] = True
    return np.flatnonzero(there)


def sets_of(
    held: tuple[Ints, ...], many: int, flags: Sequence[Holder], within: tuple[FlagSets, Ints] | None = None
) -> tuple[Ints, Ints, FlagSets]:
    """Which of so many things have any flag, the place of the set of each, and the sets. `held` are things, each with a flag and its bits; all flags
    of a set that is given for a thing (`within`: such sets, and by thing the place of its own, or `NONE`) are among its own."""
    things, flag, bits = held
    sums = np.zeros((len(_LANES), many), np.uint64)
    _add(sums, things, flag * BITS + bits)
    if within is not None:
        own = np.flatnonzero(within[1] != NONE)
        _add(sums, own, len(flags) * BITS + within[1][own])
    there = np.zeros(many, bool)
    there[things] = True
    some = np.flatnonzero(there)
    one, other = sums[:, some].view(np.int64)
    place, first = alike(one)
    if not np.array_equal(other[first][place], other):
        place, first = alike(one, other)
    keys = sorted({each.key for each in flags})
    rank = {key: at for at, key in enumerate(keys)}
    ranks = np.array([rank[each.key] for each in flags], np.int64)
    told_by = np.full(many, NONE)  # the set that each thing tells
    told_by[some[first]] = np.arange(len(first))
    at = told_by[things]
    tells = np.flatnonzero(at != NONE)
    found = [(at[tells], ranks[flag[tells]], bits[tells])]
    if within is not None:
        own = within[1][some[first]]
        has = np.flatnonzero(own != NONE)
        of, flag, bits = within[0].among(own[has])
        found.append((has[of], flag, bits))
    return some, place, FlagSets.of(found, len(first), keys)


def _add(sums: Words, things: Ints, codes: Ints) -> None:
    """Add words of codes, whose sums tell sets apart, to those of things."""
    for lane, salt in zip(sums, _LANES, strict=True):
        np.add.at(lane, things, mixed(codes.view(np.uint64) ^ salt))


def nullable(numbers: Ints) -> pa.Array:
    """Numbers as a column, null where there is none."""
    return pa.array(numbers, mask=numbers == NO_NUMBER)


def by_mark(rows: pa.Table) -> pa.Table:
    """Rows in the order of their marks, none last; rows of one mark stay as they stand."""
    return rows.take(pc.sort_indices(rows, [("mark", "ascending")]))
