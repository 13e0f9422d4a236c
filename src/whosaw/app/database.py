"""In which database the journal, the cases and the manifest of a workspace are and where its files, and their way from one to another."""

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
from whosaw.store.moving_files import files_to_folder, files_to_space, joined_folder
from whosaw.store.objects.address import read_object
from whosaw.store.objects.protection import Protection
from whosaw.store.readers import nobody_reads
from whosaw.store.repositories.entries import head_of_journal
from whosaw.store.space_address import CACHE_BYTES, space_in
from whosaw.store.workspace import Workspace, checked_journal_of

from .gating.asking import asks
from .gating.rights import Verb

__all__ = [
    "FILES_FOLDER",
    "FOLDER",
    "Database",
    "JoinedWorkspace",
    "MovedFiles",
    "MovedJournal",
    "database_of",
    "join",
    "move_files",
    "move_journal",
]

FOLDER: Final = "sqlite"
FILES_FOLDER: Final = "folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """`kind` is sqlite or postgresql; `where` says where, without a password; `entries` are those of the custody journal. `files` is the
    folder of the files or the address of an object store; `joined`: this folder reads what others write."""

    kind: str
    where: str
    entries: int
    files: str
    joined: bool


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedFiles:
    """So many files of so many bytes moved, each held against its name. `left`: why the old ones could not be removed; empty where they
    were, or are kept as what was read last. `versions`: whether the bucket keeps what is removed as old versions, as on, off, suspended or
    cannot-tell; empty for the folder."""

    where: str
    files: int
    bytes: int
    left: str = ""
    versions: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedWorkspace:
    """A workspace that is read here: its database, its object store, the entries of its journal and the root of that. `vault_key`: whether
    the key of the vault is in the folder."""

    where: str
    files: str
    entries: int
    root: str | None
    vault_key: bool


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
        files=str(root / "files") if (space := space_in(root)) is None else space.address,
        joined=address is not None and address.joined,
    )


@asks(Verb.BACK_UP, "database")
def move_files(
    root: Path, to: str, *, now: datetime, cache_bytes: int = CACHE_BYTES, key_file: Path | None = None
) -> MovedFiles:
    """Move the files to a prefix of an object store at the address `to`, or with `folder` back: whole or not at all. Raises `WhosawError`
    where they are there already, somebody writes, or another workspace has the prefix."""
    address = space_in(root)
    if to == FILES_FOLDER:
        if address is None:
            raise WhosawError(
                "database.there", "the files are in the folder already", hint="Nothing is to be done"
            )
    elif address is not None:
        raise WhosawError(
            "database.there",
            f"the files are in {address.address} already",
            hint=f"Move them back with --files-to {FILES_FOLDER} first",
        )
    goal = None if to == FILES_FOLDER else str(read_object(to)).rstrip("/") + "/"
    with (
        closing(Workspace.open(root, key_file=key_file)) as workspace,
        workspace.writing(),
        nobody_reads(root) as alone,
    ):
        if not alone:
            raise WhosawError(
                "database.read",
                f"somebody reads {root} just now",
                hint="Do it again when no other command, page or bundle is at work",
            )
        if workspace.custody.answer == "broken":
            raise WhosawError(
                "database.broken",
                "the custody journal does not hold, and is not moved as if it did",
                hint="`whosaw check` says what is wrong",
            )
        workspace.journal.create()
        workspace.files.clear_parts()
        if goal is not None:
            copied = files_to_space(workspace, goal, cache_bytes=cache_bytes, now=now)
        else:
            assert address is not None  # refused above
            copied = files_to_folder(workspace, address, now=now)
    return MovedFiles(
        where=goal or str(root / "files"),
        files=copied.files,
        bytes=copied.bytes,
        left=copied.left,
        versions="" if goal is None else Protection(read_object(goal)).rules().versioning,
    )


def join(
    root: Path, to: str, *, schema: str | None = None, cache_bytes: int = CACHE_BYTES
) -> JoinedWorkspace:
    """Make the folder `root` for a workspace whose journal is in the PostgreSQL database at the address `to` and whose files are in an
    object store, to read it on this machine. Raises `WhosawError` where there is none, or the folder is not empty."""
    address = read_address(to, schema=schema or SCHEMA, copy="")
    joined_folder(root, address, cache_bytes=cache_bytes)
    with closing(checked_journal_of(root)) as journal:
        head = head_of_journal(journal)
    space = space_in(root)
    assert space is not None  # it was just written
    return JoinedWorkspace(
        where=str(address),
        files=space.address,
        entries=0 if head is None else head.entry,
        root=None if head is None else head.root,
        vault_key=(root / "vault.key").is_file(),
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
