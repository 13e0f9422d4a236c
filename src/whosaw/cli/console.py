"""Standard output for people: lines of plain text, and tables that fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console as RichConsole
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Console", "print_made", "print_table", "row", "say", "table"]


class Console(RichConsole):
    """A console that says when nobody reads on.

    Rich itself ends the program with 1 then, which here would mean that something was found.
    """

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


# What stands in logs is shown as it stands: `:key:` is no picture of a key.
_out = Console(highlight=False, soft_wrap=False, emoji=False)


def say(text: str = "") -> None:
    """One line of plain text."""
    _out.print(text, markup=False, soft_wrap=True)


def table(*columns: str, numbers: Sequence[str] = ()) -> Table:
    """An empty table with these columns; those of numbers stand to the right."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in columns:
        right = name in numbers
        made.add_column(name, justify="right" if right else "left", no_wrap=right, overflow="fold")
    return made


def row(table: Table, *cells: object) -> None:
    """Add a row; whole numbers get separators."""
    table.add_row(*(escape(f"{cell:,}" if isinstance(cell, int) else str(cell)) for cell in cells))


def print_table(table: Table) -> None:
    """Print a table that was filled."""
    from whosaw.report.fitting import Fitting

    _out.print(Fitting(table))


def print_made(made: RenderableType) -> None:
    """Print what the report made, as it stands."""
    _out.print(made)
