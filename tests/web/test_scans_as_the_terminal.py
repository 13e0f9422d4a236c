"""A scan that is asked for in the console reads as the one on the terminal did: by the project file, or by the flags that were given there."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tests.web.conftest import NOW
from typer.testing import CliRunner

from whosaw.app.console.format_desk import FormatDesk
from whosaw.app.console.gate import Role, Somebody
from whosaw.app.console.jobs import JobDesk, Worker
from whosaw.cli.main import app
from whosaw.core.instants import from_micros
from whosaw.logs.coverage.hours import coverage_of
from whosaw.store.repositories.jobs import job_of
from whosaw.store.workspace import journal_of

OFFICER = Somebody(name="ann", roles=frozenset({Role.OFFICER}), purpose="incident 12")
WEB = '192.0.2.7 - - [03/Mar/2025:09:00:0{n} +0000] "GET /customers/{n}/addresses HTTP/1.1" 200 512 "-" "agent"\n'
DESK = '{{"when":"2025-03-03 10:00:0{n}","who":"kim","ip":"198.51.100.{n}","verb":"GET","url":"/customers/{n}/addresses","status":200}}\n'
MAP = (
    '[[route]]\nid = "addresses"\nmatch = { method = "GET", path = "/customers/{id}/addresses" }\n'
    'subject = { from = "path", name = "id" }\ncategories = ["identity.name"]\n'
)
FORMAT = '"json:time=when,principal=who,address=ip,method=verb,path={url|path},status=status"'
HOUR = 3_600_000_000  # microseconds
PROJECT = f"""\
workspace = "ws"
map = "map.toml"
zone = "Asia/Seoul"

[[logs]]
files = ["logs/*.log"]
source = "shop"
quiet = ["23:00-06:00"]

[[logs]]
files = ["logs/desk*.jsonl"]
format = {FORMAT}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "logs").mkdir()
    (tmp_path / "map.toml").write_text(MAP)
    for name, text in (("a.log", WEB), ("desk.jsonl", DESK)):
        (tmp_path / "logs" / name).write_text("".join(text.format(n=n) for n in range(1, 5)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def terminal(*asked: str) -> None:
    done = CliRunner().invoke(app, [*asked, "--json"])
    assert done.exit_code == 0, done.stderr


def more(folder: Path) -> None:
    """What came since: lines behind those that were read, and a file that the pattern of the project names."""
    for name, text in (("a.log", WEB), ("desk.jsonl", DESK), ("desk-2.jsonl", DESK)):
        with (folder / "logs" / name).open("a") as opened:
            opened.write("".join(text.format(n=n) for n in range(5, 9)))


def console(root: Path) -> str:
    """The state of a scan that the console did, and why it failed."""
    number = JobDesk(root=root, who=OFFICER, now=NOW).scan()
    Worker(root, now=lambda: NOW).one()
    with closing(journal_of(root)) as journal:
        found = job_of(journal, number)
    assert found is not None
    return f"{found.state} {found.answer}"


def read(root: Path) -> dict[str, tuple[int, int, str]]:
    """By source, how many events and rejects it has, and when the first event was, in UTC."""
    with closing(journal_of(root)) as journal:
        sources = coverage_of(journal)
    return {
        each.source: (
            each.events,
            each.rejects,
            f"{from_micros(min(hour.hour for hour in each.hours) * HOUR):%H}",
        )
        for each in sources
    }


def test_by_the_project_file(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own format, source and zone, and the files that its patterns name by now, wherever the console runs."""
    (folder / "whosaw.toml").write_text(PROJECT)
    terminal("scan")
    assert read(folder / "ws") == {"shop": (4, 0, "09"), "desk.jsonl": (4, 0, "01")}
    more(folder)
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert console(folder / "ws").startswith("done")
    assert read(folder / "ws") == {
        "shop": (8, 0, "09"),
        "desk.jsonl": (8, 0, "01"),
        "desk-2.jsonl": (4, 0, "01"),
    }
    assert not FormatDesk(root=folder / "ws", who=OFFICER, now=NOW).formats().waiting


def test_by_the_flags_that_were_given(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "logs" / "a.log").unlink()
    (folder / "formats").mkdir()
    terminal("formats", "try", "logs/desk.jsonl", "--draft", "--tz", "Asia/Seoul", "-o", "formats/desk.toml")
    asked = ["--map", "map.toml", "--formats", "formats", "--tz", "Asia/Seoul"]
    terminal("scan", "logs", "-w", "ws", *asked)
    assert read(folder / "ws") == {"desk.jsonl": (4, 0, "01")}
    with (folder / "logs" / "desk.jsonl").open("a") as opened:
        opened.write("".join(DESK.format(n=n) for n in range(5, 9)))
    monkeypatch.chdir(tmp_path / "formats")
    assert console(folder / "ws").startswith("done")
    assert read(folder / "ws") == {"desk.jsonl": (8, 0, "01")}


def test_a_project_file_that_is_wrong_by_now_is_told(folder: Path) -> None:
    (folder / "whosaw.toml").write_text(PROJECT)
    terminal("scan")
    (folder / "whosaw.toml").write_text(PROJECT.replace("map.toml", "gone.toml"))
    assert "gone.toml" in console(folder / "ws")
