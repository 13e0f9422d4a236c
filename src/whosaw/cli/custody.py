"""Commands of those who guard the custody journal: check it, note its head, and say where heads are sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import (
    EXIT_CANNOT_TELL,
    EXIT_DONE,
    EXIT_FAILED,
    WORKSPACE,
    JsonFlag,
    KeyFile,
    WorkspaceDir,
    fail_clearly,
    now,
    print_json,
    secret,
)
from .options import StampTrust

if TYPE_CHECKING:
    from whosaw.app.evidence.check import CustodyCheck

__all__ = ["check_workspace", "custody_app"]


custody_app = typer.Typer(
    help="Print the head of the custody journal, and set where heads are sent.", no_args_is_help=True
)


@fail_clearly
def check_workspace(
    workspace: WorkspaceDir = WORKSPACE,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            "--against", help="File with heads that were sent out (`whosaw custody anchor --file`)."
        ),
    ] = None,
    head: Annotated[
        list[str] | None,
        typer.Option(
            "--head", metavar="ENTRY:HASH", help="A head that you noted elsewhere, as commands print it."
        ),
    ] = None,
    root: Annotated[
        str | None, typer.Option("--root", metavar="HEX", help="The root as `whosaw custody head` prints it.")
    ] = None,
    stamp_trust: StampTrust = None,
    every: Annotated[
        bool, typer.Option("--all", help="Count every person and client again, of a large ledger, too.")
    ] = False,
    digest: Annotated[
        bool,
        typer.Option("--digest", help="Print one digest of what the ledger says, however its lines came."),
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Check the whole workspace: database, custody journal (also against heads noted elsewhere), files and counts.

    Needs no vault key, but for making some of its days again.

    Exit 0: all of it holds. 2: something is broken. 3: nothing is broken, but not all could be checked.
    """
    from whosaw.app.evidence.check import Elsewhere, check
    from whosaw.core.custody import BROKEN, HOLDS
    from whosaw.core.document import object_of

    from .progress import steps

    noted = Elsewhere(
        files=tuple(against or ()), heads=tuple(head or ()), root=root, stamp_roots=tuple(stamp_trust or ())
    )
    with steps(quiet=json) as told:
        answer = check(workspace, noted, every=every, digest=digest, told=told)
    # what stands of the journal is the answer itself
    print_json(object_of(answer), custody=False) if json else _show_check(answer)
    code = {HOLDS: EXIT_DONE, BROKEN: EXIT_FAILED}.get(answer.answer, EXIT_CANNOT_TELL)
    if code != EXIT_DONE:
        raise typer.Exit(code)


def _show_check(answer: CustodyCheck) -> None:
    """One line for each part, and below it why, and what is to be known of it."""
    from .console import say

    say(f"{answer.answer}: {answer.entries or 0:,} entries in the custody journal")
    for part in answer.parts:
        say(f"  {part.answer:<12} {part.name}")
        for line in (*part.why, *part.notes):
            say(f"               {line}")
    if answer.hash is not None:
        say(f"head: {answer.entries}:{answer.hash}")
        say(f"root: {answer.root}")
    if answer.digest is not None:
        say(f"digest: {answer.digest.sha256}")
        for table in answer.digest.tables:
            say(f"  {table.sha256}  {table.table}, {table.rows:,} rows")
    for note in answer.notes:
        say(f"note: {note}")


@custody_app.command("head")
@fail_clearly
def head(workspace: WorkspaceDir = WORKSPACE, json: JsonFlag = False) -> None:
    """Print the head of the custody journal, which covers every entry, and the root it began with. Note both elsewhere."""
    from whosaw.app.evidence.heads import head_of
    from whosaw.core.document import object_of

    from .console import say

    found = head_of(workspace)
    if json:
        print_json(object_of(found))
        return
    say(f"head: {found.entry}:{found.hash}")
    say(f"root: {found.root}")


@custody_app.command("anchor")
@fail_clearly
def anchor(
    file: Annotated[
        Path | None,
        typer.Option("--file", help="File outside of the workspace that each head is added to."),
    ] = None,
    mail: Annotated[
        str | None,
        typer.Option("--mail", metavar="ADDRESS", help="Mailbox: mail://USER@HOST/TO?from=SENDER."),
    ] = None,
    tsa: Annotated[
        str | None,
        typer.Option(
            "--tsa", metavar="URL", help="Time stamp authority (RFC 3161); its answers go into --file."
        ),
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Send heads nowhere from now on.")] = False,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Set where each new head of the custody journal is sent, and send it now. Without options: show what is set."""
    from whosaw.app.evidence.heads import anchors_of, set_anchors
    from whosaw.app.gating.asking import asked
    from whosaw.app.gating.rights import Verb
    from whosaw.core.errors import WhosawError
    from whosaw.store.workspace import journal_of

    from .console import say

    given = (file, mail, tsa) != (None, None, None)
    if off and given:
        raise WhosawError(
            "custody.off", "--off cannot be used with another option", hint="Give the one or the others"
        )
    if given or off:
        chosen, faults = set_anchors(
            workspace,
            file=file,
            mail=mail,
            tsa=tsa,
            now=now(),
            key_file=key_file,
            smtp_password=secret("WHOSAW_SMTP_PASSWORD", None),
        )
        for fault in faults:
            typer.echo(f"whosaw: the last head did not reach the earlier place: {fault}", err=True)
    else:
        with asked(workspace, Verb.SEE_STATUS, "anchors"):
            journal = journal_of(workspace)
        try:
            chosen = anchors_of(journal)
        finally:
            journal.close()
    if json:
        print_json(chosen)
        return
    said = [f"{way}: {where}" for way, where in chosen.items() if where is not None]
    say(
        "heads go to " + ", ".join(said)
        if said
        else "Heads are sent nowhere. `whosaw custody anchor --file FILE` adds each to a file outside of the workspace."
    )


@custody_app.command("use")
@fail_clearly
def use(workspace: WorkspaceDir = WORKSPACE, key_file: KeyFile = None, json: JsonFlag = False) -> None:
    """Show what stands out in how whosaw is used: who looked at many people in a day, at one person again and again, or at colleagues."""
    from whosaw.app.asking.own_use import notable
    from whosaw.core.document import document
    from whosaw.core.instants import format_instant

    from .console import print_table, row, say, table

    found = notable(workspace, now=now(), key_file=key_file)
    if json:
        print_json({"notable": document(found)})
        return
    if not found:
        say("Nothing stands out in the last 30 days.")
        return
    shown = table(
        "what", "by", "person", "people", "days", "last (UTC)", "what for", numbers=("people", "days")
    )
    for each in found:
        last = format_instant(each.last).partition(".")[0].removesuffix("Z")
        row(
            shown, each.why, each.by, each.person or "-", each.persons, each.days, last, "; ".join(each.purposes) or "-",
        )  # fmt: skip
    print_table(shown)
    say("It accuses nobody: ask them, with the purpose that they said.")
