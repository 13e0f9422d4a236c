"""Commands that erase the identifiers of a person, and that tell of those who were erased."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, now, print_json

__all__ = ["erase", "erasures", "retention", "vault_app"]

_Why = Annotated[str, typer.Option("--reason", help="Why; kept in the custody journal.")]

vault_app = typer.Typer(help="Change the key of the vault.", no_args_is_help=True)


@fail_clearly
def erase(
    person: Annotated[
        str, typer.Argument(metavar="PERSON", help="Whom: an id, a mail address or phone, or p12.")
    ],
    ground: Annotated[
        str,
        typer.Option(
            "--ground",
            help="On which ground: no-longer-needed, consent-withdrawn, objection, unlawful, legal-obligation, request or order.",
        ),
    ] = "",
    reason: Annotated[
        str, typer.Option("--reason", help="Which request or rule it follows; kept in the custody journal.")
    ] = "",
    also: Annotated[
        list[str] | None,
        typer.Option(
            "--also",
            metavar="ID",
            help="A further id, login name, mail address or phone of theirs. Repeat it.",
        ),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what would be erased and what stays, and change nothing.")
    ] = False,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Erase who a person is: out of the vault, and out of addresses for notices. Counts stay as they are; a keyed digest is kept."""
    from whosaw.app.erasing.erase import erase as run
    from whosaw.core.document import object_of

    from .texts.erase import show_erasure

    done = run(
        workspace,
        person,
        ground=ground,
        reason=reason,
        now=now(),
        also=also or (),
        plan=plan,
        key_file=key_file,
    )
    print_json(object_of(done)) if json else show_erasure(done)


@fail_clearly
def erasures(workspace: WorkspaceDir = WORKSPACE, json: JsonFlag = False) -> None:
    """List who was erased: when, by whom, on which ground; nothing of it names anybody."""
    from whosaw.app.erasing.erase import list_erasures
    from whosaw.core.document import document

    from .texts.erase import show_erasures

    found = list_erasures(workspace)
    print_json({"erasures": document(found)}) if json else show_erasures(found)


@fail_clearly
def retention(
    do: Annotated[bool, typer.Option("--do", help="Let go what is due, instead of listing it.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Which rule of your house this is; kept in the custody journal.")
    ] = "",
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Show what is kept longer than the rules in whosaw.toml say, and let it go. Legal holds and open cases go first."""
    from whosaw.app.erasing.retention import retention as run
    from whosaw.core.document import object_of

    from .from_project import in_force
    from .texts.erase import show_retention

    project = in_force()
    rules = project.keeping if project is not None else ()
    done = run(workspace, rules, now=now(), reason=reason, do=do, key_file=key_file)
    print_json(object_of(done)) if json else show_retention(done)


@vault_app.command("rotate")
@fail_clearly
def rotate(
    reason: _Why = "",
    new_key_file: Annotated[
        Path | None,
        typer.Option(
            "--new-key-file",
            help="File for the new key, made where it is not there.",
            show_default="the one in use",
        ),
    ] = None,
    new_key_command: Annotated[
        str | None,
        typer.Option(
            "--new-key-command",
            metavar="COMMAND",
            help="Command that prints the new key, such as one of a key service.",
        ),
    ] = None,
    digests: Annotated[
        bool,
        typer.Option(
            "--digests", help="Put the digests that identifiers are known by under a new key as well."
        ),
    ] = False,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Seal the whole vault anew under a new key. Every number, count and finding's id stays, with --digests too."""
    from whosaw.app.erasing.rotate import rotate as run
    from whosaw.core.document import object_of

    from .progress import steps
    from .texts.erase import show_rotated

    with steps(quiet=json) as told:
        done = run(
            workspace,
            reason=reason,
            now=now(),
            key_file=key_file,
            new_key_file=new_key_file,
            new_key_command=new_key_command,
            digests=digests,
            told=lambda at, of: told("segments", at, of),
        )
    print_json(object_of(done)) if json else show_rotated(done)


@vault_app.command("reading-key")
@fail_clearly
def reading_key(
    out: Annotated[Path, typer.Argument(help="File to write it to; one that is there is replaced.")],
    reason: _Why = "",
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Write a key that reads logs into the workspace and opens nothing in it, for the executors of a cluster."""
    from whosaw.app.erasing.reading_key import write_reading_key as run
    from whosaw.core.document import object_of

    from .texts.erase import show_reading_key

    done = run(workspace, out, reason=reason, now=now(), key_file=key_file)
    print_json(object_of(done)) if json else show_reading_key(done)
