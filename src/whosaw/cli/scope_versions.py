"""Commands about versions of a case: their differences, closing one, and a claim against one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import WORKSPACE, JsonFlag, KeyFile, Reason, Reveal, WorkspaceDir, fail_clearly, now, print_json

__all__ = ["close", "diff", "reconcile", "register"]

CaseName = Annotated[str, typer.Argument(help="Name of the case.")]
Sample = Annotated[
    int, typer.Option("--sample", min=0, help="How many people of each kind are shown, masked.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to `whosaw scope`."""
    for command in (diff, close, reconcile):
        app.command()(command)


@fail_clearly
def diff(
    case: CaseName,
    old: Annotated[
        int | None, typer.Argument(min=1, help="The earlier version.", show_default="the last but one")
    ] = None,
    new: Annotated[
        int | None, typer.Argument(min=1, help="The later version.", show_default="the last")
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    sample: Sample = 3,
    trace: Annotated[
        bool | None,
        typer.Option(
            "--trace/--no-trace",
            help="Ask the ledger who can only have come in with new logs, or gone out with lost ones.",
            show_default="in a small ledger",
        ),
    ] = None,
    reveal: Reveal = False,
    reason: Reason = "",
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Show who came in and who went out between two versions of a case, and why."""
    from whosaw.app.cases.versions import diff_versions
    from whosaw.core.document import object_of

    from .texts.scope_versions import show_diff

    answer = diff_versions(
        workspace,
        case,
        old,
        new,
        now=now(),
        key_file=key_file,
        sample=sample,
        trace=trace,
        reveal=reveal,
        reason=reason,
    )
    print_json(object_of(answer)) if json else show_diff(answer)


@fail_clearly
def close(
    case: CaseName,
    final: Annotated[
        bool, typer.Option("--final", help="Make the last version final; refused while something is open.")
    ] = False,
    despite: Annotated[
        str | None,
        typer.Option(help="Make it final although something is open. Your reason is kept with your name."),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Make the last version of a case final. Refused while something in its reach is open."""
    from whosaw.app.cases.versions import close_case
    from whosaw.core.document import object_of
    from whosaw.core.errors import WhosawError

    from .texts.scope_versions import show_closed

    if not final:
        raise WhosawError(
            "scope.not-final",
            "closing a case makes its last version final",
            hint="Say so: whosaw scope close CASE --final",
        )
    answer = close_case(workspace, case, despite=despite, now=now(), key_file=key_file)
    print_json(object_of(answer)) if json else show_closed(answer)


@fail_clearly
def reconcile(
    file: Annotated[Path, typer.Argument(help="A dump or sample: CSV, TSV, JSON, JSON lines or a list.")],
    case: Annotated[str, typer.Option("--case", help="Name of the case.")],
    version: Annotated[
        int | None, typer.Option(min=1, help="A version of it.", show_default="the last")
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            help="The column with people in it.", show_default="the one whose values the ledger knows"
        ),
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option(
            "--header/--no-header", help="Whether the first row names the columns.", show_default="guessed"
        ),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of the file, such as cp949.", show_default="UTF-8")
    ] = None,
    context: Annotated[
        Path | None,
        typer.Option(
            "--context",
            "-c",
            help="Folder with the list of known people.",
            show_default="that of the last scan",
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    sample: Sample = 10,
    reveal: Reveal = False,
    reason: Reason = "",
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Compare a dump that somebody published or sent with the ledger: who in it was seen, and by whom."""
    from whosaw.app.cases.reconcile import reconcile as run
    from whosaw.core.document import object_of

    from .texts.scope_versions import show_reconciled

    answer = run(
        workspace,
        case,
        file,
        now=now(),
        version=version,
        person=person,
        header=header,
        encoding=encoding,
        context=context,
        key_file=key_file,
        samples=sample,
        reveal=reveal,
        reason=reason,
    )
    print_json(object_of(answer)) if json else show_reconciled(answer)
