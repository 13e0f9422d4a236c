"""Commands that tell the people of a case: `whosaw notice freeze`, `release`, `send` and `status`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import (
    EXIT_FOUND,
    WORKSPACE,
    JsonFlag,
    KeyFile,
    Reason,
    WorkspaceDir,
    fail_clearly,
    now,
    print_json,
    secret,
)
from .law import CaseFile, Now, moment
from .options import ExitCode, NoticePlaces, ScopeVersion
from .shown_zone import ShownZone, shown_zone, zone_name

__all__ = ["register"]

CaseOf = Annotated[str, typer.Argument(metavar="CASE", help="The case file, or the name of the case.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `whosaw notice`."""
    for command in (freeze, release, send, letters, status, sender):
        app.command()(command)


def _several(given: list[str] | None) -> list[str]:
    return [name for each in given or () for name in each.split(",") if name]


@fail_clearly
def freeze(
    case: CaseFile,
    texts: Annotated[
        Path,
        typer.Option(
            "--texts", help="Folder with the notices as `whosaw notice --out` names them, completed."
        ),
    ],
    addresses: Annotated[
        list[Path] | None,
        typer.Option(
            "--addresses", "-a", help="File of people and their addresses (CSV, TSV, Parquet). Repeat it."
        ),
    ] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option(
            "--channel", help="Channels in the order in which they are chosen.", show_default="e-mail,letter"
        ),
    ] = None,
    place: NoticePlaces = None,
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--lang",
            "-l",
            help="Languages; the first is for who has none of them.",
            show_default="those of the case file",
        ),
    ] = None,
    minor_under: Annotated[
        int, typer.Option("--minor-under", min=0, max=25, help="Years of age below which a guardian is told.")
    ] = 14,
    version: ScopeVersion = None,
    since: Annotated[
        int | None,
        typer.Option(
            "--since-version",
            min=1,
            help="Only people who came in since this version, or of whom more was seen.",
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Fix who is told, by which text and where, from one version of a case. Nothing is sent yet."""
    from whosaw.app.sending.freeze import freeze as run
    from whosaw.app.sending.texts import CHANNELS
    from whosaw.core.document import object_of
    from whosaw.core.errors import WhosawError

    from .texts.notice_send import show_frozen

    channels = _several(channel) or ["e-mail", "letter"]
    unknown = [each for each in channels if each not in CHANNELS]
    if unknown:
        raise WhosawError(
            "notice.channel",
            f"nobody is sent a notice by {', '.join(unknown)}",
            hint=f"Known: {', '.join(CHANNELS)}",
        )
    frozen = run(
        case,
        workspace=workspace,
        texts=texts,
        books=addresses or [],
        channels=channels,
        minor_under=minor_under,
        now=moment(at),
        places=_several(place),
        languages=_several(language),
        version=version,
        since=since,
        key_file=key_file,
    )
    told = {name: value for name, value in object_of(frozen.manifest).items() if name != "pieces"}
    print_json({"entry": frozen.entry, "digest": frozen.digest, **told}) if json else show_frozen(frozen)


@fail_clearly
def release(
    case: CaseOf,
    wave: Annotated[str, typer.Argument(help="staff, 1%, 10% or rest.")],
    reason: Reason = "",
    version: ScopeVersion = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Let a wave of notices go, with your name and reason in the custody journal. Nothing is sent yet."""
    from whosaw.app.sending.release import release as run
    from whosaw.app.sending.status import case_name
    from whosaw.core.document import object_of

    from .console import say

    done = run(
        case_name(case),
        wave.replace("%", " %").replace("  ", " "),
        workspace=workspace,
        reason=reason,
        now=moment(at),
        version=version,
        key_file=key_file,
    )
    if json:
        print_json(object_of(done))
        return
    say(
        f"{done.case} {done.version}: the wave {done.wave!r} with {done.people:,} people may go, released by {done.by}"
    )


@fail_clearly
def send(
    case: CaseOf,
    via: Annotated[
        str,
        typer.Option(
            "--via",
            help="The mail server, smtp://[USER@]HOST[:PORT] or smtps://; or the provider of messages, https://HOST.",
        ),
    ],
    sender: Annotated[str, typer.Option("--from", help="Address, number or profile that notices come from.")],
    channel: Annotated[
        str,
        typer.Option(
            "--channel",
            help="e-mail, text-message or messenger.",
            show_default="e-mail, or text-message with https://",
        ),
    ] = "",
    bounces: Annotated[
        str,
        typer.Option("--bounces", help="Domain that bounces come back to.", show_default="that of --from"),
    ] = "",
    reply_to: Annotated[
        str, typer.Option("--reply-to", help="Address for answers.", show_default="none")
    ] = "",
    connections: Annotated[
        int, typer.Option("--connections", min=1, max=64, help="Connections side by side.")
    ] = 4,
    pace: Annotated[
        int | None,
        typer.Option(
            "--pace",
            min=1,
            help="Messages a minute to one receiving domain, or to the provider.",
            show_default="no limit",
        ),
    ] = None,
    quiet: Annotated[
        str | None,
        typer.Option(
            "--quiet-hours",
            help="Hours where the recipient lives in which nothing goes, such as 21:00-08:00.",
        ),
    ] = None,
    stop_share: Annotated[
        float,
        typer.Option(
            "--stop-at",
            metavar="SHARE",
            min=0.0,
            max=1.0,
            help="Stop when this share of the last 500 answers refuses for good.",
        ),
    ] = 0.05,
    seconds: Annotated[
        float,
        typer.Option("--reply-within", metavar="SECONDS", min=1, help="Seconds that a reply is waited for."),
    ] = 300.0,
    clear: Annotated[
        bool, typer.Option("--clear", help="Send without TLS, such as to a server on this machine.")
    ] = False,
    once: Annotated[
        bool,
        typer.Option("--once", help="End when nothing is due now, instead of waiting for what was put off."),
    ] = False,
    version: ScopeVersion = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Send the notices that were released, by e-mail or through a provider of messages. Run it again after a stop: nobody gets it twice."""
    from whosaw.app.sending.send import MAIL, Going, MailWay, MessageWay, Way, send_notices
    from whosaw.app.sending.status import case_name
    from whosaw.core.document import object_of
    from whosaw.sending.pace import Quiet
    from whosaw.sending.provider import message_provider
    from whosaw.sending.sender import StopRule
    from whosaw.sending.smtp import mail_server

    from .texts.notice_send import show_sent

    channel = channel or ("text-message" if via.startswith("http") else MAIL)
    way: Way
    if channel == MAIL:
        password = secret("WHOSAW_SMTP_PASSWORD", None)
        server = mail_server(via, password=password, clear=clear, seconds=seconds)
        way = MailWay(server=server, sender=sender, bounces=bounces, reply_to=reply_to)
    else:
        token = secret("WHOSAW_MESSAGE_TOKEN", None)
        provider = message_provider(via, token=token, clear=clear, seconds=seconds)
        way = MessageWay(provider=provider, channel=channel, sender=sender)
    going = Going(
        connections=connections,
        a_minute=pace,
        quiet=Quiet.parse(quiet) if quiet else None,
        stop=StopRule(share=stop_share),
        wait=not once,
    )
    done = send_notices(
        case_name(case), way, going, workspace=workspace, now=now, version=version, key_file=key_file
    )
    print_json(object_of(done)) if json else show_sent(done)


@fail_clearly
def letters(
    case: CaseOf,
    out: Annotated[
        Path, typer.Option("--out", "--output", "-o", help="Folder for the PDFs; keep it where few can read.")
    ],
    batch: Annotated[int, typer.Option("--batch", min=1, help="Letters of one PDF.")] = 500,
    reason: Reason = "",
    version: ScopeVersion = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Write the letters that were released as PDFs to print, each sheet with the code of its letter."""
    from whosaw.app.sending.letters import print_letters
    from whosaw.app.sending.status import case_name
    from whosaw.core.document import object_of

    from .texts.notice_send import show_printed

    done = print_letters(
        case_name(case),
        out,
        workspace=workspace,
        reason=reason,
        now=now,
        batch=batch,
        version=version,
        key_file=key_file,
    )
    print_json(object_of(done)) if json else show_printed(done)


@fail_clearly
def status(
    case: CaseOf,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "--output", "-o", help="Draw it here as well: .svg, .png, or .json for its numbers."
        ),
    ] = None,
    width: Annotated[int, typer.Option(min=300, max=4000, help="How wide the picture is, in pixels.")] = 900,
    version: ScopeVersion = None,
    workspace: WorkspaceDir = WORKSPACE,
    zone: ShownZone = None,
    json: JsonFlag = False,
) -> None:
    """Show how far the telling of a case is: waiting, sent, failed, excluded and unknown add up to the recipients."""
    from whosaw.app.sending.status import case_name, notice_status
    from whosaw.core.document import document

    from .texts.notice_send import show_status

    at = shown_zone(zone)
    found = notice_status(case_name(case), workspace=workspace, version=version)
    if out is not None:
        from whosaw.app.picturing.files import write_picture
        from whosaw.app.sending.picture import telling_picture

        write_picture(telling_picture(found, zone=at, zone_name=zone_name(at)), out, width=width)
    print_json({"tellings": document(found)}) if json else show_status(found)


@fail_clearly
def sender(
    domain: Annotated[str, typer.Argument(help="The domain that notices come from.")],
    records: Annotated[
        Path,
        typer.Option(
            "--records", help="File with its records, as dig or a zone file has them; - is standard input."
        ),
    ],
    server: Annotated[
        list[str] | None, typer.Option("--server", help="Address of a server that sends. Repeat it.")
    ] = None,
    selector: Annotated[
        list[str] | None, typer.Option("--selector", help="DKIM selector that it signs with. Repeat it.")
    ] = None,
    bounces: Annotated[
        str, typer.Option("--bounces", help="Domain that bounces come back to.", show_default="the same")
    ] = "",
    exit_code: ExitCode = False,
    json: JsonFlag = False,
) -> None:
    """Check whether SPF, DKIM and DMARC of the sender hold, from records that you paste; nothing is looked up."""
    import sys

    from whosaw.core.document import document
    from whosaw.core.errors import WhosawError
    from whosaw.sending.sender_records import check_sender, read_records

    from .texts.notice_send import show_sender

    try:
        text = sys.stdin.read() if str(records) == "-" else records.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise WhosawError(
            "notice.records",
            f"{records} cannot be read ({type(fault).__name__})",
            hint="Save what dig prints into it",
        ) from fault
    checks = check_sender(
        domain, read_records(text), servers=server or [], selectors=selector or [], bounces=bounces
    )
    print_json({"domain": domain, "checks": document(checks)}) if json else show_sender(checks)
    if exit_code and any(each.answer == "fails" for each in checks):
        raise typer.Exit(EXIT_FOUND)
