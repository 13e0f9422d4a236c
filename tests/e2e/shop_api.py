"""A small shop and its token service, as carelessly built as the case: the shop checks a token's signature, and
never asks whether it was issued."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["OLD_KEY", "Members", "Shop", "TokenService", "serving", "sign"]

OLD_KEY, NEW_KEY = "k-2024", "k-2025"
_LIFE = timedelta(minutes=15)


class Members:
    """Who has an account: every number up to `last` but each seventh, and how many others stand in their address book."""

    def __init__(self, last: int) -> None:
        self.numbers = [number for number in range(1, last + 1) if number % 7]
        self._known = frozenset(map(str, self.numbers))

    def __contains__(self, number: str) -> bool:
        return number in self._known

    @staticmethod
    def others(number: str) -> int:
        """Persons in the address book beside its owner: none to three."""
        return int(number) % 4


def sign(key: Ed25519PrivateKey, kid: str, *, sub: str, jti: str) -> str:
    """A token that holds for a quarter of an hour."""
    now = datetime.now(UTC)
    claims = {"sub": sub, "jti": jti, "iat": now, "exp": now + _LIFE}
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


class TokenService:
    """Issues tokens to who knows the password, and writes down each one that it issued."""

    def __init__(self, issued: Path, members: Members) -> None:
        self.private = {kid: Ed25519PrivateKey.generate() for kid in (OLD_KEY, NEW_KEY)}
        self.signs_with = OLD_KEY
        self.issued = issued
        self._members = members
        self._lock = threading.Lock()
        self._next = 0
        issued.write_text("time,subject,jti,kid,ip\n", encoding="utf-8")

    def public(self) -> dict[str, Ed25519PublicKey]:
        return {kid: key.public_key() for kid, key in self.private.items()}

    def answer(self, request: Request) -> None:
        if request.command != "POST" or request.path != "/login":
            return request.send(404, {})
        try:
            asked = json.loads(request.body())
            member, password = str(asked["member"]), str(asked["password"])
        except (ValueError, TypeError, KeyError):
            return request.send(400, {})
        if member not in self._members or password != f"password of {member}":
            return request.send(401, {})
        address = request.headers.get("X-Real-IP", "")
        return request.send(200, {"token": self._issue(member, address)})

    def _issue(self, member: str, address: str) -> str:
        with self._lock:
            self._next += 1
            jti, kid = f"t-{self._next:06}", self.signs_with
            token = sign(self.private[kid], kid, sub=member, jti=jti)
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            with self.issued.open("a", encoding="utf-8", newline="") as out:
                csv.writer(out, lineterminator="\n").writerow([at, member, jti, kid, address])
        return token


class Shop:
    """Pages of the member that a token names, and pages of products for everybody."""

    def __init__(self, keys: dict[str, Ed25519PublicKey], members: Members) -> None:
        self._keys = keys
        self._members = members

    def answer(self, request: Request) -> None:
        if request.path.startswith("/p/"):
            return request.send(200, {"product": request.path[3:]})
        try:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            kid = jwt.get_unverified_header(token)["kid"]
            claims = jwt.decode(token, self._keys[kid], algorithms=["EdDSA"])
            sub, jti = str(claims["sub"]), str(claims["jti"])
        except (jwt.InvalidTokenError, KeyError):
            return request.send(401, {})
        told = {"X-Sub": sub, "X-Jti": jti, "X-Kid": kid}
        page = _PAGES.get(request.path)
        if page is None or sub not in self._members:
            return request.send(404, {}, told)
        return request.send(200, page(sub), told)


def _info(member: str) -> dict[str, Any]:
    return {"name": f"Name {member}", "mail": f"m{member}@example.org"}


def _addresses(member: str) -> dict[str, Any]:
    return {"own": "Street 1", "others": [f"Other {each}" for each in range(Members.others(member))]}


def _orders(member: str) -> dict[str, Any]:
    return {"orders": [f"order {member}-1"]}


_PAGES = {"/my/info/edit": _info, "/my/addresses": _addresses, "/my/orders": _orders}


class Request(BaseHTTPRequestHandler):
    """One request; what it is answered is the service's affair."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    service: Shop | TokenService

    def handle_request(self) -> None:
        self.service.answer(self)

    do_GET = do_HEAD = do_POST = handle_request  # noqa: N815  the names that http.server asks for

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def send(self, status: int, told: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        content = json.dumps(told).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the overridden method
        """Only nginx writes a log here."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


@contextmanager
def serving(service: Shop | TokenService) -> Iterator[int]:
    """The service on a free port of loopback."""
    handler = type("Handler", (Request,), {"service": service})
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
