"""Tables for others: the documented views as Parquet files that any engine reads, with numbers that are of this publication alone, and
without masks and lines. Nothing is there before the custody journal says what leaves, and what for."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pyroaring import BitMap

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.app.gating.two import second_person
from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.core.version import __version__
from whosaw.store.published import PublishedNumbers, write_in_no_order
from whosaw.store.repositories.entries import by_whom
from whosaw.store.sealed_sql import GivenFunction
from whosaw.store.sql import quote_name

from .looks import concerned
from .questions import Ledger, open_ledger
from .sql import sealed_views
from .sql_views import SQL_VIEWS, SqlColumn, SqlView

__all__ = ["TABLES", "ExportedTable", "ExportedTables", "PublishedNumber", "export_tables", "whose_number"]

TABLES: Final = tuple(each.name for each in SQL_VIEWS)
_WHAT: Final = "export tables"
_LIST: Final = "tables.json"
_KINDS: Final = tuple(
    dict.fromkeys(column.number for view in SQL_VIEWS for column in view.columns if column.number)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTable:
    """One file of a publication."""

    name: str
    file: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTables:
    """A folder of tables that was written. `persons`: how many people stand in them under a published number."""

    publication: str
    folder: str
    persons: int
    tables: tuple[ExportedTable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedNumber:
    """What a published number stands for in the ledger."""

    publication: str
    published: str
    kind: str
    number: int


@asks(Verb.EXPORT, "tables")
def export_tables(
    root: Path,
    folder: Path,
    *,
    now: datetime,
    tables: Sequence[str] = (),
    reason: str = "",
    lines: bool = False,
    key_file: Path | None = None,
) -> ExportedTables:
    """Write these views (all, where none is named) into a new folder, one Parquet file each, and `tables.json`, which says what stands in
    them. Instants are UTC. `lines`: with the locators of lines, by which rows of two publications can be told to be of the same line.

    Raises `WhosawError` for an unknown view, a folder that is there, a missing reason, and where the disk is full.
    """
    views = _chosen(tables, lines=lines)
    if not reason.strip():
        raise WhosawError(
            "export.no-reason",
            "tables are not given out without a reason",
            hint="Say what for with --reason; it is kept in the custody journal",
        )
    if folder.exists():
        raise WhosawError(
            "export.there", f"{folder} is there already", hint="Name a new folder: nothing is written over"
        )
    publication = secrets.token_hex(8)
    with closing(open_ledger(root, now=now, key_file=key_file)) as ledger, _made(folder) as making:
        numbers = PublishedNumbers(_key(ledger, publication))
        people = _people(ledger, views)
        second_person(
            ledger.workspace.journal,
            "export",
            _WHAT,
            {"tables": [each.name for each in views], "lines": lines},
            persons=len(people),
            reason=reason,
            now=now,
        )
        written = tuple(_written(ledger, each, making, numbers, lines=lines) for each in views)
        answer = ExportedTables(
            publication=publication, folder=str(folder), persons=len(people), tables=written
        )
        listed = _listed(answer, views, lines=lines, now=now)
        (making / _LIST).write_bytes(listed)
        journal = ledger.workspace.journal
        body = {
            "what": _WHAT,
            **object_of(answer),
            **object_of(concerned(ledger.workspace, {"person": people})),
            "list": hashlib.sha256(listed).hexdigest(),
            "lines": lines,
            "reason": reason.strip(),
        }
        with journal.transaction() as connection:
            journal.record(connection, "exported", body, now=now)
    return answer


@asks(Verb.SEE_PERSON, "published number")
def whose_number(
    root: Path, publication: str, published: str, *, now: datetime, key_file: Path | None = None
) -> PublishedNumber:
    """What a number in a table that was exported here stands for. Raises `WhosawError` where this workspace made no such publication, or the
    number is of another one."""
    with closing(open_ledger(root, now=now, key_file=key_file)) as ledger:
        made = (json.loads(each.body) for each in by_whom(ledger.workspace.journal, ("exported",)))
        if not any(each.get("publication") == publication for each in made):
            raise WhosawError(
                "published.unknown",
                f"no publication {publication[:40]!r} was made from this workspace",
                hint=f"Its name stands in {_LIST} beside the tables",
            )
        kind, number = PublishedNumbers(_key(ledger, publication)).back(published.strip(), _KINDS)
        return PublishedNumber(publication=publication, published=published.strip(), kind=kind, number=number)


def _key(ledger: Ledger, publication: str) -> bytes:
    """Never kept: it comes from the vault's key, which only whoever holds that has."""
    return ledger.workspace.vault.secret(f"publication {publication}")


def _chosen(names: Sequence[str], *, lines: bool) -> tuple[SqlView, ...]:
    unknown = [each for each in names if each not in TABLES]
    if unknown:
        raise WhosawError(
            "export.unknown-table",
            "there is no table " + ", ".join(map(repr, unknown)),
            hint="There are " + ", ".join(TABLES),
        )
    found = tuple(
        each for each in SQL_VIEWS if each.name in names or (not names and (lines or not each.of_lines))
    )
    if not lines and (bare := next((each.name for each in found if each.of_lines), None)):
        raise WhosawError(
            "export.table-of-lines",
            f"{bare} says nothing but which lines",
            hint="Add --lines, or leave it out",
        )
    return found


def _people(ledger: Ledger, views: Sequence[SqlView]) -> BitMap:
    """Whom the tables concern."""
    if not any(column.number == "person" for view in views for column in view.columns):
        return BitMap()
    session = ledger.reader.session
    found = session.query(
        "SELECT DISTINCT person AS n FROM views WHERE NOT duplicate AND person IS NOT NULL "
        "UNION SELECT DISTINCT person FROM exposures"
    )
    return BitMap(found["n"].to_numpy().astype("uint32"))


@contextmanager
def _made(folder: Path) -> Iterator[Path]:
    """A folder beside the one that is to be, which gets its name when all is in it and on disk."""
    making = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        making.mkdir(parents=True, mode=0o700)
        yield making
        for each in sorted(making.iterdir()):
            with each.open("rb") as handle:
                os.fsync(handle.fileno())
        making.rename(folder)
    except OSError as fault:
        raise WhosawError(
            "export.write-failed",
            f"{folder} could not be written ({fault.strerror})",
            hint="Choose another folder or free some space",
        ) from fault
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _columns(view: SqlView, *, lines: bool) -> list[SqlColumn]:
    return [each for each in view.columns if each.tells_of is None or (lines and each.tells_of == "line")]


def _told(column: SqlColumn) -> str:
    name = quote_name(column.name)
    if column.number is not None:
        return f"published_{column.number}({name}::BIGINT) AS {name}"
    return f"{name}::{column.type} AS {name}"


def _written(
    ledger: Ledger, view: SqlView, folder: Path, numbers: PublishedNumbers, *, lines: bool
) -> ExportedTable:
    """One table, written and measured."""
    columns = _columns(view, lines=lines)
    statement = f"SELECT {', '.join(map(_told, columns))} FROM {quote_name(view.name)}"
    more = [
        GivenFunction(name=f"published_{kind}", of=numbers.of(kind), takes="BIGINT")
        for kind in dict.fromkeys(each.number for each in columns if each.number)
    ]
    file = folder / f"{view.name}.parquet"
    with sealed_views(ledger, statement, more=more) as sealed, TemporaryDirectory(dir=folder) as spill:
        schema, batches = sealed.ask(statement)
        rows = write_in_no_order(batches, schema, file, spill=Path(spill))
    with file.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return ExportedTable(name=view.name, file=file.name, rows=rows, bytes=file.stat().st_size, sha256=digest)


def _listed(answer: ExportedTables, views: Sequence[SqlView], *, lines: bool, now: datetime) -> bytes:
    """What whoever gets the folder has to know: what a row is, what each column means, and what was left out."""
    by_name = {each.name: each for each in views}
    told = {
        "made_by": f"whosaw {__version__}",
        "made_at": now.isoformat(),
        "publication": answer.publication,
        "numbers": "Numbers of people and clients are of this publication alone; those of another one do not join with them.",
        "tables": [
            {
                **object_of(each),
                "about": by_name[each.name].about,
                "columns": [
                    {
                        "name": column.name,
                        "type": "VARCHAR" if column.number else column.type,
                        "about": f"Published number of the {column.number}."
                        if column.number
                        else column.about,
                    }
                    for column in _columns(by_name[each.name], lines=lines)
                ],
            }
            for each in answer.tables
        ],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()
