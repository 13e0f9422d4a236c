"""What rows of the context can be met by on a day: the identifiers that its views and passes hold."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core import client
from whosaw.store.distinct import distinct
from whosaw.store.kinds import kind

__all__ = ["ASKED_OF_PASSES", "ASKED_OF_TRIES", "ASKED_OF_VIEWS", "MET_BY", "meets", "sets_of"]

Ints = npt.NDArray[np.int64]
MET_BY: Final = (
    "person",
    *client.picked(
        "actors.explaining.meets", "principal", "token", "session", "key", "address", "network",
        why="tables of the context name these",
    ),
)  # fmt: skip
"""Kinds of identifiers by their number in `meets`, which is for life."""
ASKED_OF_VIEWS: Final = list(MET_BY)
ASKED_OF_PASSES: Final = ["kind", "pass"]
ASKED_OF_TRIES: Final = ["principal"]
_PASSES: Final = ("token", "session")  # kinds of a pass by their number in `passes`
_MEETS: Final = kind("meets").in_hand


def meets(views: pa.Table, passes: pa.Table, tries: pa.Table) -> pa.Table:
    """The rows of `meets` of these days: of their views, of the passes that were carried on them, with a view or without, and of who
    tried in vain, for it matters whether these work here."""
    days: list[Ints] = [np.zeros(0, np.int64)]
    kinds, numbers = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    passed = passes["kind"].to_numpy()
    for at, name in enumerate(MET_BY):
        found = [_pairs(views["day"], views[name])]
        if name in _PASSES:
            mine = pa.array(passed == _PASSES.index(name))
            found.append(_pairs(passes["day"].filter(mine), passes["pass"].filter(mine)))
        if name in ASKED_OF_TRIES:
            found.append(_pairs(tries["day"], tries[name]))
        day, number = (np.concatenate(each) for each in zip(*found, strict=True))
        if len(day):
            first = int(day.min())
            packed = distinct((day - first) << _WIDE | number)
            days.append((packed >> _WIDE) + first)
            kinds.append(np.full(len(packed), at))
            numbers.append(packed & (1 << _WIDE) - 1)
    day, of, number = (np.concatenate(each) for each in (days, kinds, numbers))
    order = np.argsort(len(MET_BY) * day + of, kind="stable")  # numbers of one kind are in order
    return pa.table(
        [
            pa.array(each[order]).cast(field.type)
            for each, field in zip((day, of, number), _MEETS, strict=True)
        ],
        schema=_MEETS,
    )


_WIDE: Final = 52  # bits that a number takes at most: 257 rows of 2^40


def _pairs(days: pa.ChunkedArray, numbers: pa.ChunkedArray) -> tuple[Ints, Ints]:
    has = numbers.is_valid()
    day, number = (
        days.filter(has).cast(pa.int64()).to_numpy(),
        numbers.filter(has).cast(pa.int64()).to_numpy(),
    )
    return day, number


def sets_of(rows: pa.Table) -> dict[str, Ints]:
    """By kind the identifiers of one day's rows of `meets`, in order."""
    kinds, numbers = rows["kind"].to_numpy(), rows["number"].to_numpy()
    borders = np.searchsorted(kinds, np.arange(len(MET_BY) + 1))
    return {name: numbers[borders[at] : borders[at + 1]] for at, name in enumerate(MET_BY)}
