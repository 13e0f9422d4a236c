"""Commands that hold texts against a case: one text by itself, and several against each other."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .app import EXIT_FOUND, WORKSPACE, JsonFlag, WorkspaceDir, fail_clearly, print_json
from .law import CaseFile, LawOf, Now, moment
from .options import ExitCode, ScopeVersion

__all__ = ["check", "consistency"]


@fail_clearly
def check(
    text: Annotated[
        str,
        typer.Argument(metavar="TEXT", help="The text: txt, HTML, DOCX, PDF or e-mail; - is standard input."),
    ],
    case: Annotated[Path, typer.Option("--case", help="The case file (TOML).")],
    form: Annotated[
        str,
        typer.Option("--as", help="notice (to people seen), possible (to people possibly seen) or filing."),
    ] = "notice",
    wanted: Annotated[
        list[str] | None,
        typer.Option(
            "--for",
            help="A place (kr), an authority (kr-pipc) or a duty (kr/pipa-report); several times.",
            show_default="all that are owed",
        ),
    ] = None,
    group: Annotated[
        str,
        typer.Option("--group", help="The group of people it goes to, as `whosaw notice` names it."),
    ] = "",
    language: Annotated[
        str,
        typer.Option("--lang", "-l", help="Take it to be in this language.", show_default="found by content"),
    ] = "",
    version: ScopeVersion = None,
    supplement: Annotated[
        bool, typer.Option("--supplement", help="With --as filing: a supplement to an earlier one.")
    ] = False,
    exit_code: ExitCode = False,
    workspace: WorkspaceDir = WORKSPACE,
    at: Now = None,
    law_of: LawOf = None,
    json: JsonFlag = False,
) -> None:
    """Check whether a notice, yours or any other, says all that ledger and law require. Not legal advice."""
    from whosaw.app.law.notice_check import check_notice
    from whosaw.core.document import document

    from .texts.notice_check import show_check

    result = check_notice(
        text,
        case,
        stdin=sys.stdin.buffer,
        workspace=workspace,
        now=moment(at),
        form=form,
        wanted=wanted or (),
        supplement=supplement,
        language=language,
        group=group,
        version=version,
        law_of=law_of.date() if law_of else None,
    )
    print_json(document(result)) if json else show_check(result)
    if exit_code and not result.passes:
        raise typer.Exit(EXIT_FOUND)


@fail_clearly
def consistency(
    case: CaseFile,
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILES...", help="Two or more filings and notices; - is standard input."),
    ],
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when texts differ.")] = False,
    workspace: WorkspaceDir = WORKSPACE,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Check that the filings and notices of a case tell the same numbers, data and times in all countries."""
    from whosaw.app.law.consistency import consistency as run
    from whosaw.core.document import document

    from .texts.notice_check import show_consistency

    result = run(case, files, stdin=sys.stdin.buffer, workspace=workspace, now=moment(at))
    print_json(document(result)) if json else show_consistency(result)
    if exit_code and result.differ:
        raise typer.Exit(EXIT_FOUND)
