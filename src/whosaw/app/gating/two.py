"""What takes two people: one asks, another one consents, and both stand in the custody journal. A consent is to exactly what was asked
for, and holds for a day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, to_micros
from whosaw.store.journal import Connection, Journal
from whosaw.store.repositories.gate import RequestRow, add_request, change_request, requests

from .rights import Somebody

__all__ = [
    "ACTS",
    "CONSENT",
    "REFUSAL",
    "Request",
    "Rules",
    "answer_request",
    "bare",
    "list_requests",
    "rules_of",
    "second_person",
    "set_rules",
]

ACTS: Final = ("reveal", "export", "close-final", "erase")
CONSENT, REFUSAL = "consent", "refusal"
_RULES: Final = "gate.two"
_HOLDS: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What takes two people. `reveal_more_than`: so many persons in a day; None: reveal takes one."""

    reveal_more_than: int | None = None
    export: bool = False
    close_final: bool = False
    erase: bool = False

    def asks(self, act: str, persons: int | None) -> bool:
        """Whether this takes two."""
        if act == "reveal":
            return self.reveal_more_than is not None and (persons is None or persons > self.reveal_more_than)
        return {"export": self.export, "close-final": self.close_final, "erase": self.erase}[act]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request and its answer, where there is one. `state`: waits, consented, refused, ended."""

    number: int
    act: str
    what: str
    persons: int | None
    reason: str
    asked_by: str
    asked: datetime
    ends: datetime
    state: str
    answered_by: str | None
    answered: datetime | None


def rules_of(journal: Journal, connection: Connection | None = None) -> Rules:
    """What takes two people in this workspace; nothing where nobody set it."""
    kept = journal.setting(_RULES, connection)
    return Rules() if kept is None else Rules(**json.loads(kept))


def set_rules(journal: Journal, connection: Connection, rules: Rules) -> None:
    """Set what takes two people."""
    said = {
        "reveal_more_than": rules.reveal_more_than,
        "export": rules.export,
        "close_final": rules.close_final,
        "erase": rules.erase,
    }
    journal.set_setting(connection, _RULES, json.dumps(said))


def bare(who: str) -> str:
    """The name of somebody without the door that they came through: kim on the terminal and in the console are one person."""
    return who.rpartition(":")[2]


def second_person(
    journal: Journal,
    act: str,
    what: str,
    about: Mapping[str, object],
    *,
    persons: int | None = None,
    reason: str = "",
    now: datetime,
) -> None:
    """Go on where this takes one person, or another one consented to exactly this; call it before anything leaves.

    Else the request is put on record, and `WhosawError` says which one it is. `what` holds no identifier, `about` is all that was asked for.
    """
    if not rules_of(journal).asks(act, persons):
        return
    me = bare(journal.who)
    said = hashlib.sha256(canonical_json({"act": act, **about})).hexdigest()
    journal.create()  # of a workspace that an earlier release made
    with journal.transaction() as connection:
        same = [
            each
            for each in requests(journal, connection)
            if (each.about, bare(each.who)) == (said, me) and to_micros(now) < each.ends
        ]
        given = next((each for each in same if each.answer == CONSENT), None)
        if given is not None:
            if given.used is None:
                change_request(connection, given.number, used=to_micros(now))
            body = {"request": given.number, "act": act, "what": what, "consent": given.by}
            journal.record(connection, "request.used", body, now=now)
            return
        waiting = next((each for each in same if each.answer is None), None)
        if waiting is None:
            waiting = _new(journal, connection, act, what, said, persons, reason, now)
    raise WhosawError(
        "gate.second-person",
        f"this takes a second person: request {waiting.number} waits for somebody's consent",
        hint=f"Another one says: whosaw gate consent {waiting.number}, or consents in the console. Then do the same again",
    )


def _new(
    journal: Journal,
    connection: Connection,
    act: str,
    what: str,
    about: str,
    persons: int | None,
    reason: str,
    now: datetime,
) -> RequestRow:
    number = max((each.number for each in requests(journal, connection)), default=0) + 1
    row = RequestRow(
        number=number,
        act=act,
        what=what,
        about=about,
        persons=persons,
        reason=reason.strip(),
        who=journal.who,
        asked=to_micros(now),
        ends=to_micros(now + _HOLDS),
        answer=None,
        by=None,
        answered=None,
        used=None,
    )
    add_request(connection, row)
    body = {
        "request": number,
        "act": act,
        "what": what,
        "about": about,
        "persons": persons,
        "reason": row.reason,
    }
    journal.record(connection, "request.asked", body, now=now)
    return row


def list_requests(journal: Journal, *, now: datetime) -> tuple[Request, ...]:
    """All of them, the last one first."""
    return tuple(_told(each, now) for each in reversed(requests(journal)))


def answer_request(journal: Journal, number: int, answer: str, *, who: Somebody, now: datetime) -> Request:
    """Consent to a request of somebody else, or refuse it. Raises `WhosawError` where it is one's own, was answered, or has ended, and for
    a program, which is no second person."""
    with journal.transaction() as connection:
        row = next((each for each in requests(journal, connection) if each.number == number), None)
        if row is None:
            raise WhosawError("request.unknown", f"there is no request {number}")
        if bare(row.who) == who.name:
            raise WhosawError(
                "request.own", "nobody consents to a request of their own", hint="Another one has to"
            )
        if who.service:
            raise WhosawError(
                "request.service", "a program is no second person", hint="Take your own account"
            )
        if row.answer is not None or to_micros(now) >= row.ends:
            raise WhosawError("request.over", f"request {number} was answered already, or has ended")
        change_request(connection, number, answer=answer, by=journal.who, answered=to_micros(now))
        body = {"request": number, "answer": answer, "asked_by": row.who, "about": row.about}
        journal.record(connection, "request.answered", body, now=now)
    return _told(replace(row, answer=answer, by=journal.who, answered=to_micros(now)), now)


def _told(row: RequestRow, now: datetime) -> Request:
    ended = to_micros(now) >= row.ends
    state = {CONSENT: "consented", REFUSAL: "refused", None: "waits"}[row.answer]
    return Request(
        number=row.number,
        act=row.act,
        what=row.what,
        persons=row.persons,
        reason=row.reason,
        asked_by=row.who,
        asked=from_micros(row.asked),
        ends=from_micros(row.ends),
        state="ended" if ended and state != "refused" else state,
        answered_by=row.by,
        answered=None if row.answered is None else from_micros(row.answered),
    )
