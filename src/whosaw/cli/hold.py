"""Commands about legal holds: what must be kept, and whether it still is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import EXIT_FOUND, WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, now, print_json
from .from_project import PathTexts
from .options import FormatName, Zone
from .shown_zone import instant_from, project_zone

__all__ = ["hold_app"]


hold_app = typer.Typer(
    help="Record which files must be kept, and check them: what shrank, vanished or was rewritten.",
    no_args_is_help=True,
)

Settings = Annotated[
    list[Path] | None,
    typer.Option(
        "--settings",
        help="Retention settings to look at: logrotate, journald.conf, or JSON of an S3 lifecycle or an index policy; files or folders.",
        show_default="/etc/logrotate.conf",
    ),
]


@hold_app.command("start")
@fail_clearly
def hold_start(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders, globs and prefixes in object stores to hold.",
            show_default="where earlier scans read",
        ),
        PathTexts(),
    ] = None,
    order: Annotated[str, typer.Option(help="The order in words: who ordered what, by which document.")] = "",
    at: Annotated[str, typer.Option(help="When it was ordered, such as 2025-11-19T10:00:00+09:00.")] = "",
    case: Annotated[str | None, typer.Option(help="The case it belongs to.")] = None,
    settings: Settings = None,
    format_name: FormatName = None,
    zone: Zone = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Record every file that existed at the time of an order: size, digest, times, lines by hour. Reads each file once."""
    from whosaw.app.hold.orders import start
    from whosaw.core.document import document
    from whosaw.core.errors import WhosawError

    from .texts.hold import show_started

    ordered = instant_from(at or None, project_zone(), "--at")
    if ordered is None:
        raise WhosawError(
            "hold.no-time",
            "it is not said when the order was made",
            hint="Give the time with --at, such as --at 2025-11-19T10:00:00+09:00",
        )
    answer = start(
        workspace,
        paths or [],
        order=order,
        at=ordered,
        now=now(),
        case=case,
        settings=settings or (),
        zone=zone,
        format_name=format_name,
        key_file=key_file,
    )
    print_json(document(answer)) if json else show_started(answer)


@hold_app.command("check")
@fail_clearly
def hold_check(
    order: Annotated[
        str | None, typer.Option("--order", help="One hold only, by its number or the words of its order.")
    ] = None,
    settings: Settings = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when anything is lost.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Read every held file again: what shrank, vanished or was rewritten, and which settings will delete what, when."""
    from whosaw.app.hold.orders import check
    from whosaw.core.document import document

    from .texts.hold import show_check

    answer = check(workspace, now=now(), settings=settings or (), order=order, key_file=key_file)
    print_json(document(answer)) if json else show_check(answer)
    if exit_code and any(hold.lost for hold in answer.holds):
        raise typer.Exit(EXIT_FOUND)


@hold_app.command("list")
@fail_clearly
def hold_list(workspace: WorkspaceDir = WORKSPACE, key_file: KeyFile = None, json: JsonFlag = False) -> None:
    """List every hold, the ended ones too."""
    from whosaw.app.hold.orders import list_holds
    from whosaw.core.document import document

    from .texts.hold import show_holds

    answer = list_holds(workspace, key_file=key_file)
    print_json({"holds": document(answer)}) if json else show_holds(answer)


@hold_app.command("end")
@fail_clearly
def hold_end(
    order: Annotated[
        str, typer.Option("--order", help="The hold, by its number (h1) or the words of its order.")
    ],
    reason: Annotated[str, typer.Option(help="Why it ends, such as the document that lifts the order.")] = "",
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """End a hold. Its record and all checks stay in the custody journal."""
    from whosaw.app.hold.orders import end
    from whosaw.core.document import document

    from .texts.hold import show_holds

    answer = end(workspace, order, reason=reason, now=now(), key_file=key_file)
    print_json(document(answer)) if json else show_holds([answer])
