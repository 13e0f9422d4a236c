"""`whosaw watch`: follow logs, and send each finding once."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from .app import EXIT_INTERRUPTED, WORKSPACE, KeyFile, WorkspaceDir, fail_clearly, now, print_json, secret
from .complaints import complain
from .from_project import PathTexts, in_force, logs_to_read
from .interrupts import seen
from .options import ContextFolder, FormatName, MapFile, OwnFormats, QuietHours, ReplaceMap, SourceNames, Zone

if TYPE_CHECKING:
    from whosaw.app.watch import WatchReport

__all__ = ["watch"]


@fail_clearly
def watch(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Log files, folders or globs to follow, or kafka://HOST:9092/TOPIC.",
            show_default="those of whosaw.toml",
        ),
        PathTexts(),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            help="Where findings go: stdout, file:PATH, https://…, syslog://HOST, syslog+tcp://HOST, syslog+unix:PATH, "
            "mail://USER@HOST/TO?from=SENDER, apprise:URL. Repeat it for several. ocsf+ before the first three sends OCSF. @FILE reads "
            "addresses from a file, so that no secret in them shows in the list of processes.",
            show_default="stdout",
        ),
    ] = None,
    map_file: MapFile = None,
    replace_map: ReplaceMap = False,
    context: ContextFolder = None,
    format_name: FormatName = None,
    zone: Zone = None,
    formats: OwnFormats = None,
    sources: SourceNames = None,
    quiet: QuietHours = None,
    once: Annotated[
        bool, typer.Option("--once", help="Read what is new, send what is due, and end.")
    ] = False,
    every: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Least number of seconds between two rounds.")
    ] = 1.0,
    full_every: Annotated[
        float, typer.Option(min=1, help="Least number of seconds between two runs over the whole ledger.")
    ] = 60.0,
    kafka_config: Annotated[
        Path | None,
        typer.Option(help='TOML file with settings of the Kafka client, such as "security.protocol".'),
    ] = None,
    webhook_secret_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the secret that signs webhooks.",
            show_default="WHOSAW_WEBHOOK_SECRET in the environment",
        ),
    ] = None,
    smtp_password_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the password for mail.", show_default="WHOSAW_SMTP_PASSWORD in the environment"
        ),
    ] = None,
    console: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Where the console is, such as https://whosaw.example.org: alerts lead to the page of their finding.",
        ),
    ] = "",
    key_file: KeyFile = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print one JSON document at the end. Alerts then go only where --to says."
        ),
    ] = False,
) -> None:
    """Follow logs as they grow, and send an alert for each finding within seconds. Ctrl-C ends it."""
    from whosaw.alert import Secrets, open_sinks
    from whosaw.app.watch import watch as run
    from whosaw.core.document import document
    from whosaw.core.errors import WhosawError
    from whosaw.ingest.files.kafka_spool import read_settings

    secrets = Secrets(
        webhook=secret("WHOSAW_WEBHOOK_SECRET", webhook_secret_file),
        smtp_password=secret("WHOSAW_SMTP_PASSWORD", smtp_password_file),
    )
    wanted = to if to is not None else [] if json else ["stdout"]
    sinks = open_sinks(wanted, secrets=secrets, clock=now, host=socket.gethostname())
    if json and any(sink.name.endswith("stdout") for sink in sinks):
        raise WhosawError(
            "watch.two-outputs",
            "standard output cannot hold both alerts and the document of --json",
            hint="Send findings to a file: --to file:PATH",
        )
    with _until_interrupted() as stop:
        report = run(
            logs_to_read(paths),
            workspace,
            sinks=sinks,
            clock=now,
            stop=stop,
            once=once,
            every=every,
            full_every=full_every,
            format_name=format_name,
            zone=zone,
            map_path=map_file,
            replace_map=replace_map,
            context=context,
            own_formats=formats or (),
            sources=sources or (),
            quiet=quiet or (),
            project=in_force(),
            key_file=key_file,
            kafka_settings=read_settings(kafka_config) if kafka_config is not None else None,
            told=_say,
            console=console,
        )
    if json:
        print_json(document(report))
    else:
        _tell(report)
    if seen:
        raise typer.Exit(EXIT_INTERRUPTED)


def _tell(report: WatchReport) -> None:
    _say(f"{report.lines:,} lines read, {report.rejects:,} of them rejects; {report.told:,} alerts made")
    for name, states in report.sinks.items():
        waiting = f", {states['waiting']:,} wait for the next watch" if states["waiting"] else ""
        _say(f"{name}: {states['sent']:,} sent in all{waiting}")


def _say(text: str) -> None:
    """Standard output belongs to the findings."""
    complain(text)
    sys.stderr.flush()


@contextmanager
def _until_interrupted() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C or SIGTERM sets; the second one ends the program at once."""
    stop = threading.Event()
    known: dict[signal.Signals, object] = {}

    def ask(number: int, _: FrameType | None) -> None:
        if number == signal.SIGINT:
            seen.append(number)
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        if number == signal.SIGINT:
            # not through the stream: the signal may have come in the midst of a write to it
            os.write(2, b"whosaw: ending after this round; Ctrl-C once more ends at once\n")

    for number in (signal.SIGINT, signal.SIGTERM):
        known[number] = signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in known.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal returned it takes back
