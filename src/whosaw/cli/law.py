"""Commands about law: what a case obliges to, and what it can cost."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from .app import WORKSPACE, JsonFlag, WorkspaceDir, fail_clearly, now, print_json
from .shown_zone import instant_from, project_zone

__all__ = ["CaseFile", "Now", "Page", "duties", "moment", "penalty"]

CaseFile = Annotated[Path, typer.Argument(metavar="CASE", help="The case file (TOML).")]
Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        help="Use this as the present time, such as 2026-03-06T10:00:00+03:00.",
        show_default="the clock",
    ),
]
LawOf = Annotated[
    datetime | None,
    typer.Option(
        "--law-of",
        formats=["%Y-%m-%d"],
        help="Use the law of this day instead of that of the case's own times.",
    ),
]
Page = Annotated[Path | None, typer.Option("--html", help="Also write a page (HTML) here.")]


def moment(text: str | None) -> datetime:
    """What `--now` says, or the clock."""
    return instant_from(text, project_zone(), "--now") or now()


@fail_clearly
def duties(
    case: CaseFile,
    workspace: WorkspaceDir = WORKSPACE,
    at: Now = None,
    law_of: LawOf = None,
    html: Page = None,
    ical: Annotated[
        Path | None, typer.Option("--ical", help="Also write the deadlines as a calendar (iCalendar) here.")
    ] = None,
    xlsx: Annotated[
        Path | None,
        typer.Option("--xlsx", help="Also write place by recipient by due by status as a workbook here."),
    ] = None,
    matrix: Annotated[
        bool,
        typer.Option(
            "--matrix", help="Print one line for each clock instead: place, recipient, due, status."
        ),
    ] = False,
    questions: Annotated[
        bool,
        typer.Option(
            "--questions",
            help="Print what is still to be said instead, as it stands in the case file, most deciding first.",
        ),
    ] = False,
    json: JsonFlag = False,
) -> None:
    """List every duty of a case: to whom, by when, and whether it was done in time. Not legal advice."""
    from whosaw.app.law.duties import duties as run
    from whosaw.app.law.duties import write_calendar, write_duties_page, write_workbook
    from whosaw.core.document import document

    from .texts.law import show_duties, show_matrix, show_open

    result = run(case, workspace=workspace, now=moment(at), law_of=law_of.date() if law_of else None)
    if html is not None:
        write_duties_page(result, html)
    if ical is not None:
        write_calendar(result, ical)
    if xlsx is not None:
        write_workbook(result, xlsx)
    if json:
        print_json(document(result))
    else:
        (show_open if questions else show_matrix if matrix else show_duties)(result)


@fail_clearly
def penalty(
    case: CaseFile,
    workspace: WorkspaceDir = WORKSPACE,
    at: Now = None,
    law_of: LawOf = None,
    html: Page = None,
    json: JsonFlag = False,
) -> None:
    """Show what a case can cost: ranges with their arithmetic, and precedents. No forecast, no legal advice."""
    from whosaw.app.law.duties import penalty as run
    from whosaw.app.law.duties import write_penalty_page
    from whosaw.core.document import document

    from .texts.law import show_penalties

    result = run(case, workspace=workspace, now=moment(at), law_of=law_of.date() if law_of else None)
    if html is not None:
        write_penalty_page(result, html)
    print_json(document(result)) if json else show_penalties(result)
