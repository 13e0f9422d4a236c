"""What is kept of every content that was read: where it stands, what it was, and how far it was read."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.store import statements as sa
from whosaw.store.journal import Journal, tables

__all__ = ["ContentTotal", "ReadContent", "contents_in_force", "has_source", "sources_known", "totals"]

_COLUMNS = (
    "id", "name", "source", "place", "head", "head_size", "size", "digest", "format", "forced", "config", "zone", "fault",
    "complete", "mtime", "note",
)  # fmt: skip
_SUMMED = ("lines", "events", "rejects", "comments", "continued")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadContent:
    """A content that was read and that no other one replaced. `first` and `last` are the times of its events that the ledger counts,
    microseconds since 1970 UTC; `place` is JSON, and says how to open it again."""

    id: int
    name: str
    source: str
    place: str
    head: str
    head_size: int
    size: int
    digest: str
    format: str
    forced: bool
    config: str
    zone: str | None
    fault: str | None
    complete: bool
    mtime: int | None
    note: str | None
    first: int | None
    last: int | None

    @property
    def is_original(self) -> bool:
        """Whether anything was read of it to its end, and it is no copy of another one."""
        return self.complete and self.size > 0 and not (self.note or "").startswith("copy of")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentTotal:
    """How many lines of a content the ledger counts, and as what."""

    name: str
    source: str
    format: str
    confidence: float | None
    fault: str | None
    lines: int
    events: int
    rejects: int
    comments: int
    continued: int


def contents_in_force(journal: Journal) -> list[ReadContent]:
    """Every content that was not replaced, by number."""
    content, segment = tables.content, tables.segment
    first, last = sa.func.min(segment.c.first_time), sa.func.max(segment.c.last_time)
    query = (
        sa.select(*(content.c[name] for name in _COLUMNS), first.label("first"), last.label("last"))
        .select_from(content.outerjoin(segment, sa.and_(segment.c.content == content.c.id, segment.c.live)))
        .where(content.c.replaced_by.is_(None))
        .group_by(content.c.id)
        .order_by(content.c.id)
    )
    return [ReadContent(**row) for row in journal.rows(query)]


def totals(journal: Journal) -> list[ContentTotal]:
    """Of every content of which the ledger counts anything, by source and number."""
    content, segment = tables.content, tables.segment
    query = (
        sa.select(
            *(content.c[name] for name in ("name", "source", "format", "confidence", "fault")),
            *(sa.func.sum(segment.c[name]).label(name) for name in _SUMMED),
        )
        .select_from(segment.join(content, content.c.id == segment.c.content))
        .where(segment.c.live)
        .group_by(content.c.id)
        .order_by(content.c.source, content.c.id)
    )
    return [ContentTotal(**row) for row in journal.rows(query)]


def has_source(journal: Journal, source: str) -> bool:
    """Whether any content that was read belongs to the source."""
    content = tables.content.c
    return bool(journal.rows(sa.select(content.id).where(content.source == source).limit(1)))


def sources_known(journal: Journal) -> frozenset[str]:
    """The source of every content that was ever read."""
    return frozenset(row["source"] for row in journal.rows(sa.select(tables.content.c.source).distinct()))
