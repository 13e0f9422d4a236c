"""`whosaw notice CASE`, and the commands beside it such as `whosaw notice check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .app import WORKSPACE, JsonFlag, KeyFile, Reason, WorkspaceDir, fail_clearly, now, print_json
from .law import CaseFile, Now
from .options import LanguagesFolder, NoticePlaces, OldFormat, ScopeVersion, written_as
from .shown_zone import instant_from, project_zone

__all__ = ["notice_app"]

_MAKE = "make"


class _CaseFirst(TyperGroup):
    """A first word that is no command is the case: `whosaw notice CASE` is `whosaw notice make CASE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = [_MAKE, *args]
        return super().parse_args(ctx, args)


def _named(given: list[str] | None) -> list[str]:
    """Names given one by one, or several with commas between."""
    return [name for each in given or () for name in each.split(",") if name]


notice_app = typer.Typer(
    cls=_CaseFirst,
    help="Draft notices to the people who were seen (`whosaw notice CASE`), or check notices.",
    no_args_is_help=True,
    subcommand_metavar="CASE|COMMAND [ARGS]...",
)


@notice_app.command(_MAKE)
@fail_clearly
def make(
    case: CaseFile,
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--lang", "-l", help="Languages, such as ko,en or sw.", show_default="those of the case file"
        ),
    ] = None,
    place: NoticePlaces = None,
    group: Annotated[
        list[str] | None, typer.Option("--group", help="Groups of people, by id.", show_default="all")
    ] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option("--channel", help="text-message, e-mail, letter or page.", show_default="all"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "--output", "-o", help="Write the notices into this folder.")
    ] = None,
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            metavar="FORMAT",
            help="txt, html, eml, docx, pdf or json.",
            show_default="all of each channel",
        ),
    ] = None,
    old_format: OldFormat = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over files that are there with other contents.")
    ] = False,
    recipients: Annotated[
        Path | None,
        typer.Option("--recipients", help="Write who gets which notice into this folder; needs --reason."),
    ] = None,
    reason: Reason = "",
    version: ScopeVersion = None,
    since: Annotated[
        int | None,
        typer.Option(
            "--since-version",
            min=1,
            help="Only people who are new since this version, or of whom more was seen.",
        ),
    ] = None,
    languages: LanguagesFolder = None,
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    at: Now = None,
    json: JsonFlag = False,
) -> None:
    """Draft the notices to people of a case. Not legal advice."""
    from whosaw.app.asking.looks import require_reason
    from whosaw.app.law.notices import RecipientList, plan_notices
    from whosaw.core.document import document
    from whosaw.report.draft_files import write_notices

    from .texts.notice import show_notices

    if old_format is not None:
        format_ = [*(format_ or []), *written_as(old_format)]
    if recipients is not None:
        require_reason(reason)
    moment = instant_from(at, project_zone(), "--now") or now()
    plan = plan_notices(
        case,
        workspace=workspace,
        now=moment,
        languages=_named(language),
        places=_named(place),
        groups=_named(group),
        channels=_named(channel),
        version=version,
        since=since,
        own_languages=languages,
    )
    lists: list[RecipientList] = []
    if recipients is not None:
        from whosaw.app.law.notice_recipients import write_recipients

        lists = write_recipients(
            plan, recipients, workspace=workspace, reason=reason, now=moment, key_file=key_file
        )
    files = (
        write_notices(plan.drafts, out, _named(format_), own=languages, replace=replace)
        if out is not None
        else []
    )
    result = plan.told([str(each) for each in files], lists)
    print_json(document(result)) if json else show_notices(result, languages)
