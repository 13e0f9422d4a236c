"""Digests are rotated: nothing that the old key gives is found any more, no id changes, nobody is counted twice, whatever is killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.erasing.conftest import NOW, ONE, OTHER, line, scan_all
from tests.erasing.digests import digests_of, where_found
from tests.forked import KILLING, Forking, forking
from tests.wide import WIDE

from whosaw.app.asking.questions import open_ledger
from whosaw.app.backup import back_up, restore
from whosaw.app.erasing.erase import erase
from whosaw.app.erasing.rotate import Rotated, rotate
from whosaw.core.errors import WhosawError
from whosaw.store.keyring import read_keyring
from whosaw.store.numbers.check import history_faults, sealed_faults
from whosaw.store.numbers.history import load_history
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import Workspace, journal_of


def _rotate(root: Path, **asked: object) -> Rotated:
    return rotate(root, **{"reason": "somebody left", "now": NOW, "digests": True, **asked})  # type: ignore[arg-type]


def _answer(root: Path) -> tuple[object, ...]:
    with closing(open_ledger(root, now=NOW, reveal=True, reason="x")) as ledger:
        told = ledger.who(OTHER)
        (row,) = ledger.reader.session.query(
            "SELECT count(*) AS views, count(DISTINCT person) AS people, count(DISTINCT client) AS clients FROM views WHERE NOT duplicate"
        ).to_pylist()
    return told.person.shown, told.exposures, row


def _findings(root: Path) -> list[tuple[object, ...]]:
    with closing(journal_of(root)) as journal:
        return [(each.id, each.actor.digest, each.persons) for each in stored_findings(journal)]


def _whole(root: Path) -> None:
    with closing(Workspace.open(root)) as workspace:
        history = load_history(workspace.journal, workspace.files)
        assert not [*history_faults(history), *sealed_faults(workspace, history)]


def test_no_digest_of_the_key_before_is_anywhere_and_answers_and_ids_stay(log: Path) -> None:
    root = log / "ws"
    erase(root, ONE, ground="request", reason="request 12", now=NOW)
    before, findings, digests = _answer(root), _findings(root), digests_of(root)
    assert {"identities", "clients", "erased"} <= set(digests.values())
    assert where_found(root, digests) >= {"identities", "clients", "known", "sqlite"}
    done = _rotate(root)
    assert done.rekeyed > len(digests) / 2
    assert where_found(root, digests) == set()
    assert _answer(root) == before
    assert _findings(root) == findings
    with closing(open_ledger(root, now=NOW)) as ledger, pytest.raises(WhosawError, match="was erased"):
        ledger.who(ONE)
    _whole(root)
    again = digests_of(root)
    assert _rotate(root).digests_under != done.digests_under
    assert where_found(root, {**digests, **again}) == set()
    with closing(journal_of(root)) as journal:
        kinds = [each.kind for each in journal.entries() if each.kind.startswith("vault")]
    assert kinds == 2 * ["vault.rotation-begun", "vault.digests-rotated", "vault.rotated"]


def test_a_scan_after_it_counts_nobody_twice_and_finds_the_same(log: Path) -> None:
    root = log / "ws"
    erase(root, ONE, ground="request", reason="request 12", now=NOW)
    _, _, before = _answer(root)
    findings = _findings(root)
    _rotate(root)
    (log / "third.log").write_text(line(ONE, 500, by=ONE) + line(OTHER, 501) + line("kx7719099", 502))
    scan_all(log)
    _, _, now = _answer(root)
    assert now == {"views": before["views"] + 3, "people": before["people"] + 1, "clients": now["clients"]}  # type: ignore[index]
    assert {each[0] for each in findings} <= {each[0] for each in _findings(root)}
    # all of it read again from the logs alone
    (log / "map.toml").write_text((log / "map.toml").read_text().replace("contact.email", "contact.phone"))
    scan_all(log)
    assert _answer(root)[2] == now
    assert {each[:2] for each in findings} <= {each[:2] for each in _findings(root)}
    with closing(open_ledger(root, now=NOW)) as ledger, pytest.raises(WhosawError, match="was erased"):
        ledger.who(ONE)
    _whole(root)


def test_a_backup_of_a_rotated_workspace_comes_back(log: Path, tmp_path: Path) -> None:
    root = log / "ws"
    _rotate(root)
    before = _answer(root)
    back_up(root, tmp_path / "kept.tar", now=NOW)
    restored = tmp_path / "restored"
    assert restore(tmp_path / "kept.tar", restored, now=NOW, key_file=root / "vault.key").key_fits
    shutil.copy(root / "vault.key", restored / "vault.key")
    assert _answer(restored) == before


_PROGRAM = """
import os, pathlib
from datetime import datetime
from whosaw.app.erasing.rotate import rotate
from whosaw.store.statements import Connection

def run(root, now, kill_at):
    killing = Killing(kill_at)
    for owner, name in ((os, "replace"), (os, "link"), (pathlib.Path, "unlink"), (Connection, "commit")):
        killing.around(owner, name)
    rotate(pathlib.Path(root), reason="somebody left", now=datetime.fromisoformat(now), digests=True)
    print(killing.steps)
"""


@pytest.fixture(scope="module")
def forks() -> Iterator[Forking]:
    with forking(KILLING + _PROGRAM) as process:
        yield process


def test_a_kill_at_any_write_leaves_all_digests_under_one_key(
    log: Path, tmp_path: Path, forks: Forking
) -> None:
    digests = digests_of(log / "ws")
    shutil.copytree(log / "ws", tmp_path / "whole")
    whole = forks.run(str(tmp_path / "whole"), NOW.isoformat(), 10_000)
    assert whole.code == 0, whole.shown
    steps = int(whole.shown.split()[-1])
    assert steps > 40
    before, findings = _answer(log / "ws"), _findings(log / "ws")
    for kill_at in range(1, steps + 1, 1 if WIDE else 23):
        root = tmp_path / f"killed-{kill_at}"
        shutil.copytree(log / "ws", root)
        ended = forks.run(str(root), NOW.isoformat(), kill_at)
        assert ended.code == -9, ended.shown
        assert _answer(root) == before
        _rotate(root)
        assert (_answer(root), _findings(root)) == (before, findings)
        assert where_found(root, digests) == set()
        ring = read_keyring(root, (root / "vault.key").read_bytes())
        assert (len(ring.seals), len(ring.covers)) == (1, 1)
        _whole(root)
        shutil.rmtree(root)
