"""What the gate keeps: which cases an account is limited to, tokens of programs and people, and requests that take two people. Of a token
a digest alone is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

__all__ = [
    "RequestRow",
    "TokenRow",
    "add_request",
    "add_token",
    "change_request",
    "limit_of",
    "limits",
    "requests",
    "revoke_token",
    "set_limit",
    "token_of",
    "tokens",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token: whom it speaks for and until when. Times are microseconds since 1970 UTC."""

    id: str
    digest: str = field(repr=False)
    name: str
    roles: str
    cases: str | None
    service: bool
    made: int
    by: str
    ends: int
    revoked: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A request of one person that another has to consent to. `about` is a digest of exactly what is asked for."""

    number: int
    act: str
    what: str
    about: str
    persons: int | None
    reason: str
    who: str
    asked: int
    ends: int
    answer: str | None
    by: str | None
    answered: int | None
    used: int | None


def limits(journal: Journal, connection: Connection | None = None) -> dict[str, frozenset[str]]:
    """By account, the cases that it is limited to; whoever is not in it is not limited."""
    if not journal.has(tables.limit, connection):
        return {}  # an earlier release made the workspace
    rows = journal.rows(sa.select(tables.limit), connection)
    return {str(row["account"]): frozenset(json.loads(row["cases"])) for row in rows}


def limit_of(journal: Journal, account: str, connection: Connection | None = None) -> frozenset[str] | None:
    """The cases that an account is limited to; None where it is not."""
    return limits(journal, connection).get(account)


def set_limit(connection: Connection, account: str, cases: Iterable[str] | None) -> None:
    """Limit an account to these cases; None: no longer."""
    limit = tables.limit
    connection.execute(limit.delete().where(limit.c.account == account))
    if cases is not None:
        connection.execute(limit.insert().values(account=account, cases=json.dumps(sorted(cases))))


def tokens(journal: Journal, connection: Connection | None = None) -> list[TokenRow]:
    """All of them, the first one made first."""
    if not journal.has(tables.token, connection):
        return []
    query = sa.select(tables.token).order_by(tables.token.c.made, tables.token.c.id)
    return [TokenRow(**row) for row in journal.rows(query, connection)]


def token_of(journal: Journal, digest: str) -> TokenRow | None:
    """The token whose digest this is."""
    if not journal.has(tables.token):
        return None
    rows = journal.rows(sa.select(tables.token).where(tables.token.c.digest == digest))
    return TokenRow(**rows[0]) if rows else None


def add_token(connection: Connection, row: TokenRow) -> None:
    """Put down one more."""
    connection.execute(
        tables.token.insert().values(
            id=row.id, digest=row.digest, name=row.name, roles=row.roles, cases=row.cases, service=row.service, made=row.made,
            by=row.by, ends=row.ends, revoked=row.revoked,
        )
    )  # fmt: skip


def revoke_token(connection: Connection, token: str, *, now: int) -> None:
    """End a token."""
    connection.execute(tables.token.update().values(revoked=now).where(tables.token.c.id == token))


def requests(journal: Journal, connection: Connection | None = None) -> list[RequestRow]:
    """All of them, the first one first."""
    if not journal.has(tables.request, connection):
        return []
    return [
        RequestRow(**row)
        for row in journal.rows(sa.select(tables.request).order_by(tables.request.c.number), connection)
    ]


def add_request(connection: Connection, row: RequestRow) -> None:
    """Put down one more."""
    connection.execute(
        tables.request.insert().values(
            number=row.number, act=row.act, what=row.what, about=row.about, persons=row.persons, reason=row.reason, who=row.who,
            asked=row.asked, ends=row.ends, answer=row.answer, by=row.by, answered=row.answered, used=row.used,
        )
    )  # fmt: skip


def change_request(connection: Connection, number: int, **changes: str | int) -> None:
    """Change columns of a request."""
    request = tables.request
    connection.execute(request.update().values(**changes).where(request.c.number == number))
