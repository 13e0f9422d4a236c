"""Running the gate of a workspace: whether it asks for accounts, what takes two people, tokens, and requests that wait."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.permits import ACCOUNTS, PASSKEYS
from whosaw.store.repositories.accounts import accounts, end_logins
from whosaw.store.workspace import journal_of

from .asking import asked, comer
from .rights import Role, Verb
from .tokens import DAYS, Token, list_tokens, make_token, revoke
from .two import CONSENT, REFUSAL, Request, Rules, answer_request, list_requests, rules_of, set_rules

__all__ = ["GateState", "MadeToken", "answer", "end_token", "gate_state", "new_token", "set_gate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateState:
    """How the gate of a workspace is set. `accounts`: nobody opens it without one. `passkeys`: no password alone opens the console."""

    accounts: bool
    passkeys: bool
    two_people: Rules
    tokens: tuple[Token, ...]
    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeToken:
    """A new token, and what is sent with it: shown once."""

    token: Token = field(metadata=told_as(among=True))
    secret: str = field(repr=False)


def gate_state(root: Path, *, now: datetime) -> GateState:
    """How the gate is set, its tokens, and requests."""
    with asked(root, Verb.SEE_ACCOUNTS, "gate"), closing(journal_of(root)) as journal:
        return _state(journal, now)


def _state(journal: Journal, now: datetime) -> GateState:
    return GateState(
        accounts=bool(journal.setting(ACCOUNTS)),
        passkeys=bool(journal.setting(PASSKEYS)),
        two_people=rules_of(journal),
        tokens=list_tokens(journal),
        requests=list_requests(journal, now=now),
    )


def set_gate(
    root: Path,
    *,
    now: datetime,
    accounts_required: bool | None = None,
    rules: Rules | None = None,
    passkeys_required: bool | None = None,
) -> GateState:
    """Set whether the workspace is opened with an account alone, what takes two people, and whether the console takes no password alone;
    that ends every login. What is None stays as it is.

    Raises `WhosawError` where nobody could administer it any more, or make a passkey.
    """
    with asked(root, Verb.CHANGE_ACCOUNTS, "gate"), closing(journal_of(root)) as journal:
        journal.create()  # of a workspace that an earlier release made
        if accounts_required and not _administered(journal, now):
            raise WhosawError(
                "gate.nobody-runs-it",
                "there is no administrator yet who could open the workspace again",
                hint="Make one first: whosaw gate token NAME --role administrator, or whosaw serve",
            )
        if passkeys_required and find_spec("webauthn") is None:
            raise WhosawError(
                "passkey.missing",
                "passkeys need a library that is not installed",
                hint="pip install 'whosaw[passkeys]'",
            )
        with journal.transaction() as connection:
            if passkeys_required is not None:
                journal.set_setting(connection, PASSKEYS, "required" if passkeys_required else "")
                for each in accounts(journal, connection) if passkeys_required else ():
                    end_logins(connection, account=each.name)
            if accounts_required is not None:
                journal.set_setting(connection, ACCOUNTS, "required" if accounts_required else "")
            if rules is not None:
                set_rules(journal, connection, rules)
            body = {"accounts": accounts_required, "two_people": rules, "passkeys": passkeys_required}
            journal.record(connection, "gate.set", body, now=now)
        return _state(journal, now)


def _administered(journal: Journal, now: datetime) -> bool:
    by_password = any(
        Role.ADMINISTRATOR in each.roles.split() and each.password and each.closed is None
        for each in accounts(journal)
    )
    by_token = any(
        Role.ADMINISTRATOR in each.roles and each.revoked is None and now < each.ends
        for each in list_tokens(journal)
    )
    return by_password or by_token


def new_token(
    root: Path,
    name: str,
    roles: Iterable[Role],
    *,
    now: datetime,
    cases: Iterable[str] | None = None,
    days: int = DAYS,
) -> MadeToken:
    """A token for a person or a program."""
    with asked(root, Verb.CHANGE_ACCOUNTS, f"token of {name}"), closing(journal_of(root)) as journal:
        token, secret = make_token(journal, name, roles, by=journal.who, now=now, cases=cases, days=days)
        return MadeToken(token=token, secret=secret)


def end_token(root: Path, token: str, *, now: datetime) -> None:
    """End a token by its id."""
    with asked(root, Verb.CHANGE_ACCOUNTS, f"token {token}"), closing(journal_of(root)) as journal:
        revoke(journal, token, by=journal.who, now=now)


def answer(root: Path, number: int, *, consent: bool, now: datetime) -> Request:
    """Consent to a request of somebody else, or refuse it."""
    with asked(root, Verb.CONSENT, f"request {number}"), closing(journal_of(root)) as journal:
        return answer_request(journal, number, CONSENT if consent else REFUSAL, who=comer(journal), now=now)
