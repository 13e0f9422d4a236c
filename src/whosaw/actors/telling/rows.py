"""Rows of marks of all days as they are added up."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from .kept import Client, Kept

__all__ = ["clients", "summed"]


def clients(kept: Kept, by: Collection[str] = ()) -> Iterator[tuple[Client, dict[str, Any], int]]:
    """Clients of a day that a flag counts a view of, by these columns of `marked_clients`; how many."""
    for row in summed(kept, "marked_clients", ["mark", *by], "clients"):
        if row["mark"] in kept.marks:
            yield kept.marks[row["mark"]].client, row, row["clients"]


def summed(kept: Kept, name: str, by: Collection[str], what: str) -> list[dict[str, Any]]:
    """A column of a kind added up over days."""
    rows = kept.runs[name].group_by(list(by)).aggregate([(what, "sum")])
    told: list[dict[str, Any]] = rows.rename_columns({f"{what}_sum": what}).to_pylist()
    return told
