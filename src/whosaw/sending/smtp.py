"""One connection to a mail server: the envelope first, then, once that is on disk, the data."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote, urlsplit

from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra
from whosaw.store.sending.sending_store import BOUNCED, DEFERRED, UNKNOWN

from .dialogue import BrokenOffError, Dialogue, OddReplyError, Reply, as_sent, envelope
from .replies import kept_reply, state_of

if TYPE_CHECKING:
    from aiosmtplib import SMTP

__all__ = ["Answer", "MailServer", "ServerAwayError", "SmtpLine", "mail_server"]

_PORTS: Final = {"smtp": 587, "smtps": 465}
_TAKEN: Final = (250, 251)
_GO_ON: Final = (354,)
_CLOSING: Final = 421
_LOST: Final = "the connection was lost before any data left"
_NO_REPLY: Final = "no reply came after the data had left"
_ODD: Final = "the reply to the data could not be read"


class ServerAwayError(Exception):
    """The server takes nothing now: it cannot be reached, or refuses everybody. Says why, without a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where messages are handed over. Without TLS nothing is sent unless `clear` says so. `seconds` is how long a reply is waited for."""

    host: str
    port: int
    tls: bool = False
    clear: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    seconds: float = 300.0
    context: ssl.SSLContext | None = field(default=None, repr=False)


def mail_server(address: str, *, password: str | None, clear: bool, seconds: float = 300.0) -> MailServer:
    """The server of `smtp://[USER@]HOST[:PORT]` (STARTTLS) or `smtps://` (TLS from the start). Raises `WhosawError`."""
    parts = urlsplit(address)
    try:
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        port = 0
    if not port or not parts.hostname or parts.password is not None or parts.path.strip("/"):
        raise WhosawError(
            "notice.server",
            "--via names no mail server",
            hint="Write smtp://USER@mail.example.org:587; a password goes into WHOSAW_SMTP_PASSWORD",
        )
    if clear and parts.username:
        raise WhosawError(
            "notice.clear-password",
            "a password never goes in the clear",
            hint="Leave out the user, or --clear",
        )
    return MailServer(
        host=parts.hostname,
        port=port,
        tls=parts.scheme == "smtps",
        clear=clear,
        user=unquote(parts.username) if parts.username else None,
        password=password,
        seconds=seconds,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one message. `over`: the connection is of no use any more. `after`: the seconds that a server asks to wait at least."""

    state: str
    code: int | None = None
    reply: str = ""
    over: bool = False
    after: int | None = None


class SmtpLine:
    """A connection that is opened when it is first used, and again when it was lost. aiosmtplib opens it, has TLS and logs in; sender, recipient
    and the word for the data go in one piece where the server takes that (RFC 2920)."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._library: Any = load_extra(
            "aiosmtplib",
            WhosawError(
                "notice.no-library",
                "mail is sent with aiosmtplib, which is not installed",
                hint='pip install "whosaw[send]"',
            ),
        )
        self._client: SMTP | None = None
        self._talk: Dialogue | None = None
        self._at_once = False
        self._in_data = False  # the server waits for data: whatever is said now would be part of it

    async def begin(self, sender: str, to: str) -> Answer | None:
        """Name sender and recipient. None: the server waits for the data. Raises `ServerAwayError` where it cannot be asked at all."""
        commands = envelope(sender, to)
        talk = await self._open()
        try:
            refused = await self._named(talk, commands)
            if refused is None:
                self._in_data = True
                return None
            return await self._refused(talk, refused)
        except BrokenOffError:
            self._drop()
            return Answer(state=DEFERRED, reply=_LOST, over=True)

    async def deliver(self, data: bytes) -> Answer:
        """Let the data leave. Only a reply that was read says how it ended; all else is unknown."""
        assert self._talk is not None
        try:
            self._talk.say(as_sent(data))
        except BrokenOffError:
            self._drop()
            return Answer(state=DEFERRED, reply=_LOST, over=True)
        try:
            reply = await self._talk.reply()
        except BrokenOffError as fault:
            self._drop()
            return Answer(
                state=UNKNOWN, reply=_ODD if isinstance(fault, OddReplyError) else _NO_REPLY, over=True
            )
        self._in_data = False
        state = state_of(reply.code)
        over = reply.code == _CLOSING or state == UNKNOWN
        if over:
            self._drop()
        return Answer(state=state, code=reply.code, reply=kept_reply(reply.text), over=over)

    async def close(self) -> None:
        """Say goodbye, where anybody listens."""
        if self._talk is not None and self._talk.open and not self._in_data:
            with suppress(BrokenOffError, TimeoutError):
                self._talk.say(b"QUIT\r\n")
                await asyncio.wait_for(self._talk.reply(), min(self._server.seconds, 5.0))
        self._drop()

    async def _named(self, talk: Dialogue, commands: tuple[bytes, ...]) -> Reply | None:
        """The first reply that refuses; None where the server waits for the data."""
        wanted = tuple(zip((*commands, b"DATA\r\n"), (_TAKEN, _TAKEN, _GO_ON), strict=True))
        if self._at_once:
            talk.say(b"".join(command for command, _ in wanted), len(wanted))
        for command, good in wanted:
            if not self._at_once:
                talk.say(command)
            reply = await talk.reply()
            if reply.code not in good:
                return reply
        return None

    async def _refused(self, talk: Dialogue, reply: Reply) -> Answer:
        state, over = state_of(reply.code), reply.code == _CLOSING
        if state not in (DEFERRED, BOUNCED):
            state, over = DEFERRED, True
        if not over:
            try:
                over = not await self._set_back(talk)
            except BrokenOffError:
                over = True
        if over:
            self._drop()
        return Answer(state=state, code=reply.code, reply=kept_reply(reply.text), over=over)

    async def _set_back(self, talk: Dialogue) -> bool:
        """Whether another message can follow on this connection: replies to what was said behind the refused command are read, and all is as before."""
        while talk.asked:
            if (await talk.reply()).code in _GO_ON:
                return False  # it waits for data of a message that has no recipient
        talk.say(b"RSET\r\n")
        return (await talk.reply()).code in _TAKEN

    async def _open(self) -> Dialogue:
        if self._talk is not None and self._talk.open:
            return self._talk
        self._drop()
        server = self._server
        client: SMTP = self._library.SMTP(
            hostname=server.host,
            port=server.port,
            timeout=server.seconds,
            use_tls=server.tls,
            start_tls=None if server.tls or server.clear else True,
            username=server.user,
            password=server.password if server.user else None,
            tls_context=server.context,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await self._greet(client)
        except self._library.SMTPResponseException as fault:
            client.close()
            raise ServerAwayError(f"answered {fault.code}") from None
        except self._library.SMTPException as fault:
            client.close()
            if "STARTTLS" in str(fault):
                raise WhosawError(
                    "notice.no-tls",
                    f"{server.host} offers no TLS, without which nothing is sent",
                    hint="Have the server offer STARTTLS, or say --clear for one on this machine",
                ) from None
            raise ServerAwayError(f"cannot be reached ({type(fault).__name__})") from None
        except ssl.SSLCertVerificationError as fault:
            client.close()
            raise WhosawError(
                "notice.bad-certificate",
                f"the certificate of {server.host} does not hold ({fault.verify_message})",
                hint="Name the server as its certificate does",
            ) from None
        except (OSError, TimeoutError) as fault:
            client.close()
            raise ServerAwayError(f"cannot be reached ({type(fault).__name__})") from None
        self._client, self._in_data = client, False
        self._at_once = client.supports_extension("pipelining")
        self._talk = Dialogue(cast("asyncio.Transport", client.transport), seconds=server.seconds)
        return self._talk

    async def _greet(self, client: SMTP) -> None:
        try:
            await client.ehlo()
        except self._library.SMTPHeloError:
            await client.helo()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self._talk = None
