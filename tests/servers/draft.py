"""A request in its parts, before it becomes bytes."""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass

__all__ = ["PAGES", "PLAIN", "Draft", "pick"]

PAGES = ("my-info", "customer", "account")
PLAIN = {
    "my-info": (b"/my/info", None),
    "customer": (b"/customers/%d", None),
    "account": (b"/account", b"id=%d"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request in its parts, before it becomes bytes."""

    page: str
    id: bytes
    lead: bytes = b""
    method: bytes = b"GET"
    before: bytes = b" "
    prefix: bytes = b""
    path: bytes = b"/"
    query: bytes | None = None
    fragment: bytes = b""
    after: bytes = b" "
    version: bytes = b"HTTP/1.1"
    trail: bytes = b""
    host: bytes | None = b"shop.example.org"
    agent: bytes = b"fuzz/1.0"
    user: bytes = b"ann"
    headers: tuple[bytes, ...] = ()
    body: bytes = b""
    turns: tuple[str, ...] = ()

    def target(self) -> bytes:
        query = b"" if self.query is None else b"?" + self.query
        return self.prefix + self.path + query + self.fragment

    def line(self) -> bytes:
        return self.lead + self.method + self.before + self.target() + self.after + self.version + self.trail

    def request(self) -> bytes:
        """The bytes to send."""
        if not self.version and not self.after:  # HTTP/0.9: a line and nothing else
            return self.line() + b"\r\n"
        lines = [self.line()]
        if self.host is not None:
            lines.append(b"Host: " + self.host)
        lines.append(b"User-Agent: " + self.agent)
        lines.append(b"Authorization: Basic " + base64.b64encode(self.user + b":secret"))
        lines.append(b"Connection: close")
        lines += self.headers
        if self.body or self.method.upper() in (b"POST", b"PUT", b"PATCH"):
            lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


def pick(dice: random.Random, *choices: bytes) -> bytes:
    return choices[dice.randrange(len(choices))]
