"""Case files as they were written in the console: every text of each stays, the last one holds."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

__all__ = ["CaseText", "add_case_text", "case_texts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseText:
    """One text of a case file (TOML). `time` in microseconds since 1970 UTC."""

    case: str
    seq: int
    time: int
    who: str
    text: str


def case_texts(journal: Journal, case: str, connection: Connection | None = None) -> list[CaseText]:
    """Of one case, the first one first."""
    table = tables.case_text
    query = sa.select(table).where(table.c.case == case).order_by(table.c.seq)
    return [CaseText(**row) for row in journal.rows(query, connection)]


def add_case_text(connection: Connection, row: CaseText) -> None:
    """Put down one more."""
    connection.execute(
        tables.case_text.insert().values(
            case=row.case, seq=row.seq, time=row.time, who=row.who, text=row.text
        )
    )
