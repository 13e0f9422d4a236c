"""Tables that never cut a number or a name: where the terminal is too narrow for one, each row is told on lines of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Table
    from rich.text import Text

__all__ = ["Fitting", "Hanging", "hanging"]

_TEXT: Final = 20  # columns that a text needs at least, which may be folded between any two letters
_LONG: Final = 27  # a longer word is no number and no date: 2025-03-03T09:00:01.000001Z has so many letters
# a word; "(cannot tell)" and "p8 (1***3)" stay together
_WORD: Final = re.compile(r"(?:\([^()\s]{1,12} [^()\s]{1,12}\)|\S)+(?: \(\S?\*{3}\S?\),?)?\s*")
_HEAD: Final = 2  # lines of the head where names stand above their rows
_HANGS: Final = 2  # columns by which the rest of a broken line stands further in
_COLUMN: Final = re.compile(r" *\S+(?: \S+)* {3,}")  # something stands further on in the line
_SQUEEZED: Final = 4  # lines of a text in a narrow column, from which on it is read in lines of its own


class Hanging:
    """A line of text that is broken between words, the rest of it further in. A word that is too long is left whole, or folded if so asked."""

    def __init__(self, text: Text, *, fold: bool = False) -> None:
        self.text = text
        self.fold = fold

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for each in hanging(self.text, options.max_width):
            each.no_wrap, each.overflow = (False, "fold") if self.fold else (True, "ignore")
            yield each


def hanging(line: Text, width: int) -> Iterator[Text]:
    """The pieces of a line of that many columns at most, each but the first further in than the line."""
    from rich.text import Text

    if line.cell_len <= width:
        yield line
        return
    edge = len(line.plain) - len(line.plain.lstrip(" "))
    second = _COLUMN.match(line.plain)
    if second is not None and second.end() * 2 <= width:
        column = second.end()
        for at, each in enumerate(_broken(line[column:], width - column)):
            each.rstrip()
            yield (Text(" " * column) if at else line[:column]) + each
        return
    for at, each in enumerate(_broken(line[edge:], width - edge - _HANGS)):
        each.rstrip()
        yield Text(" " * (edge + (_HANGS if at else 0))) + each


def _broken(line: Text, width: int) -> Sequence[Text]:
    """The pieces of a line, each as many whole words as have room; a word wider than that has a piece of its own."""
    ends: list[int] = []
    begun = 0
    for word in _WORD.finditer(line.plain):
        if word.start() > begun and _width(line.plain[begun : word.end()].rstrip()) > width:
            begun = word.start()
            ends.append(begun)
    return list(line.divide(ends))


class Fitting:
    """`table` as it is where it fits, else a line for each cell with the name of its column.

    `headed`: where only the names of the first column are too long, each stands on a line above its row. `named` are columns whose names
    are short for something that has room on a line of its own.
    """

    def __init__(self, table: Table, *, headed: bool = False, named: Mapping[str, str] | None = None) -> None:
        self.table = table
        self.headed = headed
        self.named = named or {}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.console import Group
        from rich.padding import Padding
        from rich.text import Text

        needed = self._needs(console, whole=self.headed)
        if sum(needed) + self._around() <= options.max_width:
            for column, least in zip(self.table.columns, needed, strict=True):
                column.min_width = max(least, column.min_width or 0)
            shares = self._shares(console, needed, options.max_width - self._around())
            if not self._squeezed(console, shares):
                if self._too_wide(console, options):
                    for column, width in zip(self.table.columns, shares, strict=True):
                        column.width = width
                yield self.table
                return
        if self.headed and (lines := self._headed(console, options.max_width)):
            for at, each in enumerate(lines):
                yield Text(each, style="bold" if at < _HEAD else "", overflow="fold")
            return
        heads = (_plain(console, each.header) for each in self.table.columns)
        names = [self.named.get(each, each) for each in heads]
        for cells in zip(*(list(each.cells) for each in self.table.columns), strict=True):
            # the head and the foot of a column are not among its cells
            told = [
                Hanging(Text(f"{name}: {_plain(console, cell)}"), fold=True)
                for name, cell in zip(names, cells, strict=True)
            ]
            yield Group(told[0], *(Padding(each, (0, 0, 0, 2)) for each in told[1:]))

    def _too_wide(self, console: Console, options: ConsoleOptions) -> bool:
        """Whether the table is drawn wider than there is room: whoever shares the room out forgets what a column needs."""
        from rich.segment import Segment

        lines = Segment.split_lines(console.render(self.table, options))
        return any(Segment.get_line_length(line) > options.max_width for line in lines)

    def _squeezed(self, console: Console, shares: Sequence[int]) -> bool:
        """Whether a text is left so little room that it would run down its column."""
        return any(
            width < _TEXT and any(_width(_plain(console, cell)) > _SQUEEZED * width for cell in column.cells)
            for column, width in zip(self.table.columns, shares, strict=True)
        )

    def _shares(self, console: Console, needed: Sequence[int], room: int) -> list[int]:
        """What each column needs, and of the rest as much as its texts ask for in proportion."""
        asked = [
            max(
                0,
                max(
                    map(
                        _width,
                        "\n".join(_plain(console, each) for each in (column.header, *column.cells)).split(
                            "\n"
                        ),
                    )
                )
                - least,
            )
            for column, least in zip(self.table.columns, needed, strict=True)
        ]
        rest = max(0, room - sum(needed))
        share = min(1.0, rest / sum(asked)) if sum(asked) else 0.0
        return [least + int(more * share) for least, more in zip(needed, asked, strict=True)]

    def _headed(self, console: Console, most: int) -> list[str]:
        """Each row below the name that stands first in it; nothing where the other columns do not fit either."""
        first, *others = self.table.columns
        texts = [[_plain(console, each) for each in (column.header, *column.cells)] for column in others]
        widths = [max(map(_width, column)) for column in texts]
        if 2 * len(others) + sum(widths) > most:
            return []
        rows = [
            "".join(
                "  " + (text.rjust(width) if column.justify == "right" else text.ljust(width))
                for column, text, width in zip(others, row, widths, strict=True)
            ).rstrip()
            for row in zip(*texts, strict=True)
        ]
        names = [_plain(console, each) for each in first.cells]
        told = [line for pair in zip(names, rows[1:], strict=True) for line in pair]
        return [_plain(console, first.header), rows[0], "-" * max(map(_width, rows)), *told]

    def _needs(self, console: Console, *, whole: bool) -> list[int]:
        """How many columns of the terminal each column needs for no number to be cut, and where `whole` no name of the first one."""
        needed = []
        for at, column in enumerate(self.table.columns):
            texts = [_plain(console, each) for each in (column.header, *column.cells)]
            if column.no_wrap or (whole and not at):
                needed.append(max(map(_width, texts)))
                continue
            words = [word for text in texts for word in text.split()]
            numbers = [_width(word) for word in words if any(map(str.isdigit, word))]
            least = max([each for each in numbers if each <= _LONG], default=0)
            needed.append(max(least, min(_TEXT, max(map(_width, words), default=0))))
        return needed

    def _around(self) -> int:
        """How many columns stand between the columns."""
        many = len(self.table.columns)
        between = 0 if self.table.box is None else many - 1
        return many * (self.table.padding[1] + self.table.padding[3]) + between


def _plain(console: Console, cell: object) -> str:
    from rich.text import Text

    return cell.plain if isinstance(cell, Text) else console.render_str(str(cell)).plain


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)
