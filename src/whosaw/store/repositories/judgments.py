"""What a team said about findings: every judgment stays, the last one of a finding holds."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

__all__ = ["JudgmentRow", "add_judgment", "judgments", "judgments_given", "judgments_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgmentRow:
    """One judgment. `seen` is the number of the one that whoever judged had before their eyes; `time` in microseconds since 1970 UTC."""

    finding: str
    seq: int
    time: int
    who: str
    state: str
    assignee: str
    note: str
    seen: int


def judgments_of(journal: Journal, finding: str, connection: Connection | None = None) -> list[JudgmentRow]:
    """Of one finding, the first one first."""
    judgment = tables.judgment
    query = sa.select(judgment).where(judgment.c.finding == finding).order_by(judgment.c.seq)
    return [JudgmentRow(**row) for row in journal.rows(query, connection)]


def judgments(journal: Journal) -> dict[str, JudgmentRow]:
    """By finding, the one that holds."""
    query = sa.select(tables.judgment).order_by(tables.judgment.c.finding, tables.judgment.c.seq)
    return {row["finding"]: JudgmentRow(**row) for row in journal.rows(query)}


def add_judgment(connection: Connection, row: JudgmentRow) -> None:
    """Put down one more."""
    connection.execute(
        tables.judgment.insert().values(
            finding=row.finding, seq=row.seq, time=row.time, who=row.who, state=row.state, assignee=row.assignee,
            note=row.note, seen=row.seen,
        )
    )  # fmt: skip


def judgments_given(journal: Journal) -> int:
    """How many there are, of all findings."""
    (row,) = journal.rows(sa.select(sa.func.count()).where(tables.judgment.c.seq > 0))
    return int(row["count"])
