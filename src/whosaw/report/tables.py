"""Files, coverage and who for the terminal. Good at 80 columns and without colour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from .fitting import Fitting, Hanging
from .gaps import gaps_of
from .view_model import FileView, SourceView, WhoRow
from .wording import how_long, many, number, sortable, visible

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

__all__ = [
    "coverage_table",
    "files_table",
    "gaps_table",
    "line_equation",
    "who_table",
]


# columns of the coverage, and what they are short for
_COVERAGE: Final = {
    "source": "source",
    "events": "events",
    "rejects": "rejects",
    "dupl.": "duplicates",
    "first": "first day",
    "last": "last day",
    "whole": "whole hours",
    "part.": "partial hours",
    "miss.": "missing hours",
}
# for those who see colours; the word stands there all the same
_ANSWERS: Final = {"explained": "green", "cannot tell": "yellow", "unexplained": "bold red"}


def _table(*columns: str, right: frozenset[int] = frozenset(), folds: frozenset[int] = frozenset()) -> Table:
    """A plain table: two spaces between columns, a line under the head. `folds` are columns that may wrap."""
    from rich.box import Box
    from rich.table import Table

    lines = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
    table = Table(box=lines, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for at, name in enumerate(columns):
        table.add_column(
            name, justify="right" if at in right else "left", no_wrap=at not in folds, overflow="fold"
        )
    return table


def _plain(value: str) -> Text:
    """Text that is shown as it is: square brackets are no mark-up, control characters are visible."""
    from rich.text import Text

    return Text(visible(value))


def line_equation(files: Sequence[FileView]) -> Text:
    """lines = events + rejects + blank or comment lines, and whether it holds in every file."""
    lines, events, rejects, comments, continued = (
        sum(getattr(file, name) for file in files)
        for name in ("lines", "events", "rejects", "comments", "continued")
    )
    parts = [many(events, "events"), many(rejects, "rejects"), f"{number(comments)} blank or comment"]
    if continued:
        parts.append(f"{number(continued)} continued")
    text = f"{many(lines, 'lines')} = {' + '.join(parts)}"
    wrong = [file.name for file in files if not file.adds_up]
    return _plain(text if not wrong else f"{text}  DOES NOT ADD UP in {', '.join(wrong)}")


def files_table(files: Sequence[FileView]) -> RenderableType:
    """Each content that was read."""
    table = _table(
        "file",
        "format",
        "lines",
        "events",
        "rejects",
        "other",
        right=frozenset({2, 3, 4, 5}),
        folds=frozenset({0}),
    )
    for file in files:
        name = f"{file.name} ({file.fault})" if file.fault else file.name
        other = file.comments + file.continued
        counts = (number(each) for each in (file.lines, file.events, file.rejects, other))
        table.add_row(_plain(name), _plain(file.format), *counts)
    return Fitting(table, headed=True)


def coverage_table(sources: Sequence[SourceView], zone: tzinfo) -> RenderableType:
    """One row for each source: what it holds, and hours whole, partial and missing."""
    table = _table(*_COVERAGE, right=frozenset({1, 2, 3, 6, 7, 8}))
    for source in sources:
        ends = (sortable(at, zone)[:10] if at else "none" for at in (source.first, source.last))
        hours = (number(source.hours(state)) for state in ("whole", "partial", "missing"))
        counts = (number(each) for each in (source.events, source.rejects, source.duplicates))
        table.add_row(_plain(source.source), *counts, *ends, *hours)
    return Fitting(table, headed=True, named=_COVERAGE)


def gaps_table(sources: Sequence[SourceView], zone: tzinfo) -> RenderableType:
    """Each stretch of hours that is partial or missing, with the rule that decided."""
    table = _table("source", "state", "from", "length", "rule", folds=frozenset({0, 3, 4}))
    for source in sources:
        for span in gaps_of(source):
            length = how_long(span.end - span.start)
            table.add_row(
                _plain(source.source), span.state, sortable(span.start, zone), length, _plain(span.reason)
            )
    return Fitting(table)


def who_table(rows: Sequence[WhoRow], zone: tzinfo) -> RenderableType:
    """Who saw one person: each actor on a line of its own, with what it saw below."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    parts: list[RenderableType] = []
    width = max((len(row.category) for row in rows), default=0)
    for actor, explanation in dict.fromkeys((row.actor, row.explanation) for row in rows):
        told = Text.assemble(_plain(actor), "  (", (explanation, _ANSWERS.get(explanation, "")), ")")
        parts.append(Hanging(told))
        table = _table("category", "first", "last", "views", right=frozenset({3}))
        table.columns[0].min_width = width
        for row in rows:
            if (row.actor, row.explanation) == (actor, explanation):
                ends = (sortable(at, zone) for at in (row.first, row.last))
                table.add_row(_plain(row.category), *ends, number(row.views))
        parts.append(Padding(Fitting(table), (0, 0, 1, 2)))
    return Group(*parts)
