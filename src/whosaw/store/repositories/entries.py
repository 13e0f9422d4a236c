"""Entries of the custody journal, asked for by what they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from whosaw.core.custody import Entry, Head, Signature
from whosaw.core.instants import from_micros, to_micros
from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

__all__ = [
    "as_they_stand",
    "by_whom",
    "count_of_kind",
    "entries_after",
    "hashes_of",
    "head_of_journal",
    "last_kind",
    "last_number",
    "last_time",
    "numbered_after",
    "of_kinds_like",
    "signatures",
]

_AT_ONCE: Final = 500  # entries that are asked for together


def count_of_kind(connection: Connection, kind: str) -> int:
    """How many entries of this kind there are."""
    query = sa.select(sa.func.count()).where(tables.entry.c.kind == kind)
    return int(connection.execute(query).scalar() or 0)


def last_kind(journal: Journal, kinds: Sequence[str]) -> str | None:
    """The kind of the newest entry that has one of these."""
    entry = tables.entry.c
    query = sa.select(entry.kind).where(entry.kind.in_(kinds)).order_by(entry.seq.desc()).limit(1)
    return next((str(row["kind"]) for row in journal.rows(query)), None)


def last_number(journal: Journal, kinds: Sequence[str]) -> int:
    """The number of the newest entry of these kinds; 0 where there is none."""
    entry = tables.entry.c
    (row,) = journal.rows(sa.select(sa.func.max(entry.seq).label("last")).where(entry.kind.in_(kinds)))
    return int(row["last"] or 0)


def numbered_after(journal: Journal, seq: int, kinds: Sequence[str]) -> list[Entry]:
    """Entries of these kinds behind a number, the oldest first; each is checked as `Journal.entries` does."""
    return journal.entries(*kinds, where=[tables.entry.c.seq > seq])


def last_time(journal: Journal, *kinds: str) -> datetime | None:
    """When the newest entry of these kinds was written, of any where none is named; None where there is none."""
    entry = tables.entry.c
    query = sa.select(entry.time).order_by(entry.seq.desc()).limit(1)
    rows = journal.rows(query.where(entry.kind.in_(kinds)) if kinds else query)
    return from_micros(rows[0]["time"]) if rows else None


def by_whom(
    journal: Journal, kinds: Sequence[str], *, who: str | None = None, since: datetime | None = None
) -> list[Entry]:
    """Entries of these kinds, of one user and from a time on, the oldest first; each is checked as `Journal.entries` does."""
    entry = tables.entry.c
    where = [entry.who == who] if who is not None else []
    if since is not None:
        where.append(entry.time >= to_micros(since))
    return journal.entries(*kinds, where=where)


def of_kinds_like(journal: Journal, beginning: str) -> list[Entry]:
    """Entries whose kind begins so, the oldest first; each is checked as `Journal.entries` does."""
    return journal.entries(where=[tables.entry.c.kind.startswith(beginning)])


def entries_after(journal: Journal, seq: int, most: int) -> list[Entry]:
    """At most so many entries behind a number, the oldest first; each is checked as `Journal.entries` does."""
    entry = tables.entry.c
    return journal.entries(where=[entry.seq > seq, entry.seq <= seq + most])


def as_they_stand(journal: Journal) -> list[Entry]:
    """Every entry with its hashes, the oldest first, unchecked: for one who checks them elsewhere."""
    return [Entry(**row) for row in journal.rows(sa.select(tables.entry).order_by(tables.entry.c.seq))]


def signatures(journal: Journal) -> list[Signature]:
    """The signature of each entry that has one, with the key it was made with and the key that it names; hex."""
    if not journal.has(tables.custody):
        return []
    return [
        Signature(**row) for row in journal.rows(sa.select(tables.custody).order_by(tables.custody.c.seq))
    ]


def hashes_of(journal: Journal, entries: Iterable[int]) -> dict[int, str]:
    """By number, the hash of those of these entries that are there."""
    entry, have = tables.entry, dict[int, str]()
    asked = sorted(set(entries))
    for at in range(0, len(asked), _AT_ONCE):
        chosen = entry.c.seq.in_(asked[at : at + _AT_ONCE])
        rows = journal.rows(sa.select(entry.c.seq, entry.c.hash).where(chosen))
        have |= {row["seq"]: row["hash"] for row in rows}
    return have


def head_of_journal(journal: Journal) -> Head | None:
    """The newest entry, with the key that the first signed one was signed with; None where nothing is signed."""
    entry = tables.entry
    with journal.reading() as connection:
        last = connection.execute(
            sa.select(entry.c.seq, entry.c.hash).order_by(entry.c.seq.desc()).limit(1)
        ).first()
        key = journal.root(connection)
    if last is None or key is None:
        return None
    return Head(entry=int(last.seq), hash=str(last.hash), root=key)
