"""Sends what was released of a case by e-mail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import quote
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros
from whosaw.sending.keys import Keys, Return, message_of
from whosaw.sending.mail import MailText, read_mail_text
from whosaw.sending.pace import Pace, Quiet
from whosaw.sending.sender import Clock, Envelope, Ran, Sender, StopRule, SystemClock
from whosaw.sending.smtp import MailServer, SmtpLine
from whosaw.store.sending.sending_store import Job, SendingRow, SendingStore
from whosaw.store.workspace import Workspace

from .manifest import Manifest, open_pieces, read_manifest
from .texts import SentText

__all__ = ["MailWay", "SentRun", "send_mail"]

MAIL = "e-mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWay:
    """How mail goes: by which server, from whom, to which domain bounces come back, and how fast. `connections` are open side by side."""

    server: MailServer
    sender: str
    bounces: str = ""
    reply_to: str = ""
    connections: int = 4
    a_minute: int | None = None
    quiet: Quiet | None = None
    stop: StopRule = field(default_factory=StopRule)
    wait: bool = True

    def __post_init__(self) -> None:
        for text in (self.sender, self.reply_to):
            if text and (not text.isascii() or text.count("@") != 1 or any(c in text for c in " <>\r\n")):
                raise WhosawError(
                    "notice.sender", "--from is no mail address", hint="Write it like privacy@example.org"
                )

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRun:
    """What one run did: how many messages it handed over, how the attempts ended by state, how many it put off, and what it found left by a
    run before it. `until` is when the next recipient is due, where it ended before."""

    case: str
    version: int
    handed: int
    states: dict[str, int]
    put_off: int
    unknown_found: int
    until: datetime | None
    stopped: str
    away: str


@asks(Verb.TELL, "send", root="workspace", case="case")
def send_mail(
    case: str,
    way: MailWay,
    *,
    workspace: Path,
    now: Callable[[], datetime],
    version: int | None = None,
    key_file: Path | None = None,
    clock: Clock | None = None,
    told: Callable[[Ran], None] = lambda _: None,
) -> SentRun:
    """Send every e-mail that was released. What was sent goes into the custody journal before and after."""
    opened = Workspace.open(workspace, key_file=key_file)
    try:
        store = SendingStore(opened.root)
        try:
            row = store.find(case, version)
            with store.sender():
                return _send(opened, store, row, way, clock or SystemClock(now), told)
        finally:
            store.close()
    finally:
        opened.close()


def _send(
    opened: Workspace,
    store: SendingStore,
    row: SendingRow,
    way: MailWay,
    clock: Clock,
    told: Callable[[Ran], None],
) -> SentRun:
    if row.stopped is not None:
        raise WhosawError(
            "notice.stopped",
            f"the sending of {row.case} {row.version} stopped by itself: {row.stopped}",
            hint="Find out why; `whosaw notice release` with the same wave lets it go on",
        )
    if not store.released(row.id):
        raise WhosawError(
            "notice.not-released",
            f"no wave of {row.case} {row.version} was released",
            hint="`whosaw notice release CASE staff --reason ...` lets the first one go",
        )
    manifest = read_manifest(opened.files, opened.journal, row)
    letters = MailLetters(opened, row, manifest, way, clock)
    _record(opened, row, "notice.sending", {"channel": MAIL, "server": way.server.host}, clock)
    sender = Sender(
        store,
        row.id,
        MAIL,
        envelope=letters.envelope,
        lines=[SmtpLine(way.server) for _ in range(way.connections)],
        clock=clock,
        pace=Pace(a_minute=way.a_minute),
        quiet=way.quiet,
        stop=way.stop,
        wait=way.wait,
        told=told,
    )
    try:
        ran = asyncio.run(sender.run())
    finally:
        done = sender.ran
        _record(
            opened,
            row,
            "notice.sent",
            {"channel": MAIL, "handed": done.handed, "states": done.states, "stopped": done.stopped},
            clock,
        )
    return SentRun(
        case=row.case,
        version=row.version,
        handed=ran.handed,
        states=dict(sorted(ran.states.items())),
        put_off=ran.put_off,
        unknown_found=ran.recovered[0],
        until=None if ran.until is None else from_micros(ran.until),
        stopped=ran.stopped,
        away=ran.away,
    )


def _record(opened: Workspace, row: SendingRow, kind: str, said: dict[str, object], clock: Clock) -> None:
    body = {"case": row.case, "version": row.version, **said}
    with opened.journal.transaction() as connection:
        opened.journal.record(connection, kind, body, now=clock.now())


class MailLetters:
    """Makes the message of each job out of what was frozen."""

    def __init__(
        self, opened: Workspace, row: SendingRow, manifest: Manifest, way: MailWay, clock: Clock
    ) -> None:
        self._row, self._manifest, self._way, self._clock = row, manifest, way, clock
        self._keys = Keys(opened.vault)
        self._pieces = open_pieces(opened.files, opened.vault, manifest.label, manifest.pieces)
        self._texts = {each.audience: each for each in manifest.texts if each.channel == MAIL}
        self._zones = [ZoneInfo(each) for each in manifest.zones]
        self._sender = _named(manifest.organisation, way.sender)
        self._back = way.bounces or way.domain
        self._files = opened.files
        self._text = lru_cache(maxsize=64)(self._read)

    def envelope(self, job: Job) -> Envelope:
        """The message of one recipient, or why there can be none."""
        who = self._pieces.recipient(job.part, job.row)
        address = self._pieces.address(job.part, job.row).email
        audience = self._manifest.audiences[who.audience]
        text = self._texts.get(audience)
        if address is None or text is None:
            return Envelope(fault="no address" if address is None else "no text for this channel")
        key = self._key(who.who, text)
        back = Return(sending=self._row.id, part=job.part, row=job.row, n=job.n)

        def data() -> bytes:
            return self._text(text.kept).to(
                sender=self._sender,
                reply_to=self._way.reply_to,
                address=address,
                message_id=self._keys.message_id(key, self._way.domain),
                at=self._clock.now(),
            )

        return Envelope(
            sender=self._keys.return_path(back, self._back),
            to=address,
            domain=address.rpartition("@")[2].lower(),
            zone=self._zones[who.zone],
            data=data,
        )

    def _key(self, who: bytes, text: SentText) -> str:
        message = message_of(self._row.case, self._row.version, MAIL, text.sha256)
        return self._keys.key(who, message)

    def _read(self, kept: str) -> MailText:
        return read_mail_text(self._files.read(kept), kept)


def _named(organisation: str, address: str) -> str:
    """The sender with the name of the organisation, as a header (RFC 5322, 3.4; RFC 2047)."""
    if organisation.isascii():
        return f'"{quote(organisation)}" <{address}>'
    return f"{Header(organisation, 'utf-8').encode()} <{address}>"
