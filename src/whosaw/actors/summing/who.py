"""Whom a view counts as, where the log does not name the person: one whom its client saw by name that day, or one of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.distinct import distinct, numbered_from_0, order_of

__all__ = [
    "Digests",
    "by_day",
    "column",
    "distinct",
    "halves",
    "numbered",
    "ranks",
    "starts_of",
    "who_was_seen",
    "whom_each_saw",
]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Digests = Callable[[str, pa.Array], pa.Array]  # kind of identifier and numbers to keyed digests


def who_was_seen(views: pa.Table, digests: Digests, asked: Bools | None = None) -> Ints:
    """The person of each view of one day. Of a view that names nobody, the person with the smallest digest whom its client saw by
    name, or -2 less the client; where that is `asked`, if not of all."""
    person = column(views, "person")
    unnamed = person < 0
    if asked is not None:
        unnamed &= asked
    if not unnamed.any():
        return person
    client = column(views, "client")
    clients = distinct(client[unnamed])
    named = np.flatnonzero((person >= 0) & np.isin(client, clients))
    rank = ranks("person", person[named], digests)
    order = order_of(client[named], rank)
    met, first = np.unique(client[named][order], return_index=True)
    stands = -2 - clients
    known = np.isin(clients, met)
    stands[known] = person[named][order][first]
    out = person.copy()
    out[unnamed] = stands[np.searchsorted(clients, client[unnamed])]
    return out


def whom_each_saw(views: pa.Table, digests: Digests, asked: Bools | None = None) -> Ints:
    """The same of views of several days, the rows of each day together: whom a client stands for is told day by day."""
    person = column(views, "person")
    unnamed = person < 0 if asked is None else (person < 0) & asked
    if not unnamed.any():
        return person
    day = column(views, "day")
    borders = [0, *(np.flatnonzero(np.diff(day)) + 1).tolist(), len(day)]
    who = person.copy()
    for start, stop in pairwise(borders):
        its = unnamed[start:stop]
        if its.any():
            who[start:stop] = who_was_seen(views.slice(start, stop - start), digests, its)
    return who


def ranks(kind: str, numbers: Ints, digests: Digests) -> Ints:
    """The place of each number among them in the order of their digests."""
    own, inverse = numbered_from_0(numbers)
    if not len(own):
        return np.empty(0, np.int64)
    order = pc.sort_indices(digests(kind, pa.array(own)))
    place = np.empty(len(own), np.int64)
    place[order.to_numpy()] = np.arange(len(own))
    return place[inverse]


def starts_of(*keys: npt.NDArray[np.generic]) -> Ints:
    """Where rows begin that are unlike the one before them, by all of the keys."""
    changed = np.zeros(len(keys[0]), bool)
    changed[:1] = True
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(changed)


def halves(keys: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """Keys of 16 bytes as two numbers each, a row for each half."""
    both = keys.cast(pa.binary(16)).combine_chunks()
    if not len(both):
        return np.empty((2, 0), np.uint64)
    return np.frombuffer(both.buffers()[1], np.uint64)[2 * both.offset :][: 2 * len(both)].reshape(-1, 2).T


def numbered(*keys: Ints) -> tuple[Ints, Ints]:
    """The number of each row by all keys together, which ascends with them; and by number, a row that has it."""
    order = order_of(*keys)
    starts = starts_of(*(each[order] for each in keys))
    number = np.empty(len(order), np.int64)
    number[order] = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(order))))
    return number, order[starts]


def by_day(tables: Sequence[pa.Table]) -> pa.Table:
    """All rows of tables, day by day; those of one day as they stand."""
    every = pa.concat_tables(tables)
    return every.take(pa.array(order_of(column(every, "day"))))


def column(rows: pa.Table, name: str) -> Ints:
    """A column of numbers; -1 where there is none."""
    values = rows[name]
    array = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # of more bytes than one has, or without any
        return np.concatenate([np.empty(0, np.int64), *(_numbers(each) for each in array.chunks)])
    return _numbers(array)


def _numbers(array: pa.Array) -> Ints:
    if array.null_count:
        array = (array if pa.types.is_signed_integer(array.type) else array.cast(pa.int64())).fill_null(-1)
    return np.asarray(array.to_numpy(zero_copy_only=False), np.int64)
