"""A mail server under the test's control: what it answers is told by recipient, and what it took is kept."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

__all__ = ["Peer"]

Rule = Callable[[str, int], str]
"""By recipient and how often they were named: an answer such as `250 ok` or `550 5.1.1 nobody` to the data; `rcpt:450 later`, `mail:454 later` for an answer
to a command before; `drop-before` and `drop-after` the final dot, `hang`."""


class _Server(SMTP):
    """Cuts the connection where the handler says so."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  # named by the library
        handler: Peer = self.event_handler
        rule = handler.rule_of(self.envelope)
        if rule == "drop-before":
            await self.push("354 go on")
            await self._reader.read(100)
            assert self.transport is not None
            self.transport.close()
            return
        await super().smtp_DATA(arg)


class Peer:
    """Runs on a free port of loopback. `taken` are the messages that were answered with 250, by recipient. `at_once`: it takes several
    commands in one piece, and says so. Without `whole` it forgets what stood in them."""

    def __init__(
        self,
        rule: Rule = lambda to, times: "250 ok",
        *,
        tls: Any = None,
        at_once: bool = True,
        whole: bool = True,
    ) -> None:
        self._rule, self._at_once, self._whole = rule, at_once, whole
        self.taken: list[tuple[str, str, bytes]] = []
        self.seen: Counter[str] = Counter()
        self._named: Counter[str] = Counter()
        self.in_clear = 0  # messages that came without TLS
        self._tls = tls
        self._controller: Controller | None = None

    def rule_of(self, envelope: Envelope | None) -> str:
        to = envelope.rcpt_tos[-1] if envelope is not None and envelope.rcpt_tos else ""
        return self._rule(to, self._named[to])

    @property
    def address(self) -> str:
        assert self._controller is not None
        return f"smtp://127.0.0.1:{self._controller.port}"

    @property
    def port(self) -> int:
        assert self._controller is not None
        return int(self._controller.port)

    def __enter__(self) -> Self:
        peer = self

        class Free(Controller):
            def factory(self) -> SMTP:
                return _Server(
                    peer, hostname="peer.example.org", enable_SMTPUTF8=False, tls_context=peer._tls
                )

            def _trigger_server(self) -> None:
                assert isinstance(self.server, asyncio.Server)
                self.port = self.server.sockets[0].getsockname()[1]
                super()._trigger_server()  # type: ignore[no-untyped-call]  # by the library

        self._controller = Free(self, hostname="127.0.0.1", port=0)
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._controller is not None
        self._controller.stop()

    # what aiosmtpd asks

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self._at_once else responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._named[address] += 1
        rule = self._rule(address, self._named[address])
        if rule.startswith("rcpt:"):
            return rule.removeprefix("rcpt:")
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        to, data = envelope.rcpt_tos[-1], envelope.content
        assert isinstance(data, bytes)
        data = data if self._whole else b""
        self.seen[to] += 1
        self.in_clear += session.ssl is None
        rule = self.rule_of(envelope)
        if rule.startswith("2"):
            self.taken.append((to, str(envelope.mail_from), data))
            return rule
        if rule == "drop-after":
            self.taken.append((to, str(envelope.mail_from), data))
            assert server.transport is not None
            server.transport.close()
            return "250 nobody hears this"
        if rule == "hang":
            await asyncio.sleep(3600)
        return rule

    def header(self, at: int, name: str) -> str:
        return str(message_from_bytes(self.taken[at][2])[name])
