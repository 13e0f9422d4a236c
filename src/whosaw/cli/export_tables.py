"""Commands that write tables for others, and find back from a number in them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import WORKSPACE, JsonFlag, KeyFile, Reason, WorkspaceDir, fail_clearly, now, print_json

__all__ = ["export_tables", "export_whose"]


@fail_clearly
def export_tables(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for the tables.")],
    workspace: WorkspaceDir = WORKSPACE,
    table: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Only this view, as `whosaw sql` lists them. Repeatable; without it, all."
        ),
    ] = None,
    lines: Annotated[
        bool,
        typer.Option("--lines", help="With locators of lines. They are the same in every publication."),
    ] = False,
    reason: Reason = "",
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Write the views of the ledger as Parquet for other engines, without masks, and with numbers that are of this publication alone."""
    from whosaw.app.asking.tables import export_tables as write
    from whosaw.core.document import document

    from .console import say

    made = write(
        workspace, folder, now=now(), tables=table or (), reason=reason, lines=lines, key_file=key_file
    )
    if json:
        print_json(document(made))
        return
    for each in made.tables:
        say(f"{each.file}: {each.rows:,} rows, SHA-256 {each.sha256}")
    say(
        f"publication {made.publication} in {made.folder}, of {made.persons:,} people; tables.json says what stands in it"
    )


@fail_clearly
def export_whose(
    publication: Annotated[str, typer.Argument(metavar="PUBLICATION", help="As tables.json names it.")],
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="A number from one of its tables.")],
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Say which ledger number a published one stands for."""
    from whosaw.app.asking.tables import whose_number
    from whosaw.core.document import document

    from .console import say

    found = whose_number(workspace, publication, number, now=now(), key_file=key_file)
    sign = {"person": "p", "client": "c"}.get(found.kind, f"{found.kind} ")
    print_json(document(found)) if json else say(f"{sign}{found.number}")
