"""Segments let go of digests and raw identifiers once their numbers stand for them: nothing is lost by it, whenever it is cut off."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.erasing.conftest import NOW, ONE, OTHER, line, scan_all
from tests.erasing.looking import where_named

import whosaw.app.scan as scanning
from whosaw.app.asking.questions import open_ledger
from whosaw.app.erasing.erase import erase
from whosaw.app.erasing.rotate import rotate
from whosaw.store import statements as sa
from whosaw.store.canonical import ledger_digest
from whosaw.store.journal import Journal, tables
from whosaw.store.ledger_check import ledger_parts
from whosaw.store.numbers.commit import sealed_raws
from whosaw.store.numbers.history import load_history
from whosaw.store.numbers.spare import SPARE_KINDS
from whosaw.store.workspace import Workspace

LET_GO = "whosaw.store.index.update.let_go"


@pytest.fixture
def before(made_log: Path, tmp_path: Path) -> Path:
    """A log with a workspace whose segments keep all they had, as an earlier release left them."""
    shutil.copytree(made_log, tmp_path / "log", ignore=shutil.ignore_patterns("ws"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(LET_GO, lambda *_: None)
        scan_all(tmp_path / "log")
    forget_compared(tmp_path / "log" / "ws")
    assert all(set(SPARE_KINDS) <= files for files in kept(tmp_path / "log" / "ws").values())
    return tmp_path / "log"


def forget_compared(root: Path) -> None:
    with closing(Workspace.open(root)) as workspace, workspace.journal.transaction() as connection:
        setting = tables.setting
        connection.execute(setting.delete().where(setting.c.name == "compared-with-numbers"))


def kept(root: Path) -> dict[int, set[str]]:
    """By segment the kinds of its files."""
    with closing(Workspace.open(root)) as workspace:
        segment = tables.segment.c
        rows = workspace.journal.rows(sa.select(segment.id, segment.files))
        return {row["id"]: set(json.loads(row["files"])) for row in rows}


def holds(root: Path) -> None:
    """Every segment can be read, and the ledger is what its segments say."""
    with closing(Workspace.open(root)) as workspace:
        numbered = load_history(workspace.journal, workspace.files).numbered
        parts = ledger_parts(root, workspace.journal, every=True, told=lambda *_: None)
    assert [fault for each in parts for fault in (*each.faults, *each.unknown)] == []
    for segment, files in kept(root).items():
        assert files >= set(SPARE_KINDS) or segment in numbered


def more(log: Path) -> None:
    """Lines of somebody known and of somebody new."""
    (log / "third.log").write_text(line(ONE, 400) + line("kx7719099", 401, by="kx7719099"))


def seen(root: Path) -> tuple[str, int]:
    with closing(open_ledger(root, now=NOW, reveal=True, reason="x")) as ledger:
        told = ledger.who(ONE)
        return told.person.shown, told.views.lower or 0


def spare(root: Path) -> list[str]:
    """Files of kinds that segments alone have, of those which go."""
    return [path.name for path in root.rglob("*.vault")]


def test_a_scan_leaves_neither_digests_nor_identifiers_in_segments(log: Path) -> None:
    assert not set().union(*kept(log / "ws").values()) & set(SPARE_KINDS)
    assert spare(log / "ws") == []
    holds(log / "ws")
    assert where_named(log / "ws", [ONE])  # in the vault by number


def test_what_an_earlier_release_left_goes_with_the_next_lines(before: Path) -> None:
    root = before / "ws"
    shown, views = seen(root)
    assert spare(root)
    more(before)
    scan_all(before)
    assert not set().union(*kept(root).values()) & set(SPARE_KINDS)
    assert spare(root) == []
    assert seen(root) == (shown, views + 1)
    holds(root)


def test_segments_that_differ_from_their_numbers_keep_what_they_have(before: Path) -> None:
    root = before / "ws"
    with closing(Workspace.open(root)) as workspace:
        given = load_history(workspace.journal, workspace.files).given("person")
        held = sealed_raws(workspace, "person")
        rows = held.get(np.arange(given))
        others = pa.array([f"{each}x" for each in rows["raw"].to_pylist()])
        held.put(rows.set_column(1, "raw", others), given=0)
    was = kept(root)
    more(before)
    scan_all(before)
    now = kept(root)
    assert {segment: now[segment] for segment in was} == was
    assert all(not files & set(SPARE_KINDS) for segment, files in now.items() if segment not in was)


def test_whoever_is_erased_is_gone_from_segments_that_kept_them(before: Path) -> None:
    root = before / "ws"
    done = erase(root, ONE, ground="request", reason="request 12", now=NOW)
    assert done.vault_rows > 2  # a person and a user name by number, and where segments have them
    assert where_named(root, [ONE]) == []
    assert where_named(root, [OTHER])
    more(before)
    scan_all(before)
    assert where_named(root, [ONE]) == []
    assert spare(root) == []
    holds(root)


def test_under_another_key_what_segments_kept_goes_as_well(before: Path) -> None:
    root = before / "ws"
    shown, views = seen(root)
    assert rotate(root, reason="somebody left", now=NOW, digests=True).rekeyed
    more(before)
    scan_all(before)
    assert spare(root) == []
    assert seen(root) == (shown, views + 1)
    holds(root)


class KilledError(Exception):
    pass


@contextmanager
def killed_at(transaction: int) -> Iterator[None]:
    """End with an exception before the so many-th transaction of what brings the ledger up to its segments, or right after it."""
    whole, bring_up = Journal.transaction, scanning.update_index

    def counting(*arguments: object, **told: object) -> object:
        left = [transaction]

        @contextmanager
        def cut(journal: Journal) -> Iterator[object]:
            left[0] -= 1
            if left[0] == -1:
                raise KilledError
            with whole(journal) as connection:
                yield connection
            left[0] -= 1
            if left[0] == -1:
                raise KilledError

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Journal, "transaction", cut)
            return bring_up(*arguments, **told)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scanning, "update_index", counting)
        yield


def test_a_kill_leaves_either_the_files_or_the_numbers(before: Path, tmp_path: Path) -> None:
    more(before)
    expected, kills = "", 0
    for at in range(100):
        log = Path(shutil.copytree(before, tmp_path / f"cut-{at}"))
        root = log / "ws"
        try:
            with killed_at(at):
                scan_all(log)
            cut = False
        except KilledError:
            cut, kills = True, kills + 1
        with closing(Workspace.open(root)) as workspace:
            numbered = load_history(workspace.journal, workspace.files).numbered
        assert all(files >= set(SPARE_KINDS) or each in numbered for each, files in kept(root).items())
        scan_all(log)
        holds(root)
        assert spare(root) == []
        with closing(Workspace.open(root)) as workspace:
            digest = ledger_digest(root, workspace.journal).sha256
        assert digest == (expected or digest)
        expected = digest
        if not cut:
            break
    assert kills >= 4
