"""Forged tokens for one customer after another, three people an address, every third address a home that customers share."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from whosaw.app.cases.making import make_version
from whosaw.app.scan import scan
from whosaw.core.document import object_of
from whosaw.core.finding import Finding

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BEGIN = datetime(2025, 4, 1, tzinfo=UTC)
MAP = """
[[route]]
id = "member"
match = { method = "GET", path = "/members/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""
CUSTOMERS, HOME, DAYS, LOST = 3_000, 12, 20, 0.004
RENTED = ("198.51.100", "203.0.113", "198.18.0", "198.18.1")
PROGRAMS = tuple(f"Browser/{n}" for n in range(30))


@dataclass(slots=True)
class Shop:
    dice: random.Random
    lines: list[tuple[datetime, str]]
    logins: list[tuple[datetime, str]]

    def request(
        self, at: datetime, address: str, path: str, member: int, token: str, agent: str, *, status: int = 200
    ) -> None:
        row = {
            "time": at.isoformat(),
            "remote_addr": address,
            "method": "GET",
            "path": path,
            "status": status,
        }
        row |= {"agent": agent, "sub": str(member), "jti": token}
        self.lines.append((at, json.dumps(row)))


def home(member: int) -> str:
    home = member // HOME
    return f"192.0.{2 + home // 60}.{home % 60 + 1}"


def customers(shop: Shop, number: Callable[[int], int] = int) -> None:
    """Four in a thousand logins are not on record."""
    dice = shop.dice
    for day in range(DAYS):
        for member in range(CUSTOMERS):
            if dice.random() > 0.2:
                continue
            at = BEGIN + timedelta(days=day, seconds=dice.randrange(86_000))
            token, agent = f"own-{day}-{member}", PROGRAMS[member % 30]
            if dice.random() >= LOST:
                began = at - timedelta(seconds=2)
                shop.logins.append((began, f"{began.isoformat()},{number(member)},{token},{home(member)}"))
            shop.request(at, home(member), "/", number(member), token, agent)
            for page in range(dice.randint(1, 3)):
                later = at + timedelta(seconds=5 * page + 3)
                shop.request(later, home(member), f"/members/{number(member)}", number(member), token, agent)


def _walk(shop: Shop) -> None:
    """Everybody once."""
    for at_once in range(0, CUSTOMERS, 3):
        turn = at_once // 3
        rented = f"{RENTED[turn // 250]}.{turn % 250 + 1}"
        address = home(shop.dice.randrange(CUSTOMERS)) if turn % 3 == 2 else rented
        for member in range(at_once, at_once + 3):
            at = BEGIN + timedelta(seconds=DAYS * 86_400 * member / CUSTOMERS)
            shop.request(at, address, f"/members/{member}", member, f"forged-{member}", "okhttp/4")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Finding, dict[str, Any]]:
    """The finding with most people, and its scope."""
    folder = tmp_path_factory.mktemp("homes")
    shop = Shop(random.Random(1), [], [])  # draws visitors, keeps no secret
    customers(shop)
    _walk(shop)
    (folder / "access.log").write_text("".join(f"{text}\n" for _, text in sorted(shop.lines)))
    (folder / "map.toml").write_text(MAP)
    context = folder / "context"
    context.mkdir()
    rows = "".join(f"{text}\n" for _, text in sorted(shop.logins))
    (context / "logins.csv").write_text(f"time,subject,jti,ip\n{rows}")
    root = folder / "ledger"
    found = scan(
        [str(folder / "access.log")], root, now=NOW, map_path=folder / "map.toml", context=context
    ).findings
    return found[0], object_of(make_version(root, "homes", findings=[found[0].id], now=NOW))


def test_a_scope_holds_the_people_of_its_finding_though_a_third_came_through_homes_of_others(
    told: tuple[Finding, dict[str, Any]],
) -> None:
    finding, scope = told
    accounts = {each["unit"]: each for each in scope["counts"]}["accounts"]
    assert finding.counts[1].lower == CUSTOMERS
    assert 0.99 * CUSTOMERS <= accounts["lower"] <= CUSTOMERS <= accounts["upper"]


def test_the_walk_is_found_though_it_visits_every_home(
    told: tuple[Finding, dict[str, Any]],
) -> None:
    assert told[0].persons_before <= 20
