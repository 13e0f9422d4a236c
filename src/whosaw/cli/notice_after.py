"""Commands for what comes after notices were sent: bounces, decisions, and the proof of telling."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import (
    EXIT_CANNOT_TELL,
    EXIT_FAILED,
    WORKSPACE,
    JsonFlag,
    KeyFile,
    Reason,
    WorkspaceDir,
    fail_clearly,
    print_json,
    secret,
)
from .law import Now, moment
from .notice_send import CaseOf
from .options import ScopeVersion, StampTrust

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands to `whosaw notice`."""
    for command in (bounces, settle, replace, prove, line, verify):
        app.command()(command)


@fail_clearly
def bounces(
    case: CaseOf,
    messages: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[MESSAGES...]", help="Messages, mbox files, Maildirs, or folders of messages."
        ),
    ] = None,
    via: Annotated[
        str,
        typer.Option(
            "--via",
            help="Ask this provider of messages as well what became of them.",
            show_default="nobody",
        ),
    ] = "",
    clear: Annotated[
        bool, typer.Option("--clear", help="Ask without TLS, such as a provider on this machine.")
    ] = False,
    most_bounces: Annotated[
        float,
        typer.Option(
            "--stop-at", metavar="SHARE", min=0.0, max=1.0, help="Stop the sending at this share of bounces."
        ),
    ] = 0.05,
    most_complaints: Annotated[
        float,
        typer.Option(
            "--stop-at-complaints",
            metavar="SHARE",
            min=0.0,
            max=1.0,
            help="Stop the sending at this share of complaints.",
        ),
    ] = 0.001,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Read what came back of notices: failures end their delivery, however late; complaints and delays are counted."""
    from whosaw.app.sending.bounces import read_bounces
    from whosaw.app.sending.status import case_name
    from whosaw.core.document import object_of
    from whosaw.core.errors import WhosawError
    from whosaw.sending.provider import message_provider

    from .texts.notice_after import show_bounces

    if not messages and not via:
        raise WhosawError(
            "notice.nothing-to-read",
            "there is nothing to read",
            hint="Name messages, or a provider with --via",
        )
    token = secret("WHOSAW_MESSAGE_TOKEN", None) if via else None
    read = read_bounces(
        case_name(case),
        messages or [],
        workspace=workspace,
        now=moment(at),
        most_bounces=most_bounces,
        most_complaints=most_complaints,
        provider=message_provider(via, token=token, clear=clear) if via else None,
        key_file=key_file,
    )
    print_json(object_of(read)) if json else show_bounces(read)


@fail_clearly
def settle(
    case: CaseOf,
    decision: Annotated[str, typer.Argument(help="accepted, or again.")],
    reason: Reason = "",
    version: ScopeVersion = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Decide of messages whose end is unknown: they were taken, or they go again. Your name and reason are kept."""
    from whosaw.app.sending.settle import settle as run
    from whosaw.app.sending.status import case_name
    from whosaw.core.document import object_of

    from .texts.notice_after import show_settled

    done = run(
        case_name(case),
        decision,
        workspace=workspace,
        reason=reason,
        now=moment(at),
        version=version,
        key_file=key_file,
    )
    print_json(object_of(done)) if json else show_settled(done)


@fail_clearly
def replace(
    case: CaseOf,
    reason: Reason = "",
    version: ScopeVersion = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Have another channel take over from every notice that failed, where there is an address for it."""
    from whosaw.app.sending.settle import replace_failed
    from whosaw.app.sending.status import case_name
    from whosaw.core.document import object_of

    from .texts.notice_after import show_settled

    done = replace_failed(
        case_name(case),
        workspace=workspace,
        reason=reason,
        now=moment(at),
        version=version,
        key_file=key_file,
    )
    print_json(object_of(done)) if json else show_settled(done)


@fail_clearly
def prove(
    case: CaseOf,
    key: Annotated[
        Path | None, typer.Option("--key", help="Private key (PEM) to sign the root with.")
    ] = None,
    tsa: Annotated[
        str | None, typer.Option("--tsa", help="Address of a time stamp authority (RFC 3161).")
    ] = None,
    version: ScopeVersion = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Put the root over every attempt into the custody journal, signed and time-stamped where you ask for it."""
    from whosaw.app.sending.prove import prove as run
    from whosaw.app.sending.status import case_name
    from whosaw.core.document import object_of

    from .texts.notice_after import show_root

    root = run(
        case_name(case),
        workspace=workspace,
        now=moment(at),
        version=version,
        key=key,
        tsa=tsa,
        key_file=key_file,
    )
    print_json(object_of(root)) if json else show_root(root)


@fail_clearly
def line(
    case: CaseOf,
    person: Annotated[str, typer.Argument(help="The person, by any identifier.")],
    out: Annotated[
        Path,
        typer.Option("--out", "--output", "-o", help="Write one file for each attempt into this folder."),
    ],
    reason: Reason = "",
    version: ScopeVersion = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Open the line of one person under the newest root, for them or for a regulator; nothing of anybody else is in it."""
    from whosaw.app.sending.prove import open_lines
    from whosaw.app.sending.status import case_name
    from whosaw.core.canonical_json import pretty_json
    from whosaw.report.draft_files import write_all

    from .console import say

    opened = open_lines(
        case_name(case),
        person,
        workspace=workspace,
        reason=reason,
        now=moment(at),
        version=version,
        key_file=key_file,
    )
    files = {out / each.name: f"{pretty_json(each.document)}\n".encode() for each in opened}
    written = [str(path) for path in write_all(files, out)] if files else []
    if json:
        print_json({"attempts": len(opened), "files": written})
        return
    for each in written:
        say(each)
    say(
        f"{len(opened):,} attempts opened"
        if opened
        else "Nobody tried to tell this person yet; there is no line to open."
    )


@fail_clearly
def verify(
    file: Annotated[Path, typer.Argument(metavar="LINE", help="A file of `whosaw notice line`.")],
    head: Annotated[
        str | None, typer.Option("--head", help="Head of the journal that was noted elsewhere.")
    ] = None,
    signer: Annotated[
        str | None, typer.Option("--signer", help="Fingerprint of the key that should have signed.")
    ] = None,
    stamp_trust: StampTrust = None,
    json: JsonFlag = False,
) -> None:
    """Check an opened line, without a workspace and without a network."""
    from whosaw.app.sending.verify_line import verify_line
    from whosaw.core.custody import BROKEN, HOLDS
    from whosaw.core.document import object_of

    from .texts.notice_after import show_line

    checked = verify_line(file, head=head, signer=signer, stamp_trust=tuple(stamp_trust or ()))
    print_json(object_of(checked)) if json else show_line(checked)
    if checked.answer != HOLDS:
        raise typer.Exit(EXIT_FAILED if checked.answer == BROKEN else EXIT_CANNOT_TELL)
