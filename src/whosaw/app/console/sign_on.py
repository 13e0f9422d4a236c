"""Single sign-on: who comes by a provider, and what they may do, by what it says of them. Closed by default: whom no claim gives a role has
none. An account belongs to one subject of one issuer for good, whatever name the provider calls them by later."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final

from whosaw.app.gating.asking import asks
from whosaw.app.oidc.provider import Known, Provider
from whosaw.core.document import JsonObject, object_of, told_as
from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros
from whosaw.store.journal import Connection, Journal
from whosaw.store.repositories.accounts import account_of, add_account, change_account, end_logins
from whosaw.store.repositories.sign_on import (
    account_of_subject,
    add_session,
    link_account,
    logins_of_session,
)
from whosaw.store.workspace import journal_of

from .accounts import check_account_name, check_of_people, new_login
from .gate import Role, Verb

__all__ = [
    "Begun",
    "Pending",
    "SignOn",
    "finish",
    "provider_logout",
    "set_sign_on",
    "shown_sign_on",
    "sign_on_of",
    "told_sign_on",
]

_SETTING: Final = "gate.sign-on"
_HOLDS: Final = timedelta(minutes=10)  # between leaving for the provider and coming back
_MOST: Final = 1_000  # who left and did not come back


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn:
    """How people come by a provider. `roles`: by role, the values of `claim` that give it; `name`: the claim that is the name of an account."""

    issuer: str
    client_id: str
    secret_file: Path | None = field(
        default=None, metadata=told_as(form=lambda path: None if path is None else str(path))
    )
    claim: str = "groups"
    name: str = "preferred_username"
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def provider(self) -> Provider:
        """The one to talk with."""
        return Provider(issuer=self.issuer, client_id=self.client_id, secret_file=self.secret_file)

    def roles_of(self, known: Known) -> frozenset[Role]:
        """What somebody may do by what is said of them: nothing, where nothing gives it."""
        values = known.values.get(self.claim, frozenset())
        given = (Role(role) for role, gives in self.roles.items() if values & set(gives))
        return frozenset(each for each in given if each.of_people)


def sign_on_of(journal: Journal) -> SignOn | None:
    """How it is set; None where it is not."""
    kept = journal.setting(_SETTING)
    if not kept:
        return None
    told = json.loads(kept)
    secret = told.pop("secret_file")
    roles = {role: tuple(values) for role, values in told.pop("roles").items()}
    return SignOn(**told, secret_file=None if secret is None else Path(secret), roles=roles)


@asks(Verb.SEE_ACCOUNTS, "single sign-on")
def shown_sign_on(root: Path) -> SignOn | None:
    """How it is set, for who may see accounts."""
    with closing(journal_of(root)) as journal:
        return sign_on_of(journal)


@asks(Verb.CHANGE_ACCOUNTS, "single sign-on")
def set_sign_on(root: Path, wanted: SignOn | None, *, now: datetime) -> None:
    """Set it, once the provider has answered; None: nobody comes by it any more, and the accounts stay without a way in."""
    said = ""
    if wanted is not None:
        if not wanted.roles:
            raise WhosawError(
                "sso.no-role",
                "no claim gives a role, so nobody could come in",
                hint="Say --role privacy-officer=VALUE",
            )
        for each in wanted.roles:
            check_of_people(Role(each))
        wanted.provider().about()
        secret = None if wanted.secret_file is None else str(wanted.secret_file.absolute())
        roles = {role: sorted(values) for role, values in wanted.roles.items()}
        told = {name: getattr(wanted, name) for name in ("issuer", "client_id", "claim", "name")}
        said = json.dumps({**told, "secret_file": secret, "roles": roles})
    with closing(journal_of(root)) as journal:
        journal.create()
        with journal.transaction() as connection:
            journal.set_setting(connection, _SETTING, said)
            body = {"on": wanted is not None, **({} if not said else json.loads(said))}
            journal.record(connection, "gate.sign-on", body, now=now)


# -- leaving and coming back


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A browser that left for the provider. Each word was made for it alone, and is good once."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    back: str
    ends: datetime


class Pending:
    """Browsers that left for the provider, by the cookie that they were given; those that stay away are forgotten."""

    def __init__(self) -> None:
        self._begun: dict[str, Begun] = {}
        self._lock = Lock()

    def begin(self, back: str, *, now: datetime) -> tuple[str, Begun]:
        """What the cookie holds, and what is remembered."""
        cookie, words = secrets.token_urlsafe(32), [secrets.token_urlsafe(48) for _ in range(3)]
        begun = Begun(state=words[0], nonce=words[1], verifier=words[2], back=back, ends=now + _HOLDS)
        with self._lock:
            while len(self._begun) >= _MOST:
                self._begun.pop(next(iter(self._begun)))
            self._begun[cookie] = begun
        return cookie, begun

    def take(self, cookie: str, state: str, *, now: datetime) -> Begun:
        """What is remembered of the browser with this cookie, which came back with this state; it is forgotten by that."""
        with self._lock:
            begun = self._begun.pop(cookie, None)
        if (
            begun is None
            or now > begun.ends
            or not secrets.compare_digest(begun.state.encode(), state.encode())
        ):
            raise WhosawError(
                "sso.refused",
                "this login was not begun here, or too long ago",
                hint="Begin again from the page where one logs in",
            )
        return begun


def finish(journal: Journal, how: SignOn, known: Known, *, now: datetime) -> str:
    """What the cookie of a new login holds, of whom the provider spoke. Raises `WhosawError` where nothing said gives a role, the account is
    closed, or somebody else has their name here."""
    subject, roles = known.subject, how.roles_of(known)
    journal.create()
    with journal.transaction() as connection:
        name = account_of_subject(journal, how.issuer, subject, connection)
        if not roles:
            _refuse(journal, connection, name, f"no value of the claim {how.claim} gives a role here", now)
        elif name is None:
            name = _new(journal, connection, how, known, roles, now)
        if name is not None and roles:
            token = _let_in(journal, connection, how, name, roles, known, now)
            if token is not None:
                return token
    why = (
        f"no value of the claim {how.claim} that the provider sent gives a role here"
        if not roles
        else "there is no account for you here, or it is closed"
    )
    raise WhosawError("sso.no-account", why, hint="Ask an administrator")


def _new(
    journal: Journal,
    connection: Connection,
    how: SignOn,
    known: Known,
    roles: frozenset[Role],
    now: datetime,
) -> str | None:
    name = check_account_name(known.texts.get(how.name, ""))
    if account_of(journal, name, connection) is not None:
        _refuse(journal, connection, name, "an account of this name is somebody else's", now)
        return None
    add_account(connection, name=name, roles=" ".join(sorted(roles)), made=to_micros(now))
    link_account(connection, issuer=how.issuer, subject=known.subject, account=name)
    body = {"account": name, "roles": sorted(roles), "by": f"sign-on:{how.issuer}"}
    journal.record(connection, "account.made", body, now=now)
    return name


def _let_in(
    journal: Journal,
    connection: Connection,
    how: SignOn,
    name: str,
    roles: frozenset[Role],
    known: Known,
    now: datetime,
) -> str | None:
    account = account_of(journal, name, connection)
    if account is None or account.closed is not None:
        _refuse(journal, connection, name, "the account is closed", now)
        return None
    said = " ".join(sorted(roles))
    if account.roles != said:
        change_account(connection, name, roles=said)
        journal.record(
            connection,
            "account.roles",
            {"account": name, "roles": sorted(roles), "by": f"sign-on:{how.issuer}"},
            now=now,
        )
    token, digest = new_login(journal, connection, name, now=now, by="sign-on")
    add_session(
        connection,
        login=digest,
        issuer=how.issuer,
        subject=known.subject,
        session=known.session,
    )
    return token


def _refuse(journal: Journal, connection: Connection, name: str | None, why: str, now: datetime) -> None:
    journal.record(connection, "account.refused", {"account": name, "why": why}, now=now)


def provider_logout(journal: Journal, how: SignOn, provider: Provider, token: str, *, now: datetime) -> int:
    """End the logins of whoever logged out at the provider; how many."""
    ended = provider.ended(token, now=now)
    journal.create()
    with journal.transaction() as connection:
        found = logins_of_session(journal, how.issuer, ended.subject, ended.session, connection)
        for each in found:
            end_logins(connection, token=each)
        journal.record(
            connection, "account.logged-out", {"by": f"sign-on:{how.issuer}", "logins": len(found)}, now=now
        )
    return len(found)


def told_sign_on(how: SignOn | None) -> JsonObject:
    """As a document."""
    return {"on": False} if how is None else {"on": True, **object_of(how)}
