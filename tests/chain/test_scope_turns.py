"""A number walk dealt out to forty addresses with changing programs, in an access log without tokens or keys."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from whosaw.app.cases.making import make_version
from whosaw.app.scan import scan
from whosaw.core.document import object_of
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BEGIN = datetime(2025, 5, 1, tzinfo=UTC)
MAP = """
[[route]]
id = "member"
match = { method = "GET", path = "/members/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""
MEMBERS, WALKED, DAYS = 4000, 3000, 20
BROWSERS = tuple(f"Mozilla/5.0 (Phone {n})" for n in range(3))
PROGRAMS = ("walker/1", "walker/2")  # these two are found; of the others each does too little
OTHERS = tuple(f"tool/{n}" for n in range(60))
POOL = tuple(f"198.51.100.{n}" for n in range(1, 41))
CARRIER = "203.0.113.1"


def _line(seconds: float, address: str, member: int, agent: str) -> tuple[datetime, str]:
    at = BEGIN + timedelta(seconds=int(seconds))
    return (
        at,
        f'{address} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET /members/{10_000 + 3 * member} HTTP/1.1" 200 512 "-" "{agent}"',
    )


def _log() -> str:
    dice = random.Random(7)  # draws visitors, keeps no secret
    lines = []
    for n in range(WALKED):
        agent = dice.choice(PROGRAMS if dice.random() < 0.5 else OTHERS)
        lines.append(_line(n * DAYS * 86_400 / WALKED, dice.choice(POOL), n, agent))
    for n in range(6000):
        member = dice.randrange(MEMBERS)
        # two in five come through one carrier, the others from their homes
        address = CARRIER if member % 5 < 2 else f"192.0.{member % 250}.{member % 7 + 1}"
        lines.append(_line(dice.random() * DAYS * 86_400, address, member, BROWSERS[n % 3]))
    return "\n".join(text for _, text in sorted(lines)) + "\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("turns")
    (folder / "access.log").write_text(_log(), encoding="utf-8")
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    scan([str(folder / "access.log")], folder / "ledger", now=NOW, map_path=folder / "map.toml")
    return folder / "ledger"


def _held(root: Path, **clues: Any) -> dict[str, Any]:
    return object_of(make_version(root, "turns", now=NOW, **clues))


def _address(root: Path, text: str) -> int:
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace)
    try:
        number = reader.number_of("address", text)
        assert number is not None
        return number
    finally:
        reader.close()
        workspace.close()


def test_any_address_of_the_pool_leads_to_the_whole_walk_and_no_carrier_joins(root: Path) -> None:
    told = [_held(root, indicators=[clue]) for clue in (f"ip={POOL[0]}", f"ip={POOL[33]}", "agent=walker/1")]
    first = told[0]
    assert first["actor"] == told[1]["actor"] == told[2]["actor"]
    assert first["members"] == told[1]["members"] == told[2]["members"]
    turns = {each["link"]: each for each in first["actor"]["links"]}["turns-in-one-walk"]
    assert turns["confidence"] == "medium"
    views = {each["unit"]: each for each in first["counts"]}["views"]
    assert views["lower"] <= WALKED == views["upper"]
    assert views["lower"] >= WALKED - first["actor"]["honest_at_most"]["views"]
    shared = [each["value"] for each in first["actor"]["ambiguous"] if each["link"] == "turns-in-one-walk"]
    assert f"address {_address(root, CARRIER)}" not in shared
