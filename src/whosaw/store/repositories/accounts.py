"""Accounts of the console, their one-time links and their logins: rows, each as it stands. Of links and cookies a digest alone is kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

__all__ = [
    "AccountRow",
    "LoginRow",
    "account_of",
    "accounts",
    "add_account",
    "add_invitation",
    "add_login",
    "change_account",
    "change_login",
    "count_logins",
    "end_all_logins",
    "end_logins",
    "invited",
    "login_of",
    "take_invitation",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account. `roles` stand one beside the other, with a blank between; times are microseconds since 1970 UTC."""

    name: str
    roles: str
    password: str | None = field(repr=False)
    made: int
    closed: int | None
    failed: int
    wait_until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRow:
    """A login: whose, since when, when it was last used, and why people are looked at."""

    account: str
    begun: int
    seen: int
    purpose: str


def accounts(journal: Journal, connection: Connection | None = None) -> list[AccountRow]:
    """All of them, by name."""
    query = sa.select(tables.account).order_by(tables.account.c.name)
    return [AccountRow(**row) for row in journal.rows(query, connection)]


def account_of(journal: Journal, name: str, connection: Connection | None = None) -> AccountRow | None:
    """The account of this name."""
    query = sa.select(tables.account).where(tables.account.c.name == name)
    rows = journal.rows(query, connection)
    return AccountRow(**rows[0]) if rows else None


def add_account(connection: Connection, *, name: str, roles: str, made: int) -> None:
    """Put down a new account, without a password."""
    connection.execute(tables.account.insert().values(name=name, roles=roles, made=made))


def change_account(connection: Connection, name: str, **changes: str | int | None) -> None:
    """Change columns of an account."""
    connection.execute(tables.account.update().values(**changes).where(tables.account.c.name == name))


def add_invitation(connection: Connection, *, token: str, account: str, ends: int) -> None:
    """Put down a link; earlier ones to the same account end."""
    invitation = tables.invitation
    connection.execute(invitation.delete().where(invitation.c.account == account))
    connection.execute(invitation.insert().values(token=token, account=account, ends=ends))


def invited(journal: Journal, token: str, connection: Connection | None = None) -> tuple[str, int] | None:
    """The account that a link is for, and until when it holds."""
    query = sa.select(tables.invitation).where(tables.invitation.c.token == token)
    rows = journal.rows(query, connection)
    return (rows[0]["account"], rows[0]["ends"]) if rows else None


def take_invitation(connection: Connection, token: str) -> None:
    """A link is used once."""
    connection.execute(tables.invitation.delete().where(tables.invitation.c.token == token))


def add_login(connection: Connection, *, token: str, account: str, now: int) -> None:
    """Put down a login."""
    connection.execute(tables.login.insert().values(token=token, account=account, begun=now, seen=now))


def login_of(journal: Journal, token: str) -> LoginRow | None:
    """The login of a cookie."""
    login = tables.login
    query = sa.select(login.c.account, login.c.begun, login.c.seen, login.c.purpose).where(
        login.c.token == token
    )
    rows = journal.rows(query)
    return LoginRow(**rows[0]) if rows else None


def count_logins(journal: Journal) -> int:
    """How many were not ended; some may have ended by themselves, which shows when they are used."""
    with journal.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(tables.login)).scalar() or 0)


def change_login(connection: Connection, token: str, **changes: str | int) -> None:
    """Change columns of a login."""
    connection.execute(tables.login.update().values(**changes).where(tables.login.c.token == token))


def end_logins(connection: Connection, *, token: str | None = None, account: str | None = None) -> None:
    """End one login, or all of an account."""
    login = tables.login
    if token is not None:
        connection.execute(login.delete().where(login.c.token == token))
    if account is not None:
        connection.execute(login.delete().where(login.c.account == account))


def end_all_logins(connection: Connection) -> None:
    """End every login, and every link that was not used."""
    connection.execute(tables.login.delete())
    connection.execute(tables.invitation.delete())
