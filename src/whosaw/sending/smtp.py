"""One connection to a mail server: the envelope first, then, once that is on disk, the data."""

from __future__ import annotations

import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra
from whosaw.store.sending.sending_store import DEFERRED, UNKNOWN

from .replies import kept_reply, state_of

if TYPE_CHECKING:
    from aiosmtplib import SMTP

__all__ = ["Answer", "MailServer", "ServerAwayError", "SmtpLine", "mail_server"]

_PORTS: Final = {"smtp": 587, "smtps": 465}
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
    """A connection that is opened when it is first used, and again when it was lost."""

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

    async def begin(self, sender: str, to: str) -> Answer | None:
        """Name sender and recipient. None: the server waits for the data. Raises `ServerAwayError` where it cannot be asked at all."""
        client = await self._open()
        try:
            await client.mail(sender, timeout=self._server.seconds)
            await client.rcpt(to, timeout=self._server.seconds)
        except self._library.SMTPResponseException as fault:
            return await self._refused(fault)
        except (self._library.SMTPException, OSError, TimeoutError):
            self._drop()
            return Answer(state=DEFERRED, reply=_LOST, over=True)
        return None

    async def deliver(self, data: bytes) -> Answer:
        """Let the data leave. Only a reply that was read says how it ended; all else is unknown."""
        assert self._client is not None
        try:
            reply = await self._client.data(data, timeout=self._server.seconds)
        except self._library.SMTPDataError as fault:
            state = state_of(fault.code)
            if state == UNKNOWN:
                self._drop()
            return Answer(
                state=state, code=fault.code, reply=kept_reply(str(fault.message)), over=fault.code == 421
            )
        except self._library.SMTPResponseException:
            self._drop()
            return Answer(state=UNKNOWN, reply=_ODD, over=True)
        except (self._library.SMTPException, OSError, TimeoutError):
            self._drop()
            return Answer(state=UNKNOWN, reply=_NO_REPLY, over=True)
        return Answer(state=state_of(reply.code), code=reply.code, reply=kept_reply(reply.message))

    async def close(self) -> None:
        """Say goodbye, where anybody listens."""
        if self._client is not None and self._client.is_connected:
            with suppress(self._library.SMTPException, OSError, TimeoutError):
                await self._client.quit(timeout=min(self._server.seconds, 5.0))
        self._drop()

    async def _refused(self, fault: Any) -> Answer:
        over = fault.code == 421
        answer = Answer(
            state=state_of(fault.code), code=fault.code, reply=kept_reply(str(fault.message)), over=over
        )
        if answer.state not in ("deferred", "bounced"):
            answer = Answer(state=DEFERRED, code=fault.code, reply=answer.reply, over=True)
        if answer.over:
            self._drop()
        else:
            try:
                assert self._client is not None
                await self._client.rset(timeout=self._server.seconds)
            except (self._library.SMTPException, OSError, TimeoutError):
                self._drop()
        return answer

    async def _open(self) -> SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
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
        self._client = client
        return client

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None
