"""Which files hold the ledger: those in force, by kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

__all__ = ["IndexFile", "files_in_force", "files_of_kinds", "put_in_force", "rows_of"]

_MOST_AT_ONCE: Final = 500  # values in one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFile:
    """One file. `live` says whether it is in force."""

    id: int
    kind: str
    file: str
    rows: int
    live: bool


def files_of_kinds(journal: Journal, kinds: Sequence[str]) -> list[IndexFile]:
    """Every file of these kinds, those not in force included, by number."""
    index = tables.index
    query = sa.select(index).where(index.c.kind.in_(kinds)).order_by(index.c.id)
    return [IndexFile(**row) for row in journal.rows(query)]


def files_in_force(
    journal: Journal, kinds: Sequence[str] | None = None, connection: Connection | None = None
) -> list[str]:
    """The names of the files in force, of all kinds or of these, in order."""
    index = tables.index.c
    query = sa.select(index.file).where(index.live).order_by(index.file)
    asked = query if kinds is None else query.where(index.kind.in_(kinds))
    return [str(row["file"]) for row in journal.rows(asked, connection)]


def rows_of(journal: Journal, kind: str) -> int | None:
    """How many rows the files in force of this kind have; None where there is no such file."""
    index = tables.index.c
    query = sa.select(sa.func.sum(index.rows).label("n")).where(index.kind == kind, index.live)
    found = journal.rows(query)[0]["n"]
    return None if found is None else int(found)


def put_in_force(connection: Connection, kinds: Sequence[str], numbers: Iterable[int]) -> None:
    """Of the files of these kinds have those with these numbers in force, and no other."""
    of_kind = tables.index.update().where(tables.index.c.kind.in_(kinds))
    connection.execute(of_kind.values(live=False))
    own = list(numbers)
    for start in range(0, len(own), _MOST_AT_ONCE):
        some = own[start : start + _MOST_AT_ONCE]
        connection.execute(of_kind.where(tables.index.c.id.in_(some)).values(live=True))
