"""Rows of marks of all days as they are added up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.summing.who import column

from .kept import Client, Kept

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
__all__ = ["clients", "names_of", "summed"]


def clients(kept: Kept, by: Sequence[str] = ()) -> Iterator[tuple[Client, tuple[Any, ...], int]]:
    """Clients of a day that a flag counts a view of, by the values of these columns of `marked_clients`; how many."""
    alike, told = kept.told_clients
    names = ["alike", *by]
    rows = told.group_by(names).aggregate([("clients", "sum")])
    columns = [rows[name].to_pylist() for name in (*names, "clients_sum")]
    for at, *values, many in zip(*columns, strict=True):
        yield alike[at], tuple(values), many


def names_of(kept: Kept) -> tuple[Bools, Ints, Ints]:
    """The principals whose names clients that are alike carry, -1 for none: of each place in `told_clients` whether there are any such clients,
    the least and the largest."""
    alike, told = kept.told_clients
    place, names = column(told, "alike"), [column(told, each) for each in ("principal", "other")]
    there = np.zeros(len(alike), bool)
    there[place] = True
    least, largest = np.full(len(alike), np.iinfo(np.int64).max), np.full(len(alike), -1)
    for each in names:
        np.minimum.at(least, place, each)
        np.maximum.at(largest, place, each)
    return there, least, largest


def summed(kept: Kept, name: str, by: Sequence[str], what: str) -> list[dict[str, Any]]:
    """A column of a kind added up over days."""
    return _added(kept.rows(name), by, what)


def _added(rows: pa.Table, by: Sequence[str], what: str) -> list[dict[str, Any]]:
    told = rows.group_by(list(by)).aggregate([(what, "sum")])
    found: list[dict[str, Any]] = told.rename_columns({f"{what}_sum": what}).to_pylist()
    return found
