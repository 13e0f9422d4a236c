"""The command that draws: one picture with its numbers, the lines behind a number, or every picture of a report as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from whosaw.report.pictures.kinds import Kind

from .app import WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, now, print_json
from .rows_out import CsvFlag, JsonlFlag, TsvFlag, form_of, print_rows
from .shown_zone import ShownZone, shown_zone, zone_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, tzinfo

    from whosaw.core.delimited import Form
    from whosaw.report.pictures.data import Cell, Picture

__all__ = ["picture"]

_NARROWEST, _WIDEST = 300, 4000
_LINE = ("time", "sure", "client", "persons", "locator")


def _width(pixels: int) -> int:
    """The ends stand in the help's words: beside the placeholder they would take the room of all that is said on a narrow terminal."""
    if not _NARROWEST <= pixels <= _WIDEST:
        raise typer.BadParameter(f"{pixels} is not between {_NARROWEST} and {_WIDEST}")
    return pixels


@fail_clearly
def picture(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[WHAT]",
            help="A finding, or an actor as for `whosaw what`; for person a person, for versions a case.",
            show_default="the finding about most people, or the only case",
        ),
    ] = None,
    of: Annotated[
        Kind,
        typer.Option(
            "--of",
            metavar="PICTURE",
            help=f"What to draw of it: {', '.join(get_args(Kind))}. categories and coverage are of the whole ledger.",
        ),
    ] = "timeline",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "--output",
            "-o",
            help="Write it here: .svg, .png, or .json for its numbers. A folder gets every picture of the report, as SVG and JSON.",
        ),
    ] = None,
    row: Annotated[
        str | None,
        typer.Option(
            "--open",
            metavar="ROW",
            help="List every line behind a row of the picture, or behind all of them.",
        ),
    ] = None,
    width: Annotated[
        int, typer.Option(help="How wide the file is, in pixels, from 300 to 4000.", callback=_width)
    ] = 900,
    workspace: WorkspaceDir = WORKSPACE,
    zone: ShownZone = None,
    key_file: KeyFile = None,
    csv: CsvFlag = False,
    tsv: TsvFlag = False,
    jsonl: JsonlFlag = False,
    json: JsonFlag = False,
) -> None:
    """Draw what was seen: an actor over time, by hour and day, through numbers, by network; a person; categories; versions; coverage.

    Without --out, its numbers are printed. Each row can be opened down to the lines of the logs.
    """
    from whosaw.app.picturing.pictures import ask_picture, open_row

    form = form_of(json=json, csv=csv, tsv=tsv, jsonl=jsonl)
    at = shown_zone(zone)
    if row is not None:
        lines = _told_lines(open_row(workspace, of, what, row, zone=at, now=now(), key_file=key_file), at)
        _print_lines(lines, form, json=json)
        return
    if out is not None and (out.is_dir() or not out.suffix):
        from whosaw.app.picturing.files import write_pictures

        written = write_pictures(
            workspace, out, zone=at, zone_name=zone_name(at), now=now(), width=width, key_file=key_file
        )
        if json:
            print_json({"files": [str(each) for each in written]})
        else:
            _say_written(written)
        return
    asked = ask_picture(workspace, of, what, zone=at, zone_name=zone_name(at), now=now(), key_file=key_file)
    if out is not None:
        from whosaw.app.picturing.files import write_picture

        write_picture(asked, out, width=width)
    _print(asked, at, form, json=json, out=out)


def _print(asked: Picture, at: tzinfo, form: Form | None, *, json: bool, out: Path | None) -> None:
    from whosaw.report.pictures.files import told_numbers

    numbers = told_numbers(asked)
    if form is not None:
        columns = ("row", *(each.name for each in asked.numbers().columns), "lines")
        rows: Any = numbers["rows"]
        print_rows(columns, ({name: _flat(value) for name, value in each.items()} for each in rows), form)
    elif json:
        print_json({**numbers, "file": str(out)} if out is not None else numbers)
    elif out is not None:
        _say_written([out])
    else:
        _show(asked, at)


def _show(asked: Picture, at: tzinfo) -> None:
    from whosaw.core.counts import Count
    from whosaw.report.wording import bare_count, sortable, visible

    from .console import print_table, say, table
    from .console import row as add_row

    def shown(cell: Cell) -> object:
        if isinstance(cell, Count):
            return bare_count(cell)
        if cell is None:
            return "cannot tell"
        return (
            cell if isinstance(cell, int) else visible(cell) if isinstance(cell, str) else sortable(cell, at)
        )

    numbers = asked.numbers()
    say(asked.title)
    for note in asked.notes:
        say(f"  {note}")
    say(f"  Times in {asked.zone_name}.")
    say()
    # the name of a row says when it begins
    kept = [place for place, each in enumerate(numbers.columns) if each.name not in ("start", "end")]
    titles = [numbers.columns[place].title for place in kept]
    made = table("row", *titles, numbers=[each.title for each in numbers.columns if each.number])
    for each in numbers.rows:
        add_row(made, visible(each.name), *(shown(each.cells[place]) for place in kept))
    print_table(made)
    if numbers.rows:
        say()
        say(f"What is behind a row: {asked.opens.replace('ROW', numbers.rows[0].name)}")


def _told_lines(lines: Iterable[Any], at: tzinfo) -> Iterator[dict[str, Any]]:
    def told(time: datetime) -> str:
        return time.astimezone(at).isoformat()

    for each in lines:
        yield {
            "time": told(each.time),
            "sure": each.sure,
            "client": each.client,
            "persons": list(each.persons),
            "locator": each.locator,
        }


def _print_lines(lines: Iterator[dict[str, Any]], form: Form | None, *, json: bool) -> None:
    from .console import print_table, table
    from .console import row as add_row

    if form is not None:
        print_rows(_LINE, ({**each, "persons": _flat(each["persons"])} for each in lines), form)
    elif json:
        print_json({"lines": list(lines)})
    else:
        made = table(*_LINE)
        for each in lines:
            told = (
                each["time"],
                "yes" if each["sure"] else "no",
                each["client"],
                ", ".join(each["persons"]),
                each["locator"],
            )
            add_row(made, *told)
        print_table(made)


def _flat(value: Any) -> Any:
    """A cell of a row: a list as text, a count as its bounds."""
    if isinstance(value, list):
        return " ".join(str(each) for each in value)
    if isinstance(value, dict):
        upper = "" if value["upper"] is None else value["upper"]
        return value["lower"] if value["exact"] else f"{value['lower']}..{upper}"
    return value


def _say_written(written: Iterable[Path]) -> None:
    from .console import say

    for each in written:
        say(str(each))
