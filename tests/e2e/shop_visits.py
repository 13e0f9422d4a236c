"""What honest customers do in the shop, and what somebody does who kept a signing key. Both keep their own books."""

from __future__ import annotations

import http.client
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.e2e.shop_api import sign
from tests.waiting import HANG

__all__ = ["AGENT", "Seen", "each", "forge", "visit"]

AGENT = "ShopApp/5.2 (Android 15)"
_Item = TypeVar("_Item")
_PAGES = ("/my/info/edit", "/my/addresses", "/my/orders")


@dataclass(slots=True)
class Seen:
    """Pages that came with status 200, by member; safe to fill from several threads."""

    pages: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, member: str, page: str, status: int) -> None:
        with self.lock:
            if status == 200:
                self.pages[member, page] += 1
            else:
                self.refused += 1

    def members(self, page: str | None = None) -> set[str]:
        return {member for member, seen in self.pages if page in (None, seen)}


class _Browser:
    """One kept connection from one address."""

    def __init__(self, port: int, address: str, agent: str) -> None:
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=HANG, source_address=(address, 0)
        )
        self._agent = agent

    def get(self, path: str, token: str | None = None, method: str = "GET") -> int:
        headers = {"User-Agent": self._agent}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self.connection.request(method, path, headers=headers)
        response = self.connection.getresponse()
        response.read()
        # what the log is told about a token is nobody's business outside
        assert not {"X-Sub", "X-Jti", "X-Kid"} & set(response.headers)
        return response.status

    def login(self, member: str, password: str) -> str | None:
        body = json.dumps({"member": member, "password": password})
        self.connection.request("POST", "/login", body, {"User-Agent": self._agent})
        response = self.connection.getresponse()
        told = json.loads(response.read())
        return told["token"] if response.status == 200 else None


@contextmanager
def _browser(port: int, address: str, agent: str) -> Iterator[_Browser]:
    browser = _Browser(port, address, agent)
    try:
        yield browser
    finally:
        browser.connection.close()


def visit(port: int, member: str, address: str, seen: Seen) -> None:
    """A customer mistypes now and then, logs in, looks at products and own pages, refreshes, and comes back."""
    dice = random.Random(member)
    with _browser(port, address, AGENT) as browser:
        for _ in range(dice.randint(1, 2)):
            if dice.random() < 0.2:
                assert browser.login(member, "mistyped") is None
            token = browser.login(member, f"password of {member}")
            assert token is not None
            for _ in range(dice.randint(2, 6)):
                assert browser.get(f"/p/{dice.randint(1, 300)}") == 200
                page = dice.choice(_PAGES)
                for _ in range(dice.choice((1, 1, 1, 2, 3))):  # some refresh
                    seen.note(member, page, browser.get(page, token))
                if dice.random() < 0.2:
                    assert browser.get(page, token, method="HEAD") == 200  # shows nothing


def forge(
    port: int, key: Ed25519PrivateKey, kid: str, *, numbers: range, addresses: list[str], seen: Seen
) -> None:
    """Forge a token for one number after another, holes too, and read the pages of whoever is there.

    Each address takes its share of the numbers, in order.
    """

    def work(place: int) -> None:
        with _browser(port, addresses[place], AGENT) as browser:
            for number in numbers[place :: len(addresses)]:
                member = str(number)
                token = sign(key, kid, sub=member, jti=f"{number:032x}")
                status = browser.get("/my/info/edit", token)
                seen.note(member, "/my/info/edit", status)
                if status == 200 and number % 10 == 3:
                    seen.note(member, "/my/addresses", browser.get("/my/addresses", token))

    each(work, range(len(addresses)))


def each(work: Callable[[_Item], None], items: Iterable[_Item]) -> None:
    """Four at a time; the first failure is raised."""
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(work, items):
            pass
