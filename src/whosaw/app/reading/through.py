"""A content read through: from its chunks to segments that are written and judged, with what was counted on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from whosaw.ingest.content_report import Counts
from whosaw.ingest.files.content import Chunk
from whosaw.ingest.parser import Parsed
from whosaw.ingest.structured.delimited import unfinished_lines
from whosaw.store.vault import Vault

from .content import Reader
from .plan import Plan
from .segments import StoredSegment, WrittenSegment, settled

__all__ = ["Ended", "Through"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A content whose end is reached: what was counted, its size and digest, and what is wrong with it."""

    counts: Counts
    size: int
    digest: str
    fault: str | None


@dataclass(slots=True)
class Through:
    """One reading of a content, wherever it is read. `counts` add up what came out."""

    plan: Plan
    vault: Vault
    counts: Counts
    _state: str | None = field(init=False, default=None)

    def segments(
        self, made: Iterable[StoredSegment], make: Callable[[Chunk, Parsed], StoredSegment]
    ) -> Iterator[WrittenSegment]:
        """The segments as the journal is told of them, in order, once their times are judged."""
        self._state = self.plan.state
        for stored in settled(made, self.plan.times, make):
            self.counts.add(stored.chunk, stored.parsed)
            self._state = stored.parsed.state
            yield stored.written(self.vault)

    def ended(self, reader: Reader) -> Ended:
        """What is known once all of it was read. Raises `LineLostError` where a line was lost or told twice."""
        if self.counts.lines:
            self.counts.check(self.plan.content.name, reader.lines - self.counts.first_line + 1)
        return Ended(
            counts=self.counts,
            size=reader.size,
            digest=reader.digest,
            fault=_fault(self.plan, reader.fault, self._state),
        )


def _fault(plan: Plan, fault: str | None, state: str | None) -> str | None:
    """What is wrong at the end of a content."""
    in_pieces = plan.item.kind == "delimited" or plan.item.wrapped in ("cri", "docker")
    if in_pieces and (open_lines := unfinished_lines(state)):
        unfinished = f"ends inside a record: its last {open_lines:,} lines gave no event"
        return f"{fault}; {unfinished}" if fault else unfinished
    return fault
