"""What became of one content in a scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from whosaw.ingest.content import Chunk
from whosaw.ingest.parser import Parsed

__all__ = ["ContentReport", "Counts", "notes_on"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentReport:
    """What happened to one content in this scan. Counts are of what was read now, not of what was known."""

    name: str
    source: str
    outcome: str  # read, grown, unchanged, copy, renamed, empty
    content: int | None = None
    format: str | None = None
    confidence: float | None = None
    lines: int = 0
    events: int = 0
    rejects: int = 0
    comments: int = 0
    continued: int = 0
    bytes: int = 0
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(slots=True)
class Counts:
    """Adds up what came out of the chunks of a content."""

    lines: int = 0
    events: int = 0
    rejects: int = 0
    comments: int = 0
    continued: int = 0
    bytes: int = 0

    def add(self, chunk: Chunk, parsed: Parsed) -> None:
        self.lines += chunk.lines if parsed.records is None else parsed.records
        self.events += parsed.events.num_rows
        self.rejects += parsed.rejects.num_rows
        self.comments += parsed.comments
        self.continued += parsed.continued
        self.bytes += chunk.end - chunk.offset


def notes_on(counts: Counts, *, known: bool, zone_given: bool) -> tuple[str, ...]:
    """What a person may do about a content of which no line could be read. `known`: its format is."""
    if not known:
        return ("no known format: every line is a reject; name one with --format",)
    if counts.rejects and counts.rejects == counts.lines - counts.comments and not zone_given:
        return ("every line was rejected; if its times have no offset, state their zone with --tz",)
    return ()
