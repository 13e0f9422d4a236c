"""The command that keeps a record of a notice on the home page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import WORKSPACE, JsonFlag, WorkspaceDir, fail_clearly, print_json
from .law import CaseFile, Now, moment
from .options import NoticePlaces, ScopeVersion
from .shown_zone import project_zone

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from whosaw.app.sending.page import PageRecord

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to `whosaw notice`."""
    app.command()(page)


@fail_clearly
def page(
    case: CaseFile,
    file: Annotated[
        Path, typer.Argument(metavar="PAGE", help="The page as it was put up, or saved from its address now.")
    ],
    url: Annotated[str, typer.Option("--url", help="Its address.")],
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How many days it must stay.")] = 30,
    seen: Annotated[
        bool, typer.Option("--seen", help="It was put up before, and this is what stands there now.")
    ] = False,
    place: NoticePlaces = None,
    version: ScopeVersion = None,
    workspace: WorkspaceDir = WORKSPACE,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Put on record that a notice is on the home page, how long it must stay, and each look at it. Nothing is fetched."""
    from whosaw.app.sending.page import put_up, saw
    from whosaw.app.sending.status import case_name
    from whosaw.core.document import object_of

    now = moment(at)
    places = [name for each in place or () for name in each.split(",") if name]
    if seen:
        told = saw(case_name(str(case)), file, workspace=workspace, url=url, now=now)
    else:
        told = put_up(
            case, file, workspace=workspace, url=url, days=days, now=now, places=places, version=version
        )
    print_json(object_of(told)) if json else _show(told, project_zone())


def _show(told: PageRecord, zone: tzinfo) -> None:
    """How long it must stay and how long it is known to have been up."""
    from .console import say

    def clock(at: datetime) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"

    say(f"{told.case}: {told.url} must stay from {clock(told.since)} until {clock(told.until)}")
    say(
        f"Of {told.passed_hours:,} hours so far it is known to have been up in {told.known_hours:,}; {told.looks:,} looks"
    )
    if told.same is False:
        say("What stands there now is not the text that was put up.")
    for each in told.gaps:
        say(f"Cannot tell from {clock(each.start)} to {clock(each.end)}: {each.why}")
    if told.kept:
        say("It stayed as long as it had to.")
