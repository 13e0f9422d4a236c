"""Workspaces that earlier programs made are read when their logs are gone: what exists only there survives every upgrade."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from whosaw.cli.main import app

KEPT = Path(__file__).parent / "old_workspaces"
VIEW = re.compile(r'^(\S+) - (\S+) \[[^]]+\] "GET /patients/(\d+)/record HTTP/1.1" 200 ')
WALKER = "198.51.100.9"


def views(log: Path) -> list[tuple[str, str]]:
    """(address, patient) of each page of a record in a log, read with nothing of whosaw."""
    return [(seen[1], seen[3]) for seen in map(VIEW.match, log.read_text().splitlines()) if seen]


@pytest.fixture(params=sorted(KEPT.glob("*.tar.gz")), ids=lambda path: path.name.partition(".")[0])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A workspace of an earlier program, far from the logs that it read."""
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "ws"


def ask(old: Path, *words: str, code: int = 0) -> dict[str, Any]:
    """The JSON that a command prints."""
    done = CliRunner().invoke(app, [*words, "--workspace", str(old), "--json"])
    assert done.exit_code == code, done.output
    return dict(json.loads(done.stdout))


def persons(document: dict[str, Any]) -> dict[str, Any]:
    """The count of persons in a finding or a scope."""
    return next(count for count in document["counts"] if count["unit"] == "persons")


def count_anew(old: Path, case: str) -> None:
    """A version of a case from the one finding."""
    (finding,) = ask(old, "findings")["findings"]
    ask(old, "scope", "new", "--finding", finding["id"], "--case", case, "--context", str(KEPT / "context"))


def custody(old: Path) -> int:
    """How many entries the custody journal has; its chain was checked whole."""
    done = CliRunner().invoke(app, ["check", "--workspace", str(old), "--json"])
    assert done.exit_code == 3, done.output  # cannot tell: no head that was noted elsewhere was given
    return int(json.loads(done.stdout)["entries"])


def test_there_are_old_workspaces() -> None:
    assert len(list(KEPT.glob("*.tar.gz"))) >= 4


def test_coverage_still_accounts_for_every_line(old: Path) -> None:
    (source,) = ask(old, "coverage")["sources"]
    lines = (KEPT / "access.log").read_text().splitlines()
    assert (source["events"], source["rejects"]) == (len(lines) - 1, 1)  # the torn one


def test_who_saw_a_person_is_what_the_log_said(old: Path) -> None:
    for patient in ("107", "130", "777"):
        expected = [address for address, seen in views(KEPT / "access.log") if seen == patient]
        answer = ask(old, "who", patient)
        # A program that did not yet keep what a torn line may hold leaves that open; none loses a view.
        assert answer["views"]["lower"] == len(expected)
        assert len(expected) <= answer["views"]["upper"] <= len(expected) + 2
        assert len(answer["exposures"]) == len(set(expected))


def test_the_walk_is_still_found_and_counted(old: Path) -> None:
    walked = {seen for address, seen in views(KEPT / "access.log") if address == WALKER}
    (finding,) = ask(old, "findings")["findings"]
    assert persons(finding)["lower"] == len(walked) == 61
    count_anew(old, "again")
    counted = persons(ask(old, "scope", "show", "again"))
    assert counted["lower"] == len(walked) <= counted["upper"]


def test_the_custody_journal_holds_and_goes_on(old: Path) -> None:
    before = custody(old)
    ask(old, "who", "107", "--reveal", "--reason", "they asked")
    assert custody(old) > before


def test_new_lines_join_the_old_ones(old: Path, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    shutil.copy(KEPT / "access.log", logs)  # found again, it is known by its content
    shutil.copy(KEPT / "more.log", logs / "access.log.new")
    ask(old, "scan", str(logs), "--map", str(KEPT / "map.toml"), "--context", str(KEPT / "context"))
    both = [*views(KEPT / "access.log"), *views(KEPT / "more.log")]
    assert ask(old, "who", "107")["views"]["lower"] == sum(seen == "107" for _, seen in both)


def test_a_version_of_a_scope_reads_as_it_was_stored(old: Path, request: pytest.FixtureRequest) -> None:
    if "2026-11-24" in request.node.name:
        done = CliRunner().invoke(app, ["scope", "show", "leak", "--workspace", str(old)])
        assert done.exit_code == 2  # that program knew no scopes
        return
    stored = ask(old, "scope", "show", "leak")
    assert persons(stored)["lower"] == 61
    count_anew(old, "leak")
    assert persons(ask(old, "scope", "show", "leak"))["lower"] == 61
    assert ask(old, "scope", "show", "leak", "--version", "1") == stored
