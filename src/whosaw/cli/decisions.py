"""Commands about decisions: record one, and print them all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import EXIT_FOUND, WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, now, print_json
from .law import CaseFile, Now, Page, moment

__all__ = ["decide", "decisions"]


@fail_clearly
def decide(
    case: CaseFile,
    decision: Annotated[
        str,
        typer.Option(
            help="notify, not-notify, late (about a duty); final, not-final (about a scope version)."
        ),
    ] = "",
    duty: Annotated[
        str | None,
        typer.Option(help="The duty it is about, as `whosaw duties` names it, such as ke/authority."),
    ] = None,
    because: Annotated[str, typer.Option(help="Why.")] = "",
    by: Annotated[str, typer.Option(help="Who decided.")] = "",
    at: Annotated[
        str | None,
        typer.Option(help="When it was decided, such as 2026-03-06T10:00:00+03:00.", show_default="now"),
    ] = None,
    scope: Annotated[
        int | None,
        typer.Option(min=1, help="The scope version it was made on.", show_default="the newest of the case"),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Record a decision with the facts it rests on. It is never rewritten; a later one replaces it."""
    from whosaw.app.law.decide import decide as run
    from whosaw.core.document import document

    from .texts.decisions import show_decided

    answer = run(
        case,
        workspace=workspace,
        decision=decision,
        duty=duty,
        because=because,
        by=by,
        at=at,
        scope=scope,
        now=now(),
        key_file=key_file,
    )
    print_json(document(answer)) if json else show_decided(answer)


@fail_clearly
def decisions(
    case: CaseFile,
    present: Now = None,
    html: Page = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="Also write the record as PDF here.")] = None,
    docx: Annotated[Path | None, typer.Option("--docx", help="Also write the record as DOCX here.")] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when a duty waits for a decision.")
    ] = False,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Show who decided what in a case, when and on which facts, and which duties wait for a decision."""
    from whosaw.app.law.decisions import decisions as run
    from whosaw.app.law.decisions import write_record
    from whosaw.core.document import document

    from .texts.decisions import show_decisions

    record = run(case, workspace=workspace, now=moment(present), key_file=key_file)
    files = {"html": html, "pdf": pdf, "docx": docx}
    write_record(record, {kind: path for kind, path in files.items() if path is not None})
    print_json(document(record)) if json else show_decisions(record)
    if exit_code and any(each.needs_decision for each in record.duties if each.applies == "met"):
        raise typer.Exit(EXIT_FOUND)
