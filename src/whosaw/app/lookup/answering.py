"""Answers requests after the page has replied: each gets its turn, its row is looked up, and a message goes to the contact itself.

A contact that is in the table and one that is not get the same work and a message each, so that neither the page nor its pace says which is
which. The state of a request is on disk before its message leaves and after; a lost reply is "unknown" and nothing goes twice by itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import formataddr
from pathlib import Path
from typing import Final, Protocol

from whosaw.core.instants import from_micros, to_micros
from whosaw.lookup.answer import unpack_row
from whosaw.lookup.limits import BRAKE, Known, Limits, PageWarning, Share, brake_until, judge, rate_keys
from whosaw.lookup.message import Speech, mail_of, plain_text
from whosaw.lookup.page_warnings import Reported, WarningFile, brake_told
from whosaw.lookup.requests import Sealing
from whosaw.lookup.table import LookupTable
from whosaw.packs.contacts import Contact
from whosaw.sending.pace import GIVE_UP, again_after
from whosaw.sending.smtp import Answer, MailServer, ServerAwayError, SmtpLine
from whosaw.store.lookup.lookup_store import ANSWERED, FAILED, HANDED, UNKNOWN, WAITING, LookupStore, Request
from whosaw.store.lookup.messages import put_message

__all__ = ["Answering", "FolderWay", "MailWay", "Ways"]

_SECOND: Final = 1_000_000
_AT_ONCE: Final = 500
_SENT: Final = "sent"  # the setting that says until when the pace of answers is used up
_FORGET_EACH: Final = 3_600 * _SECOND


class Way(Protocol):
    """How messages reach one kind of contact."""

    async def begin(self, to: str) -> Answer | None:
        """Name the recipient. None: the message may follow. Raises `ServerAwayError` where nothing can be handed over at all."""
        ...

    async def deliver(self, message: bytes) -> Answer:
        """Let the message leave."""
        ...

    async def close(self) -> None: ...


class MailWay:
    """By a mail server."""

    def __init__(self, server: MailServer, sender: str) -> None:
        self._line, self.sender = SmtpLine(server), sender

    async def begin(self, to: str) -> Answer | None:
        return await self._line.begin(self.sender, to)

    async def deliver(self, message: bytes) -> Answer:
        return await self._line.deliver(message)

    async def close(self) -> None:
        await self._line.close()


class FolderWay:
    """As files in a folder, one message each, for a program that hands them to a gateway: `{"id", "to", "language", "text"}`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder

    async def begin(self, to: str) -> Answer | None:  # noqa: ARG002  # a folder takes everybody
        return None

    async def deliver(self, message: bytes) -> Answer:
        name = str(json.loads(message)["id"])
        put_message(self._folder, name, message)
        return Answer(state="accepted")

    async def close(self) -> None:
        """Nothing is held open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How answers leave: by mail, by message, or by both."""

    mail: MailWay | None = None
    phone: FolderWay | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of contacts that can be answered."""
        return tuple(kind for kind, way in (("mail", self.mail), ("phone", self.phone)) if way is not None)

    def of(self, kind: str) -> Way | None:
        return {"mail": self.mail, "phone": self.phone}.get(kind)


@dataclass(slots=True)
class Done:
    """What one round did."""

    judged: int = 0
    answered: int = 0
    warnings: list[Reported] = field(default_factory=list)
    away: str = ""


class Answering:
    """The work behind one page. One thread runs it; `now` says what time it is."""

    def __init__(
        self,
        table: LookupTable,
        store: LookupStore,
        folder: Path,
        ways: Ways,
        limits: Limits,
        *,
        now: Callable[[], datetime],
        told: Callable[[Reported], None] = lambda _: None,
    ) -> None:
        self._table, self._store, self._folder = table, store, folder
        self._ways, self._limits, self._now, self._told = ways, limits, now, told
        self.sealing = Sealing(table.keys)
        self.speeches = {code: Speech.of(code, table.facts) for code in table.facts.languages}
        self.warnings = WarningFile(folder, table.keys.secret("warnings"))
        self._brake_secret = table.keys.secret("brake")
        self._braked = 0
        self._forgot = 0

    def recover(self) -> int:
        """What a run that was killed left in the air."""
        return self._store.recover(now=self._micros())

    async def round(self) -> Done:
        """Judge everything that is new, then answer what is due and within the pace."""
        done = Done()
        while requests := self._store.new(_AT_ONCE):
            done.judged += len(requests)
            done.warnings += self._judge(requests)
        self._forget()
        if self._held_back():
            return done
        away: set[str] = set()
        for request in self._within_pace():
            contact = self.sealing.contact(request)
            if contact.kind in away:  # the other way may be open
                continue
            try:
                done.answered += await self._answer(request, contact)
            except ServerAwayError as fault:
                away.add(contact.kind)
                done.away = str(fault)
        return done

    def _judge(self, requests: Sequence[Request]) -> list[Reported]:
        rows = self._table.find_all([self.sealing.contact(each).key for each in requests])
        known = [Known(there=row is not None, canary=row is not None and unpack_row(row)[2]) for row in rows]
        keys = {key for each in requests for key in rate_keys(each)}
        judged = judge(
            requests,
            known,
            self._limits,
            rates=self._store.rates({*keys, "all"}),
            settings=self._store.settings(),
            open_keys=self._store.open_keys(each.key for each in requests),
            now=self._micros(),
        )
        reported = self._report(judged.warnings)  # before anything that follows from them
        self._store.judged(judged.turns, judged.rates, judged.settings)
        return reported

    def _report(self, warnings: Sequence[PageWarning]) -> list[Reported]:
        if not warnings:
            return []
        facts = self._table.facts
        told = self.warnings.report(
            warnings, case=facts.case, version=facts.version, waiting=self._store.waiting
        )
        for each in told:
            self._told(each)
        return told

    def _held_back(self) -> bool:
        """Whether nothing is answered now: after a warning, or because somebody said so. Who lets go says so after the last warning."""
        until = brake_until(self._store.settings())
        said = brake_told(self._folder, self._brake_secret)
        if said is not None and to_micros(said[0]) > self._braked:
            self._braked = to_micros(said[0])
            until = 0 if said[1] is None else to_micros(said[1])
            self._store.set({BRAKE: str(until), "braked": str(self._braked)})
        return until > self._micros()

    def _within_pace(self) -> list[Request]:
        """Those that are due, no more than the pace lets go now."""
        now, limits = self._micros(), self._limits
        share = Share(many=limits.a_minute, each=60 * _SECOND // limits.a_minute)
        until = int(self._store.settings().get(_SENT, "0"))
        chosen: list[Request] = []
        for each in self._store.due(now, min(limits.a_minute, 50)):
            after, due = share.take(until, now)
            if due > now:
                break
            until = after
            chosen.append(each)
        if chosen:
            self._store.set({_SENT: str(until)})
        return chosen

    async def _answer(self, request: Request, contact: Contact) -> bool:
        """Send the answer to one request; true where it left."""
        way = self._ways.of(contact.kind)
        speech = self.speeches[request.language]
        message = self._message(request, contact, speech)
        if way is None:  # the page was started with another way before
            self._store.move(request.id, FAILED, now=self._micros(), reply="no way to this kind of contact")
            return False
        answer = await way.begin(contact.text)
        if answer is None:
            self._store.move(request.id, HANDED, now=self._micros())
            answer = await way.deliver(message)
        now = self._micros()
        if answer.state == "deferred":
            self._put_off(request, answer, now)
            return False
        state = {"accepted": ANSWERED, "unknown": UNKNOWN}.get(answer.state, FAILED)
        self._store.move(request.id, state, now=now, reply=answer.reply)
        return state == ANSWERED

    def _put_off(self, request: Request, answer: Answer, now: int) -> None:
        due = now + again_after(request.tries + 1) * _SECOND
        if due - request.time > GIVE_UP * _SECOND:
            self._store.move(request.id, FAILED, now=now, reply=answer.reply)
        else:
            self._store.move(request.id, WAITING, now=now, due=due, reply=answer.reply)

    def _message(self, request: Request, contact: Contact, speech: Speech) -> bytes:
        asked = from_micros(request.time)
        lines = speech.answer(self._table.find(contact.key), asked)
        if contact.kind == "phone":
            told = {
                "id": os.urandom(12).hex(), "to": contact.text, "language": speech.code, "text": plain_text(speech, lines),
            }  # fmt: skip
            return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
        assert self._ways.mail is not None or contact.kind != "mail"
        sender = self._ways.mail.sender if self._ways.mail is not None else ""
        domain = sender.rpartition("@")[2] or "localhost"
        return mail_of(
            speech,
            lines,
            asked=asked,
            sender=formataddr((speech.organisation, sender)),
            to=contact.text,
            message_id=f"<{os.urandom(16).hex()}@{domain}>",
            now=self._now(),
        )

    def _forget(self) -> None:
        now = self._micros()
        if now - self._forgot >= _FORGET_EACH:
            self._forgot = now
            self._store.forget(before=now - self._limits.keep_days * 86_400 * _SECOND, now=now)

    def _micros(self) -> int:
        return to_micros(self._now())

    async def close(self) -> None:
        """Let go of what is open."""
        for way in (self._ways.mail, self._ways.phone):
            if way is not None:
                await way.close()
