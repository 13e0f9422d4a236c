"""Sends spellings as they are, each over its own connection from an address of its own, and reads what came back.

The whole of 127.0.0.0/8 is loopback, so spelling number n comes from `address(n)`. Every access log holds the address of the
client, and nothing in a request can change it there: this is what joins a spelling to its lines.

**Served with the page** is what the bytes of the answer alone say: the mark that only the page's body holds.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

__all__ = ["MARK", "Answer", "address", "number", "send_all"]

# every page of every server holds one of these: which page, and whose it is as the server understood it
MARK = "[[page {page} of {whose}]]"
_MARK = re.compile(rb"\[\[page ([a-z-]+) of ([^\]]*)\]\]")
_AT_ONCE = 96
# How long a whole answer may take; a server that waits for more of a broken request gives none. It is counted in turns of this
# process, each at least a twentieth of a second: where the machine is busy, they are longer, as the answers are.
_PATIENCE = 50
_TURN = 0.05
_MOST = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: the pages in it with whose they were, and how it began."""

    pages: tuple[tuple[str, str], ...]
    head: bytes
    whole: bool  # the server closed; else time was up


def address(number: int) -> str:
    """127.1.0.0 and up."""
    return f"127.{1 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def number(text: str) -> int | None:
    """Which spelling an address belongs to."""
    first, _, rest = text.partition(".")
    if first != "127" or rest.count(".") != 2:
        return None
    high, middle, low = map(int, rest.split("."))
    return (high - 1 << 16) + (middle << 8) + low if high else None


def send_all(port: int, requests: Sequence[bytes], *, first: int) -> list[Answer]:
    """The answer to each request, in their order. The first comes from `address(first)`."""
    return asyncio.run(_send_all(port, requests, first))


async def _send_all(port: int, requests: Sequence[bytes], first: int) -> list[Answer]:
    answers: list[Answer | None] = [None] * len(requests)
    left = iter(range(len(requests)))
    waiting: dict[asyncio.Timeout, int] = {}  # how many turns each has waited
    done = False

    async def worker() -> None:
        for at in left:
            answers[at] = await _send(port, requests[at], address(first + at), waiting)

    async def turns() -> None:
        while not done:
            await asyncio.sleep(_TURN)
            for each in list(waiting):
                waiting[each] += 1
                if waiting[each] == _PATIENCE:
                    each.reschedule(asyncio.get_running_loop().time())

    counting = asyncio.create_task(turns())
    await asyncio.gather(*(worker() for _ in range(_AT_ONCE)))
    done = True
    await counting
    return [answer for answer in answers if answer is not None]


async def _send(port: int, request: bytes, source: str, waiting: dict[asyncio.Timeout, int]) -> Answer:
    received = bytearray()
    whole = False
    writer = None
    # a reset after the answer still leaves what came before it
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(None) as patience, _counted(patience, waiting):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
            writer.write(request)
            while len(received) < _MOST:
                piece = await reader.read(_MOST)
                if not piece:
                    whole = True
                    break
                received += piece
    if writer is not None:
        writer.close()
    pages = tuple(
        (page.decode(), whose.decode("utf-8", "replace")) for page, whose in _MARK.findall(received)
    )
    return Answer(pages=pages, head=bytes(received[:160]), whole=whole)


@asynccontextmanager
async def _counted(patience: asyncio.Timeout, waiting: dict[asyncio.Timeout, int]) -> AsyncIterator[None]:
    waiting[patience] = 0
    try:
        yield
    finally:
        del waiting[patience]
