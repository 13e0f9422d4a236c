"""How values are written on pages."""

from __future__ import annotations

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


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "instant": _instant,
    "number": number,
    "many": many,
    "count": count_text,
    "reason": reason_text,
}
