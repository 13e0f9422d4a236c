"""The hint for a word that was probably mistyped."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean"]


def did_you_mean(word: str, known: Iterable[str], *, nearness: float = 0.6) -> str:
    """`Did you mean X?` for the nearest known word, or an empty text where none is as near as `nearness`."""
    close = get_close_matches(word[:100], sorted(known), n=1, cutoff=nearness)
    return f"Did you mean {close[0]}?" if close else ""
