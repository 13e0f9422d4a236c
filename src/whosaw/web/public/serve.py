"""Runs the look-up page: a process of its own that opens a sealed table and its own folder, and nothing else."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import uvicorn

from whosaw.app.lookup.answering import Answering, FolderWay, MailWay, Ways
from whosaw.app.lookup.pages import Pages
from whosaw.app.lookup.statement import read_statement
from whosaw.app.oidc.provider import Provider
from whosaw.core.errors import WhosawError
from whosaw.lookup.limits import Limits
from whosaw.lookup.page_warnings import SERVES, serves_text
from whosaw.lookup.table import LookupTable
from whosaw.sending.smtp import MailServer
from whosaw.store.key_file import load_key
from whosaw.store.lookup.lookup_store import LookupStore
from whosaw.store.lookup.messages import put_message

from .app import public_app
from .showing import Public, SignOn
from .sign_on import SCOPE
from .ticks import TICK

__all__ = ["Serving", "open_public", "serve_public"]

_HOST: Final = "127.0.0.1"
_PAUSE: Final = 1.0  # seconds between rounds of answering


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How a table is served. `address` is where people find the page, `hosts` under which names it answers; `server` and `sender` are for mail,
    `messages` is the folder that messages to telephones are put into, `statement` what the page
    says of itself, signed, `provider` where customers sign in."""

    table: Path
    table_key: Path
    folder: Path
    port: int
    address: str = ""
    hosts: tuple[str, ...] = ()
    server: MailServer | None = None
    sender: str = ""
    messages: Path | None = None
    proxies: int = 0
    limits: Limits = field(default_factory=Limits)
    tick: float = TICK
    statement: Path | None = None
    provider: Provider | None = None


def open_public(serving: Serving, *, now: Callable[[], datetime]) -> tuple[Public, Answering, LookupStore]:
    """The table with its pages, and the work behind them. Raises `WhosawError` where nothing could be answered."""
    if serving.server is None and serving.messages is None:
        raise WhosawError(
            "lookup.no-way",
            "answers could not leave: neither a mail server nor a folder for messages is named",
            hint="Give --via and --from, or --messages FOLDER, or both",
        )
    sign_on = _sign_on(serving)
    table = LookupTable(serving.table, load_key(serving.table_key, create=False))
    ways = Ways(
        mail=None if serving.server is None else MailWay(serving.server, serving.sender),
        phone=None if serving.messages is None else FolderWay(serving.messages),
    )
    store = LookupStore(serving.folder)
    secret = table.keys.secret("serves")
    said = serves_text(secret, case=table.facts.case, version=table.facts.version, at=now())
    put_message(serving.folder, SERVES, said)
    answering = Answering(table, store, serving.folder, ways, serving.limits, now=now)
    signed = read_statement(serving.statement) if serving.statement is not None else None
    pages = Pages(
        answering.speeches,
        kinds=ways.kinds,
        days=serving.limits.keep_days,
        address=serving.address,
        mark="" if signed is None else signed.mark,
        provider="" if sign_on is None else sign_on.host,
    )
    if signed is not None and pages.digests() != dict(signed.pages):
        raise WhosawError(
            "lookup.not-signed",
            "the page that would be served is not the one that was signed",
            hint="`whosaw lookup sign` with this table, this --address and these ways to answer writes the statement anew",
        )
    public = Public(
        table=table,
        pages=pages,
        folder=serving.folder,
        sealing=answering.sealing,
        kinds=ways.kinds,
        limits=serving.limits,
        now=now,
        proxies=serving.proxies,
        secure=serving.address.startswith("https://"),
        statement=b"" if signed is None else signed.raw,
        tick=serving.tick,
        sign_on=sign_on,
    )
    return public, answering, store


def _sign_on(serving: Serving) -> SignOn | None:
    """Where customers sign in, once the provider has answered; None where they do not."""
    if serving.provider is None:
        return None
    if not serving.address:
        raise WhosawError(
            "lookup.address", "customers who sign in have to come back to an address", hint="Give --address"
        )
    provider = replace(serving.provider, scope=SCOPE)
    provider.about()
    return SignOn(provider=provider, back=f"{serving.address.rstrip('/')}/sign-on/back")


class _Worker(threading.Thread):
    """Answers, round after round, until it is told to end."""

    def __init__(self, answering: Answering, told: Callable[[str], None]) -> None:
        super().__init__(name="answers", daemon=True)
        self._answering, self._tell = answering, told
        self._ending = threading.Event()

    def run(self) -> None:
        asyncio.run(self._rounds())

    def end(self) -> None:
        self._ending.set()
        self.join(10.0)

    async def _rounds(self) -> None:
        away = ""
        while not self._ending.is_set():
            try:
                done = await self._answering.round()
                if done.away and done.away != away:
                    self._tell(f"The mail server {done.away}; answers wait.")
                away = done.away
            except WhosawError as fault:
                self._tell(str(fault))
            await asyncio.to_thread(self._ending.wait, _PAUSE)
        await self._answering.close()


def serve_public(
    serving: Serving, *, now: Callable[[], datetime], told: Callable[[str], None], said: Callable[[str], None]
) -> None:
    """Serve the page on loopback until it is stopped; a web server with a certificate stands in front of it. `told` gets the address once it
    is open, `said` what somebody at the terminal should know."""
    public, answering, store = open_public(serving, now=now)
    unknown = answering.recover()
    if unknown:
        said(
            f"{unknown:,} answers of a run before this one are unknown: it ended before a reply. They are not sent again by themselves."
        )
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, serving.port))
        listening.listen(1024)
    except OSError as fault:
        listening.close()
        raise WhosawError(
            "serve.port",
            f"port {serving.port} of this machine cannot be used ({fault.strerror})",
            hint="Take another one: --port 0 takes any that is free",
        ) from fault
    port = listening.getsockname()[1]
    app = public_app(public, hosts=[f"{_HOST}:{port}", f"localhost:{port}", *serving.hosts])
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, lifespan="on", timeout_graceful_shutdown=5
    )  # fmt: skip
    worker = _Worker(answering, said)
    with closing(store), closing(public.table):
        told(f"http://{_HOST}:{port}")
        worker.start()
        try:
            uvicorn.Server(config).run(sockets=[listening])
        finally:
            listening.close()
            worker.end()
