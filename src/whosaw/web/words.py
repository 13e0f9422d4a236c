"""How values are written on pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from whosaw.core.instants import from_micros
from whosaw.report.wording import count_text, many, number, reason_text

__all__ = ["FILTERS"]


def _instant(at: datetime | int | None) -> str:
    """In UTC, to the second."""
    if at is None:
        return "cannot tell"
    told = from_micros(at) if isinstance(at, int) else at
    return f"{told:%Y-%m-%d %H:%M:%S} UTC"


def _plain(text: str) -> str:
    """Characters that no one sees, or that turn a line round, as what they are."""
    hidden = ("Cc", "Cf", "Zl", "Zp")
    return "".join(f"\\u{ord(each):04x}" if unicodedata.category(each) in hidden else each for each in text)


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "instant": _instant,
    "number": number,
    "many": many,
    "count": count_text,
    "reason": reason_text,
    "plain": _plain,
}
