"""Standard output for people: lines of plain text, and tables that fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Console as RichConsole
from rich.markup import escape
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["LEVELS", "Console", "ask", "print_made", "print_table", "row", "say", "table"]


class Console(RichConsole):
    """A console that says when nobody reads on.

    Rich itself ends the program with 1 then, which here would mean that something was found.
    """

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


# how sure a finding is, for those who see colours
LEVELS: Final[Mapping[str, str]] = {"[high]": "bold red", "[medium]": "yellow"}

# What stands in logs is shown as it stands: `:key:` is no picture of a key.
_out = Console(highlight=False, soft_wrap=False, emoji=False)


def say(text: str = "", *, marks: Mapping[str, str] | None = None) -> None:
    """Lines of plain text; `marks` are pieces of it and how each is shown to those who see colours.

    On a terminal it is broken between words, and what follows stands further in. A word that is too long, such as a path, is left whole.
    """
    for each in text.split("\n"):
        _say_line(each, marks or {})


def _say_line(text: str, marks: Mapping[str, str]) -> None:
    line = Text(text)
    for piece, style in marks.items():
        if (at := text.find(piece)) >= 0:
            line.stylize(style, at, at + len(piece))
    if not _out.is_terminal or line.cell_len <= _out.width:
        _out.print(line, soft_wrap=True)
        return
    from whosaw.report.fitting import hanging

    for each in hanging(line, _out.width):
        _out.print(each, soft_wrap=True)


def ask(question: str, default: str = "", *, show_default: bool = False) -> str:
    """What somebody answers. A question that is longer than the terminal is broken between words."""
    import typer

    asked = f"{question}{f' [{default}]' if show_default and default else ''}: "
    if _out.is_terminal and len(asked) > _out.width:
        from whosaw.report.fitting import hanging

        *before, last = (each.plain for each in hanging(Text(asked), _out.width - 1))
        for each in before:
            _out.print(Text(each), soft_wrap=True)
        asked = f"{last} "
    return str(typer.prompt(asked, default=default, show_default=False, prompt_suffix=""))


def table(*columns: str, numbers: Sequence[str] = (), whole: Sequence[str] = ()) -> Table:
    """An empty table with these columns; those of numbers stand to the right, and in those that are `whole` no cell is broken."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in columns:
        right = name in numbers
        made.add_column(
            name, justify="right" if right else "left", no_wrap=right or name in whole, overflow="fold"
        )
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
