"""Lines of a width that a reader sees: Korean letters take two columns, and a word that is too long is cut."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["columns", "wrapped"]


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
