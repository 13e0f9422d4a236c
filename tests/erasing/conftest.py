"""A small log whose people have ids that nothing else looks like, scanned once and copied for each test."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from whosaw.app.scan import scan

NOW = datetime.fromisoformat("2026-11-25T12:00:00+00:00")
ONE, OTHER = "kx7719035", "kx7719036"
_MAP = """\
[[route]]
id = "my-info"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.email"]
"""


def line(person: str, second: int, *, by: str | None = None, address: str = "192.0.2.77") -> str:
    at = f"{second // 60:02}:{second % 60:02}"
    return f'{address} - {by or "-"} [01/Oct/2026:10:{at} +0000] "GET /customers/{person} HTTP/1.1" 200 7 "-" "okhttp"\n'


@pytest.fixture(scope="session")
def made_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("erasing")
    (folder / "map.toml").write_text(_MAP)
    people = [f"kx77190{at:02}" for at in range(20, 50)]
    lines = [line(each, at) for at, each in enumerate(people)]
    lines += [line(each, 100 + at, by=each, address=f"198.51.100.{at}") for at, each in enumerate(people)]
    (folder / "access.log").write_text("".join(lines))
    (folder / "second.log").write_text(line(ONE, 300) + line(OTHER, 301))
    scan_all(folder)
    return folder


def scan_all(folder: Path) -> None:
    scan(
        [str(each) for each in sorted(folder.glob("*.log"))],
        folder / "ws",
        now=NOW,
        map_path=folder / "map.toml",
    )


@pytest.fixture
def log(tmp_path: Path, made_log: Path) -> Path:
    shutil.copytree(made_log, tmp_path / "log")
    return tmp_path / "log"
