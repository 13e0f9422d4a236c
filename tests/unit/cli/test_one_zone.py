"""Every command tells times in the zone of the project, and names it; none tells UTC beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.unit.cli.conftest import call

MAP = """
[[route]]
id = "customer"
match = { path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""
PROJECT = """
map = "map.toml"
context = "context"
zone = "Asia/Seoul"

[[logs]]
files = "access.log"
"""
FIRST, LAST = "2025-03-04 05:00:00", "2025-03-05 07:09:00"  # 20:00 and 22:09 of the days before, in UTC


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project in which somebody opened the record of a canary."""
    folder = tmp_path_factory.mktemp("zone")
    line = '192.0.2.9 - - [{day:02}/Mar/2025:{hour}:{n:02}:00 +0000] "GET /customers/{n} HTTP/1.1" 200 7 "-" "a"\n'
    (folder / "access.log").write_text(
        "".join(line.format(day=day, hour=hour, n=n) for day, hour in ((3, 20), (4, 22)) for n in range(10))
    )
    (folder / "map.toml").write_text(MAP)
    (folder / "context").mkdir()
    (folder / "context" / "canaries.csv").write_text("id\n7\n")
    (folder / "whosaw.toml").write_text(PROJECT)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        assert call("scan").exit_code == 0
    return folder


@pytest.fixture
def finding(scanned: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(scanned)
    return str(json.loads(call("findings", "--json").stdout)["findings"][0]["id"])


def test_a_finding_is_told_in_one_zone(finding: str) -> None:
    told = call("findings", "--explain", finding).stdout
    assert f"first view {FIRST}, last {LAST} (Asia/Seoul)" in told
    assert not re.search(r"UTC|\dZ|2025-03-03", told)
    there = call("findings", "--explain", finding, "--tz", "Africa/Nairobi").stdout
    assert "first view 2025-03-03 23:00:00, last 2025-03-05 01:09:00 (Africa/Nairobi)" in there


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("scan",), "days in Asia/Seoul"),
        (("coverage",), "days in Asia/Seoul"),
        (("coverage", "--hours"), "times in Asia/Seoul"),
        (("coverage", "--tz", "+05:00"), "days in UTC+05:00"),
        (("explain", "FINDING"), "T05:00:00+09:00"),
        (("finding", "FINDING"), "When (Asia/Seoul)"),
        (("scope", "new", "--case", "one", "--finding", "FINDING"), "First view 2025-03-04T05:00:00+09:00"),
        (
            ("hold", "start", "--order", "order 7", "--at", "2025-03-06T00:00:00Z"),
            "2025-03-06T09:00:00+09:00",
        ),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else None,
)
def test_every_command_does(words: tuple[str, ...], said: str, finding: str) -> None:
    done = call(*(finding if each == "FINDING" else each for each in words))
    assert done.exit_code == 0, done.stderr
    assert said in done.stdout
    assert not re.search(r"\dZ|\bUTC\b(?!\+)", done.stdout)
