"""From logs to a sealed case and back: counted again from the logs alone, under another key."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cli.hand_made import PERSONS, write_replay

from whosaw.app.cases.making import make_version
from whosaw.app.evidence.bundle import Trust, open_verified, seal_case, verify_bundle
from whosaw.app.evidence.rerun import Logs, rerun
from whosaw.app.progress import Silent
from whosaw.app.scan import scan
from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import object_of
from whosaw.evidence.sealed import SealedCase, read_case
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import Workspace

NOW = datetime(2026, 3, 1, tzinfo=UTC)
UNSURE = {"time stamp", "signature"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A replay and the bundle of the case that was found in it."""

    replay: Path
    sealed: SealedCase
    bundle: Path

    def again(self, folder: Path, **brought: Any) -> dict[str, Any]:
        logs = Logs(paths=(str(folder),), context=self.replay / "context", **brought)
        return object_of(rerun(self.sealed, logs, now=NOW, progress=Silent()))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("sealed")
    replay = write_replay(folder / "replay")
    (replay / "context").mkdir(exist_ok=True)
    services = (
        "service,until\ns-9,2025-03-01\n"  # the contract was over, which proves each of the views by itself
    )
    (replay / "context" / "services.csv").write_text(services, encoding="utf-8")
    root = folder / "ledger"
    scan([str(replay / "web")], root, now=NOW, map_path=replay / "map.toml", context=replay / "context")
    workspace = Workspace.open(root)
    finding = stored_findings(workspace.journal)[0]
    workspace.close()
    document = object_of(make_version(root, "spring", findings=[finding.id], now=NOW))
    assert document["counts"][1]["lower"] == PERSONS
    bundle = folder / "spring.evidence"
    seal_case(root, "spring", bundle, now=NOW, salt=bytes(32))
    return Case(replay=replay, sealed=open_verified(bundle, Trust(), now=NOW), bundle=bundle)


def _differing(answer: dict[str, Any], part: str) -> dict[str, tuple[object, object]]:
    return {row["what"]: (row["sealed"], row["found"]) for row in answer["parts"][part]["differs"]}


def test_a_case_as_the_scope_makes_it_is_sealed_without_a_flaw(case: Case) -> None:
    verdict = verify_bundle(case.bundle, Trust(), now=NOW)
    assert {part.name for part in verdict.parts if part.answer != "holds"} == UNSURE
    assert verdict.answer == "cannot tell"


def test_undamaged_logs_give_equal_numbers_from_another_place_and_packed(case: Case, tmp_path: Path) -> None:
    packed = tmp_path / "elsewhere" / "access.log.gz"
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress((case.replay / "web" / "access.log").read_bytes()))
    answer = case.again(packed.parent)
    assert answer["answer"] == "equal", answer
    for part in answer["parts"].values():
        assert part["equal"] > 0
        assert not part["differs"]
        assert not part["cannot_tell"]


def test_one_line_less_names_the_file_and_the_numbers(case: Case, tmp_path: Path) -> None:
    copied = tmp_path / "web"
    shutil.copytree(case.replay / "web", copied)
    lines = (copied / "access.log").read_text(encoding="utf-8").splitlines(keepends=True)
    removed = next(at for at, line in enumerate(lines) if "12:00:30" in line)
    (copied / "access.log").write_text("".join(lines[:removed] + lines[removed + 1 :]), encoding="utf-8")
    answer = case.again(copied)
    assert answer["answer"] == "differs"
    files = _differing(answer, "files")
    assert all("web/access.log: " in what for what in files)
    numbers = {what.rpartition(": ")[2]: values for what, values in files.items()}
    assert numbers["lines"] == (len(lines), len(lines) - 1)
    assert numbers["views"] == (len(lines), len(lines) - 1)
    assert "digest" in numbers
    assert _differing(answer, "ledger")["ledger/totals/events"] == (len(lines), len(lines) - 1)
    finding = _differing(answer, "findings")
    assert any(
        what.endswith("counts/accounts/lower") and values == (PERSONS, PERSONS - 1)
        for what, values in finding.items()
    )
    scope = _differing(answer, "scope")
    assert scope["scope/counts/accounts/lower"] == (PERSONS, PERSONS - 1)
    assert scope["scope/by/route/customer/views/lower"] == (PERSONS, PERSONS - 1)


def test_what_was_not_brought_cannot_be_told_and_a_stranger_file_is_named(case: Case, tmp_path: Path) -> None:
    (tmp_path / "other.log").write_bytes(
        (case.replay / "web" / "access.log").read_bytes()[:400].rpartition(b"\n")[0] + b"\n"
    )
    other_map = tmp_path / "map.toml"
    other_map.write_text(
        (case.replay / "map.toml").read_text(encoding="utf-8").replace("identity.name", "contact.email"),
        encoding="utf-8",
    )
    logs = Logs(paths=(str(tmp_path / "other.log"),), map=other_map)
    answer: Any = object_of(rerun(case.sealed, logs, now=NOW, progress=Silent()))
    assert _differing(answer, "configuration").keys() == {"map"}
    sealed = next(what for what, values in _differing(answer, "files").items() if values[1] is None)
    assert sealed.endswith("web/access.log")
    assert any(
        what.endswith("other.log") and values[0] is None
        for what, values in _differing(answer, "files").items()
    )
    for part in ("findings", "scope"):
        assert answer["parts"][part]["answer"] == "cannot tell"
        assert "context" in answer["parts"][part]["cannot_tell"][0]["why"]


def _with_other_items(case: Case) -> SealedCase:
    """The bundle as an older program would have sealed them: one item was another, one was not there yet, one is gone now."""
    told = json.loads(case.sealed.parts["configuration.json"])
    rows = {row["name"]: row for row in told["items"]}
    rows["detectors/number-walk.toml"]["sha256"] = "0" * 64
    del rows[max(rows)]
    rows["links/zz-old.toml"] = {"name": "links/zz-old.toml", "sha256": "1" * 64}
    told["items"] = list(rows.values())
    told["program"]["version"] = "0.0.1"
    return read_case({**case.sealed.parts, "configuration.json": canonical_json(told)})


def test_items_of_another_version_are_named_and_break_nothing(case: Case) -> None:
    logs = Logs(paths=(str(case.replay / "web"),), context=case.replay / "context")
    answer: Any = object_of(rerun(_with_other_items(case), logs, now=NOW, progress=Silent()))
    assert answer["answer"] == "cannot tell"
    told = {row["what"]: row["why"] for row in answer["parts"]["configuration"]["cannot_tell"]}
    assert told["item detectors/number-walk.toml"].startswith(
        "the sealed one is another in this installation"
    )
    assert told["item links/zz-old.toml"].startswith("the sealed one is not installed")
    assert told["program version"].startswith("sealed 0.0.1, installed ")
    assert len(told) == 4
    for part in ("files", "ledger", "findings", "scope"):
        assert answer["parts"][part]["answer"] == "equal"


def test_a_number_that_other_items_may_have_changed_cannot_be_told_but_another_file_can(
    case: Case, tmp_path: Path
) -> None:
    shutil.copytree(case.replay / "web", tmp_path / "web")
    path = tmp_path / "web" / "access.log"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[1:]), encoding="utf-8")
    logs = Logs(paths=(str(tmp_path / "web"),), context=case.replay / "context")
    answer: Any = object_of(rerun(_with_other_items(case), logs, now=NOW, progress=Silent()))
    assert answer["answer"] == "differs"
    assert {what.rpartition(": ")[2] for what in _differing(answer, "files")} == {"digest", "size"}
    assert answer["parts"]["ledger"]["answer"] == "cannot tell"
    why = {row["what"]: row["why"] for row in answer["parts"]["ledger"]["cannot_tell"]}
    assert why["ledger/totals/events"].startswith(f"sealed {len(lines):,}, found {len(lines) - 1:,}; ")
    assert "item detectors/number-walk.toml" in why["ledger/totals/events"]
