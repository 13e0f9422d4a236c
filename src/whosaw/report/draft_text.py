"""A draft as plain text, 78 columns wide: Korean letters take two columns, and a word that is too long is cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from whosaw.core.draft import Draft

from .draft_view import DraftView, Group, Line, Part, draft_view

__all__ = ["columns", "draft_text", "wrapped"]

_WIDTH: Final = 78
_WIDEST_LABEL: Final = 26


def draft_text(draft: Draft, *, sent_only: bool = False, own: Path | None = None) -> str:
    """A draft as text: first the preparer's part, a line of `=`, then what is sent; or the latter alone."""
    view = draft_view(draft, own)
    lines = [] if sent_only else [*_preparer(view), "=" * _WIDTH, ""]
    return "\n".join([*lines, *_sent(view)]).rstrip("\n") + "\n"


def _preparer(view: DraftView) -> Iterator[str]:
    words, told = view.words, view.preparer
    yield from wrapped(f"{words.draft}. {words.preparer}", _WIDTH)
    yield from wrapped(words.not_legal_advice, _WIDTH)
    yield ""
    yield from _table([Line(label=label, text=text) for label, text in told.facts])
    yield ""
    lists = (
        (words.still_missing, told.missing),
        (words.notes, (*told.notes, *told.confidence)),
        (words.sources, told.sources),
    )
    for heading, entries in lists:
        if entries:
            yield from _headed(heading, _items([Line(text=each) for each in entries]))
    if told.short:
        yield from _headed(words.short, wrapped(told.short, _WIDTH, first="  ", rest="  "))


def _sent(view: DraftView) -> Iterator[str]:
    title = list(wrapped(view.title, _WIDTH))
    yield from title
    yield "=" * max(columns(each) for each in title)
    yield ""
    if view.head:
        yield from _table([Line(label=label, text=text) for label, text in view.head])
        yield ""
    yield from _groups(view.opening)
    for part in view.parts:
        yield from _part(part)
    yield from _groups(view.closing)
    if view.sources:
        yield from _headed(view.words.sources, _sources(view.sources))


def _headed(heading: str, lines: Iterator[str]) -> Iterator[str]:
    found = list(wrapped(heading, _WIDTH))
    yield from found
    yield "-" * max(columns(each) for each in found)
    yield from lines
    yield ""


def _part(part: Part) -> Iterator[str]:
    heading = f"{part.heading} ({part.reference})" if part.reference else part.heading
    found = list(wrapped(heading, _WIDTH))
    yield from found
    yield "-" * max(columns(each) for each in found)
    yield from _groups(part.groups)
    for each in part.missing:
        yield from wrapped(each, _WIDTH)
        yield ""
    if not part.groups and not part.missing:
        yield ""


def _groups(groups: Sequence[Group]) -> Iterator[str]:
    for group in groups:
        if group.kind == "text":
            for line in group.lines:
                yield from wrapped(_plain(line), _WIDTH)
                yield ""
            continue
        yield from _items(group.lines) if group.kind == "item" else _table(group.lines)
        yield ""


def _items(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        yield from wrapped(_plain(line), _WIDTH, first="- ", rest="  ")


def _table(rows: Sequence[Line]) -> Iterator[str]:
    """Two columns; a label too wide for its own stands above its text."""
    wide = max((size for row in rows if (size := columns(row.label)) <= _WIDEST_LABEL), default=2)
    indent = " " * (wide + 2)
    for row in rows:
        fits = columns(row.label) <= wide
        if not fits:
            yield from wrapped(row.label, _WIDTH)
        first = row.label + " " * (wide + 2 - columns(row.label)) if fits else indent
        yield from wrapped(_noted(row), _WIDTH, first=first, rest=indent)


def _sources(sources: Sequence[str]) -> Iterator[str]:
    for number, each in enumerate(sources, start=1):
        first = f"[{number}] "
        yield from wrapped(each, _WIDTH, first=first, rest=" " * len(first))


def _plain(line: Line) -> str:
    return f"{line.label}: {_noted(line)}" if line.label else _noted(line)


def _noted(line: Line) -> str:
    return f"{line.text} {''.join(f'[{each}]' for each in line.notes)}" if line.notes else line.text


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    from rich.cells import cell_len

    return cell_len(text)


def wrapped(text: str, width: int, *, first: str = "", rest: str = "") -> Iterator[str]:
    """The text in lines of at most `width` columns, the first behind `first` and all others behind `rest`.

    Line ends of the text stay. Nothing is lost but blanks at which a line was ended.
    """
    before = first
    for line in text.split("\n"):
        for piece in _filled(line.split(), max(2, width - max(columns(first), columns(rest)))):
            yield f"{before}{piece}".rstrip()
            before = rest


def _filled(words: list[str], room: int) -> Iterator[str]:
    line = ""
    for word in words:
        joined = f"{line} {word}" if line else word
        if columns(joined) <= room:
            line = joined
            continue
        if line:
            yield line
        *full, line = _cut(word, room)
        yield from full
    yield line


def _cut(word: str, room: int) -> list[str]:
    """A word in pieces that fit."""
    pieces, used = [""], 0
    for mark in word:
        size = columns(mark)
        if used + size > room:
            pieces.append("")
            used = 0
        pieces[-1] += mark
        used += size
    return pieces
