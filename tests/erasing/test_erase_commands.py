"""The commands, and their documents as the schemas say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.erasing.conftest import ONE
from tests.schemas import validate
from typer.testing import CliRunner

from whosaw.cli.main import app


def test_documents_are_as_their_schemas_say(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(log)
    (log / "whosaw.toml").write_text(
        'workspace = "ws"\n[[logs]]\nfiles = ["access.log"]\n[keeping]\nidentifiers = { days = 9000, ground = "no-longer-needed" }\n'
    )

    def told(schema: str, *words: str) -> dict[str, Any]:
        done = CliRunner().invoke(app, [*words, "--json"])
        assert done.exit_code == 0, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        validate(schema, document)
        return document

    why = ("--ground", "request", "--reason", "request 12")
    assert not told("erase", "erase", ONE, "--ground", "request", "--plan")["done"]
    assert told("erase", "erase", ONE, *why)["done"]
    assert told("erase", "erase", ONE, *why)["entry"] is None
    assert told("erasures", "erasures")["erasures"][0]["state"] == "done"
    assert told("retention", "retention")["rules"][0]["due"] == 0
    assert told("vault-rotate", "vault", "rotate", "--reason", "x")["files"] > 0
    assert (
        told("vault-reading-key", "vault", "reading-key", "reading.key", "--reason", "x")["file"]
        == "reading.key"
    )
    for words in (
        ["erase", ONE, *why],
        ["erase", ONE, "--ground", "request", "--plan"],
        ["erasures"],
        ["retention"],
        ["vault", "rotate", "--reason", "x"],
        ["vault", "reading-key", "reading.key", "--reason", "x"],
    ):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.stderr
        assert ONE not in done.stdout
    refused = CliRunner().invoke(app, ["who", ONE])
    assert (refused.exit_code, "was erased" in refused.stderr, ONE in refused.stderr) == (2, True, False)
