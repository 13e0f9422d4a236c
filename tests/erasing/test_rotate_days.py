"""Digests of a ledger that is kept by days are rotated: none of the key before is left, and the next scan makes the same days and findings."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from tests.erasing.conftest import NOW, ONE, OTHER
from tests.erasing.digests import digests_of, where_found

from whosaw.app.erasing.rotate import rotate
from whosaw.app.scan import scan
from whosaw.store.parts import last_rounds, parts_in_force
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import journal_of


def _told(root: Path) -> tuple[object, object]:
    """What stands in the days, and what was found."""
    with closing(journal_of(root)) as journal:
        parts = [(each.kind, each.day, each.rows, each.digest) for each in parts_in_force(journal)]
        return parts, [(each.id, each.persons) for each in stored_findings(journal)]


def test_nothing_of_days_holds_a_digest_of_the_key_before_and_the_next_scan_makes_the_same(
    made_log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, root = tmp_path / "log", tmp_path / "log" / "ws"
    shutil.copytree(made_log, folder, ignore=shutil.ignore_patterns("ws"))
    (folder / "context").mkdir()
    (folder / "context" / "canaries.csv").write_text(f"person\n{ONE}\n{OTHER}\n")
    asked = {"map_path": folder / "map.toml", "context": folder / "context"}
    logs = [str(each) for each in sorted(folder.glob("*.log"))]
    scan(logs, root, now=NOW, **asked)  # type: ignore[arg-type]
    before, digests = _told(root), digests_of(root)
    assert before[1]
    assert where_found(root, digests) >= {"context", "known"}
    rotate(root, reason="somebody left", now=NOW, digests=True)
    assert where_found(root, digests) == set()
    with closing(journal_of(root)) as journal:
        assert "context" not in last_rounds(journal)[0].inputs
    (folder / "context" / "canaries.csv").write_text(f"person\n{OTHER}\n{ONE}\n")
    scan(logs, root, now=NOW, **asked)  # type: ignore[arg-type]
    assert _told(root) == before
    with closing(journal_of(root)) as journal:
        assert "context" in last_rounds(journal)[0].inputs
    assert where_found(root, digests) == set()
