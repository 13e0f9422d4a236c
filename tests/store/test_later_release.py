"""A program meets a workspace that a later one wrote: one line says so, and nothing is written."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from whosaw.cli.main import app
from whosaw.store import run_files
from whosaw.store.journal import Journal
from whosaw.store.upgrading import LAYOUT, STEPS

KEPT = Path(__file__).parent / "old_workspaces"


def scan(folder: Path) -> Result:
    words = ["scan", str(folder / "logs"), "--workspace", str(folder / "ws")]
    beside = ["--map", str(KEPT / "map.toml"), "--context", str(KEPT / "context")]
    return CliRunner().invoke(app, [*words, *beside])


@pytest.fixture
def scanned(tmp_path: Path) -> Path:
    """Logs and their workspace, and then lines more."""
    (tmp_path / "logs").mkdir()
    shutil.copy(KEPT / "access.log", tmp_path / "logs")
    assert scan(tmp_path).exit_code == 0
    shutil.copy(KEPT / "more.log", tmp_path / "logs" / "access.log.new")
    return tmp_path


def test_days_in_columns_that_a_program_does_not_know_are_refused(
    scanned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(run_files, "_BEHIND", {})  # as before columns were written as how far they lie behind
        done = scan(scanned)
        assert done.exit_code == 2
        assert "another release of whosaw wrote" in done.stderr
        assert "Use the program that wrote it" in done.stderr
        assert "Traceback" not in done.output
    assert scan(scanned).exit_code == 0


def test_the_index_of_parts_by_file_goes_from_a_workspace_of_before(scanned: Path) -> None:
    path, asked = scanned / "ws" / "journal.sqlite", "SELECT 1 FROM sqlite_master WHERE name = 'ix_part_file'"
    with closing(sqlite3.connect(path)) as database:
        assert not database.execute(asked).fetchall()
        database.execute("CREATE INDEX ix_part_file ON part (file)")
        database.execute("UPDATE setting SET value = ? WHERE name = ?", (str(len(STEPS) - 1), LAYOUT))
        database.commit()
    assert scan(scanned).exit_code == 0
    with closing(sqlite3.connect(path)) as database:
        assert not database.execute(asked).fetchall()


def test_a_workspace_that_a_later_program_changed_is_refused_before_anything_is_read(scanned: Path) -> None:
    with closing(Journal.at(scanned / "ws" / "journal.sqlite", who="")) as journal:
        assert journal.setting(LAYOUT) == str(len(STEPS))
        with journal.transaction() as connection:
            journal.set_setting(connection, LAYOUT, str(len(STEPS) + 1))
    done = scan(scanned)
    assert done.exit_code == 2
    assert "a later whosaw changed how this workspace is kept" in done.stderr
