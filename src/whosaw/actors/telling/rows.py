"""Rows of marks of all days as they are added up."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from whosaw.store.kinds import kind

from .kept import Kept, Mark

__all__ = ["clients", "summed"]

_WHERE = [each for each in kind("marked_clients").columns.names if each not in ("bears", "clients")]


def clients(kept: Kept) -> Iterator[tuple[Mark, dict[str, Any], int]]:
    """Clients of a day that a flag counts a view of, by what they have in common; how many."""
    for row in summed(kept, "marked_clients", _WHERE, "clients"):
        if row["mark"] in kept.marks:
            yield kept.marks[row["mark"]], row, row["clients"]


def summed(kept: Kept, name: str, by: Collection[str], what: str) -> list[dict[str, Any]]:
    """A column of a kind added up over days."""
    rows = kept.runs[name].group_by(list(by)).aggregate([(what, "sum")])
    told: list[dict[str, Any]] = rows.rename_columns({f"{what}_sum": what}).to_pylist()
    return told
