"""A look-up page under the control of a test: its clock, its mail and its folder."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from litestar.testing import TestClient
from tests.sending.shop import NOW

from whosaw.app.lookup.answering import Answering, Done
from whosaw.lookup.limits import Limits
from whosaw.sending.smtp import MailServer
from whosaw.store.lookup.lookup_store import LookupStore
from whosaw.web.public.app import public_app
from whosaw.web.public.serve import Serving, open_public
from whosaw.web.public.showing import Public


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Page:
    """What is served, and the work behind it, which a test does round by round."""

    public: Public
    answering: Answering
    store: LookupStore
    clock: Clock
    messages: Path
    app: Any = None
    client: Any = field(default=None)

    def asked_by(self, client: TestClient[Any]) -> Page:
        return replace(self, client=client)

    def ask(self, contact: str, **headers: str) -> Any:
        return self.client.post("/?lang=en", data={"contact": contact}, headers=headers)

    def work(self, rounds: int = 1) -> Done:
        async def several() -> Done:
            try:
                for _ in range(rounds - 1):
                    await self.answering.round()
                return await self.answering.round()
            finally:
                await self.answering.close()

        return asyncio.run(several())

    def sent(self) -> list[dict[str, str]]:
        """Messages to telephones, oldest first."""
        files = sorted(self.messages.glob("*.json"), key=lambda each: each.stat().st_mtime_ns)
        return [json.loads(each.read_text()) for each in files]

    def close(self) -> None:
        self.store.close()
        self.public.table.close()


def open_page(
    folder: Path,
    own: Path,
    *,
    port: int | None = None,
    limits: Limits | None = None,
    clock: Clock | None = None,
    **more: Any,
) -> Page:
    """The page of `folder/t.lookup`, which keeps its requests in `own`; `port` is that of a mail server."""
    at = clock or Clock()
    serving = Serving(
        table=folder / "t.lookup",
        table_key=folder / "t.lookup.key",
        folder=own / "kept",
        port=0,
        address="https://leak.example.org",
        server=MailServer(host="127.0.0.1", port=port or 9, clear=True, seconds=30.0),
        sender="privacy@duka.example.org",
        messages=own / "messages",
        limits=limits or Limits(),
        tick=0.002,
        **more,
    )
    public, answering, store = open_public(serving, now=at)
    app = public_app(public, hosts=["leak.example.org"])
    return Page(public=public, answering=answering, store=store, clock=at, messages=own / "messages", app=app)
