"""What is kept for people who look at who saw themselves: their tokens, and views that are shown to them later. Of a token a digest alone
is kept, and of whom it speaks for a keyed one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

from .remarks import RemarkRow

__all__ = [
    "OwnTokenRow",
    "WithheldRow",
    "add_own_token",
    "add_withheld",
    "end_own_token",
    "end_withheld",
    "own_remarks",
    "own_token_of",
    "remarks_since",
    "withheld",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTokenRow:
    """A token of a person. Times are microseconds since 1970 UTC."""

    id: str
    digest: str = field(repr=False)
    subject: str
    made: int
    by: str
    ends: int
    ended: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldRow:
    """An actor whose views are withheld until `ends`, and the numbers of the clients that it had then."""

    id: int
    actor: str
    clients: tuple[int, ...]
    ground: str
    who: str
    made: int
    ends: int
    ended: int | None


def own_token_of(journal: Journal, digest: str) -> OwnTokenRow | None:
    """The token whose digest this is."""
    if not journal.has(tables.own_token):
        return None  # an earlier release made the workspace
    rows = journal.rows(sa.select(tables.own_token).where(tables.own_token.c.digest == digest))
    return OwnTokenRow(**rows[0]) if rows else None


def add_own_token(connection: Connection, row: OwnTokenRow) -> None:
    """Put down one more; those that ended before it was made are forgotten, for the journal says that they were."""
    own = tables.own_token
    connection.execute(own.delete().where(own.c.ends < row.made))
    connection.execute(
        own.insert().values(
            id=row.id, digest=row.digest, subject=row.subject, made=row.made, by=row.by, ends=row.ends, ended=row.ended
        )
    )  # fmt: skip


def end_own_token(connection: Connection, token: str, *, now: int) -> None:
    """End a token."""
    connection.execute(tables.own_token.update().values(ended=now).where(tables.own_token.c.id == token))


def withheld(journal: Journal, connection: Connection | None = None) -> list[WithheldRow]:
    """All that was ever withheld, the first one first."""
    if not journal.has(tables.withheld, connection):
        return []
    rows = journal.rows(sa.select(tables.withheld).order_by(tables.withheld.c.id), connection)
    return [WithheldRow(**{**row, "clients": tuple(json.loads(row["clients"]))}) for row in rows]


def add_withheld(
    connection: Connection, *, actor: str, clients: Iterable[int], ground: str, who: str, made: int, ends: int
) -> int:
    """Put down one more; its number."""
    table = tables.withheld
    last = connection.execute(sa.select(sa.func.max(table.c.id))).scalar()
    number = int(last or 0) + 1
    connection.execute(
        table.insert().values(
            id=number, actor=actor, clients=json.dumps(sorted(clients)), ground=ground, who=who, made=made, ends=ends, ended=None
        )
    )  # fmt: skip
    return number


def end_withheld(connection: Connection, number: int, *, now: int) -> None:
    """From now on these views are shown."""
    connection.execute(tables.withheld.update().values(ended=now).where(tables.withheld.c.id == number))


def remarks_since(journal: Journal, who: str, since: int, connection: Connection | None = None) -> int:
    """How many remarks somebody made from a time on."""
    remark = tables.remark
    query = sa.select(sa.func.count().label("n")).where(remark.c.who == who).where(remark.c.time >= since)
    return int(journal.rows(query, connection)[0]["n"])


def own_remarks(journal: Journal, most: int) -> list[RemarkRow]:
    """What people said of views of themselves, the last first."""
    remark = tables.remark
    query = sa.select(remark).where(remark.c.who.startswith("own:")).order_by(remark.c.id.desc()).limit(most)
    return [RemarkRow(**row) for row in journal.rows(query)]
