"""Passkeys of accounts: public keys alone, for the secret half never leaves its device."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

__all__ = [
    "PasskeyRow",
    "add_passkey",
    "end_passkey",
    "end_passkeys",
    "passkey_of",
    "passkeys_of",
    "used_passkey",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRow:
    """One passkey. `id` as the browser names it (base64url), `key` a COSE public key in hex, `count` of the last signature; times are
    microseconds since 1970 UTC."""

    id: str
    account: str
    key: str
    count: int
    name: str
    made: int
    used: int | None


def passkeys_of(journal: Journal, account: str) -> list[PasskeyRow]:
    """Of one account, the first one first."""
    table = tables.passkey
    if not journal.has(table):
        return []
    query = sa.select(table).where(table.c.account == account).order_by(table.c.made)
    return [PasskeyRow(**row) for row in journal.rows(query)]


def passkey_of(journal: Journal, passkey: str, connection: Connection) -> PasskeyRow | None:
    """The one with this id."""
    rows = journal.rows(sa.select(tables.passkey).where(tables.passkey.c.id == passkey), connection)
    return PasskeyRow(**rows[0]) if rows else None


def add_passkey(connection: Connection, row: PasskeyRow) -> None:
    """Keep one more."""
    connection.execute(tables.passkey.insert().values(**asdict(row)))


def used_passkey(connection: Connection, passkey: str, *, count: int, now: int) -> None:
    """It signed, for the so many-th time."""
    table = tables.passkey
    connection.execute(table.update().values(count=count, used=now).where(table.c.id == passkey))


def end_passkey(connection: Connection, passkey: str) -> None:
    """It opens nothing any more."""
    connection.execute(tables.passkey.delete().where(tables.passkey.c.id == passkey))


def end_passkeys(connection: Connection, account: str) -> None:
    """None of this account opens anything any more."""
    connection.execute(tables.passkey.delete().where(tables.passkey.c.account == account))
