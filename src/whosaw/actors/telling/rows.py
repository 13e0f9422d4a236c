"""Rows of marks of all days as they are added up."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .kept import Client, Kept

__all__ = ["clients", "summed"]


def clients(kept: Kept, by: Collection[str] = ()) -> Iterator[tuple[Client, dict[str, Any], int]]:
    """Clients of a day that a flag counts a view of, by these columns of `marked_clients`; how many."""
    alike = list(dict.fromkeys(its.client for its in kept.marks.values()))
    number = {client: at for at, client in enumerate(alike)}
    keys = list(kept.marks)
    own = pa.array([number[kept.marks[mark].client] for mark in keys], pa.int32())
    rows = kept.runs["marked_clients"]
    place = pc.index_in(rows["mark"], pa.array(keys, rows["mark"].type))
    told = rows.append_column("alike", own.take(place.combine_chunks())).filter(place.is_valid())
    for row in _added(told, ["alike", *by], "clients"):
        yield alike[row["alike"]], row, row["clients"]


def summed(kept: Kept, name: str, by: Collection[str], what: str) -> list[dict[str, Any]]:
    """A column of a kind added up over days."""
    return _added(kept.runs[name], by, what)


def _added(rows: pa.Table, by: Collection[str], what: str) -> list[dict[str, Any]]:
    told = rows.group_by(list(by)).aggregate([(what, "sum")])
    found: list[dict[str, Any]] = told.rename_columns({f"{what}_sum": what}).to_pylist()
    return found
