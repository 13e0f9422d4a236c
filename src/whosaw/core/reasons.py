"""Several reasons as one sentence."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["joined_reasons"]


def joined_reasons(reasons: Iterable[str], most: int = 3) -> str:
    """Each once, without its own full stop, the first few of them, and how many more there are."""
    each = list(dict.fromkeys(text.strip().rstrip(".") for text in reasons))
    more = f"; and {len(each) - most:,} more" if len(each) > most else ""
    return "; ".join(each[:most]) + more
