"""Whose account a subject of a provider has, and which session there a login came from."""

from __future__ import annotations

from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

__all__ = ["account_of_subject", "add_session", "link_account", "linked_accounts", "logins_of_session"]


def account_of_subject(journal: Journal, issuer: str, subject: str, connection: Connection) -> str | None:
    """The name of their account."""
    table = tables.subject
    query = sa.select(table.c.account).where(table.c.issuer == issuer, table.c.subject == subject)
    rows = journal.rows(query, connection)
    return str(rows[0]["account"]) if rows else None


def link_account(connection: Connection, *, issuer: str, subject: str, account: str) -> None:
    """From now on the account is theirs."""
    connection.execute(tables.subject.insert().values(issuer=issuer, subject=subject, account=account))


def linked_accounts(journal: Journal) -> frozenset[str]:
    """Names of the accounts that belong to a subject of a provider."""
    table = tables.subject
    if not journal.has(table):
        return frozenset()
    return frozenset(str(row["account"]) for row in journal.rows(sa.select(table.c.account)))


def add_session(connection: Connection, *, login: str, issuer: str, subject: str, session: str) -> None:
    """A login came from this session; `login` is the digest of its cookie."""
    connection.execute(
        tables.session.insert().values(login=login, issuer=issuer, subject=subject, session=session)
    )


def logins_of_session(
    journal: Journal, issuer: str, subject: str, session: str, connection: Connection
) -> list[str]:
    """Digests of the logins that came from a session, or from any of a subject where `session` is empty; they are forgotten by that."""
    table = tables.session
    which = [table.c.issuer == issuer]
    which += [table.c.subject == subject] if subject else []
    which += [table.c.session == session] if session else []
    found = [str(row["login"]) for row in journal.rows(sa.select(table.c.login).where(*which), connection)]
    for each in found:
        connection.execute(table.delete().where(table.c.login == each))
    return found
