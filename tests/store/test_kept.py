"""What a process keeps of a workspace between questions is what a fresh look would find."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from pyroaring import BitMap
from tests.chain.shop_log import MAP, shop_lines

from whosaw.app.asking.questions import Ledger
from whosaw.app.cases.making import make_version
from whosaw.app.scan import scan
from whosaw.core.errors import WhosawError
from whosaw.store import custody_check
from whosaw.store import statements as sa
from whosaw.store.custody_check import recent
from whosaw.store.journal import tables
from whosaw.store.kept import Kept, keeping
from whosaw.store.keyring import COMMAND
from whosaw.store.ledger import LedgerReader
from whosaw.store.readers import nobody_reads
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """first.log, read into `ws`, and more.log, which is not."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "first.log").write_text("".join(f"{line}\n" for line in shop_lines(300)))
    more = shop_lines(200, seed=2, start=datetime(2025, 4, 20, tzinfo=UTC))
    (folder / "more.log").write_text("".join(f"{line}\n" for line in more))
    (folder / "map.toml").write_text(MAP)
    scan([str(folder / "first.log")], folder / "ws", now=NOW, map_path=folder / "map.toml")
    return folder


@pytest.fixture
def folder(scanned: Path, tmp_path: Path) -> Path:
    shutil.copytree(scanned, tmp_path / "own")
    return tmp_path / "own"


@pytest.fixture
def root(folder: Path) -> Path:
    return folder / "ws"


@pytest.fixture
def kept() -> Iterator[Kept]:
    """Kept by this test from here on."""
    made = Kept()
    before = keeping.set(made)
    yield made
    keeping.reset(before)
    made.close()


def afresh() -> None:
    """From here on nothing is kept."""
    keeping.set(None)


def views(root: Path) -> list[dict[str, object]]:
    with closing(Workspace.open(root)) as workspace:
        reader = LedgerReader(workspace)
        try:
            return reader.session.query(
                "SELECT v.*, r.id FROM views v JOIN routes r USING (route) ORDER BY ALL"
            ).to_pylist()
        finally:
            reader.close()


def test_what_a_scan_adds_is_there_at_once(folder: Path, root: Path, kept: Kept) -> None:
    before = views(root)
    assert views(root) == before
    (opened,) = kept._ledgers.values()
    scan([str(folder / "more.log")], root, now=NOW, map_path=folder / "map.toml")
    after = views(root)
    assert len(after) > len(before)
    assert kept._ledgers[root.resolve()].state != opened.state
    afresh()
    assert views(root) == after


def test_files_may_be_removed_while_something_is_kept_and_nobody_reads(root: Path, kept: Kept) -> None:
    views(root)
    assert kept._ledgers
    with nobody_reads(root) as alone:
        assert alone
    with closing(Workspace.open(root)) as workspace:
        reader = LedgerReader(workspace)
        with nobody_reads(root) as alone:
            assert not alone
        reader.close()


def test_a_session_that_is_open_goes_on_with_its_state(folder: Path, root: Path, kept: Kept) -> None:
    del kept
    with closing(Workspace.open(root)) as workspace:
        reader = LedgerReader(workspace)
        before = reader.session.query("SELECT count(*) AS n FROM views")["n"][0].as_py()
        scan([str(folder / "more.log")], root, now=NOW, map_path=folder / "map.toml")
        assert len(views(root)) > before
        assert reader.session.query("SELECT count(*) AS n FROM views")["n"][0].as_py() == before
        reader.close()


def test_what_one_question_narrows_is_whole_for_the_next(root: Path, kept: Kept) -> None:
    """Also for one that is asked meanwhile on another thread."""
    del kept
    counted: list[int] = []
    seen = views(root)
    somebody = next(
        each["person"] for each in seen if each["person"] is not None
    )  # who was not only asked for in vain
    with closing(Workspace.open(root)) as workspace:
        reader = LedgerReader(workspace)
        reader.only("person = ?", [somebody])
        thread = Thread(target=lambda: counted.append(len(views(root))))
        thread.start()
        thread.join()
        (own,) = reader.session.query("SELECT count(*) AS n FROM views")["n"].to_pylist()
        reader.close()
    assert 0 < own < counted[0] == len(views(root)) == len(seen)


def test_the_journal_is_followed_on_and_what_was_changed_is_told(
    root: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed: list[int] = []
    real = custody_check.Follower.entry
    monkeypatch.setattr(
        custody_check.Follower, "entry", lambda self, row, *more: (followed.append(row.seq), real(self, row, *more))
    )  # fmt: skip

    def standing() -> str:
        followed.clear()
        with closing(Workspace.open(root)) as workspace:
            return workspace.custody.answer

    assert standing() == "holds"
    assert followed
    assert standing() == "holds"
    assert not followed
    with closing(Workspace.open(root)) as workspace, workspace.journal.transaction() as connection:
        number = workspace.journal.record(connection, "remark", {"what": "a test"}, now=NOW)
    assert standing() == "holds"
    assert followed == [number]
    with closing(Workspace.open(root)) as workspace, workspace.journal.transaction() as connection:
        connection.execute(tables.entry.delete().where(tables.entry.c.seq == number))
        connection.execute(tables.custody.delete().where(tables.custody.c.seq == number))
    assert standing() == "broken"
    assert standing() == "broken"  # and again: nothing that is broken is kept
    assert not kept._followed
    with closing(Workspace.open(root)) as workspace:
        assert recent(workspace.journal).answer == "broken"


def test_the_checkpoint_of_the_key_file_moves_on_while_a_process_follows(
    root: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    del kept
    monkeypatch.setattr(custody_check, "_APART", 3)
    points = []
    for _ in range(8):
        with closing(Workspace.open(root)) as workspace:
            with workspace.journal.transaction() as connection:
                workspace.journal.record(connection, "remark", {"what": "a test"}, now=NOW)
            point = workspace.journal.keys.state().checkpoint
            points.append(0 if point is None else point.entry)
    assert points == sorted(points)
    assert points[-1] >= points[0] + 4


def test_a_command_is_asked_for_the_key_once_until_the_vault_is_rotated(
    root: Path, tmp_path: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    del kept
    key, asked = tmp_path / "key", tmp_path / "asked"
    (root / "vault.key").rename(key)
    command = tmp_path / "tell"
    command.write_text(
        f'#!{sys.executable}\nopen("{asked}", "a").write("x")\nprint(open("{key}", "rb").read().hex())\n'
    )
    command.chmod(stat.S_IRWXU)
    monkeypatch.setenv(COMMAND, str(command))
    first = views(root)
    assert views(root) == first
    assert asked.read_text() == "x"
    (root / "vault.keys").write_text("{}")  # as a rotation leaves another one
    with pytest.raises((WhosawError, KeyError)):
        views(root)
    assert asked.read_text() == "xx"


def test_a_set_of_people_is_the_callers_own(root: Path, kept: Kept) -> None:
    make_version(root, "spring", indicators=["ip=192.0.2.7"], every=True, now=NOW)
    with closing(Workspace.open(root)) as workspace:
        store = CaseStore(workspace)
        first = store.sets("spring")
        before = {name: BitMap(each) for name, each in first.items()}
        for each in first.values():
            each.add(4_000_000)
        assert store.sets("spring") == before
    assert list(kept.sets)


def test_a_file_of_the_vault_that_was_changed_is_refused(root: Path, kept: Kept) -> None:
    del kept

    def shown() -> dict[int, str]:
        with closing(Workspace.open(root)) as workspace:
            ledger = Ledger(workspace, now=NOW)
            try:
                return ledger.show([0, 1], []).persons
            finally:
                ledger.reader.close()

    assert shown() == shown()
    (vault,) = (root / "vault" / "person").glob("*/*.sealed")
    vault.chmod(0o600)
    data = bytearray(vault.read_bytes())
    data[-1] ^= 1
    vault.write_bytes(data)
    with pytest.raises(WhosawError, match="does not open with this key at this place"):
        shown()


def test_nothing_is_kept_by_who_does_not_say_so(root: Path) -> None:
    assert keeping.get() is None
    before = views(root)
    with closing(Workspace.open(root)) as workspace, workspace.journal.reading() as connection:
        assert connection.execute(sa.select(sa.func.max(tables.entry.c.seq))).scalar()
    assert views(root) == before
