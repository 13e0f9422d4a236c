"""What a scan replaced goes, and nothing that anybody still needs: whoever names it or reads it, and whenever a kill comes."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.chain.shop_log import KEY, MAP, NOW, ledger_facts, shop_lines
from tests.forked import forking
from tests.wide import WIDE

from whosaw.app.scan import scan
from whosaw.store import statements as sa
from whosaw.store.days.collect import INDEX_KINDS, Collected, collect, removable
from whosaw.store.journal import tables
from whosaw.store.ledger import _SCHEMAS, LedgerReader
from whosaw.store.readers import hold_for_reading
from whosaw.store.workspace import Workspace

LINES = [line for line in shop_lines(400) if line != "torn li"]


# runs are made by hand, and files of the index are what is removed
pytestmark = pytest.mark.usefixtures("without_detection")


def begun(folder: Path) -> Path:
    """A workspace that holds nothing yet."""
    root = folder / "w"
    root.mkdir()
    (root / "vault.key").write_bytes(KEY)
    (root / "vault.key").chmod(0o600)
    (folder / "map.toml").write_text(MAP)
    return root


def scanning(root: Path) -> Callable[[], None]:
    """Scans some more lines with every call."""
    at = 0

    def scan_more() -> None:
        nonlocal at
        path = root.parent / f"{at}.log"
        path.write_text("".join(f"{line}\n" for line in LINES[at : at + 20]))
        at += 20
        scan([str(path)], root, now=NOW, map_path=root.parent / "map.toml")

    return scan_more


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return begun(tmp_path)


@pytest.fixture
def more(root: Path) -> Callable[[], None]:
    return scanning(root)


@pytest.fixture(scope="module")
def unswept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of so many scans that small files were put together, none of which removed anything."""
    root = begun(tmp_path_factory.mktemp("unswept"))
    more = scanning(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("whosaw.app.scan.collect", lambda _: Collected())
        for _ in range(10):
            more()
    return root


@pytest.fixture
def kept(unswept: Path, tmp_path: Path) -> Path:
    """That workspace, for one test alone."""
    return Path(shutil.copytree(unswept, tmp_path / "w"))


def files_of_index(root: Path) -> set[str]:
    """All files that are there of kinds that the index has, those of segments aside."""
    workspace = Workspace.open(root)
    try:
        journal = workspace.journal
        segments = {
            name
            for row in journal.rows(sa.select(tables.segment.c.files))
            for name in json.loads(row["files"]).values()
        }
        there = {path.name for path in (root / "files").glob("??/*") if path.suffix[1:] in INDEX_KINDS}
        return there - segments
    finally:
        workspace.close()


def in_force(root: Path) -> set[str]:
    workspace = Workspace.open(root)
    try:
        rows = workspace.journal.rows(sa.select(tables.index.c.file).where(tables.index.c.live))
        return {row["file"] for row in rows}
    finally:
        workspace.close()


def test_every_kind_of_the_index_is_known() -> None:
    assert {*_SCHEMAS, "duplicates"} == INDEX_KINDS


def test_many_small_scans_leave_no_dead_file(root: Path, more: Callable[[], None]) -> None:
    for _ in range(20 if WIDE else 8):
        more()
    assert len(in_force(root)) > 3
    assert files_of_index(root) == in_force(root)


@pytest.mark.skipif(not WIDE, reason="WHOSAW_WIDE runs it")
def test_a_reader_of_another_process_keeps_what_it_reads(root: Path, more: Callable[[], None]) -> None:
    more()
    before = in_force(root)
    program = (
        "import sys; from pathlib import Path; from whosaw.store.workspace import Workspace; from whosaw.store.ledger import _SCHEMAS, LedgerReader\n"
        "workspace = Workspace.open(Path(sys.argv[1])); reader = LedgerReader(workspace); print('open', flush=True); sys.stdin.readline()\n"
        "print(reader.session.query('SELECT count(*) AS n FROM views')['n'][0].as_py(), flush=True); reader.close(); workspace.close()"
    )
    reading = subprocess.Popen(
        [sys.executable, "-c", program, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reading.stdout is not None
    assert reading.stdout.readline() == "open\n"
    for _ in range(9):  # so many that small files are put together
        more()
    assert before - in_force(root)
    assert before <= files_of_index(root)
    counted, _ = reading.communicate("now\n")
    assert int(counted) > 0
    assert reading.returncode == 0
    more()
    assert files_of_index(root) == in_force(root)


KILLED = """\
import os, signal, sys
from pathlib import Path
from whosaw.store.days.collect import collect
from whosaw.store.readers import hold_for_reading
from whosaw.store.workspace import Workspace
def run(root, left):
    def count(event, told):
        nonlocal left
        if event == "os.remove" and str(told[0]).startswith(root + "/files"):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    workspace = Workspace.open(Path(root))
    with workspace.writing():
        sys.addaudithook(count)
        collect(workspace)
    workspace.close()
"""


def test_a_kill_at_any_removal_loses_nothing(kept: Path) -> None:
    facts, living = ledger_facts(kept), in_force(kept)
    workspace = Workspace.open(kept)
    gone = set(removable(workspace.journal, workspace.files))
    workspace.close()
    dead = len(gone)
    assert gone & files_of_index(kept) == files_of_index(kept) - living
    assert dead > 3
    with forking(KILLED) as process:
        for at in range(dead):  # the first of those that are left goes, and at the second one the kill comes
            done = process.run(str(kept), 1)
            left = len(gone & {path.name for path in (kept / "files").rglob("*.*")})
            assert left == dead - at - 1
            assert done.code == (-signal.SIGKILL if left else 0), done.shown
            assert living <= files_of_index(kept)
    assert ledger_facts(kept) == facts
    workspace = Workspace.open(kept)
    assert not removable(workspace.journal, workspace.files)
    workspace.close()


def test_what_somebody_names_stays(kept: Path) -> None:
    workspace = Workspace.open(kept)
    try:
        found = removable(workspace.journal, workspace.files)
        dead = [each for each in found if each.rpartition(".")[2] in INDEX_KINDS]
        assert set(dead) == files_of_index(kept) - in_force(kept)
        case, segment, other = dead[:3]
        with workspace.journal.transaction() as connection:
            connection.execute(tables.case_version.insert().values(
                case="one", version=1, made=0, who="x", document="d", sets=json.dumps({"all": case}), inputs="i", final=False, entry=1,
            ))  # fmt: skip
            (row,) = workspace.journal.rows(
                sa.select(tables.segment).where(tables.segment.c.id == 1), connection
            )
            files = json.dumps({**json.loads(row["files"]), "kept": segment})
            retired = tables.segment.update().where(tables.segment.c.id == 1)
            connection.execute(retired.values(files=files, live=False))
        assert set(dead) - set(removable(workspace.journal, workspace.files, [other])) == {
            case,
            segment,
            other,
        }
        with workspace.writing():
            collect(workspace, [other])
        there = files_of_index(kept) | {segment}
        assert {case, segment, other} <= there
        assert not set(dead[3:]) & there
    finally:
        workspace.close()


def test_nothing_is_removed_while_somebody_reads(kept: Path) -> None:
    workspace = Workspace.open(kept)
    try:
        reader, handle = LedgerReader(workspace), hold_for_reading(kept)
        assert handle is not None
        assert collect(workspace) == Collected(read=True)
        reader.close()
        assert collect(workspace) == Collected(read=True)
        handle.close()
        assert removable(workspace.journal, workspace.files)
        sizes = [
            workspace.files.path(name).stat().st_size
            for name in removable(workspace.journal, workspace.files)
        ]
        assert collect(workspace) == Collected(files=len(sizes), bytes=sum(sizes))
        assert collect(workspace) == Collected()
    finally:
        workspace.close()
