"""Rows of marks of all days as they are added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .kept import Client, Kept

__all__ = ["clients", "names_of", "summed"]


def clients(kept: Kept, by: Sequence[str] = ()) -> Iterator[tuple[Client, tuple[Any, ...], int]]:
    """Clients of a day that a flag counts a view of, by the values of these columns of `marked_clients`; how many."""
    alike, told = kept.told_clients
    names = ["alike", *by]
    rows = told.group_by(names).aggregate([("clients", "sum")])
    columns = [rows[name].to_pylist() for name in (*names, "clients_sum")]
    for at, *values, many in zip(*columns, strict=True):
        yield alike[at], tuple(values), many


def names_of(kept: Kept) -> Iterator[tuple[Client, frozenset[int]]]:
    """The principals whose names such clients carry, -1 for none; of several any two or more."""
    alike, told = kept.told_clients
    rows = pa.table({
        "alike": told["alike"],
        "first": pc.fill_null(told["principal"], -1),
        "last": pc.fill_null(told["other"], -1),
    })  # fmt: skip
    found: dict[int, set[int]] = defaultdict(set)
    for at, *of in zip(
        *(each.to_pylist() for each in rows.group_by(rows.column_names).aggregate([]).columns), strict=True
    ):
        found[at].update(of)
    for at, names in found.items():
        yield alike[at], frozenset(names)


def summed(kept: Kept, name: str, by: Sequence[str], what: str) -> list[dict[str, Any]]:
    """A column of a kind added up over days."""
    return _added(kept.runs[name], by, what)


def _added(rows: pa.Table, by: Sequence[str], what: str) -> list[dict[str, Any]]:
    told = rows.group_by(list(by)).aggregate([(what, "sum")])
    found: list[dict[str, Any]] = told.rename_columns({f"{what}_sum": what}).to_pylist()
    return found
