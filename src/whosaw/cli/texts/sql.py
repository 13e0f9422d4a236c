"""Answers to questions in SQL as text, and the list of views."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from whosaw.app.asking.sql_views import SQL_VIEWS
from whosaw.cli.console import print_table, row, say, table
from whosaw.core.delimited import Cell

if TYPE_CHECKING:
    from whosaw.app.asking.sql import SqlAnswer

__all__ = ["VIEW_COLUMNS", "show_sql", "show_views", "view_rows"]

_MOST_ROWS: Final = 200
VIEW_COLUMNS: Final = ("view", "column", "type", "about")


def show_sql(answer: SqlAnswer) -> None:
    """The first rows as a table."""
    import pyarrow as pa

    numbers = [
        each.name
        for each in answer.schema
        if pa.types.is_integer(each.type) or pa.types.is_floating(each.type) or pa.types.is_decimal(each.type)
    ]
    shown = table(*answer.columns, numbers=numbers)
    rows = answer.rows()
    many = 0
    for each in islice(rows, _MOST_ROWS):
        many += 1
        row(shown, *(_text(cell) for cell in each))
    print_table(shown)
    if next(rows, None) is not None:
        say(f"… and more; these are the first {_MOST_ROWS:,}. --csv gives all")
    elif not many:
        say("no row. That says nothing about hours that are missing (`whosaw coverage`)")


def show_views() -> None:
    """Each view with its columns."""
    for view in SQL_VIEWS:
        say(f"{view.name}: {view.about}")
        shown = table("column", "type", "what it holds")
        for each in view.columns:
            row(shown, f"  {each.name}", each.type, each.about)
        print_table(shown)
        say()
    say(
        "Functions: shown_person(12) masks as the columns do. Numbers are those of other commands: 12 is p12 or c12."
    )


def view_rows() -> Iterator[dict[str, str]]:
    """One row for each column of each view."""
    for view in SQL_VIEWS:
        for each in view.columns:
            yield {"view": view.name, "column": each.name, "type": each.type, "about": each.about}


def _text(cell: Cell) -> object:
    from whosaw.report.wording import visible

    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return cell
    return visible(cell if isinstance(cell, str) else " ".join(cell))
