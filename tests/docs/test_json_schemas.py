"""Every --json document is valid against its published schema, and every schema is published and used."""

from __future__ import annotations

import contextlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.schemas import FOLDER, SCHEMAS, validate
from tools import console
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.replay.items import load_replay

ROOT = Path(__file__).resolve().parents[2]
# each document and the command that prints it, in a folder that holds what the tutorial makes
LINE = '192.0.2.1 - - [14/Apr/2025:00:00:00 +0000] "GET / HTTP/1.1" 200 7 "-" "a"\n'
COMMANDS = {
    "access-record": "export access-record record.json",
    "case-new": "case new case.toml --case shop",
    "answer": "answer 4711 --reason request --as html",
    "config": "config --tz UTC",
    "context-check": "context check",
    "context-sources": "context sources",
    "coverage": "coverage",
    "export-tables": "export tables tables --reason order",
    "explain": "explain {locator}",
    "explain-every": "explain {finding} --every own-session",
    "explain-first": "explain",
    "findings": "findings",
    "one-finding": "finding {finding}",
    "finding": "findings --explain {finding}",
    "formats": "formats",
    "formats-columns": "formats columns",
    "formats-try": "formats try access.log --draft",
    "law-changes": "law changes {law}",
    "law-coming": "law coming --since 2026-09-01",
    "law-export": "law export",
    "law-list": "law list",
    "law-review": "law review",
    "law-show": "law show ke/authority",
    "line": "line {locator}",
    "lookups": "lookups",
    "map-categories": "map categories ke-",
    "map-check": "map check map.toml access.log",
    "map-review": "map review map.toml",
    "map-suggest": "map suggest access.log",
    "packs-check": "packs check --kind languages --kind categories",  # the cases of the others, which take long, are run in tests/packs
    "picture": "picture --of week",
    "rejects": "rejects",
    "replay-list": "replay list",
    "status": "status",
    "scan": "scan access.log --map map.toml --context context",
    "sql": "sql",
    "what": "what 192.0.2.77",
    "watch": "watch access.log --once --map map.toml",
    "who": "who 4711",
}
OTHERWISE = {
    "common",
    "access-record-file",
    "backup",  # tests/chain/test_backup.py
    "restore",  # the same
    "database",  # with the move: tests/store/test_postgres.py
    "database-move",
    "database-files",  # with the join: tests/store/test_space.py
    "database-join",
    "canary-plan",
    "export-whose",  # tests/chain/test_tables.py
    "check",  # tests/unit/cli/test_custody.py
    "custody-anchor",  # the same
    "custody-head",  # the same
    "consistency",  # with notice-check: tests/checking
    "decide",  # with the record: tests/decisions
    "decisions",
    "custody-use",  # with the gate: tests/web/test_terminal_gate.py
    "gate",
    "gate-consent",
    "gate-revoke",
    "gate-sign-on",  # tests/web/test_sign_on.py
    "gate-token",
    "erase",
    "erasures",
    "retention",
    "vault-reading-key",
    "vault-rotate",  # the last five: tests/erasing/test_erase_commands.py
    "me",  # tests/web/test_own_files.py
    "me-set",
    "me-withhold",
    "answer-export",  # the last four
    "demo",
    "duties",  # with its examples: tests/law
    "penalty",  # the same
    "file",  # tests/drafting
    "notice",  # the same
    "evidence-counts",
    "evidence-export",
    "evidence-key",
    "evidence-seal",
    "evidence-verifier",
    "evidence-verify",  # the last six: tests/evidence
    "hold-check",
    "init",  # tests/unit/cli/test_project.py
    "hold-end",
    "hold-list",
    "hold-start",
    "lookup-warnings",
    "lookup-brake",
    "lookup-build",
    "lookup-sign",
    "lookup-verify",
    "serve-public",  # the last six: tests/lookup/test_commands.py and test_serving.py
    "notice-check",  # tests/checking
    "notice-freeze",
    "notice-release",
    "notice-send",
    "notice-sender",
    "notice-status",
    "notice-bounces",
    "notice-settle",
    "notice-page",  # tests/sending/test_page.py
    "notice-prove",
    "notice-letters",
    "notice-line",
    "notice-verify",  # the last eleven: tests/sending/test_commands.py
    "replay-damage",
    "replay-make",
    "replay-score",
    "scope-close",
    "scope-diff",
    "scope-list",
    "scope-new",
    "scope-reconcile",
    "scope-show",  # the last six: tests/chain/test_scope_versions.py and test_scope_new.py
    "watch-line",  # no document: tests/unit/alert
}  # parts, a written file, what takes long


def _run(folder: Path, command: str | list[str]) -> Any:
    words = command.split() if isinstance(command, str) else command
    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scanned folder with the log and map of the tutorial, and a canary among its customers."""
    made = tmp_path_factory.mktemp("shop")
    for block in console.blocks((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")):
        if block.mark.startswith("file: "):
            (made / block.mark.removeprefix("file: ")).write_text(block.text, encoding="utf-8")
    (made / "context").mkdir()
    (made / "context" / "canaries.csv").write_text("id\n4714\n", encoding="utf-8")
    _run(made, COMMANDS["scan"])
    return made


@pytest.fixture(scope="module")
def names(folder: Path) -> dict[str, str]:
    return {
        "finding": _run(folder, "findings")["findings"][0]["id"],
        "locator": _run(folder, "who 4711")["locators"][0],
        "law": _older_law(folder),
    }


def _older_law(folder: Path) -> str:
    """A record of law in which one clock runs an hour less, and one item is not there yet."""
    record = _run(folder, "law export")
    record["files"]["ke/authority"]["clock"]["limit"] -= 1
    del record["files"]["ke/record"]
    (folder / "older-law.json").write_text(json.dumps(record), encoding="utf-8")
    return "older-law.json"


def test_every_schema_is_tested() -> None:
    assert set(SCHEMAS) == set(COMMANDS) | OTHERWISE


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_one_and_is_listed(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert f"({name}.schema.json)" in (FOLDER / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_document_fits_its_schema(name: str, folder: Path, names: dict[str, str]) -> None:
    validate(name, _run(folder, COMMANDS[name].format(**names)))


def test_the_written_access_record_fits_its_schema(folder: Path) -> None:
    _run(folder, "export access-record written.json")
    written = json.loads((folder / "written.json").read_text(encoding="utf-8"))
    assert len(written) == 5
    validate("access-record-file", written)


def test_the_schemas_are_tight(folder: Path) -> None:
    document = _run(folder, "who 4711")
    document["more"] = 1
    with pytest.raises(Exception, match="more"):
        validate("who", document)


def test_the_documents_of_a_hold_fit_their_schemas(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(LINE, encoding="utf-8")
    (tmp_path / "rotate.conf").write_text(f"{log} {{\n daily\n}}\n", encoding="utf-8")
    started = ["hold", "start", "access.log", "--order", "order 12", "--at", "2025-05-01T00:00:00Z"]
    validate("hold-start", _run(tmp_path, [*started, "--settings", "rotate.conf"]))
    log.unlink()
    missed = _run(tmp_path, "hold check")
    assert missed["holds"][0]["lost"]
    validate("hold-check", missed)
    validate("hold-list", _run(tmp_path, "hold list"))
    other = tmp_path / "other.log"
    other.write_text(LINE, encoding="utf-8")
    validate("scan", _run(tmp_path, "scan other.log"))
    validate("hold-end", _run(tmp_path, "hold end --order h1 --reason lifted"))


def test_the_demo_document_fits_its_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two days and a small breach; README shows the demo as it is."""
    small = partial(load_replay, overrides={"customers.count": 200, "span.days": 2})
    monkeypatch.setattr("whosaw.app.demo.load_replay", small)
    monkeypatch.setattr("whosaw.app.demo._BREACH", ROOT / "tests" / "cli" / "evening.toml")
    document = _run(tmp_path, "demo shop")
    assert document["persons_before_first_finding"] is not None
    validate("demo", document)
    told = document["told"]
    five = [told[each] for each in ("sent", "waiting", "failed", "excluded", "unknown")]
    assert sum(five) == told["recipients"] == sum(told["groups"].values())
    assert told["sent"] > told["waiting"] == 0
    assert (tmp_path / told["picture"]).is_file()


def test_the_documents_of_a_drill_fit_their_schemas(tmp_path: Path) -> None:
    evening = ROOT / "tests" / "cli" / "evening.toml"
    make = f"replay make drill --breach {evening} --scale 0.01 --set span.days=2"
    validate("replay-make", _run(tmp_path, make))
    validate("replay-damage", _run(tmp_path, "replay damage drill twin --damage rough"))
    _run(tmp_path, "scan drill/web drill/api --map drill/map.toml --context drill/context")
    score = _run(tmp_path, "replay score whosaw-data drill")
    assert score["first_finding"] is not None
    assert score["bounds"]
    validate("replay-score", score)
    planned = _run(tmp_path, "canary plan --count 3 --seed 1")
    assert len(planned["numbers"]) == 3
    validate("canary-plan", planned)
    _run(tmp_path, "scan drill/office --workspace quiet")
    nothing = _run(tmp_path, "replay score quiet drill")
    assert nothing["answer"] == "not found"
    validate("replay-score", nothing)
