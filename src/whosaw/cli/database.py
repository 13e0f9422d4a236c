"""The command that tells in which database a workspace is and where its files, and moves them to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .app import WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, now, print_json

if TYPE_CHECKING:
    from whosaw.app.database import Database, JoinedWorkspace, MovedFiles, MovedJournal

__all__ = ["database"]

_GIB = 1 << 30


@fail_clearly
def database(
    move_to: Annotated[
        str | None,
        typer.Option(
            "--move-to",
            metavar="ADDRESS",
            help="postgresql://[USER@]HOST[:PORT]/DATABASE without a password, or sqlite: back into the folder.",
        ),
    ] = None,
    files_to: Annotated[
        str | None,
        typer.Option(
            "--files-to",
            metavar="ADDRESS",
            help="s3://BUCKET/PREFIX/ (gs, az) for the files of the ledger, or folder: back into the folder.",
        ),
    ] = None,
    join: Annotated[
        str | None,
        typer.Option(
            "--join",
            metavar="ADDRESS",
            help="Make a folder that reads the workspace in this database, whose files are in an object store.",
        ),
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option(
            "--schema",
            help="With --move-to or --join: the schema that holds this workspace.",
            show_default="whosaw",
        ),
    ] = None,
    cache: Annotated[
        float | None,
        typer.Option(
            "--cache",
            metavar="GIB",
            min=0,
            help="With --files-to or --join: how much of the files is kept on this machine, in GiB.",
            show_default="20",
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Show in which database the journal, the cases and the manifest are and where the files, or move them: into PostgreSQL and an object
    store for a team, or back into the folder.

    Logs and keys stay where they are.
    """
    from whosaw.app import database as use
    from whosaw.core.document import object_of
    from whosaw.core.errors import WhosawError
    from whosaw.store.space_address import CACHE_BYTES

    if sum(each is not None for each in (move_to, files_to, join)) > 1:
        raise WhosawError(
            "database.one-at-a-time",
            "--move-to, --files-to and --join are three things",
            hint="Do one after the other",
        )
    if schema is not None and move_to is None and join is None:
        raise WhosawError(
            "database.nothing-to-move",
            "--schema says where to move to, and nothing is moved",
            hint="Name the database with --move-to",
        )
    if cache is not None and files_to is None and join is None:
        raise WhosawError(
            "database.nothing-to-move",
            "--cache says how much of an object store is kept here, and none is named",
            hint="Name it with --files-to",
        )
    kept = CACHE_BYTES if cache is None else int(cache * _GIB)
    if move_to is not None:
        moved = use.move_journal(workspace, move_to, now=now(), schema=schema, key_file=key_file)
        print_json(object_of(moved)) if json else _show_moved(moved)
    elif files_to is not None:
        files = use.move_files(workspace, files_to, now=now(), cache_bytes=kept, key_file=key_file)
        print_json(object_of(files)) if json else _show_files(files)
    elif join is not None:
        joined = use.join(workspace, join, schema=schema, cache_bytes=kept)
        print_json(object_of(joined)) if json else _show_joined(joined)
    else:
        found = use.database_of(workspace)
        print_json(object_of(found)) if json else _show(found)


def _show(found: Database) -> None:
    from whosaw.report.wording import many

    from .console import say

    say(f"{found.where}: {many(found.entries, 'entries')} in the custody journal")
    if "://" in found.files:
        say(f"{found.files}: the files")
    if found.joined:
        say("this folder joined to read: what goes into the custody journal is done where its key is")


def _show_moved(moved: MovedJournal) -> None:
    from .complaints import complain
    from .console import say

    say(f"{moved.where}: {moved.rows:,} rows of {moved.tables:,} tables, the same on both sides")
    say(f"sha256: {moved.sha256}")
    if moved.left:
        complain(f"what was there before could not be removed: {moved.left}")
    if moved.kind == "postgresql":
        say(
            "Back up the database and this folder together: whosaw backup does. Keys and files are in the folder."
        )


def _show_files(moved: MovedFiles) -> None:
    from whosaw.report.wording import many

    from .complaints import complain
    from .console import say

    say(f"{moved.where}: {many(moved.files, 'files')}, {moved.bytes:,} bytes, each what its name says")
    if moved.left:
        complain(f"what was there before could not be removed: {moved.left}")
    if moved.versions in ("on", "suspended"):
        say(
            "This bucket keeps versions: what is erased or removed stays as an old version until a rule of the bucket ends it."
        )


def _show_joined(joined: JoinedWorkspace) -> None:
    from whosaw.report.wording import many

    from .console import say

    say(f"{joined.where}: {many(joined.entries, 'entries')} in the custody journal")
    say(f"{joined.files}: the files")
    if joined.root is not None:
        say(f"root: {joined.root}")
        say("Compare it with `whosaw custody head` on the machine that scans.")
    if not joined.vault_key:
        say("Put vault.key into this folder, or name it with --key-file.")
