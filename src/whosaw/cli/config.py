"""`whosaw config`: what holds for commands in this folder, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import WORKSPACE, JsonFlag, WorkspaceDir, fail_clearly, print_json
from .from_project import FromProject, in_force
from .options import ContextFolder, FormatName, MapFile, OwnFormats, Zone
from .surroundings import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from whosaw.app.config import Config, Setting

__all__ = ["config"]

_USUAL = {
    "workspace": str(DEFAULT_WORKSPACE),
    "zone": "UTC to show times; times without an offset are refused",
    "language": "that of the case file",
    "map": "that of the last scan",
    "context": "that of the last scan",
    "runner": "local",
}
_EMPTY = {
    "none": "no table of context",
    "source": "told by the names of the files",
    "format": "found by content",
    "quiet": "learnt from the log",
    "twins": "those of the map",
}


@fail_clearly
def config(
    ctx: typer.Context,
    workspace: WorkspaceDir = WORKSPACE,
    map_file: MapFile = None,
    context: ContextFolder = None,
    language: Annotated[
        str | None,
        typer.Option("--lang", "-l", metavar="LANGUAGE", help="Language of letters and drafts."),
        FromProject("language"),
    ] = None,
    format_name: FormatName = None,
    zone: Zone = None,
    formats: OwnFormats = None,
    json: JsonFlag = False,
) -> None:
    """Show what holds here and why: a flag, the environment, whosaw.toml with its line, or the default. Checks all that it names."""
    from whosaw.app.check_project import check_project
    from whosaw.app.config import config_of
    from whosaw.core.document import document

    project = in_force()
    values = {
        "workspace": ("workspace", workspace),
        "map": ("map_file", map_file),
        "context": ("context", context),
        "language": ("language", language),
        "format": ("format_name", format_name),
        "zone": ("zone", zone),
        "formats": ("formats", formats),
    }
    given = {
        key: (why, _texts(value))
        for key, (name, value) in values.items()
        if (why := _why(ctx, name)) is not None and value
    }
    if project is not None:
        check_project(project)
    found = config_of(project, given, _USUAL)
    print_json(document(found)) if json else _show(found)


def _why(ctx: typer.Context, name: str) -> str | None:
    source = ctx.get_parameter_source(name)
    return {"COMMANDLINE": "flag", "ENVIRONMENT": "environment"}.get(
        source.name if source is not None else ""
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else (str(value),)


def _show(found: Config) -> None:
    from whosaw.report.wording import many

    from .console import print_table, row, say, table

    say(f"project file: {Path(found.file).absolute()}" if found.file else "no project file here or above")
    shown = table("key", "value", "why")
    for each in found.settings:
        row(shown, each.key, _value(each), _reason(each))
    print_table(shown)
    for logs in found.logs:
        say()
        say(f"[[logs]] on line {logs.line}: {many(logs.found, 'paths')}")
        shown = table("key", "value", "why")
        for each in logs.settings:
            row(shown, each.key, _value(each), _reason(each))
        print_table(shown)


def _value(each: Setting) -> str:
    return ", ".join(each.value) or _EMPTY.get(each.key, "none")


def _reason(each: Setting) -> str:
    return f"line {each.line}" if each.why == "file" and each.line is not None else each.why
