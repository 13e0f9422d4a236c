"""Sets of flags with their bits, of views and of clients on one day, and what is alike among rows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explaining.row_digests import Words, mixed
from whosaw.actors.summing.who import starts_of
from whosaw.store.distinct import alike, distinct_pairs, order_of

from .bits import COUNTS, OF_ENTITY, OF_THE_DAY
from .flagged import Holder
from .holding import NONE, Hand, Held

__all__ = [
    "BITS",
    "NO_NUMBER",
    "ClientSets",
    "FlagSets",
    "by_mark",
    "nullable",
    "sets_of_day",
]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
BITS: Final = 256  # one flag with its bits is one number
NO_NUMBER: Final = -1
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
    def of(cls, parts: Sequence[tuple[Ints, ...]], many: int, flags: list[bytes]) -> tuple[FlagSets, Ints]:
        """From which of so many sets each flag is in, the flag by its place, and bits, which are put together; and of each of the many the place
        of its set, `NONE` where it has no flag. Those that are alike are one."""
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
        written, places = told.tobytes(), dict[bytes, int]()
        place, own = np.full(many, NONE), np.zeros(many, bool)
        for at, (start, end) in enumerate(pairwise(ends)):
            if start < end:
                key = hashlib.sha256(written[start:end]).digest()[:16]
                own[at] = key not in places
                place[at] = places.setdefault(key, len(places))
        kept = own[of_set]
        return cls(place[of_set[kept]], flag[kept], bits[kept], flags, list(places)), place

    def any_has(self, bit: int) -> Bools:
        """Of which sets any flag has a bit."""
        found = np.zeros(len(self.keys), bool)
        found[self.of_set[self.bits & bit > 0]] = True
        return found

    def among(self, sets: Ints) -> tuple[Ints, Ints, Ints]:
        """The flags of these sets: which of the asked ones each is of, the flag, and its bits."""
        return _Listing(self.of_set, self.flag, self.bits).among(sets)

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


def sets_of_day(
    held: Sequence[Held], hand: Hand, flags: Sequence[Holder]
) -> tuple[Ints, Ints, FlagSets, ClientSets]:
    """The views that any flag holds, the place of the set of each, these sets, and those of clients: which flags count a view of a client on
    that day, and of which entities it is. All of these are among the flags of each of its views.

    Many views are alike in all that flags say of them, so that is found out first, and sets are made of one view of each kind."""
    rows, flag, bits = _together([(each.rows, each.flag, each.bits) for each in held], 3)
    its, of = _together([each.of_entity for each in held], 2)
    any_holds = np.zeros(hand.views.num_rows, bool)
    any_holds[rows] = True
    some, inside = np.flatnonzero(any_holds), any_holds[its]
    its, of = its[inside], of[inside]
    sums = np.zeros((len(_LANES), len(any_holds)), np.uint64)
    _add(sums, rows, flag * BITS + bits)
    _add(sums, its, of * BITS + OF_ENTITY)
    sort, first = _alike(sums[:, some])
    keys = sorted({each.key for each in flags})
    rank = {key: at for at, key in enumerate(keys)}
    ranks = np.array([rank[each.key] for each in flags], np.int64)
    tells = np.full(len(any_holds), NONE)  # the kind of which each view is the first
    tells[some[first]] = np.arange(len(first))
    told, entities = np.flatnonzero(tells[rows] != NONE), np.flatnonzero(tells[its] != NONE)
    of_views = tells[rows[told]], ranks[flag[told]], bits[told]
    counts = of_views[2] & COUNTS > 0
    of_clients = [
        (of_views[0][counts], of_views[1][counts], np.full(int(counts.sum()), OF_THE_DAY)),
        (tells[its[entities]], ranks[of[entities]], np.full(len(entities), OF_ENTITY)),
    ]
    days = _client_sets(hand.clients[0], hand.clients[2][some], sort, _Listing.of(of_clients), keys)
    day_set = days.of(hand.column("client")[some])
    place, first = alike(sort, day_set)
    own = np.flatnonzero(day_set[first] != NONE)
    at, by, its_bits = days.sets.among(day_set[first[own]])
    of_sets = [_Listing.of([of_views]).among(sort[first]), (own[at], by, its_bits)]
    sets, of_place = FlagSets.of(of_sets, len(first), keys)
    return some, of_place[place], sets, days


def _client_sets(clients: Ints, client: Ints, sort: Ints, told: _Listing, keys: list[bytes]) -> ClientSets:
    """The sets of clients by the kinds of their views."""
    whose, sort = distinct_pairs(client, sort)
    starts = starts_of(whose)
    borders = np.append(starts, len(whose))
    sums = np.zeros((len(_LANES), len(starts)), np.uint64)
    _add(sums, np.repeat(np.arange(len(starts)), np.diff(borders)), sort)
    place, first = _alike(sums)
    many = np.diff(borders)[first]
    at = np.repeat(starts[first] - (np.cumsum(many) - many), many) + np.arange(many.sum())
    of, flag, bits = told.among(sort[at])
    sets, of_place = FlagSets.of([(np.repeat(np.arange(len(first)), many)[of], flag, bits)], len(first), keys)
    place = of_place[place]
    return ClientSets(clients[whose[starts]][place != NONE], place[place != NONE], sets)


@dataclass(frozen=True, slots=True)
class _Listing:
    """Flags and bits by what they are of, which ascends."""

    of_what: Ints
    flag: Ints
    bits: Ints

    @classmethod
    def of(cls, parts: Sequence[tuple[Ints, Ints, Ints]]) -> _Listing:
        of_what, flag, bits = (np.concatenate(each) for each in zip(*parts, strict=True))
        order = order_of(of_what)
        return cls(of_what[order], flag[order], bits[order])

    def among(self, asked: Ints) -> tuple[Ints, Ints, Ints]:
        """Those of what is asked for: which of the asked ones each is of, the flag, and its bits."""
        begins, ends = (np.searchsorted(self.of_what, asked, side) for side in ("left", "right"))
        many = ends - begins
        of = np.repeat(np.arange(len(asked)), many)
        at = np.arange(len(of)) + np.repeat(begins - (np.cumsum(many) - many), many)
        return of, self.flag[at], self.bits[at]


def _together(parts: Sequence[tuple[npt.NDArray[Any], ...]], columns: int) -> tuple[Ints, ...]:
    """So many columns of which each part has a stretch."""
    none = (np.zeros(0, np.int64),) * columns
    return tuple(np.concatenate(each).astype(np.int64, copy=False) for each in zip(none, *parts, strict=True))


def _add(sums: Words, things: Ints, codes: Ints) -> None:
    """Add words of codes, whose sums tell sets apart, to those of things."""
    most = int(codes.max(initial=-1)) + 1
    for lane, salt in zip(sums, _LANES, strict=True):
        if most < len(codes):
            words = mixed(np.arange(most, dtype=np.uint64) ^ salt)[codes]
        else:
            words = mixed(codes.view(np.uint64) ^ salt)
        np.add.at(lane, things, words)


def _alike(sums: Words) -> tuple[Ints, Ints]:
    """By thing, numbered from 0, which have the same sums, and the first of each number."""
    one, other = sums.view(np.int64)
    place, first = alike(one)
    return (place, first) if np.array_equal(other[first][place], other) else alike(one, other)


def nullable(numbers: Ints) -> pa.Array:
    """Numbers as a column, null where there is none."""
    return pa.array(numbers, mask=numbers == NO_NUMBER)


def by_mark(rows: pa.Table) -> pa.Table:
    """Rows in the order of their marks, none last; rows of one mark stay as they stand."""
    return rows.take(pc.sort_indices(rows, [("mark", "ascending")]))
