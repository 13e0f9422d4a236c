"""The commands, as a person calls them, and the documents that they print."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from tests.evidence.sealed_case import CASE
from typer.testing import CliRunner

from whosaw.cli.main import app

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference" / "json"
SCHEMAS = {path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
           for path in sorted(FOLDER.glob("*.schema.json"))}  # fmt: skip
REGISTRY: Registry[Any] = Registry().with_resources(
    [(schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()]
)


def _fits(name: str, document: object) -> None:
    Draft202012Validator(SCHEMAS[name], registry=REGISTRY).validate(document)


def _run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["evidence", *arguments])
    assert done.exit_code == code, done.output
    return done.stdout


def _json(name: str, *arguments: str, code: int = 0) -> Any:
    document = json.loads(_run(*arguments, "--json", code=code))
    _fits(name, document)
    return document


def test_a_case_is_sealed_verified_counted_again_and_handed_on(
    sealed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(sealed.root, "ledger")
    made = _json("evidence-key", "key", "own.key")
    told = _json("evidence-seal", "seal", CASE, "-w", "ledger", "--key", "own.key", "--tsa", sealed.url)
    assert (told["bundle"], told["signer"]) == (f"{CASE}.evidence", made["sha256"])
    trust = ["--signer", "own.key.pub", "--stamp-trust", str(sealed.folder / "ca.pem")]
    verdict = _json("evidence-verify", "verify", f"{CASE}.evidence", *trust)
    assert verdict["answer"] == "holds"
    assert "  holds        journal.jsonl\n" in _run("verify", f"{CASE}.evidence", *trust)
    again = _json(
        "evidence-verify", "verify", f"{CASE}.evidence", "--rerun", str(sealed.folder / "logs"), code=1
    )
    assert _json("evidence-verify", "verify", f"{CASE}.evidence", code=3)["answer"] == "cannot tell"
    assert again["answer"] == "cannot tell"  # nobody said whom to trust
    assert again["rerun"]["parts"]["files"]["answer"] == "equal"
    assert again["rerun"]["parts"]["ledger"]["answer"] == "equal"
    assert again["rerun"]["answer"] == "differs"  # the versions of this case are written by hand
    for kind in ("case", "stix"):
        _json("evidence-export", "export", f"{CASE}.evidence", "--as", kind, "-o", kind)
    stix = json.loads(Path("stix").read_text(encoding="utf-8"))
    incident = next(each for each in stix["objects"] if each["type"] == "incident")
    (extension,) = incident["extensions"].values()
    _fits("evidence-counts", extension)
    _json("evidence-verifier", "verifier", "verify.py")
    assert (
        Path("verify.py").read_text(encoding="utf-8").startswith('"""Says whether an evidence bundle holds')
    )
    flawed = bytearray(Path(f"{CASE}.evidence").read_bytes())
    flawed[2000] ^= 1
    Path("flawed").write_bytes(flawed)
    assert _json("evidence-verify", "verify", "flawed", *trust, code=1)["answer"] == "broken"
    _run("verify", "absent", code=2)
    _run("verify", "flawed", "--signer", "absent", code=2)
    _run("seal", CASE, "-w", "ledger", "--certificate", "own.key.pub", code=2)
    assert "not signed" in _run("seal", CASE, "-w", "ledger", "-o", "plain")
