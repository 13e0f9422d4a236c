"""One connection to a provider of text messages or of a messenger such as KakaoTalk, by the interface in docs/reference/message-provider.md.

An organisation puts its own provider behind that interface. As with mail: the connection first, then, once the attempt is on disk, the
message. Only a reply that was read says how it ended.
"""

from __future__ import annotations

import asyncio
import json
import select
import socket
import ssl
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import quote, urlsplit

from whosaw.core.errors import WhosawError
from whosaw.store.sending.sending_store import ACCEPTED, BOUNCED, DEFERRED, UNKNOWN

from .replies import kept_reply
from .smtp import Answer, ServerAwayError

__all__ = [
    "INTERFACE",
    "MESSAGES",
    "Offer",
    "Provider",
    "ProviderLine",
    "ask_provider",
    "message_provider",
    "results",
]

INTERFACE: Final = "whosaw-messages 1"
MESSAGES: Final = "messages"
_LOST: Final = "the connection was lost before any data left"
_NO_REPLY: Final = "no reply came after the message had left"
_ODD: Final = "the reply to the message could not be read"
_MOST: Final = 1 << 20  # bytes of a reply
_CONNECTING: Final = 30.0  # seconds
_LATER: Final = (429, 503)
_REFUSED: Final = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Where messages are handed over: host, port and the path in front of the interface's own. `seconds` is how long a reply is waited for."""

    host: str
    port: int
    path: str = ""
    clear: bool = False
    token: str | None = field(default=None, repr=False)
    seconds: float = 300.0
    context: ssl.SSLContext | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a provider says of itself: the longest message by channel, in characters, and how many it takes in a minute (None: it says nothing)."""

    longest: Mapping[str, int | None]
    a_minute: int | None


def message_provider(address: str, *, token: str | None, clear: bool, seconds: float = 300.0) -> Provider:
    """The provider at `https://HOST[:PORT][/PATH]`; `http://` only with `clear`. Raises `WhosawError`."""
    parts = urlsplit(address)
    try:
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    except (KeyError, ValueError):
        port = 0
    if not port or not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        raise WhosawError(
            "notice.provider",
            "--via names no provider of messages",
            hint="Write https://messages.example.org; its token goes into WHOSAW_MESSAGE_TOKEN",
        )
    if parts.scheme == "http" and not clear:
        raise WhosawError(
            "notice.no-tls",
            f"{parts.hostname} offers no TLS, without which nothing is sent",
            hint="Write https://, or say --clear for a provider on this machine",
        )
    return Provider(
        host=parts.hostname,
        port=port,
        path=parts.path.rstrip("/"),
        clear=parts.scheme == "http",
        token=token,
        seconds=seconds,
    )


def ask_provider(provider: Provider) -> Offer:
    """What it takes, before any message is made. Raises `WhosawError` where it does not speak the interface."""
    told = _asked(provider, "/")
    try:
        if told["interface"] != INTERFACE:
            raise ValueError  # noqa: TRY301  # one answer for all that is no offer
        longest = {str(name): each.get("longest") for name, each in told["channels"].items()}
        a_minute = told.get("a_minute")
        if any(each is not None and int(each) < 1 for each in (*longest.values(), a_minute)):
            raise ValueError  # noqa: TRY301
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _no_interface(provider) from None
    return Offer(longest=longest, a_minute=a_minute)


def results(provider: Provider, after: str) -> Iterator[tuple[list[Mapping[str, Any]], str]]:
    """Pages of what became of messages later, and where the next one begins, from `after` (empty: the first) on."""
    while True:
        told = _asked(provider, f"/results?after={quote(after, safe='')}")
        try:
            found, following, more = list(told["results"]), str(told["next"]), bool(told["more"])
            if not all(isinstance(each, dict) for each in found) or (more and following == after):
                raise ValueError  # noqa: TRY301  # one answer for all that is no page
        except (KeyError, TypeError, ValueError):
            raise _no_interface(provider) from None
        after = following
        yield found, after
        if not more:
            return


def _asked(provider: Provider, path: str) -> Any:
    connection = _connected(provider)
    try:
        connection.request("GET", provider.path + path, headers=_headers(provider))
        reply = connection.getresponse()
        body = reply.read(_MOST)
    except (OSError, HTTPException) as fault:
        raise WhosawError(
            "notice.provider-away",
            f"{provider.host} cannot be asked ({type(fault).__name__})",
            hint="Nothing was sent; run it again later",
        ) from None
    finally:
        connection.close()
    if reply.status in (401, 403):
        raise WhosawError(
            "notice.provider-token",
            f"{provider.host} does not take the token (answered {reply.status})",
            hint="Put the right one into WHOSAW_MESSAGE_TOKEN",
        )
    if reply.status != 200:
        raise _no_interface(provider)
    try:
        return json.loads(body)
    except ValueError:
        raise _no_interface(provider) from None


def _no_interface(provider: Provider) -> WhosawError:
    return WhosawError(
        "notice.no-interface",
        f"{provider.host} does not speak the interface {INTERFACE!r}",
        hint="docs/reference/message-provider.md says what it has to answer",
    )


def _headers(provider: Provider) -> dict[str, str]:
    token = {"Authorization": f"Bearer {provider.token}"} if provider.token else {}
    return {"Accept": "application/json", **token}


def _connected(provider: Provider) -> HTTPConnection:
    """An open connection. Raises `WhosawError` where nobody answers."""
    connection = _connection(provider)
    connection.timeout = min(_CONNECTING, provider.seconds)
    try:
        connection.connect()
        connection.sock.settimeout(provider.seconds)
    except ssl.SSLCertVerificationError as fault:
        raise WhosawError(
            "notice.bad-certificate",
            f"the certificate of {provider.host} does not hold ({fault.verify_message})",
            hint="Name the provider as its certificate does",
        ) from None
    except OSError as fault:
        raise WhosawError(
            "notice.provider-away",
            f"{provider.host} cannot be reached ({type(fault).__name__})",
            hint="Nothing was sent; run it again later",
        ) from None
    return connection


def _connection(provider: Provider) -> HTTPConnection:
    if provider.clear:
        return HTTPConnection(provider.host, provider.port, timeout=provider.seconds)
    context = provider.context or ssl.create_default_context()
    return HTTPSConnection(provider.host, provider.port, timeout=provider.seconds, context=context)


class ProviderLine:
    """A connection that is opened when it is first used, and again when it was lost. It blocks in a thread of its own."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._connection: HTTPConnection | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="provider")

    async def begin(self, sender: str, to: str) -> Answer | None:  # noqa: ARG002  # both stand in the message
        """Have the connection open. Raises `ServerAwayError` where there is none."""
        await self._run(self._open)
        return None

    async def deliver(self, data: bytes) -> Answer:
        """Let the message leave: one JSON object with a `key`."""
        answer: Answer = await self._run(self._post, data)
        return answer

    async def close(self) -> None:
        """Close what is open. A thread that still waits for a reply waits no longer."""
        if self._connection is not None and self._connection.sock is not None:
            with suppress(OSError):
                self._connection.sock.shutdown(socket.SHUT_RDWR)
        await self._run(self._drop)
        self._thread.shutdown()

    async def _run(self, work: Any, *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)

    def _open(self) -> None:
        if self._connection is not None and _closed_by_peer(self._connection):
            self._drop()
        if self._connection is None:
            try:
                self._connection = _connected(self._provider)
            except WhosawError as fault:
                if fault.code == "notice.bad-certificate":
                    raise
                raise ServerAwayError(fault.message.removeprefix(f"{self._provider.host} ")) from None

    def _post(self, data: bytes) -> Answer:
        connection, provider = self._connection, self._provider
        if connection is None:
            return Answer(state=DEFERRED, reply=_LOST, over=True)
        key = json.loads(data)["key"]
        headers = {
            **_headers(provider),
            "Content-Type": "application/json",
            "Idempotency-Key": f'"{key}"',
        }
        try:
            connection.request("POST", f"{provider.path}/{MESSAGES}", body=data, headers=headers)
            reply = connection.getresponse()
            body = reply.read(_MOST)
        except (OSError, HTTPException):
            self._drop()
            return Answer(state=UNKNOWN, reply=_NO_REPLY, over=True)
        if reply.will_close:
            self._drop()
        return _answer(reply.status, reply.headers.get("Retry-After", ""), body)

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()
        self._connection = None


def _closed_by_peer(connection: HTTPConnection) -> bool:
    """A connection on which something can be read though nothing was asked was ended from the other side: nothing is put into it any more."""
    if connection.sock is None:
        return True
    return bool(select.select([connection.sock], [], [], 0)[0])


def _answer(status: int, later: str, body: bytes) -> Answer:
    """What a reply means. Whether a message was taken is said by `state` alone; a reply that does not say it leaves that unknown."""
    try:
        told = json.loads(body)
        state, reason = told.get("state"), kept_reply(str(told.get("reason", "")))
    except (ValueError, AttributeError):
        state, reason = None, ""
    if status // 100 == 2 and state == "accepted":
        return Answer(state=ACCEPTED, code=status, reply=reason)
    if status == _REFUSED and state == "refused":
        return Answer(state=BOUNCED, code=status, reply=reason)
    if status in _LATER:
        seconds = int(later) if later.isascii() and later.isdigit() else None
        return Answer(state=DEFERRED, code=status, reply=reason, after=seconds)
    if status // 100 == 4:  # the provider read the request and took nothing
        return Answer(state=DEFERRED, code=status, reply=reason or "not taken")
    return Answer(state=UNKNOWN, code=status, reply=_ODD)
