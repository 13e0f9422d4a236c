"""A chunk that became a segment whose files stand in the workspace, before the journal knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from whosaw.ingest.content import Chunk
from whosaw.ingest.parser import LineLostError, Parsed
from whosaw.store.segment import SegmentDraft

__all__ = ["StoredSegment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSegment:
    """One chunk, what was parsed of it, and its segment with the names of its files by kind."""

    chunk: Chunk
    parsed: Parsed
    draft: SegmentDraft
    files: dict[str, str]
    times: str | None = None  # what is known of the times up to its end, for the reading that goes on there

    @property
    def reached(self) -> dict[str, Any]:
        """How far the content is read with it, as the manifest says it."""
        return {"size": self.chunk.end, "digest": self.chunk.prefix_digest}

    def row(self, content: int, *, map_digest: str | None, state: str | None) -> dict[str, Any]:
        """Its row in the manifest. `state` is what the parser carries on, sealed. Raises `LineLostError` where its tables do
        not hold every line of the chunk."""
        chunk, parsed = self.chunk, self.parsed
        document = parsed.records is not None
        lines = chunk.lines if parsed.records is None else parsed.records
        kept = self.draft.events + self.draft.rejects + parsed.comments + parsed.continued
        if kept != lines:
            raise LineLostError(
                f"a segment keeps {kept:,} of the {lines:,} lines from line {chunk.first_line:,} on"
            )
        return {
            "content": content,
            "start": chunk.offset,
            "end": chunk.end,
            "first_line": chunk.first_line,
            "lines": lines,
            "comments": parsed.comments,
            "continued": parsed.continued,
            "terminated": chunk.terminated and not document,
            "digest": chunk.prefix_digest,
            "map": map_digest,
            "state": state,
        }
