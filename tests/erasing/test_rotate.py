"""The vault is rotated: nothing opens with the old key any more, whatever is killed, and nothing else changes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.erasing.conftest import NOW, ONE, OTHER, line, scan_all
from tests.erasing.looking import where_named
from tests.forked import KILLING, Forking, forking
from tests.wide import WIDE

from whosaw.app.asking.questions import open_ledger
from whosaw.app.erasing.erase import erase
from whosaw.app.erasing.rotate import Rotated, rotate
from whosaw.core.errors import WhosawError
from whosaw.store.keyring import COMMAND, key_from, read_keyring
from whosaw.store.numbers.check import history_faults, sealed_faults
from whosaw.store.numbers.history import load_history
from whosaw.store.vault import Vault
from whosaw.store.workspace import Workspace, journal_of


def _rotate(root: Path, **asked: object) -> Rotated:
    return rotate(root, **{"reason": "somebody left", "now": NOW, **asked})  # type: ignore[arg-type]


def _answer(root: Path, key_file: Path | None = None) -> tuple[str, object]:
    with closing(open_ledger(root, now=NOW, key_file=key_file, reveal=True, reason="x")) as ledger:
        told = ledger.who(ONE)
    return told.person.shown, told.exposures


def _opens(root: Path, vault: Vault) -> list[str]:
    """Vault files that open with a key."""
    found = []
    for path in root.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        try:
            if path.name.endswith(".vault"):
                vault.open_every_block(data)
            elif path.name.endswith(".sealed"):
                vault.open_at(f"{path.parts[-3]} {int(path.stem, 16)}".encode(), data)
            else:
                continue
        except WhosawError:
            continue
        found.append(path.name)
    return found


def _whole(root: Path) -> None:
    with closing(Workspace.open(root)) as workspace:
        history = load_history(workspace.journal, workspace.files)
        assert not [*history_faults(history), *sealed_faults(workspace, history)]


def test_nothing_opens_with_the_old_key_and_answers_stay(log: Path) -> None:
    root = log / "ws"
    old = (root / "vault.key").read_bytes()
    before = _answer(root)
    files = _opens(root, Vault(old))
    assert len(files) == 3  # of persons, of addresses and of principals
    done = _rotate(root)
    assert (done.files, done.went_on) == (len(files), False)
    assert (root / "vault.key").read_bytes() != old
    assert _opens(root, Vault(old)) == []
    assert old not in b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    assert _answer(root) == before
    _whole(root)
    (root / "old.key").write_bytes(old)
    (root / "old.key").chmod(0o600)
    with pytest.raises(WhosawError) as caught:
        _answer(root, root / "old.key")
    assert caught.value.code == "vault.other-key"
    (root / "old.key").unlink()
    with closing(journal_of(root)) as journal:
        kinds = [each.kind for each in journal.entries() if each.kind.startswith("vault")]
    assert kinds == ["vault.rotation-begun", "vault.rotated"]


def test_logs_are_read_on_and_people_erased_under_the_new_key(log: Path) -> None:
    root = log / "ws"
    _rotate(root)
    with open(log / "access.log", "a") as handle:
        handle.write(line(ONE, 400) + line("kx7719099", 401))
    scan_all(log)
    _rotate(root)
    erase(root, ONE, ground="request", reason="request 12", now=NOW)
    assert where_named(root, [ONE]) == []
    assert where_named(root, [OTHER, "kx7719099"])
    _whole(root)


def test_the_key_may_stand_elsewhere_or_come_from_a_command(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, elsewhere = log / "ws", tmp_path / "keys" / "vault.key"
    before = _answer(root)
    assert _rotate(root, new_key_file=elsewhere).key == "a file that was named"
    with pytest.raises(WhosawError, match="not the key"):
        _answer(root)
    (root / "vault.key").unlink()
    assert _answer(root, elsewhere) == before
    printed = tmp_path / "printed.key"
    printed.write_text(os.urandom(32).hex() + "\n")
    command = f"{sys.executable} -c \"print(open('{printed}').read())\""
    _rotate(root, key_file=elsewhere, new_key_command=command)
    monkeypatch.setenv(COMMAND, command)
    assert _answer(root) == before
    for asked, code in (
        ({}, "vault.no-new-key"),
        ({"new_key_command": command}, "vault.same-key"),
        ({"reason": ""}, "vault.no-reason"),
    ):
        with pytest.raises(WhosawError) as caught:
            _rotate(root, **asked)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit(3)", "ended with 3"),
        ("print('no key')", "printed no key"),
        (None, "could not be run"),
    ],
)
def test_a_command_that_gives_no_key_is_refused_and_shows_nothing(code: str | None, why: str) -> None:
    with pytest.raises(WhosawError, match=why) as caught:
        key_from(f'{sys.executable} -c "{code}"' if code else "/there/is/none")
    assert caught.value.code == "vault.key-command"
    assert "no key'" not in str(caught.value)


_PROGRAM = """
import os, pathlib
from datetime import datetime
from whosaw.app.erasing.rotate import rotate
from whosaw.store.statements import Connection

def run(root, now, kill_at):
    killing = Killing(kill_at)
    for owner, name in ((os, "replace"), (os, "link"), (pathlib.Path, "unlink"), (Connection, "commit")):
        killing.around(owner, name)
    rotate(pathlib.Path(root), reason="somebody left", now=datetime.fromisoformat(now))
    print(killing.steps)
"""


@pytest.fixture(scope="module")
def forks() -> Iterator[Forking]:
    with forking(KILLING + _PROGRAM) as process:
        yield process


def test_a_kill_at_any_write_leaves_a_workspace_that_opens(log: Path, tmp_path: Path, forks: Forking) -> None:
    old = (log / "ws" / "vault.key").read_bytes()
    shutil.copytree(log / "ws", tmp_path / "whole")
    whole = forks.run(str(tmp_path / "whole"), NOW.isoformat(), 10_000)
    assert whole.code == 0, whole.shown
    steps = int(whole.shown.split()[-1])
    assert steps > 30
    before, went_on = _answer(log / "ws"), 0
    for kill_at in range(1, steps + 1, 1 if WIDE else 15):
        root = tmp_path / f"killed-{kill_at}"
        shutil.copytree(log / "ws", root)
        ended = forks.run(str(root), NOW.isoformat(), kill_at)
        assert ended.code == -9, ended.shown
        assert _answer(root) == before
        went_on += _rotate(root).went_on
        assert _answer(root) == before
        assert _opens(root, Vault(old)) == []
        assert len(read_keyring(root, (root / "vault.key").read_bytes()).seals) == 1
        _whole(root)
        shutil.rmtree(root)
    assert went_on
