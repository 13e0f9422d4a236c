"""The command that tells in which database a workspace is, and moves it to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .app import WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, now, print_json

if TYPE_CHECKING:
    from whosaw.app.database import Database, MovedJournal

__all__ = ["database"]


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
    schema: Annotated[
        str | None,
        typer.Option(
            "--schema", help="With --move-to: the schema that holds this workspace.", show_default="whosaw"
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Show in which database the journal, the cases and the manifest are, or move them: SQLite in the folder, or PostgreSQL for a team.

    Logs, segments and keys stay in the folder.
    """
    from whosaw.app.database import database_of, move_journal
    from whosaw.core.document import object_of
    from whosaw.core.errors import WhosawError

    if move_to is None:
        if schema is not None:
            raise WhosawError(
                "database.nothing-to-move",
                "--schema says where to move to, and nothing is moved",
                hint="Name the database with --move-to",
            )
        found = database_of(workspace)
        print_json(object_of(found)) if json else _show(found)
        return
    moved = move_journal(workspace, move_to, now=now(), schema=schema, key_file=key_file)
    print_json(object_of(moved)) if json else _show_moved(moved)


def _show(found: Database) -> None:
    from whosaw.report.wording import many

    from .console import say

    say(f"{found.where}: {many(found.entries, 'entries')} in the custody journal")


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
