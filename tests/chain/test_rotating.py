"""A breach through thousands of addresses that changes its user agent all the time, told from access logs alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.chain.shop_log import NOW

from whosaw.app.asking.questions import open_ledger
from whosaw.app.scan import scan
from whosaw.core.finding import Finding
from whosaw.store.repositories.findings import stored_usual

Root = Callable[[str], Path]
Request = tuple[datetime, str, str, str]  # when, address, path, user agent

MAP = """\
[[route]]
id = "addresses"
match = { method = "GET", path = "/customers/{id}/addresses" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.address"]

[[route]]
id = "orders"
match = { method = "GET", path = "/customers/{id}/orders" }
subject = { from = "path", name = "id" }
categories = ["commerce.orders"]
"""
START = datetime(2025, 4, 14, tzinfo=UTC)
DAYS, CUSTOMERS, ADDRESSES = 14, 900, 2_000
AGENTS = [f"Browser/{90 + number // 4}.{number % 4}" for number in range(200)]


def honest(dice: random.Random) -> Iterator[Request]:
    """Customers who look at things, and open their orders, their addresses or both; some only follow a bookmark."""
    for day in range(DAYS):
        for number in dice.sample(range(CUSTOMERS), 270):
            home = f"192.0.2.{number % 12}" if number % 3 else f"2001:db8:{number:x}::1"
            agent = AGENTS[number * 7 % len(AGENTS)]
            at = START + timedelta(days=day, seconds=dice.randrange(86_000))
            kinds = dice.choice(
                (("orders",), ("orders",), ("addresses",), ("addresses", "orders"), ("orders", "addresses"))
            )
            if dice.random() > 0.02:
                for path in ("/", "/style.css", f"/p/{dice.randrange(500)}"):
                    yield at, home, path, agent
                    at += timedelta(seconds=dice.randint(1, 30))
            for kind in kinds:
                yield at, home, f"/customers/{number}/{kind}", agent
                at += timedelta(seconds=dice.randint(2, 50))


def rotating(dice: random.Random, *, each_request: bool) -> Iterator[Request]:
    """Two pages of one customer through each address, two seconds apart, in one night."""
    for turn in range(ADDRESSES):
        at = START + timedelta(days=9, seconds=turn * 12 + dice.randrange(6))
        agent, number = dice.choice(AGENTS), dice.randrange(CUSTOMERS)
        for kind in ("addresses", "orders"):
            yield at, f"2001:db8:{turn + 4_096:x}::9", f"/customers/{number}/{kind}", agent
            at += timedelta(seconds=2)
            agent = dice.choice(AGENTS) if each_request else agent


def written(path: Path, requests: list[Request]) -> Path:
    path.write_text(
        "".join(
            f'{address} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET {what} HTTP/1.1" 200 7 "-" "{agent}"\n'
            for at, address, what, agent in sorted(requests)
        )
    )
    return path


def seen(requests: list[Request]) -> set[str]:
    return {what.split("/")[2] for _, _, what, _ in requests if what.startswith("/customers/")}


def findings(folder: Path, root: Path, requests: list[Request]) -> list[tuple[Finding, set[str]]]:
    """Each finding, and whom it counts."""
    (folder / "map.toml").write_text(MAP)
    report = scan(
        [str(written(folder / "access.log", requests))], root, now=NOW, map_path=folder / "map.toml"
    )
    ledger = open_ledger(root, now=NOW)
    try:
        told = []
        for finding in report.findings:
            rows = ledger.reader.session.query(
                "SELECT DISTINCT person FROM views JOIN counted USING (content, line) WHERE finding = ?",
                [finding.id],
            )
            persons = ledger.raw("person", rows["person"].to_pylist())
            told.append((finding, {raw.split("\x1f")[-1] for raw in persons.values()}))
        return told
    finally:
        ledger.close()


@pytest.mark.parametrize("each_request", [False, True])
def test_a_program_is_known_by_its_manner_though_address_and_user_agent_change(
    each_request: bool, tmp_path: Path, new_root: Root
) -> None:
    attack = list(rotating(random.Random(2), each_request=each_request))
    ((finding, persons),) = findings(tmp_path, new_root("found"), [*honest(random.Random(1)), *attack])
    assert finding.detector == "one-manner"
    true = seen(attack)
    before = seen([each for each in attack if each[0] <= finding.raised_at])
    # where others open the same pages, as many as these are on a day; where nobody does, the twentieth
    assert len(before) <= (43 if each_request else 20)
    # the others are customers whose visits did nothing else, in all 14 days
    assert finding.persons_before - len(before) <= 30
    assert len(persons & true) >= 0.99 * len(true)
    assert len(persons & true) >= 0.99 * len(persons)
    ledger = open_ledger(tmp_path / "found", now=NOW)
    (usual,) = (each for each in stored_usual(ledger.workspace.journal) if each.detector == "one-manner")
    ledger.close()
    assert usual.bearing < 0.05 * usual.people
    assert (usual.first_view.date(), usual.last_view.date()) == (date(2025, 4, 14), date(2025, 4, 27))


def test_the_honest_shop_beside_it_gives_no_finding(tmp_path: Path, new_root: Root) -> None:
    for seed in (1, 3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        assert findings(folder, new_root(f"quiet-{seed}"), list(honest(random.Random(seed)))) == []
