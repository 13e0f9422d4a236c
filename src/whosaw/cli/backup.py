"""The commands that write a workspace to one file, and make one from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, now, print_json

if TYPE_CHECKING:
    from whosaw.app.backup import Backup, Restored

__all__ = ["backup", "restore"]

_WHOLE = 16  # digits of a digest that are enough to tell two files apart by eye


@fail_clearly
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New file; none is written over.")],
    workspace: WorkspaceDir = WORKSPACE,
    json: JsonFlag = False,
) -> None:
    """Write the whole workspace to one file, also while it is read, watched or served. The keys are not in it: keep the vault key apart."""
    from whosaw.app.backup import back_up
    from whosaw.core.document import document

    made = back_up(workspace, file, now=now())
    print_json(document(made)) if json else _show_backup(made)


def _show_backup(made: Backup) -> None:
    from .console import say

    say(f"{made.file}: {made.files:,} files, {made.bytes:,} bytes")
    say(f"sha256: {made.sha256}")
    if made.head is not None:
        say(f"head: {made.head.entry}:{made.head.hash}")
    say(
        "The vault key is not in it, and without that key nobody in it can be named. Keep vault.key apart, and these lines, too."
    )


@fail_clearly
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    sha256: Annotated[
        str | None,
        typer.Option("--sha256", metavar="HEX", help="Refuse another file than the one with this digest."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Make a workspace from a backup, in a folder that is not there yet. Everybody has to log in again."""
    from whosaw.app.backup import restore as run
    from whosaw.core.document import document

    made = run(file, workspace, now=now(), key_file=key_file, sha256=sha256)
    print_json(document(made)) if json else _show_restored(made)


def _show_restored(made: Restored) -> None:
    from .console import say

    then = "an unknown time" if made.taken is None else f"{made.taken:%Y-%m-%d %H:%M:%S} UTC"
    say(f"{made.workspace}: {made.files:,} files, as it was at {then}")
    if made.head is not None:
        say(f"head: {made.head.entry}:{made.head.hash}")
    if made.key_fits:
        say(
            f"The vault key fits. Copy it to {made.workspace / 'vault.key'} (mode 600), or name it with --key-file."
        )
    else:
        say(
            f"The vault key was not tried. Put it to {made.workspace / 'vault.key'} (mode 600), or name it with --key-file."
        )
    if made.accounts or made.tokens:
        say(
            f"Open again as they were then: {len(made.accounts):,} accounts, {len(made.tokens):,} tokens. Close what was closed since:"
        )
        say("  whosaw gate show, and Accounts in the console")
    if made.sending:
        say(
            "Notices were being sent. Who was told since then is not known here: look at whosaw notice status before you send."
        )
    say("Next: whosaw check, and whosaw scan, which reads what came since.")
