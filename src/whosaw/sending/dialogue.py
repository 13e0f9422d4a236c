"""Commands and replies on a connection to a mail server that is open already (RFC 5321), several at once where the server takes that (RFC 2920).

Replies come in the order of the commands. What comes when nothing was asked is no answer to anything asked later: then the connection is over.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from dataclasses import dataclass
from typing import Final

__all__ = ["BrokenOffError", "Dialogue", "OddReplyError", "Reply", "as_sent", "envelope"]

_MOST: Final = 1 << 15  # bytes of one reply
_SHORTEST: Final = 3  # characters of a code
_NEVER: Final = re.compile(
    r"[\x00-\x20\x7f-\U0010ffff<>]"
)  # in an address: it would end the command, or begin another
_ENDS: Final = re.compile(rb"\r\n|\n|\r")


class BrokenOffError(Exception):
    """The connection is over, or nothing came in time."""


class OddReplyError(BrokenOffError):
    """What came is no reply; whatever comes after it would be one of who knows what."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply, its lines behind each other."""

    code: int
    text: str


def as_sent(data: bytes) -> bytes:
    """A message as it goes over the wire: lines end by CR LF, one that begins with a dot has two (RFC 5321, 4.5.2), and one dot ends it."""
    lines = data.count(b"\r\n")
    if data.count(b"\n") != lines or data.count(b"\r") != lines:
        data = _ENDS.sub(b"\r\n", data)
    if data.startswith(b"."):
        data = b"." + data
    if b"\n." in data:
        data = data.replace(b"\n.", b"\n..")
    return data + (b".\r\n" if data.endswith(b"\n") else b"\r\n.\r\n")


class Dialogue(asyncio.Protocol):
    """Takes over a connection. `seconds` is how long each reply is waited for."""

    def __init__(self, transport: asyncio.Transport, *, seconds: float) -> None:
        self._transport, self._seconds = transport, seconds
        self._loop = asyncio.get_running_loop()
        self._held = b""  # the beginning of a line
        self._lines: list[str] = []  # of a reply that is not whole
        self._replies: deque[Reply] = deque()
        self._asked = 0  # replies that have not come
        self._waiting: asyncio.Future[None] | None = None
        self._fault: BrokenOffError | None = None
        transport.set_protocol(self)

    @property
    def open(self) -> bool:
        return self._fault is None and not self._transport.is_closing()

    @property
    def asked(self) -> int:
        """Replies that were asked for and not read."""
        return self._asked + len(self._replies)

    def say(self, data: bytes, replies: int = 1) -> None:
        """Let data leave, which asks for so many replies."""
        if not self.open:
            raise self._fault or BrokenOffError
        self._asked += replies
        self._transport.write(data)

    async def reply(self) -> Reply:
        """The next reply. Raises `BrokenOffError` where it does not come."""
        if not self._replies and self._fault is None:
            self._waiting = self._loop.create_future()
            late = self._loop.call_later(self._seconds, self._end, BrokenOffError("nothing came in time"))
            try:
                await self._waiting
            finally:
                late.cancel()
                self._waiting = None
        if not self._replies:
            assert self._fault is not None
            raise self._fault
        return self._replies.popleft()

    def close(self) -> None:
        self._transport.close()

    # what the loop tells

    def data_received(self, data: bytes) -> None:
        *lines, self._held = (self._held + data).split(b"\n")
        for line in lines:
            if self._fault is None:
                self._line(line)
        if len(self._held) + sum(map(len, self._lines)) > _MOST:
            self._end(OddReplyError("a reply without an end"))
        elif self._replies:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # named by the loop
        self._end(BrokenOffError("the connection was lost"))

    def _line(self, line: bytes) -> None:
        code, rest = line[:_SHORTEST], line[_SHORTEST + 1 :]
        if not self._asked or len(code) < _SHORTEST or not code.isdigit():
            self._end(OddReplyError("nothing was asked" if not self._asked else "no reply"))
            return
        self._lines.append(rest.strip().decode("utf-8", "replace"))
        if line[_SHORTEST : _SHORTEST + 1] == b"-":
            return
        self._replies.append(Reply(int(code), "\n".join(self._lines)))
        self._lines.clear()
        self._asked -= 1

    def _end(self, fault: BrokenOffError) -> None:
        if self._fault is None:
            self._fault = fault
        self._transport.close()
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


def envelope(sender: str, to: str) -> tuple[bytes, bytes]:
    """The commands that name sender and recipient. Raises `ValueError` for what is no address in ASCII."""
    for address in (sender, to):
        if _NEVER.search(address):
            raise ValueError("an address with signs that it cannot have")
    return f"MAIL FROM:<{sender}>\r\n".encode("ascii"), f"RCPT TO:<{to}>\r\n".encode("ascii")
