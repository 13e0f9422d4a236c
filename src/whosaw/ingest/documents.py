"""The original text of one record of a document."""

from __future__ import annotations

from whosaw.core.errors import WhosawError

from .json_records import records_of

__all__ = ["record_text"]


def record_text(document: bytes, number: int, names: tuple[str, ...]) -> bytes:
    """Record `number` (from 1 on) of a document whose records stand under one of `names`, as it stands there."""
    records = records_of(document, names)
    if not 1 <= number <= len(records):
        raise WhosawError(
            "line.no-such-line",
            f"there is no record {number:,}: the document holds {len(records):,}",
            hint="Take the locator as a report or `whosaw who` prints it",
        )
    return records[number - 1].text
