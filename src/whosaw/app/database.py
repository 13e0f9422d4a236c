"""In which database the journal, the cases and the manifest of a workspace are, and their way from one to another."""

from __future__ import annotations

import secrets
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from whosaw.core.errors import WhosawError
from whosaw.store.database_address import SCHEMA, address_in, read_address
from whosaw.store.journal import JOURNAL
from whosaw.store.moving import move_to_folder, move_to_server
from whosaw.store.repositories.entries import head_of_journal
from whosaw.store.workspace import Workspace, checked_journal_of

from .gating.asking import asks
from .gating.rights import Verb

__all__ = ["FOLDER", "Database", "MovedJournal", "database_of", "move_journal"]

FOLDER: Final = "sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """`kind` is sqlite or postgresql; `where` says where, without a password; `entries` are those of the custody journal."""

    kind: str
    where: str
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedJournal:
    """What moved: so many rows of so many tables, and the SHA-256 over them that both sides had. `left`: why the old ones could not be
    removed; empty where they were."""

    kind: str
    where: str
    tables: int
    rows: int
    sha256: str
    left: str = ""


@asks(Verb.SEE_STATUS, "database")
def database_of(root: Path) -> Database:
    """Where the journal is."""
    address = address_in(root)
    with closing(checked_journal_of(root)) as journal:
        head = head_of_journal(journal)
    return Database(
        kind=FOLDER if address is None else "postgresql",
        where=str(root / JOURNAL) if address is None else str(address),
        entries=0 if head is None else head.entry,
    )


@asks(Verb.BACK_UP, "database")
def move_journal(
    root: Path, to: str, *, now: datetime, schema: str | None = None, key_file: Path | None = None
) -> MovedJournal:
    """Move the journal to the PostgreSQL database at the address `to`, or with `sqlite` back into the folder: whole or not at all, counted
    and digested on both sides. Raises `WhosawError` where it is there already, somebody writes, or the other side holds a workspace."""
    address = address_in(root)
    if to == FOLDER:
        if address is None:
            raise WhosawError(
                "database.there",
                "the journal is SQLite in the folder already",
                hint="Nothing is to be done",
            )
    elif address is not None:
        raise WhosawError(
            "database.there",
            f"the journal is in {address} already",
            hint=f"Move it back with --move-to {FOLDER} first",
        )
    goal = None if to == FOLDER else read_address(to, schema=schema or SCHEMA, copy=secrets.token_hex(16))
    with closing(Workspace.open(root, key_file=key_file)) as workspace, workspace.writing():
        if workspace.custody.answer == "broken":
            raise WhosawError(
                "database.broken",
                "the custody journal does not hold, and is not moved as if it did",
                hint="`whosaw check` says what is wrong",
            )
        workspace.journal.create()
        if goal is not None:
            copied, left = move_to_server(root, workspace.journal, goal, now=now), ""
        else:
            assert address is not None  # refused above
            copied, left = move_to_folder(root, workspace.journal, address, now=now)
    return MovedJournal(
        kind=FOLDER if goal is None else "postgresql",
        where=str(root / JOURNAL) if goal is None else str(goal),
        tables=copied.tables,
        rows=copied.rows,
        sha256=copied.sha256,
        left=left,
    )
