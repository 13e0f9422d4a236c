"""Replies on a fixed tick: whatever a request was about, its reply leaves with those of all others, once what they asked is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from anyio import to_thread

from whosaw.store.lookup.lookup_store import Asked

__all__ = ["TICK", "Ticks"]

TICK: Final = 0.1  # seconds
_WAITING_AT_MOST: Final = 5_000  # requests of one tick; more are told to come again


class Ticks:
    """Collects requests and lets their replies go together. `keep` puts them on disk."""

    def __init__(self, keep: Callable[[Sequence[Asked]], None], seconds: float = TICK) -> None:
        self._keep, self._seconds = keep, seconds
        self._waiting: list[tuple[Asked | None, asyncio.Future[bool]]] = []
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def wait(self, asked: Asked | None) -> bool:
        """Return at the tick; true where the request is on disk. None: there is nothing to keep, and the reply leaves as all others do."""
        if len(self._waiting) >= _WAITING_AT_MOST:
            return False
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        return await future

    async def _run(self) -> None:
        while True:
            await self._tick()
            batch, self._waiting = self._waiting, []
            kept = True
            try:
                await to_thread.run_sync(self._keep, [asked for asked, _ in batch if asked is not None])
            except Exception:  # noqa: BLE001  # whatever it is, nobody may be told that their request was kept
                kept = False
            await self._tick()
            for _, future in batch:
                if not future.done():
                    future.set_result(kept)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._seconds - loop.time() % self._seconds)
