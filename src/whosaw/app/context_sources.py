"""The systems whose logs and exports fill tables of the context."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.actors.context_systems import load_systems

__all__ = ["ContextSource", "FilledTable", "context_sources"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTable:
    """A table, and which of its columns are filled."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSource:
    """One system: what it fills, what of the app's log its ids join with, what it does not record, and on which documents that stands."""

    id: str
    title: str
    fills: tuple[FilledTable, ...]
    ids: str
    gaps: tuple[str, ...]
    source: str


def context_sources() -> tuple[ContextSource, ...]:
    """Those shipped, in the order of their ids."""
    return tuple(
        ContextSource(
            id=each.id,
            title=each.title,
            fills=tuple(FilledTable(table=table, columns=each.columns(table)) for table in each.tables),
            ids=each.ids,
            gaps=each.gaps,
            source=each.source,
        )
        for _, each in sorted(load_systems().items())
    )
