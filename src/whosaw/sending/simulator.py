"""A provider of messages that sends nothing: it speaks the interface of docs/reference/message-provider.md on loopback, and answers every way
that a provider can. Whoever builds a bridge to their own provider can hold it against this one; the tests and the documentation do."""

from __future__ import annotations

import json
import select
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from .provider import INTERFACE, MESSAGES

__all__ = ["ENDINGS", "LONGEST", "Simulator", "by_ending"]

Rule = Callable[[str, int], str]
"""By number and how often it was named: `accepted`, `refused REASON`, `later SECONDS`, `busy` (503), `error` (500), `odd` (no JSON), `drop-before`
(the connection ends before the message was read), `drop-after` (it was taken, and the reply is lost) or `hang`. With ` then failed`,
` then complaint` or ` then nothing` behind it that is what `/results` says later; without it `delivered`."""

LONGEST: Final[Mapping[str, int]] = {"text-message": 2_000, "messenger": 1_000}
ENDINGS: Final[Mapping[str, str]] = {
    "90": "refused no-such-number",
    "91": "later 60",
    "92": "drop-after",
    "93": "drop-before",
    "94": "error",
    "95": "accepted then failed",
    "96": "accepted then complaint",
}
_PAGE: Final = 500
_ASKED: Final = ("id", "key", "channel", "from", "to", "language", "text")
_FACTS: Final = {"failed": {"reason": "not-reached"}}


def by_ending(number: str, times: int) -> str:
    """The answer by the last two digits, as `ENDINGS` has it; one that says "later" takes it the second time."""
    rule = ENDINGS.get(number[-2:], "accepted")
    return "accepted" if rule.startswith("later") and times > 1 else rule


@dataclass(kw_only=True)
class Simulator:
    """Runs on a port of loopback (0: a free one). `taken` is every message that counts as sent, `again` how many came a second time."""

    rule: Rule = by_ending
    port: int = 0
    token: str = ""
    a_minute: int | None = None
    taken: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    again: int = 0
    _named: Counter[str] = field(default_factory=Counter)
    _known: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ending: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        simulator = self

        handler = type("Handler", (_Handler,), {"provider": simulator})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = False
        self._server.block_on_close = True
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def offer(self) -> dict[str, Any]:
        channels = {name: {"longest": most} for name, most in LONGEST.items()}
        return {"interface": INTERFACE, "channels": channels, "a_minute": self.a_minute}

    def page(self, after: str) -> dict[str, Any]:
        """What became of messages, from a place on."""
        with self._lock:
            start = int(after or "0")
            found = self.results[start : start + _PAGE]
            stop = start + len(found)
            return {"results": found, "next": str(stop), "more": stop < len(self.results)}

    def answer_to(self, number: str) -> str:
        with self._lock:
            self._named[number] += 1
            return self.rule(number, self._named[number])

    def take(self, message: dict[str, Any], then: str) -> None:
        """Count a message as sent: once for each key, however often it comes."""
        with self._lock:
            if message["key"] in self._known:
                self.again += 1
                return
            self._known[message["key"]] = message["id"]
            self.taken.append(message)
            if then != "nothing":
                number = len(self.results)
                self.results.append(
                    {"number": number, "id": message["id"], "state": then, **_FACTS.get(then, {})}
                )

    def wait_for_end(self) -> None:
        """Answer nothing until it ends."""
        self._ending.wait()

    @property
    def ending(self) -> bool:
        return self._ending.is_set()


class _Handler(BaseHTTPRequestHandler):
    provider: Simulator
    protocol_version = "HTTP/1.1"
    timeout = 0.2  # seconds for a line, so that an idle connection notices the end

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # named by the library
        """Says nothing: numbers stand in what it would say."""

    def handle(self) -> None:
        self.close_connection = False
        while not self.close_connection and not self.provider.ending:
            self.handle_one_request()

    def handle_one_request(self) -> None:
        """An idle connection stays open until the end; a broken one is over."""
        if not select.select([self.connection], [], [], 0.05)[0]:
            return
        self.connection.settimeout(None)
        super().handle_one_request()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if not self._allowed():
            return
        if parts.path == "/":
            self._say(200, self.provider.offer())
        elif parts.path == "/results":
            after = parse_qs(parts.query).get("after", [""])[0]
            if after and not after.isdigit():
                self._say(400, {"state": "refused", "reason": "no such place"})
            else:
                self._say(200, self.provider.page(after))
        else:
            self._say(404, {"reason": "no such page"})

    def do_POST(self) -> None:
        if not self._allowed():
            return
        message = self._message()
        if self.path != f"/{MESSAGES}" or message is None:
            self._say(400, {"reason": "no message"})
            return
        if self.headers.get("Idempotency-Key") != f'"{message["key"]}"':
            self._say(400, {"reason": "no key"})
            return
        if len(message["text"]) > LONGEST.get(message["channel"], 0):
            self._say(422, {"state": "refused", "reason": "too-long"})
            return
        told, _, then = self.provider.answer_to(message["to"]).partition(" then ")
        word, _, more = told.partition(" ")
        if word in ("accepted", "drop-after"):
            self.provider.take(message, then or "delivered")
        if word == "accepted":
            self._say(202, {"state": "accepted", "id": message["id"]})
        elif word == "refused":
            self._say(422, {"state": "refused", "reason": more})
        elif word == "later":
            self._say(429, {"state": "later"}, {"Retry-After": more})
        elif word == "busy":
            self._say(503, {"state": "later"})
        elif word == "error":
            self._say(500, {})
        elif word == "odd":
            self._say(200, None)
        else:
            if word == "hang":
                self.provider.wait_for_end()
            self.close_connection = True

    def _message(self) -> dict[str, Any] | None:
        """What was posted; None where it is no message."""
        size = int(self.headers.get("Content-Length", "0"))
        try:
            told = json.loads(self.rfile.read(size))
            return told if all(isinstance(told[name], str) for name in _ASKED) else None
        except (ValueError, KeyError, TypeError):
            return None

    def _allowed(self) -> bool:
        if self.provider.token and self.headers.get("Authorization") != f"Bearer {self.provider.token}":
            self.close_connection = True
            self._say(401, {"reason": "no token"})
            return False
        return True

    def _say(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        data = b"taken, perhaps" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
