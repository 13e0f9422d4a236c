"""`whosaw status` says what is up to date, what waits and why, and what files take; it changes nothing."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.build.toys import STEPS, Toy
from tests.unit.cli.conftest import call, files_below

from whosaw.app.findings import detection
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.readers import hold_for_reading
from whosaw.store.workspace import Workspace

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs/reference/json/status.schema.json").read_text(encoding="utf-8"))
LINE = '192.0.2.{0} - - [03/Mar/2025:09:0{0}:30 +0000] "GET /members/{0} HTTP/1.1" 200 7 "-" "a"\n'
MAP = """\
[[route]]
id = "member"
match = { method = "GET", path = "/members/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("access.log").write_text("".join(LINE.format(each) for each in (1, 2, 3)), encoding="utf-8")
    Path("map.toml").write_text(MAP, encoding="utf-8")
    Path("context").mkdir()
    Path("context/canaries.csv").write_text("id\n77\n", encoding="utf-8")
    assert call("scan", "access.log", "--map", "map.toml", "--context", "context").exit_code == 0
    return tmp_path


def _status(*asked: str) -> Any:
    done = call("status", "--json", *asked)
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(told)
    return told


def _why() -> list[tuple[str, str]]:
    return [(each["what"], each["why"]) for each in _status()["waits"]]


def test_after_a_scan_everything_is_up_to_date(shop: Path) -> None:
    told = _status()
    assert (told["up_to_date"], told["waits"], told["findings"]["answer"]) == (True, [], "up to date")
    assert told["logs"] == {
        "whole": 1, "begun": 0, "faulty": 0, "in_ledger": 1, "waiting": 0, "leaving": 0, "lines": 3, "events": 3,
        "first": "2025-03-03T09:01:30Z", "last": "2025-03-03T09:03:30Z",
    }  # fmt: skip
    assert call("status").stdout.splitlines()[:2] == ["Everything is up to date.", ""]


def test_it_changes_nothing_and_needs_no_key(shop: Path) -> None:
    Path("whosaw-data/vault.key").rename("elsewhere")
    before = files_below(shop)
    told = _status()
    assert told["up_to_date"]
    assert files_below(shop) == before


def test_findings_that_are_older_than_what_they_follow_from_are_told_with_what_changed(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("context/canaries.csv").write_text("id\n78\n", encoding="utf-8")
    assert _why() == [("findings", "changed since they were made: the context")]
    monkeypatch.setattr(detection, "DETECTING", -1)
    assert _why() == [("findings", "changed since they were made: the program, the context")]
    text = call("status").stdout
    assert text.startswith(
        "Not everything is up to date:\n"
        "  findings: changed since they were made: the program, the context\n"
        "  -> Run the last `whosaw scan` again\n"
    )
    assert "findings  older than the program, the context\n" in text
    monkeypatch.undo()
    monkeypatch.chdir(shop)
    assert call("scan", "access.log").exit_code == 0
    assert _why() == []


def test_the_zone_of_the_last_scan_is_part_of_the_context(shop: Path) -> None:
    assert call("scan", "access.log", "--tz", "Asia/Seoul").exit_code == 0
    assert _why() == []


def test_of_a_context_folder_that_is_gone_it_cannot_be_told(shop: Path) -> None:
    shutil.rmtree("context")
    (what, why), *_ = _why()
    assert (what, _status()["findings"]["answer"]) == ("findings", "cannot tell")
    assert why.startswith("cannot tell whether they are up to date: the context folder ")
    assert not _status()["up_to_date"]


def _set(table: sa.Table, **values: Any) -> None:
    opened = Workspace.open(Path("whosaw-data"))
    with opened.journal.transaction() as connection:
        connection.execute(table.update().values(**values))
    opened.close()


def test_segments_that_were_read_and_are_not_counted_yet_wait(shop: Path) -> None:
    _set(tables.segment, indexed=False)  # as a scan leaves it that is killed after reading
    assert _why() == [("ledger", "1 segment is read and not in the ledger yet")]
    assert (_status()["logs"]["in_ledger"], _status()["logs"]["waiting"]) == (0, 1)
    _set(tables.segment, indexed=True, live=False)  # as one leaves it that read the file anew
    assert _why() == [("ledger", "1 segment is still counted and was replaced")]


def test_a_file_that_was_not_read_to_its_end_waits(shop: Path) -> None:
    _set(tables.content, complete=False)
    assert _why() == [("logs", "1 file is not read to the end yet")]


def test_before_findings_were_looked_for_they_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Workspace.open(Path("whosaw-data"), create=True).close()
    assert _why() == [("findings", "none were looked for yet")]
    assert _status()["logs"]["first"] is None


def test_without_a_workspace_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("status")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "whosaw-data is no whosaw workspace" in done.stderr


def test_bytes_are_those_on_the_disk_by_what_they_are_for(shop: Path) -> None:
    Path("access.log").write_text("".join(LINE.format(each) for each in (1, 2, 3, 4)), encoding="utf-8")
    held = hold_for_reading(Path("whosaw-data"))
    assert held is not None
    with held:  # the answers of all views are made anew; their first file is left, for somebody reads
        assert call("scan", "access.log").exit_code == 0
    told = _status()
    for path in Path("whosaw-data").rglob("*"):
        if path.is_file() and (path.parent.parent.name == "files" or path.name.startswith("journal.sqlite")):
            told["bytes"] -= path.stat().st_size
    assert told["bytes"] == 0
    by_use: dict[str, set[str]] = {}
    for each in told["files"]:
        by_use.setdefault(each["of"], set()).add(each["kind"])
    assert by_use["segment"] == {"events"}
    assert by_use["index"] >= {"views", "exposures"}
    assert by_use["not in force"] >= {"answers"}
    of_days = {"context", "known", "numbers", "remembered", "texts"}
    assert by_use["other"] == {"facts", "journal", "map", *of_days}


def test_days_and_a_round_that_did_not_end_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    toy = Toy(Path("whosaw-data"))
    seen = {20510: [(1, 5)], 20511: [(1, 6)]}
    toy.run(seen)

    def stop(name: str, *_: object) -> None:
        if name == "count":
            raise KeyboardInterrupt

    told = _status()
    assert [(each["step"], each["days"], each["waits"]) for each in told["steps"]] == [
        ("count", 2, None), ("judge", 2, None), ("near", 2, None), ("sort", 2, None), ("streak", 3, None),
    ]  # fmt: skip
    assert {each["kind"] for each in told["files"] if each["of"] == "day"} >= {"day-times", "day-counts"}
    toy.within = stop
    with pytest.raises(KeyboardInterrupt):
        toy.run({**seen, 20510: [(2, 5)]})
    toy.close()
    assert ("days", "bringing days up to date was begun and did not end") in _why()


def test_which_days_of_which_steps_wait_is_told_where_it_is_asked(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = ("scan", "access.log", "--map", "map.toml", "--context", "context")
    assert call(*again).exit_code == 0
    assert all(each["waits"] == {} for each in _status("--days")["steps"])
    assert all(each["waits"] is None for each in _status()["steps"])
    (shop / "context/canaries.csv").write_text("id\n1\n", encoding="utf-8")
    waits = {each["step"]: each["waits"] for each in _status("--days")["steps"] if each["waits"]}
    assert set(waits) == {"bait", "explain"}  # both ask who is planted
    assert f"  bait waits: {next(iter(waits['bait']))} 1\n" in call("status", "--days").stdout
    assert call(*again).exit_code == 0
    assert all(each["waits"] == {} for each in _status("--days")["steps"])


def test_steps_of_one_family_are_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    toy = Toy(Path("whosaw-data"), [replace(each, name=f"sort.{each.name}") for each in STEPS[:2]])
    toy.run({20510: [(1, 5)], 20511: [(1, 6)]}, code={"sort.sort": "1", "sort.count": "1"})
    toy.close()
    assert "days      sort 2\n" in call("status").stdout
