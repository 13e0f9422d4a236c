"""A scanned folder, and a way to call commands in it as a person would."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.chain.shop_log import MAP, shop_lines
from typer.testing import CliRunner, Result

from whosaw.cli.main import app


def call(*args: str) -> Result:
    """One command; its standard output and standard error are apart."""
    return CliRunner().invoke(app, list(args))


def files_below(folder: Path) -> dict[str, str]:
    """Every file with its digest, but for what SQLite keeps beside an open database."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """access.log, map.toml, context/ and whosaw-data/; tests only look at it."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "access.log").write_text("".join(f"{line}\n" for line in shop_lines(600)))
    (folder / "map.toml").write_text(MAP)
    (folder / "context").mkdir()
    (folder / "context" / "canaries.csv").write_text("id\n7\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = call("scan", "access.log", "--map", "map.toml", "--context", "context")
    assert done.exit_code == 0, done.stderr
    return folder


@pytest.fixture
def folder(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in the scanned folder."""
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in a folder with a log and a map and no workspace."""
    (tmp_path / "access.log").write_text("".join(f"{line}\n" for line in shop_lines(60)))
    (tmp_path / "map.toml").write_text(MAP)
    monkeypatch.chdir(tmp_path)
    return tmp_path
