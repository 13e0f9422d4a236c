"""Replies on a fixed tick: whatever a request was about, its reply leaves with those of all others, once what they asked is on disk."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Generic, TypeVar

from anyio import to_thread

from whosaw.core.errors import WhosawError

__all__ = ["TICK", "Ticks"]

TICK: Final = 0.1  # seconds
_WAITING_AT_MOST: Final = 5_000  # requests of one tick; more are told to come again
T = TypeVar("T")


class Ticks(Generic[T]):
    """Collects requests and lets their replies go together. `keep` puts them on disk in a thread, and says of each whether it could be
    understood."""

    def __init__(self, keep: Callable[[Sequence[T]], Sequence[bool]], seconds: float = TICK) -> None:
        self._keep, self._seconds = keep, seconds
        self._waiting: list[tuple[T | None, asyncio.Future[bool | None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def wait(self, asked: T | None) -> bool | None:
        """Return at the tick: whether the request could be understood, and is on disk; None where it could not be kept. Without a request the
        reply leaves as all others do."""
        if len(self._waiting) >= _WAITING_AT_MOST:
            return None
        future: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        return await future

    async def _run(self) -> None:
        while True:
            await self._tick()
            batch, self._waiting = self._waiting, []
            kept: list[bool | None] = [None] * len(batch)
            places = [at for at, (asked, _) in enumerate(batch) if asked is not None]
            asks = [asked for asked, _ in batch if asked is not None]
            try:
                told = await to_thread.run_sync(self._keep, asks) if asks else ()
            except Exception as fault:  # noqa: BLE001  # whatever it is, nobody may be told that their request was kept
                why = str(fault) if isinstance(fault, WhosawError) else type(fault).__name__
                sys.stderr.write(f"whosaw: {len(places)} requests could not be kept: {why}\n")
            else:
                for at, understood in zip(places, told, strict=True):
                    kept[at] = understood
            await self._tick()
            for (_, future), fits in zip(batch, kept, strict=True):
                if not future.done():
                    future.set_result(fits)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._seconds - loop.time() % self._seconds)
