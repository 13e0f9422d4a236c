"""A log that is scanned day by day: each campaign has one id from its first finding to the last, and the end is what
one scan of everything finds."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.wide import WIDE

from whosaw.app.scan import scan
from whosaw.core.document import document
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers.raws import Identities
from whosaw.store.repositories.finding_ids import flag_keys
from whosaw.store.repositories.findings import past_findings
from whosaw.store.workspace import Workspace

pytestmark = pytest.mark.slow
DAYS = 30 if WIDE else 15
EACH = 1 if WIDE else 5  # days from one scan to the next
SESSIONS = 1_500 if WIDE else 400
NOW = datetime(2025, 5, 1, tzinfo=UTC)
BREACH = f"""
id = "two-at-once"
title = "Accounts that read others, and forged tokens"
about = "Two parties that know nothing of each other."

[[pool]]
id = "accounts"
network = "198.19.8.0/24"
addresses = 4
[[pool]]
id = "forger"
network = "198.19.32.0/24"
addresses = 6

[[step]]
id = "profiles"
from_day = 6
to_day = {DAYS - 4}
means = "own-login"
accounts = 3
page = "member-profile"
walk = "every-number"
share = 0.6
pool = "accounts"
agent = "ShopApp/8.4.1 (Android 14; okhttp/4.12.0)"
block = 10
pause_ms = [500, 900, 1600, 4000]
hours = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]

[[step]]
id = "addresses"
from_day = 9
to_day = {DAYS - 1}
means = "forged"
key = "k-2024-04"
page = "my-addresses"
walk = "customers"
share = 0.5
pool = "forger"
agent = "python-requests/2.32.3"
block = 5
pause_ms = [4000, 20000, 90000]
hours = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
"""
POOLS = {"accounts": "198.19.8.", "forger": "198.19.32."}


@pytest.fixture(autouse=True)
def _told_anew_too(request: pytest.FixtureRequest) -> None:
    if WIDE:  # marks of days tell the same on each of the thirty days, and give the same ids
        request.getfixturevalue("told_anew_too")


def days_of(replay: Path) -> list[list[Path]]:
    """The files of each day, the oldest first: the higher the number of a rotated file, the older."""
    found: dict[int, list[Path]] = {}
    for folder in sorted(
        each for each in replay.iterdir() if each.is_dir() and each.name not in ("context", "truth")
    ):
        files = sorted(folder.iterdir())
        ages = {each: int((re.search(r"\.(\d+)(\.gz)?$", each.name) or [0, 0])[1]) for each in files}
        for each, age in ages.items():
            found.setdefault(age, []).append(each)
    return [found[age] for age in sorted(found, reverse=True)]


def told(root: Path) -> dict[str, dict[str, Any]]:
    """By campaign: each finding that is of an address of its pool, by id, with its flags and its counts."""
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace)
    try:
        rows = reader.session.query(
            "SELECT DISTINCT m.finding, c.address FROM members AS m JOIN clients AS c USING (client) ORDER BY ALL"
        ).to_pylist()
        raw = Identities(reader).raw({"address": sorted({row["address"] for row in rows})})["address"]
        from whosaw.store.repositories.findings import stored_findings

        bodies = {each.id: each for each in stored_findings(workspace.journal)}
        out: dict[str, dict[str, Any]] = {name: {} for name in POOLS}
        for row in rows:
            for name, network in POOLS.items():
                if raw[row["address"]].startswith(network):
                    body = bodies[row["finding"]]
                    out[name][body.id] = (
                        sorted(flag_keys(body)),
                        document(body.counts),
                        document(body.first_view),
                        document(body.last_view),
                    )
        return out
    finally:
        reader.close()
        workspace.close()


def scanned(logs: Path, replay: Path, root: Path, at: datetime) -> None:
    folders = sorted(str(each) for each in logs.iterdir())
    scan(folders, root, now=at, map_path=replay / "map.toml", context=replay / "context")


def test_each_campaign_has_one_id_from_its_first_finding_to_the_last(
    tmp_path: Path, new_root: Callable[[str], Path]
) -> None:
    item = tmp_path / "breach.toml"
    item.write_text(BREACH)
    shop, breach = load_replay(
        breach=item, overrides={"customers.count": 400, "sessions.count": SESSIONS, "span.days": DAYS}
    )
    replay, logs = tmp_path / "replay", tmp_path / "logs"
    make_replay(replay, shop=shop, breach=breach, seed=1)
    root, ids = new_root("daily"), dict[str, list[str]]()
    days = days_of(replay)
    assert len(days) == DAYS
    for number, files in enumerate(days):
        for file in files:
            (logs / file.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copy(file, logs / file.parent.name / file.name)
        if (number + 1) % EACH:
            continue
        scanned(logs, replay, root, NOW + timedelta(days=number))
        for name, findings in told(root).items():
            assert len(findings) <= 1, (number, name, list(findings))
            ids.setdefault(name, []).extend(findings)
    for name, found in ids.items():
        assert len(found) >= max(2, DAYS // EACH // 2 - 1), (
            name,
            "from its first day on it is found on every later one",
        )
        assert len(set(found)) == 1, (name, found)
    assert ids["accounts"][0] != ids["forger"][0]
    whole = new_root("whole")
    scanned(logs, replay, whole, NOW)

    def canonical(of: Mapping[str, dict[str, Any]]) -> str:
        return json.dumps({name: sorted(findings.values()) for name, findings in of.items()}, sort_keys=True)

    assert canonical(told(root)) == canonical(told(whole))
    workspace = Workspace.open(whole)
    try:
        assert past_findings(workspace.journal) == []
    finally:
        workspace.close()
