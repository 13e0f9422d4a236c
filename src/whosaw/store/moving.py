"""Takes the journal, the cases and the manifest of a workspace from one database to another, whole or not at all.

Both are held for writing from the first row to the switch. Rows are counted and digested as they are read, and once more as they stand where
they came to; then a file in the folder says that they are there. Before it does, nothing changed; after it, the old ones are removed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError

from . import statements as sa
from .database_address import ADDRESS, ServerAddress, forget_address, keep_address
from .dropped import SPACE_SETTING, dropped
from .erased import erasure_tables
from .files import write_atomically
from .journal import JOURNAL, Journal
from .journal_tables import tables
from .numbers.history import number_tables
from .postgres import PostgresConnection
from .remembered import remembered
from .rows import DatabaseFault
from .upgrading import sign_only

__all__ = ["ELSEWHERE", "MOVED", "Copied", "copy_into_file", "copy_rows", "move_to_folder", "move_to_server"]

MOVED: Final = "journal.moved"
_COPY: Final = "copy"  # the setting that holds the number of `ServerAddress`
_AT_ONCE: Final = 500
ELSEWHERE: Final = b"The journal of this workspace is in PostgreSQL, as database.json says.\n"
"""Stands where the SQLite file was. A release that knows no server would else begin a new journal there; of this it says that it is no
database."""
_FILES: Final = (JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """How many rows of how many tables there are on both sides, and the SHA-256 over all of them that both sides have."""

    tables: int
    rows: int
    sha256: str


def _known() -> dict[str, sa.Table]:
    spaces = [vars(each).values() for each in (tables, erasure_tables, number_tables)]
    found = [each for space in spaces for each in space if isinstance(each, sa.Table)]
    return {each.name: each for each in (*found, remembered, dropped)}


def _tables_of(connection: sa.Connection) -> list[sa.Table]:
    known = _known()
    names = connection.tables()
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise WhosawError(
            "database.unknown-table",
            f"the workspace has a table {unknown[0]}, which this program does not know",
            hint="Use the program that made it; nothing was moved",
        )
    return [known[name] for name in names]


def copy_rows(source: sa.Connection, target: sa.Connection) -> Copied:
    """Copy every row of every table into tables of the same names, which are made. Raises `WhosawError` where what stands there then is
    not what was read. To be called in a transaction on both sides, that of `source` one in which nothing changes."""
    every = _tables_of(source)
    rows, whole = 0, hashlib.sha256()
    for table in every:
        table.create(target)
        read = _Digested(table)
        from_source = read.rows(source)
        while some := list(islice(from_source, _AT_ONCE)):
            target.execute(table.insert(), some)
        stands = _Digested(table)
        for _ in stands.rows(target):
            pass
        if (stands.count, stands.sha256) != (read.count, read.sha256):
            raise WhosawError(
                "database.differs",
                f"the table {table.name} has {read.count:,} rows here, and what came to the other database is not the same ({stands.count:,} rows)",
                hint="Nothing was moved; please report it",
            )
        rows += read.count
        whole.update(canonical_json([table.name, read.count, read.sha256]))
    return Copied(tables=len(every), rows=rows, sha256=whole.hexdigest())


class _Digested:
    """The rows of a table in the order of their keys, counted and digested as they pass."""

    def __init__(self, table: sa.Table) -> None:
        self._table, self._digest, self.count = table, hashlib.sha256(), 0

    def rows(self, connection: sa.Connection) -> Iterator[dict[str, sa.Value]]:
        keys = [each.name for each in self._table.columns if each.primary_key]
        order = keys or [each.name for each in self._table.columns]
        query = sa.select(self._table).order_by(*(self._table.c[name] for name in order))
        for row in connection.stream(query).mappings():
            self._digest.update(canonical_json(row))
            self.count += 1
            yield row

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def copy_into_file(source: sa.Connection, target: sa.Connection) -> Copied:
    """The same into a SQLite file, which does not say that it is the copy on a server."""
    copied = copy_rows(source, target)
    target.execute(tables.setting.delete().where(tables.setting.c.name.in_([_COPY, SPACE_SETTING])))
    sign_only(target)
    return copied


def move_to_server(root: Path, source: Journal, address: ServerAddress, *, now: datetime) -> Copied:
    """From SQLite into a schema that holds no workspace. For the one who holds the workspace for writing."""
    bare = replace(address, copy="")
    made = _make_schema(bare)
    try:
        with (
            closing(Journal.on_server(root, bare, who=source.who, moving=True)) as target,
            source.transaction() as held,
            target.transaction(switch=lambda: _switch(root, address)) as connection,
        ):
            copied = copy_rows(held, connection)
            target.set_setting(connection, _COPY, address.copy)
            target.record(connection, MOVED, _said("PostgreSQL", copied), now=now)
    except BaseException:
        if not (root / ADDRESS).exists():
            _clear_schema(bare, whole=made)
        raise
    source.close()
    _remove_files(root)
    write_atomically(root / JOURNAL, ELSEWHERE)
    return copied


def move_to_folder(
    root: Path, source: Journal, address: ServerAddress, *, now: datetime
) -> tuple[Copied, str]:
    """Back into SQLite in the folder. For the one who holds the workspace for writing. The second is why the schema could not be removed;
    empty where it was."""
    _remove_files(root)  # what an earlier try left: it was never in use
    with (
        closing(Journal.at(root / JOURNAL, who=source.who, moving=True)) as target,
        source.transaction() as held,
        target.transaction(switch=lambda: _switch(root, None)) as connection,
    ):
        copied = copy_into_file(held, connection)
        target.record(connection, MOVED, _said("SQLite", copied), now=now)
    try:
        _clear_schema(address, whole=True)
    except WhosawError as fault:
        return copied, fault.message
    return copied, ""


def _said(to: str, copied: Copied) -> dict[str, object]:
    return {"to": to, "tables": copied.tables, "rows": copied.rows, "sha256": copied.sha256}


def _switch(root: Path, address: ServerAddress | None) -> None:
    if address is None:
        forget_address(root)
    else:
        keep_address(root, address)
    folder = os.open(root, os.O_RDONLY)
    try:
        os.fsync(folder)  # before anything of the other side is removed
    finally:
        os.close(folder)


def _remove_files(root: Path) -> None:
    for name in _FILES:
        (root / name).unlink(missing_ok=True)


def _make_schema(address: ServerAddress) -> bool:
    """Whether the schema was not there before."""
    with _clear_faults(address), closing(PostgresConnection.to(address)) as connection:
        if connection.has_table(tables.setting.name):
            raise WhosawError(
                "database.taken",
                f"{address} holds a workspace already, or what a move that was cut left of one",
                hint="Name another one with --schema. Where no workspace uses it, an owner of the database removes it: "
                f"DROP SCHEMA {address.schema} CASCADE",
            )
        return connection.make_schema()


def _clear_schema(address: ServerAddress, *, whole: bool) -> None:
    with _clear_faults(address), closing(PostgresConnection.to(address)) as connection:
        connection.clear_schema(_known(), whole=whole)


@contextmanager
def _clear_faults(address: ServerAddress) -> Iterator[None]:
    try:
        yield
    except DatabaseFault as fault:
        raise WhosawError(
            "database.refused",
            f"{address} cannot be used ({fault})",
            hint="Check that the server runs, who may log in, and that this user may make a schema there; nothing was moved",
        ) from fault
