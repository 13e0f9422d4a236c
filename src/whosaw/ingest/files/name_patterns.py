"""Patterns of file names, as a shell reads them: `*` and `?` stop at a slash, `**` goes over any depth, a folder means all below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

__all__ = ["fits"]

_PIECE = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\]|.", re.DOTALL)


def fits(name: str, patterns: Sequence[str]) -> bool:
    """Whether a file of this name is one of those that the patterns stand for. A member goes with its archive."""
    return any(_compiled(each).match(name) is not None for each in patterns)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    plain = pattern.removeprefix("./").rstrip("/")
    made = "".join(_translated(each[0]) for each in _PIECE.finditer(plain))
    below = r"(?:[/!].*)?" if plain not in ("", ".") else r".*"
    return re.compile(f"(?s:{'' if plain == '.' else made}{below})\\Z")


def _translated(piece: str) -> str:
    if piece == "**/":
        return r"(?:[^/]+/)*"
    if piece == "**":
        return r".*"
    if piece == "*":
        return r"[^/]*"
    if piece == "?":
        return r"[^/]"
    if piece.startswith("[") and len(piece) > 2:
        inner = piece[1:-1]
        told = ("^" if inner.startswith("!") else "") + inner.removeprefix("!")
        told = re.sub(r"([\\\[&~|])", r"\\\1", told)
        return f"[{told}]"
    return re.escape(piece)
