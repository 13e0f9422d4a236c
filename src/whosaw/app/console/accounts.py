"""Local accounts of the console: a one-time link chooses the password, a login ends by itself, and every change is journalled."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra
from whosaw.core.instants import from_micros, to_micros
from whosaw.store.journal import Connection, Journal
from whosaw.store.permits import PASSKEYS
from whosaw.store.repositories.accounts import (
    AccountRow,
    account_of,
    accounts,
    add_account,
    add_invitation,
    add_login,
    change_account,
    change_login,
    end_logins,
    invited,
    login_of,
    take_invitation,
)
from whosaw.store.repositories.cases import check_name
from whosaw.store.repositories.gate import limit_of, limits, set_limit
from whosaw.store.repositories.passkeys import end_passkeys, passkeys_of
from whosaw.store.repositories.sign_on import linked_accounts

from .gate import Role, Somebody
from .known_passwords import LEAST, is_known

__all__ = [
    "Account",
    "accept",
    "check_account_name",
    "check_of_people",
    "close_account",
    "enrols",
    "invite",
    "list_accounts",
    "log_in",
    "log_out",
    "new_login",
    "right_password",
    "say_purpose",
    "who_is",
]

LINK_HOLDS: Final = timedelta(hours=24)
LOGIN_ENDS: Final = timedelta(hours=12)  # however busy somebody is
IDLE_ENDS: Final = timedelta(hours=1)
_SEEN_EVERY: Final = timedelta(minutes=1)
_MOST: Final = 1_024
_GUESSED: Final = (  # words of this place, and of passwords everywhere: a password of nothing else is guessed first
    "whosaw", "password", "passwort", "nenosiri", "secret", "admin", "administrator", "investigator", "auditor", "privacy", "officer", "portal",
    "console", "welcome", "letmein", "qwertyuiop", "qwerty", "asdfghjkl", "zxcvbnm", "abcdefgh", "iloveyou", "monkey", "dragon", "user", "test",
)  # fmt: skip
_LETTERS_LEFT: Final = 4  # beside such words
_TRIES: Final = 5  # wrong passwords before one has to wait
_WAIT: Final = timedelta(
    seconds=30
)  # after the next wrong one; twice that after the one behind it, up to a quarter of an hour
_LONGEST_WAIT: Final = timedelta(minutes=15)
_NAME: Final = re.compile(r"[\w.@+-]{1,64}")
_PURPOSE_MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as it is told: `ready` once a password was chosen, or where they come by a provider."""

    name: str
    roles: tuple[str, ...]
    made: datetime
    ready: bool
    closed: datetime | None
    cases: tuple[str, ...] | None = None  # None: not limited


def list_accounts(journal: Journal) -> tuple[Account, ...]:
    """All of them, by name."""
    limited, linked = limits(journal), linked_accounts(journal)
    return tuple(_told(each, limited.get(each.name), linked) for each in accounts(journal))


def invite(
    journal: Journal,
    name: str,
    roles: Iterable[Role],
    *,
    by: str,
    now: datetime,
    cases: Iterable[str] | None = None,
) -> str:
    """A new account, or a new password for one that is there: what the one-time link to it holds. `by` is who asked for it; `cases` are
    those that the account is limited to (None: it is not).

    Raises `WhosawError` for a name that is none, no role, or an account that is closed.
    """
    check_account_name(name)
    chosen = sorted(set(roles))
    if not chosen:
        raise WhosawError(
            "account.no-role",
            "an account needs a role",
            hint=f"One of {', '.join(each for each in Role if each.of_people)}",
        )
    for each in chosen:
        check_of_people(each)
    only = None if cases is None else sorted({check_name(each) for each in cases})
    token = secrets.token_urlsafe(32)
    with journal.transaction() as connection:
        known = account_of(journal, name, connection)
        if known is not None and known.closed is not None:
            raise WhosawError("account.closed", f"the account {name} was closed", hint="Take another name")
        if known is None:
            add_account(connection, name=name, roles=" ".join(chosen), made=to_micros(now))
        else:
            change_account(connection, name, roles=" ".join(chosen))
        add_invitation(connection, token=_digest(token), account=name, ends=to_micros(now + LINK_HOLDS))
        set_limit(connection, name, only)
        body = {"account": name, "roles": chosen, "by": by, "cases": only}
        _record(journal, connection, "account.invited", body, now)
    return token


def check_of_people(role: Role) -> None:
    """Raises `WhosawError` for a role that programs alone have."""
    if not role.of_people:
        raise WhosawError(
            "account.for-programs",
            f"{role} is no role of people: a program has it, by a token",
            hint=f"`whosaw gate token NAME --role {role}` makes one",
        )


def check_account_name(name: str) -> str:
    """A name that an account may have; raises `WhosawError` for another."""
    if not _NAME.fullmatch(name):
        raise WhosawError(
            "account.name",
            "a name has up to 64 letters, digits and . _ @ + -, and nothing else",
            hint="Take the name that people know them by at work",
        )
    return name


def accept(journal: Journal, token: str, password: str, *, now: datetime) -> str:
    """Choose the password of the account that a link is for, which ends the link, and every login and passkey of it; returns its name."""
    if not LEAST <= len(password) <= _MOST:
        raise WhosawError(
            "account.password",
            f"a password has {LEAST} to {_MOST:,} characters",
            hint="Four words that have nothing to do with one another are long enough",
        )
    hashed = _hasher().hash(password)
    with journal.transaction() as connection:
        found = invited(journal, _digest(token), connection)
        account = None if found is None else account_of(journal, found[0], connection)
        if found is None or account is None or account.closed is not None or found[1] < to_micros(now):
            raise WhosawError(
                "account.link",
                "this link was used already, or has ended",
                hint="Ask for a new one: `whosaw serve --invite NAME`",
            )
        if _easily_guessed(password, account.name):
            raise WhosawError(
                "account.guessed",
                "this password is made of a name or a word that is guessed first",
                hint="Four words that have nothing to do with one another are long enough",
            )
        if is_known(password):
            raise WhosawError(
                "account.known",
                "this password is one that others had, and that was in a breach",
                hint="Four words that have nothing to do with one another are long enough",
            )
        take_invitation(connection, _digest(token))
        change_account(connection, account.name, password=hashed, failed=0, wait_until=0)
        end_logins(connection, account=account.name)
        end_passkeys(connection, account.name)
        _record(journal, connection, "account.password", {"account": account.name}, now)
    return account.name


def _easily_guessed(password: str, name: str) -> bool:
    """Whether next to nothing is left of a password without the name of its account, without words that everybody tries, and without what
    is no letter; or whether it repeats a few characters."""
    left = password.casefold()
    for word in sorted({*_GUESSED, *re.findall(r"\w{3,}", name.casefold())}, key=len, reverse=True):
        left = left.replace(word, "")
    letters = [each for each in left if each.isalpha()]
    return len(set(password)) <= _LETTERS_LEFT or (
        (len(letters) < _LETTERS_LEFT and len(left) < len(password)) or password.isdecimal()
    )


def log_in(journal: Journal, name: str, password: str, *, now: datetime) -> str:
    """What the cookie of a new login holds. Raises one and the same `WhosawError` for a wrong name, a wrong password and a closed account,
    after the same work; and another one where too many were wrong."""
    account = account_of(journal, name)
    if account is not None and to_micros(now) < account.wait_until:
        raise WhosawError(
            "account.wait",
            "too many passwords were wrong",
            hint=f"Try again in {(account.wait_until - to_micros(now)) // 1_000_000 + 1} s",
        )
    hashed = account.password if account is not None and account.closed is None else None
    right = _verified(hashed or _nobodys(), password) and hashed is not None
    if account is None or not right:
        _failed(journal, name, account, now)
        raise WhosawError("account.wrong", "the name or the password is wrong", hint="Try again")
    if journal.setting(PASSKEYS) and (name in linked_accounts(journal) or passkeys_of(journal, name)):
        raise WhosawError(
            "account.passkey",
            "here a password alone is not enough",
            hint="Log in with your passkey, or by the provider. Whoever lost both asks for a new link",
        )
    with journal.transaction() as connection:
        change_account(connection, name, failed=0, wait_until=0)
        return new_login(journal, connection, name, now=now)[0]


def enrols(journal: Journal, name: str) -> bool:
    """Whether somebody is in by a password alone where that is not enough: they may make a passkey, and nothing else."""
    return (
        bool(journal.setting(PASSKEYS))
        and name not in linked_accounts(journal)
        and not passkeys_of(journal, name)
    )


def right_password(journal: Journal, name: str, password: str, *, now: datetime) -> bool:
    """Whether this is the password of whoever is logged in by this name. A wrong one counts as at the login."""
    account = account_of(journal, name)
    if account is not None and to_micros(now) < account.wait_until:
        return False
    right = account is not None and account.password is not None and _verified(account.password, password)
    if not right:
        _failed(journal, name, account, now)
    return right


def new_login(
    journal: Journal, connection: Connection, name: str, *, now: datetime, by: str = "password"
) -> tuple[str, str]:
    """What the cookie of a new login holds, and the digest of it that is kept. Whoever calls it has made sure who it is, `by` what."""
    token = secrets.token_urlsafe(32)
    add_login(connection, token=_digest(token), account=name, now=to_micros(now))
    _record(journal, connection, "account.login", {"account": name, "by": by}, now)
    return token, _digest(token)


def who_is(journal: Journal, token: str, *, now: datetime, used: bool = True) -> Somebody | None:
    """Whose login a cookie is of; None where it ended, or was none. Not `used`: a page that is open asks, and nobody at work."""
    found = login_of(journal, _digest(token))
    if found is None:
        return None
    account = account_of(journal, found.account)
    begun, seen = from_micros(found.begun), from_micros(found.seen)
    if account is None or account.closed is not None or now - begun > LOGIN_ENDS or now - seen > IDLE_ENDS:
        with journal.transaction() as connection:
            end_logins(connection, token=_digest(token))
        return None
    if used and now - seen > _SEEN_EVERY:
        with journal.transaction() as connection:
            change_login(connection, _digest(token), seen=to_micros(now))
    return Somebody(
        name=account.name,
        roles=frozenset(each for each in map(Role, account.roles.split()) if each.of_people),
        purpose=found.purpose,
        cases=limit_of(journal, account.name),
        enrols=enrols(journal, account.name),
    )


def say_purpose(journal: Journal, token: str, purpose: str) -> None:
    """From now on this is why the one who is logged in looks at people."""
    said = purpose.strip()
    if len(said) > _PURPOSE_MOST:
        raise WhosawError("gate.purpose", f"a purpose has at most {_PURPOSE_MOST} characters")
    with journal.transaction() as connection:
        change_login(connection, _digest(token), purpose=said)


def log_out(journal: Journal, token: str) -> None:
    """End one login."""
    with journal.transaction() as connection:
        end_logins(connection, token=_digest(token))


def close_account(journal: Journal, name: str, *, by: str, now: datetime) -> None:
    """Close an account for good, and end its logins. The last administrator stays."""
    with journal.transaction() as connection:
        have = {each.name: each for each in accounts(journal, connection) if each.closed is None}
        if name not in have:
            raise WhosawError("account.unknown", f"there is no open account {name}")
        others = [each for each in have.values() if each.name != name and _runs(each)]
        if _runs(have[name]) and not others:
            raise WhosawError(
                "account.last", f"{name} is the last administrator", hint="Make another one first"
            )
        change_account(connection, name, closed=to_micros(now))
        end_logins(connection, account=name)
        _record(journal, connection, "account.closed", {"account": name, "by": by}, now)


def _runs(account: AccountRow) -> bool:
    return Role.ADMINISTRATOR in account.roles.split()


def _told(row: AccountRow, cases: frozenset[str] | None, linked: frozenset[str]) -> Account:
    return Account(
        name=row.name,
        roles=tuple(row.roles.split()),
        made=from_micros(row.made),
        ready=row.password is not None or row.name in linked,
        closed=None if row.closed is None else from_micros(row.closed),
        cases=None if cases is None else tuple(sorted(cases)),
    )


def _failed(journal: Journal, name: str, account: AccountRow | None, now: datetime) -> None:
    """Count a wrong password, and let the next try wait. A name that is none is not written down: it may be a password."""
    with journal.transaction() as connection:
        if account is not None:
            failed = account.failed + 1
            over = failed - _TRIES
            waits = min(_WAIT * 2 ** min(over, 10), _LONGEST_WAIT) if over >= 0 else timedelta()
            change_account(connection, name, failed=failed, wait_until=to_micros(now + waits))
        body = {"account": name if account is not None else None}
        _record(journal, connection, "account.refused", body, now)


def _record(journal: Journal, connection: Connection, kind: str, body: Any, now: datetime) -> None:
    journal.record(connection, kind, body, now=now)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@cache
def _hasher() -> Any:
    missing = WhosawError(
        "web.missing",
        "the console needs libraries that are not installed",
        hint="pip install 'whosaw[web]'",
    )
    return load_extra("argon2", missing).PasswordHasher()


@cache
def _nobodys() -> str:
    """A password that nobody has, so that an unknown name costs as much as a wrong password."""
    return str(_hasher().hash(secrets.token_urlsafe(32)))


def _verified(hashed: str, password: str) -> bool:
    wrong = load_extra("argon2.exceptions", WhosawError("web.missing", "")).VerificationError
    try:
        return bool(_hasher().verify(hashed, password if len(password) <= _MOST else ""))
    except wrong:
        return False
