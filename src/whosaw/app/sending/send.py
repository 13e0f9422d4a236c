"""Sends what was released of a case, by e-mail or through a provider of messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Final, Protocol

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros
from whosaw.sending.pace import Pace, Quiet
from whosaw.sending.provider import Provider, ProviderLine, ask_provider
from whosaw.sending.sender import Clock, Envelope, Line, Ran, Sender, StopRule, SystemClock
from whosaw.sending.smtp import MailServer, SmtpLine
from whosaw.store.sending.sending_store import Job, SendingRow, SendingStore
from whosaw.store.workspace import Workspace

from .manifest import Manifest, read_manifest
from .messages import MailLetters, ShortMessages

__all__ = ["MAIL", "Going", "MailWay", "MessageWay", "SentRun", "Way", "send_notices"]

MAIL: Final = "e-mail"
_BY_PROVIDER: Final = ("text-message", "messenger")


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """How fast messages go and when they stop. `connections` are open side by side; `a_minute` is for one receiving domain."""

    connections: int = 4
    a_minute: int | None = None
    quiet: Quiet | None = None
    stop: StopRule = field(default_factory=StopRule)
    wait: bool = True


class Way(Protocol):
    """By what messages of one channel go."""

    @property
    def channel(self) -> str: ...

    @property
    def host(self) -> str: ...

    def lines(self, connections: int) -> Sequence[Line]: ...

    def envelopes(
        self, opened: Workspace, row: SendingRow, manifest: Manifest, clock: Clock
    ) -> Callable[[Job], Envelope]: ...

    def going(self, asked: Going, manifest: Manifest, opened: Workspace) -> Going:
        """What was asked for, less what the other side does not take. Raises `WhosawError` where it can take none of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWay:
    """By which server, from whom, and to which domain bounces come back."""

    channel: ClassVar[str] = MAIL

    server: MailServer
    sender: str
    bounces: str = ""
    reply_to: str = ""

    def __post_init__(self) -> None:
        for text in (self.sender, self.reply_to):
            if text and (not text.isascii() or text.count("@") != 1 or any(c in text for c in " <>\r\n")):
                raise WhosawError(
                    "notice.sender", "--from is no mail address", hint="Write it like privacy@example.org"
                )

    @property
    def host(self) -> str:
        return self.server.host

    def lines(self, connections: int) -> Sequence[Line]:
        return [SmtpLine(self.server) for _ in range(connections)]

    def envelopes(
        self, opened: Workspace, row: SendingRow, manifest: Manifest, clock: Clock
    ) -> Callable[[Job], Envelope]:
        made = MailLetters(
            opened, row, manifest, clock, sender=self.sender, bounces=self.bounces, reply_to=self.reply_to
        )
        return made.envelope

    def going(self, asked: Going, manifest: Manifest, opened: Workspace) -> Going:  # noqa: ARG002  # a mail server says nothing before
        return asked


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWay:
    """By which provider, on which of its channels, and from which number or profile."""

    provider: Provider
    sender: str
    channel: str = "text-message"

    def __post_init__(self) -> None:
        if self.channel not in _BY_PROVIDER:
            raise WhosawError(
                "notice.channel",
                f"no provider of messages sends by {self.channel!r}",
                hint=f"Say --channel {' or '.join(_BY_PROVIDER)}; letters are printed with `whosaw notice letters`",
            )

    @property
    def host(self) -> str:
        return self.provider.host

    def lines(self, connections: int) -> Sequence[Line]:
        return [ProviderLine(self.provider) for _ in range(connections)]

    def envelopes(
        self, opened: Workspace, row: SendingRow, manifest: Manifest, clock: Clock
    ) -> Callable[[Job], Envelope]:
        made = ShortMessages(
            opened, row, manifest, clock, channel=self.channel, sender=self.sender, host=self.host
        )
        return made.envelope

    def going(self, asked: Going, manifest: Manifest, opened: Workspace) -> Going:
        """No faster than the provider says, and nothing where it does not have the channel or a text is longer than it takes."""
        offer = ask_provider(self.provider)
        if self.channel not in offer.longest:
            raise WhosawError(
                "notice.channel-not-offered",
                f"{self.host} does not send by {self.channel}",
                hint=f"It sends by {', '.join(sorted(offer.longest)) or 'nothing'}",
            )
        most = offer.longest[self.channel]
        for each in manifest.texts:
            if each.channel != self.channel or most is None:
                continue
            long = len(opened.files.read(each.kept).decode("utf-8").strip())
            if long > most:
                raise WhosawError(
                    "notice.text-too-long",
                    f"{each.file} has {long:,} characters, and {self.host} takes {most:,}",
                    hint="What is frozen stays as it is: a new version of the scope with a shorter text, or another channel",
                )
        paces = [each for each in (asked.a_minute, offer.a_minute) if each is not None]
        return replace(asked, a_minute=min(paces, default=None))


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
def send_notices(
    case: str,
    way: Way,
    going: Going,
    *,
    workspace: Path,
    now: Callable[[], datetime],
    version: int | None = None,
    key_file: Path | None = None,
    clock: Clock | None = None,
    told: Callable[[Ran], None] = lambda _: None,
) -> SentRun:
    """Send everything of one channel that was released. What was sent goes into the custody journal before and after."""
    opened = Workspace.open(workspace, key_file=key_file)
    try:
        store = SendingStore(opened.root)
        try:
            row = store.find(case, version)
            with store.sender():
                return _send(opened, store, row, way, going, clock or SystemClock(now), told)
        finally:
            store.close()
    finally:
        opened.close()


def _send(
    opened: Workspace,
    store: SendingStore,
    row: SendingRow,
    way: Way,
    going: Going,
    clock: Clock,
    told: Callable[[Ran], None],
) -> SentRun:
    _may_go(store, row)
    manifest = read_manifest(opened.files, opened.journal, row)
    going = way.going(going, manifest, opened)
    channel = way.channel
    _record(opened, row, "notice.sending", {"channel": channel, "server": way.host}, clock)
    sender = Sender(
        store,
        row.id,
        channel,
        envelope=way.envelopes(opened, row, manifest, clock),
        lines=way.lines(going.connections),
        clock=clock,
        pace=Pace(a_minute=going.a_minute),
        quiet=going.quiet,
        stop=going.stop,
        wait=going.wait,
        told=told,
    )
    try:
        ran = asyncio.run(sender.run())
    finally:
        done = sender.ran
        said = {"channel": channel, "handed": done.handed, "states": done.states, "stopped": done.stopped}
        _record(opened, row, "notice.sent", said, clock)
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


def _may_go(store: SendingStore, row: SendingRow) -> None:
    """Raises `WhosawError` where a person has to let it go first."""
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


def _record(opened: Workspace, row: SendingRow, kind: str, said: dict[str, object], clock: Clock) -> None:
    body = {"case": row.case, "version": row.version, **said}
    with opened.journal.transaction() as connection:
        opened.journal.record(connection, kind, body, now=clock.now())
