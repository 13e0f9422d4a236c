"""The original text of one record of a document."""

from __future__ import annotations

from whosaw.core.errors import WhosawError

from .json_records import records_of

__all__ = ["record_text"]

_BOM = b"\xef\xbb\xbf"


def record_text(document: bytes, number: int, names: tuple[str, ...]) -> bytes:
    """Record `number` (from 1 on) of a document whose records stand under one of `names`, as it stands there."""
    text = document.removeprefix(_BOM).decode("utf-8", "backslashreplace")
    spans = records_of(text, names)
    if not 1 <= number <= len(spans):
        raise WhosawError(
            "line.no-such-line",
            f"there is no record {number:,}: the document holds {len(spans):,}",
            hint="Take the locator as a report or `whosaw who` prints it",
        )
    start, end = spans[number - 1]
    return text[start:end].encode("utf-8")
