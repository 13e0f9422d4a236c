"""Passkeys of local accounts (Web Authentication Level 3): a second way in beside the password, and one that cannot be phished, for a browser
signs for this very host alone. The device asks its user first (PIN, finger, face). Needs the extra `passkeys`."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.util import find_spec
from threading import Lock
from typing import Any, Final

from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra
from whosaw.core.instants import from_micros, to_micros
from whosaw.store.journal import Journal
from whosaw.store.permits import PASSKEYS
from whosaw.store.repositories.accounts import account_of, end_logins
from whosaw.store.repositories.passkeys import (
    PasskeyRow,
    add_passkey,
    end_passkey,
    passkey_of,
    passkeys_of,
    used_passkey,
)

from .accounts import new_login, right_password

__all__ = [
    "Challenges",
    "Passkey",
    "Site",
    "add",
    "ask_to_add",
    "ask_to_log_in",
    "end",
    "list_passkeys",
    "log_in_by",
    "there",
]

_HOLDS: Final = timedelta(minutes=5)  # between the question and its answer
_MOST: Final = 1_000  # questions that nobody answered
_MOST_OF_ONE: Final = 20
_LONGEST: Final = 64_000  # characters of an answer
_MISSING: Final = WhosawError(
    "passkey.missing", "passkeys need a library that is not installed", hint="pip install 'whosaw[passkeys]'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the console is reached, as a browser sees it: its host name, and the origin with scheme and port."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey as it is told: `name` is what its owner calls it."""

    id: str
    name: str
    made: datetime
    used: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    challenge: bytes = field(repr=False)
    site: Site
    account: str | None  # None: whoever logs in
    ends: datetime


class Challenges:
    """Questions to browsers, by the cookie that each was given. Each is answered once, soon, or never."""

    def __init__(self) -> None:
        self._asked: dict[str, _Asked] = {}
        self._lock = Lock()

    def ask(self, site: Site, account: str | None, *, now: datetime) -> tuple[str, bytes]:
        """What the cookie holds, and what is to be signed."""
        cookie, challenge = secrets.token_urlsafe(32), secrets.token_bytes(32)
        with self._lock:
            while len(self._asked) >= _MOST:
                self._asked.pop(next(iter(self._asked)))
            self._asked[cookie] = _Asked(challenge=challenge, site=site, account=account, ends=now + _HOLDS)
        return cookie, challenge

    def take(self, cookie: str, account: str | None, *, now: datetime) -> _Asked:
        """What the browser with this cookie was asked, on behalf of this account."""
        with self._lock:
            asked = self._asked.pop(cookie, None)
        if asked is None or now > asked.ends or asked.account != account:
            raise _refused("this was not asked here, or too long ago")
        return asked


def there() -> bool:
    """Whether the library is installed."""
    return find_spec("webauthn") is not None


def list_passkeys(journal: Journal, account: str) -> tuple[Passkey, ...]:
    """Of one account, the first one first."""
    return tuple(
        Passkey(
            id=each.id,
            name=each.name,
            made=from_micros(each.made),
            used=None if each.used is None else from_micros(each.used),
        )
        for each in passkeys_of(journal, account)
    )


# -- adding one


def ask_to_add(
    journal: Journal, challenges: Challenges, site: Site, account: str, password: str, *, now: datetime
) -> tuple[str, str]:
    """What the cookie holds, and the options for the browser as JSON. Who adds a way in says their password once more."""
    web, kinds = load_extra("webauthn", _MISSING), load_extra("webauthn.helpers.structs", _MISSING)
    if not right_password(journal, account, password, now=now):
        raise WhosawError("account.wrong", "the password is wrong", hint="Try again")
    have = passkeys_of(journal, account)
    if len(have) >= _MOST_OF_ONE:
        raise WhosawError(
            "passkey.many", f"an account has at most {_MOST_OF_ONE} passkeys", hint="End one first"
        )
    cookie, challenge = challenges.ask(site, account, now=now)
    options = web.generate_registration_options(
        rp_id=site.host,
        rp_name="whosaw",
        user_name=account,
        user_id=account.encode(),
        challenge=challenge,
        authenticator_selection=kinds.AuthenticatorSelectionCriteria(
            resident_key=kinds.ResidentKeyRequirement.REQUIRED,
            user_verification=kinds.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            kinds.PublicKeyCredentialDescriptor(id=web.base64url_to_bytes(each.id)) for each in have
        ],
    )
    return cookie, str(web.options_to_json(options))


def add(
    journal: Journal,
    challenges: Challenges,
    cookie: str,
    account: str,
    name: str,
    answer: str,
    *,
    now: datetime,
) -> Passkey:
    """Keep the passkey that a browser made."""
    web, faults = load_extra("webauthn", _MISSING), load_extra("webauthn.helpers.exceptions", _MISSING)
    asked = challenges.take(cookie, account, now=now)
    helpers = load_extra("webauthn.helpers", _MISSING)
    try:
        made = web.verify_registration_response(
            credential=_object(answer),
            expected_challenge=asked.challenge,
            expected_rp_id=asked.site.host,
            expected_origin=asked.site.origin,
            require_user_verification=True,
        )
    except (faults.WebAuthnException, ValueError, KeyError, TypeError) as fault:
        raise _refused("what the browser sent does not hold") from fault
    row = PasskeyRow(
        id=helpers.bytes_to_base64url(made.credential_id),
        account=account,
        key=made.credential_public_key.hex(),
        count=made.sign_count,
        name=name.strip()[:64] or "passkey",
        made=to_micros(now),
        used=None,
    )
    with journal.transaction() as connection:
        if passkey_of(journal, row.id, connection) is not None:
            raise _refused("this passkey is there already")
        add_passkey(connection, row)
        if journal.setting(PASSKEYS, connection):
            end_logins(connection, account=account)  # who came in by a password alone logs in by it now
        journal.record(
            connection,
            "account.passkey",
            {"account": account, "passkey": row.id[:16], "added": True},
            now=now,
        )
    return Passkey(id=row.id, name=row.name, made=now, used=None)


def end(journal: Journal, account: str, passkey: str, *, now: datetime) -> None:
    """End a passkey of this account."""
    with journal.transaction() as connection:
        row = passkey_of(journal, passkey, connection)
        if row is None or row.account != account:
            raise WhosawError("passkey.unknown", "there is no such passkey of yours")
        end_passkey(connection, passkey)
        journal.record(
            connection,
            "account.passkey",
            {"account": account, "passkey": row.id[:16], "added": False},
            now=now,
        )


# -- logging in by one


def ask_to_log_in(challenges: Challenges, site: Site, *, now: datetime) -> tuple[str, str]:
    """What the cookie holds, and the options for the browser as JSON. No name is asked for, so none can be tried out."""
    web, kinds = load_extra("webauthn", _MISSING), load_extra("webauthn.helpers.structs", _MISSING)
    cookie, challenge = challenges.ask(site, None, now=now)
    options = web.generate_authentication_options(
        rp_id=site.host, challenge=challenge, user_verification=kinds.UserVerificationRequirement.REQUIRED
    )
    return cookie, str(web.options_to_json(options))


def log_in_by(journal: Journal, challenges: Challenges, cookie: str, answer: str, *, now: datetime) -> str:
    """What the cookie of a new login holds. One and the same `WhosawError` for a passkey that is none, another one's, ended, or copied
    (its count of signatures went back), and for a closed account."""
    web, faults = load_extra("webauthn", _MISSING), load_extra("webauthn.helpers.exceptions", _MISSING)
    asked = challenges.take(cookie, None, now=now)
    said = _object(answer)
    with journal.transaction() as connection:
        row = passkey_of(journal, str(said.get("id", "")), connection)
        account = None if row is None else account_of(journal, row.account, connection)
        if row is not None and account is not None and account.closed is None:
            try:
                signed = web.verify_authentication_response(
                    credential=said,
                    expected_challenge=asked.challenge,
                    expected_rp_id=asked.site.host,
                    expected_origin=asked.site.origin,
                    credential_public_key=bytes.fromhex(row.key),
                    credential_current_sign_count=row.count,
                    require_user_verification=True,
                )
            except (faults.WebAuthnException, ValueError, KeyError, TypeError):
                signed = None
            if signed is not None:
                used_passkey(connection, row.id, count=signed.new_sign_count, now=to_micros(now))
                return new_login(journal, connection, row.account, now=now, by="passkey")[0]
        journal.record(
            connection, "account.refused", {"account": None if row is None else row.account}, now=now
        )
    raise _refused("this passkey opens nothing here")


def _object(answer: str) -> dict[str, Any]:
    try:
        said = json.loads(answer) if len(answer) <= _LONGEST else None
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise _refused("the browser sent no answer")
    return said


def _refused(why: str) -> WhosawError:
    return WhosawError("passkey.refused", why, hint="Try again, or log in with your password")
