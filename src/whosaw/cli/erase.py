"""Commands that erase the identifiers of a person, and that tell of those who were erased."""

from __future__ import annotations

from typing import Annotated

import typer

from .app import WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, now, print_json

__all__ = ["erase", "erasures"]


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
