"""Tokens of programs and people for the API and the command line: bound to roles, shown once, kept as a digest, with an end."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, to_micros
from whosaw.store.journal import Journal
from whosaw.store.repositories.accounts import account_of
from whosaw.store.repositories.cases import check_name
from whosaw.store.repositories.gate import (
    TokenRow,
    add_token,
    limit_of,
    revoke_token,
    token_of,
    tokens,
)

from .rights import Role, Somebody

__all__ = ["DAYS", "Token", "list_tokens", "make_token", "revoke", "whose_token"]

DAYS: Final = 90  # that a token holds, where nothing else is asked for
_MOST_DAYS: Final = 366
_NAME: Final = re.compile(r"[\w.@+-]{1,64}")
_BEGINS: Final = "whosaw_"  # so that scanners of code and logs can tell what was left there


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is told; what is sent stands nowhere. `service`: it speaks for a program, and is no second person."""

    id: str
    name: str
    roles: tuple[str, ...]
    cases: tuple[str, ...] | None
    service: bool
    made: datetime
    made_by: str
    ends: datetime
    revoked: datetime | None


def make_token(
    journal: Journal,
    name: str,
    roles: Iterable[Role],
    *,
    by: str,
    now: datetime,
    cases: Iterable[str] | None = None,
    days: int = DAYS,
) -> tuple[Token, str]:
    """A token, and what is sent with it, which is not shown again. Where an account has this name it speaks for that person, and may not
    do more than they; else for a program. Raises `WhosawError` for a name that is none, no role, or too long a time."""
    if not _NAME.fullmatch(name):
        raise WhosawError("token.name", "a name has up to 64 letters, digits and . _ @ + -, and nothing else")
    if not 1 <= days <= _MOST_DAYS:
        raise WhosawError("token.days", f"a token holds 1 to {_MOST_DAYS} days")
    chosen = sorted(set(roles))
    account = account_of(journal, name)
    if account is not None and not set(chosen) <= set(account.roles.split()):
        raise WhosawError(
            "token.roles",
            f"{name} has the roles {account.roles or 'none'}, and a token of theirs has no other",
            hint="Take fewer roles, or another name for a program",
        )
    if not chosen:
        raise WhosawError("token.no-role", "a token needs a role", hint=f"One of {', '.join(Role)}")
    only = None if cases is None else sorted({check_name(each) for each in cases})
    sent = _BEGINS + secrets.token_urlsafe(32)
    row = TokenRow(
        id=secrets.token_hex(4),
        digest=_digest(sent),
        name=name,
        roles=" ".join(chosen),
        cases=None if only is None else json.dumps(only),
        service=account is None,
        made=to_micros(now),
        by=by,
        ends=to_micros(now + timedelta(days=days)),
        revoked=None,
    )
    journal.create()  # of a workspace that an earlier release made
    with journal.transaction() as connection:
        add_token(connection, row)
        body = {
            "token": row.id, "name": name, "roles": chosen, "cases": only, "ends": from_micros(row.ends), "by": by,
        }  # fmt: skip
        journal.record(connection, "token.made", body, now=now)
    return _told(row), sent


def list_tokens(journal: Journal) -> tuple[Token, ...]:
    """All of them, the first one made first; those that ended, too."""
    return tuple(_told(each) for each in tokens(journal))


def revoke(journal: Journal, token: str, *, by: str, now: datetime) -> None:
    """End a token by its id."""
    found = next((each for each in tokens(journal) if each.id == token), None)
    if found is None:
        raise WhosawError("token.unknown", f"there is no token {token}", hint="`whosaw gate show` lists them")
    with journal.transaction() as connection:
        if found.revoked is None:
            revoke_token(connection, token, now=to_micros(now))
        journal.record(connection, "token.revoked", {"token": token, "name": found.name, "by": by}, now=now)


def whose_token(journal: Journal, sent: str, *, now: datetime, purpose: str = "") -> Somebody | None:
    """For whom a token speaks; None where it ended, was revoked, or is none. One of a person does no more than their account, now."""
    row = token_of(journal, _digest(sent))
    if row is None or row.revoked is not None or to_micros(now) >= row.ends:
        return None
    roles = set(row.roles.split())
    cases = None if row.cases is None else frozenset(json.loads(row.cases))
    account = account_of(journal, row.name)
    if not row.service:
        if account is None or account.closed is not None:
            return None
        roles &= set(account.roles.split())
        limited = limit_of(journal, row.name)
        cases = limited if cases is None else cases if limited is None else cases & limited
    elif account is not None:
        return None  # a person came to have the name that a program had
    return Somebody(
        name=row.name,
        roles=frozenset(map(Role, roles)),
        purpose=purpose.strip()[:200],
        cases=cases,
        service=row.service,
    )


def _told(row: TokenRow) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        roles=tuple(row.roles.split()),
        cases=None if row.cases is None else tuple(json.loads(row.cases)),
        service=row.service,
        made=from_micros(row.made),
        made_by=row.by,
        ends=from_micros(row.ends),
        revoked=None if row.revoked is None else from_micros(row.revoked),
    )


def _digest(sent: str) -> str:
    return hashlib.sha256(sent.encode()).hexdigest()
