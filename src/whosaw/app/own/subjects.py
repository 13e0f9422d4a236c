"""Tokens of people: each speaks for one person, for a short time, and for nothing else. A program of the organisation that has signed the
person in asks for one; whoever signs people in otherwise (OpenID Connect) calls `let_in` with the claim that holds their id."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from whosaw.app.asking.questions import Ledger
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, to_micros
from whosaw.mapping.subject_form import forms_of
from whosaw.store.journal import Journal
from whosaw.store.repositories.own import OwnTokenRow, add_own_token, end_own_token, own_token_of
from whosaw.store.vault import KINDS

__all__ = [
    "BEGINS",
    "MINUTES",
    "MOST_MINUTES",
    "LetIn",
    "Oneself",
    "end_own",
    "let_in",
    "oneself",
    "person_of_subject",
]

BEGINS: Final = "whosaw_me_"  # so that no other door takes it for a token of its own
MINUTES: Final = 30  # that a token holds, where nothing else is asked for
MOST_MINUTES: Final = 720
_LONGEST: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Oneself:
    """Whom a token speaks for: a keyed digest, which finds the person in the ledger, and tells nothing of them."""

    token: str
    subject: str

    @property
    def name(self) -> str:
        """How the person is called in entries of the journal."""
        return f"own:{self.token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetIn:
    """A new token: its id, when it ends, and what is sent, which is shown once."""

    id: str
    ends: datetime
    token: str = field(repr=False)


def let_in(
    ledger: Ledger, subject: str, *, kind: str | None = None, minutes: int = MINUTES, now: datetime
) -> LetIn:
    """A token for the person with this id, as the logs have it. Whether the ledger ever met them is not told: who was never seen is
    answered, too. `kind`: what the data map says its ids are ids of, which is asked for where there are several."""
    if not 1 <= minutes <= MOST_MINUTES:
        raise WhosawError("own.minutes", f"a token of a person holds 1 to {MOST_MINUTES} minutes")
    digest = ledger.workspace.vault.digest("person", _raw(ledger, subject, kind)).hex()
    sent = BEGINS + secrets.token_urlsafe(32)
    journal = ledger.workspace.journal
    row = OwnTokenRow(
        id=secrets.token_hex(4),
        digest=_digest(sent),
        subject=digest,
        made=to_micros(now),
        by=journal.who,
        ends=to_micros(now + timedelta(minutes=minutes)),
        ended=None,
    )
    journal.create()  # of a workspace that an earlier release made
    person = person_of_subject(ledger, digest)
    with journal.transaction() as connection:
        add_own_token(connection, row)
        body = {
            "token": row.id,
            "numbers": {"person": [] if person is None else [person]},
            "ends": from_micros(row.ends),
        }
        journal.record(connection, "own.let-in", body, now=now)
    return LetIn(id=row.id, ends=from_micros(row.ends), token=sent)


def _raw(ledger: Ledger, subject: str, kind: str | None) -> str:
    """The id as the vault has it: as it was given where the ledger knows it so, else as the data map spells ids of that kind."""
    bare = subject.strip()
    if not bare or len(bare) > _LONGEST or "\x1f" in bare:
        raise WhosawError("own.subject", f"an id of a person has 1 to {_LONGEST} characters")
    routes = ledger.reader.routes.values()
    kinds = {each.get("subject", {}).get("kind") or "customer" for each in routes} or {"customer"}
    if kind is None and len(kinds) > 1:
        raise WhosawError(
            "own.kind",
            "the data map has ids of several kinds, so one of them has to be said",
            hint=f"One of {', '.join(sorted(kinds))}",
        )
    chosen = kind or kinds.pop()
    forms = [form.one(bare)[0] for form in forms_of(routes).get(chosen, ())]
    spelled = [f"{chosen}\x1f{each}" for each in dict.fromkeys((bare, *forms))]
    return next(
        (each for each in spelled if ledger.reader.number_of("person", each) is not None), spelled[-1]
    )


def oneself(journal: Journal, sent: str, *, now: datetime) -> Oneself | None:
    """For whom a token speaks; None where it ended, or is none."""
    row = own_token_of(journal, _digest(sent)) if sent.startswith(BEGINS) else None
    if row is None or row.ended is not None or to_micros(now) >= row.ends:
        return None
    return Oneself(token=row.id, subject=row.subject)


def end_own(journal: Journal, who: Oneself, *, now: datetime) -> None:
    """End the token of somebody who leaves."""
    with journal.transaction() as connection:
        end_own_token(connection, who.token, now=to_micros(now))
        journal.record(connection, "own.left", {"token": who.token}, now=now)


def person_of_subject(ledger: Ledger, subject: str) -> int | None:
    """The number of the person; None whom the ledger never met."""
    found = ledger.reader.session.query(
        "SELECT number FROM identities WHERE kind = ? AND digest = ?",
        [KINDS["person"], bytes.fromhex(subject)],
    )
    return int(found["number"][0].as_py()) if found.num_rows else None


def _digest(sent: str) -> str:
    return hashlib.sha256(sent.encode()).hexdigest()
