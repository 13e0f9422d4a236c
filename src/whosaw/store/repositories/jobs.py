"""Long work that somebody asked for: what for, how far it is, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

__all__ = ["JobRow", "add_job", "change_job", "count_jobs", "job_of", "jobs", "next_job"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One piece of work. `asked` and `told` are JSON; times are microseconds since 1970 UTC."""

    id: int
    kind: str
    asked: str
    who: str
    made: int
    state: str
    begun: int | None = None
    ended: int | None = None
    told: str = "{}"
    answer: str = ""


def jobs(journal: Journal, most: int = 100) -> list[JobRow]:
    """The last ones, the newest first."""
    query = sa.select(tables.job).order_by(tables.job.c.id.desc()).limit(most)
    return [JobRow(**row) for row in journal.rows(query)]


def job_of(journal: Journal, number: int, connection: Connection | None = None) -> JobRow | None:
    """The one of this number."""
    rows = journal.rows(sa.select(tables.job).where(tables.job.c.id == number), connection)
    return JobRow(**rows[0]) if rows else None


def count_jobs(journal: Journal) -> dict[str, int]:
    """How many there are by state."""
    return dict(Counter(str(row["state"]) for row in journal.rows(sa.select(tables.job.c.state))))


def next_job(journal: Journal, connection: Connection) -> JobRow | None:
    """The oldest that is not done: one that was begun and did not end comes first."""
    table = tables.job
    for state in ("runs", "waits"):
        rows = journal.rows(
            sa.select(table).where(table.c.state == state).order_by(table.c.id).limit(1), connection
        )
        if rows:
            return JobRow(**rows[0])
    return None


def add_job(connection: Connection, *, kind: str, asked: str, who: str, made: int) -> int:
    """Put down that it was asked for; its number."""
    last = connection.execute(sa.select(sa.func.max(tables.job.c.id))).scalar()
    number = int(last or 0) + 1
    connection.execute(
        tables.job.insert().values(id=number, kind=kind, asked=asked, who=who, made=made, state="waits")
    )
    return number


def change_job(connection: Connection, number: int, **changes: str | int | None) -> None:
    """Put down how it goes."""
    connection.execute(tables.job.update().where(tables.job.c.id == number).values(**changes))
