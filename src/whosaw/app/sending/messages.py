"""Makes the message of each recipient out of what was frozen: an e-mail, or a short text for a provider of messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from email.header import Header
from email.utils import quote
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from whosaw.sending.keys import Keys, Return, message_of
from whosaw.sending.mail import MailText, read_mail_text
from whosaw.sending.sender import Clock, Envelope
from whosaw.store.sending.pieces import Recipient
from whosaw.store.sending.sending_store import Job, SendingRow
from whosaw.store.workspace import Workspace

from .manifest import Manifest, open_pieces
from .texts import CHANNELS, SentText

__all__ = ["MailLetters", "ShortMessages"]

_NO_ADDRESS: Final = "no address"
_NO_TEXT: Final = "no text for this channel"


class _Made:
    """What messages of every channel have in common: whom they go to, with which text, and under which key."""

    def __init__(
        self, opened: Workspace, row: SendingRow, manifest: Manifest, clock: Clock, *, channel: str
    ) -> None:
        self._row, self._manifest, self._clock, self._channel = row, manifest, clock, channel
        self.keys = Keys(opened.vault)
        self.files = opened.files
        self._pieces = open_pieces(opened.files, opened.vault, manifest.label, manifest.pieces)
        self._texts = {each.audience: each for each in manifest.texts if each.channel == channel}
        self._zones = [ZoneInfo(each) for each in manifest.zones]
        self._message = lru_cache(maxsize=256)(self._message_of)
        self._keys_near = lru_cache(maxsize=16)(self._keys_of)

    def envelope(self, job: Job, made: Callable[[Job, Recipient, SentText, str], Envelope]) -> Envelope:
        """The message of one recipient as it is `made` of them, their text and their address, or why there can be none."""
        who = self._pieces.recipient(job.part, job.row)
        address = getattr(self._pieces.address(job.part, job.row), CHANNELS[self._channel].address)
        text = self._texts.get(self._manifest.audiences[who.audience])
        if address is None or text is None:
            return Envelope(fault=_NO_ADDRESS if address is None else _NO_TEXT)
        return made(job, who, text, address)

    def back(self, job: Job) -> Return:
        """The mark of an attempt."""
        return Return(sending=self._row.id, part=job.part, row=job.row, n=job.n)

    def zone(self, who: Recipient) -> ZoneInfo:
        return self._zones[who.zone]

    def key(self, job: Job) -> str:
        """The key of (case, version, person, channel, text)."""
        first, _ = self._pieces.neighbours(job.part, job.row)
        return self._keys_near(job.part, first)[job.row - first]

    def _keys_of(self, part: int, first: int) -> Sequence[str]:
        """The keys of recipients that stand beside each other."""
        _, known = self._pieces.neighbours(part, first)
        return self.keys.keys([(each.who, self._message(each.audience)) for each in known])

    def _message_of(self, audience: int) -> bytes:
        text = self._texts.get(self._manifest.audiences[audience])
        return message_of(self._row.case, self._row.version, self._channel, text.sha256 if text else "")


class MailLetters:
    """Makes e-mails."""

    def __init__(
        self,
        opened: Workspace,
        row: SendingRow,
        manifest: Manifest,
        clock: Clock,
        *,
        sender: str,
        bounces: str = "",
        reply_to: str = "",
    ) -> None:
        self._made = _Made(opened, row, manifest, clock, channel="e-mail")
        self._clock, self._reply_to = clock, reply_to
        self._sender = _named(manifest.organisation, sender)
        self._domain = sender.rpartition("@")[2]
        self._back = bounces or self._domain
        self._text = lru_cache(maxsize=64)(self._read)

    def envelope(self, job: Job) -> Envelope:
        """The message of one recipient, or why there can be none."""
        return self._made.envelope(job, self._mail)

    def _mail(self, job: Job, who: Recipient, text: SentText, address: str) -> Envelope:
        made = self._made
        key = made.key(job)

        def data() -> bytes:
            return self._text(text.kept).to(
                sender=self._sender,
                reply_to=self._reply_to,
                address=address,
                message_id=made.keys.message_id(key, self._domain),
                at=self._clock.now(),
            )

        return Envelope(
            sender=made.keys.return_path(made.back(job), self._back),
            to=address,
            domain=address.rpartition("@")[2].lower(),
            zone=made.zone(who),
            data=data,
        )

    def _read(self, kept: str) -> MailText:
        return read_mail_text(self._made.files.read(kept), kept)


class ShortMessages:
    """Makes messages for a provider, as docs/reference/message-provider.md has them."""

    def __init__(
        self,
        opened: Workspace,
        row: SendingRow,
        manifest: Manifest,
        clock: Clock,
        *,
        channel: str,
        sender: str,
        host: str,
    ) -> None:
        self._made = _Made(opened, row, manifest, clock, channel=channel)
        self._manifest, self._channel, self._sender, self._host = manifest, channel, sender, host
        self._text = lru_cache(maxsize=64)(self._read)

    def envelope(self, job: Job) -> Envelope:
        """The message of one recipient, or why there can be none."""
        return self._made.envelope(job, self._short)

    def _short(self, job: Job, who: Recipient, text: SentText, number: str) -> Envelope:
        made = self._made

        def data() -> bytes:
            message = {
                "id": made.keys.sheet_code(made.back(job)),
                "key": made.key(job),
                "channel": self._channel,
                "from": self._sender,
                "to": _digits(number),
                "language": self._manifest.audiences[who.audience].language,
                "text": self._text(text.kept),
            }
            return json.dumps(message, ensure_ascii=False).encode()

        return Envelope(to=number, domain=self._host, zone=made.zone(who), data=data)

    def _read(self, kept: str) -> str:
        return self._made.files.read(kept).decode("utf-8").strip()


def _digits(number: str) -> str:
    """A number as a provider takes it: its digits, behind a plus where it has its country code."""
    digits = "".join(each for each in number if each.isdigit())
    return f"+{digits}" if number.lstrip().startswith("+") else digits


def _named(organisation: str, address: str) -> str:
    """The sender with the name of the organisation, as a header (RFC 5322, 3.4; RFC 2047)."""
    if organisation.isascii():
        return f'"{quote(organisation)}" <{address}>'
    return f"{Header(organisation, 'utf-8').encode()} <{address}>"
