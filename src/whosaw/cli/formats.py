"""Commands about log formats: which are known, what a file looks like in one, and what columns there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .app import JsonFlag, fail_clearly, now, print_json
from .from_project import PathTexts, in_force
from .options import FormatName, OwnFormats, Zone

__all__ = ["formats_app"]


class _OrId(TyperGroup):
    """Takes what is no command of its own for the id of a format, so that `formats combined` shows it."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return super().resolve_command(ctx, ["show", *args])
        return super().resolve_command(ctx, args)


formats_app = typer.Typer(
    cls=_OrId,
    help="List the log formats that are known; try one on a file; draft one.",
    invoke_without_command=True,
)


@formats_app.callback()
@fail_clearly
def formats(ctx: typer.Context, own: OwnFormats = None, json: JsonFlag = False) -> None:
    """List the log formats that are known; try one on a file; draft one. Without a command: the list."""
    if ctx.invoked_subcommand is None:
        _list(own, json=json)


@formats_app.command("list")
@fail_clearly
def formats_list(own: OwnFormats = None, json: JsonFlag = False) -> None:
    """List the log formats that are known, as `whosaw formats` alone does."""
    _list(own, json=json)


def _list(own: list[Path] | None, *, json: bool, wanted: str | None = None) -> None:
    from whosaw.app.packs import format_index
    from whosaw.core.document import document

    from .texts.answers import show_formats

    items = format_index(own or (), wanted)
    print_json({"formats": document(items)}) if json else show_formats(items, detail=wanted is not None)


@formats_app.command("show")
@fail_clearly
def formats_show(
    format_id: Annotated[str, typer.Argument(metavar="ID", help="An id of `whosaw formats`.")],
    own: OwnFormats = None,
    json: JsonFlag = False,
) -> None:
    """Show one format with its source and cases. `whosaw formats ID` does so, too."""
    _list(own, json=json, wanted=format_id)


@formats_app.command("try")
@fail_clearly
def formats_try(
    file: Annotated[str, typer.Argument(help="A log, packed or not."), PathTexts()],
    format_name: FormatName = None,
    zone: Zone = None,
    own: OwnFormats = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Draft an own format even where a known one reads the file.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write the drafted format here: DIR/ID.toml, for --formats DIR. It becomes the format ID.",
        ),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Show how the lines of a file are understood: each column with the field it is from, and the fields that nothing took."""
    from whosaw.app.reading.trying import try_file
    from whosaw.core.document import document
    from whosaw.core.errors import WhosawError

    from .texts.formats import show_tried

    tried = try_file(
        file,
        format_name=format_name,
        zone=zone,
        own_formats=own or (),
        draft=draft or output is not None,
        id_=output.stem if output is not None else "own",
        day=now().date(),
        project=in_force(),
    )
    if output is not None:
        from whosaw.store.files import write_atomically

        if tried.draft is None or not tried.draft.text:
            raise WhosawError(
                "formats.no-draft",
                f"no format can be drafted for {file}: it is neither JSON, key=value nor delimited text, or no field is a time",
                hint="Describe its line with --format 'nginx:…', or write an item: `whosaw formats combined` shows one",
            )
        if output.exists():
            raise WhosawError("formats.exists", f"{output} is there already", hint="Name a file that is not")
        output.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(output, tried.draft.text.encode(), mode=0o644)
    print_json(document(tried)) if json else show_tried(tried, written=output)


@formats_app.command("columns")
@fail_clearly
def formats_columns(json: JsonFlag = False) -> None:
    """List the columns that a format may fill, and what each holds."""
    from whosaw.core.document import document
    from whosaw.ingest.column_list import COLUMNS

    from .texts.formats import show_columns

    print_json({"columns": document(COLUMNS)}) if json else show_columns(COLUMNS)
