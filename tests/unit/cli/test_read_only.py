"""A workspace that cannot be written: questions are answered, and whatever has to be journalled is refused in one clear line."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.forked import forking
from tests.unit.cli.test_custody import LOG, MAP, call

from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal

PROGRAM = """
import os, sys
import duckdb, numpy, pyarrow, rich.table, cryptography.hazmat.primitives.ciphers.aead
import whosaw.app.scan, whosaw.app.asking.questions, whosaw.cli.main, whosaw.cli.texts.answers, whosaw.cli.texts.asking
from whosaw.cli import start

def run(arguments, told, wrong):
    for number, name, mode in ((0, os.devnull, os.O_RDONLY), (1, told, os.O_WRONLY), (2, wrong, os.O_WRONLY)):
        os.dup2(os.open(name, mode | os.O_CREAT, 0o600), number)
    sys.argv = ["whosaw", *arguments]
    code = 0
    try:
        start.main()
    except SystemExit as end:
        code = end.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
"""
Run = Callable[..., "Done"]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Commands as a user whom the modes of files bind, which they do not bind root; each in a process of its own."""
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    if bound and shutil.which(bound[0]) is None:
        pytest.skip("root without setpriv writes everywhere")
    told, wrong = (tmp_path_factory.mktemp("said") / name for name in ("told", "wrong"))

    def running(*args: str) -> Done:
        for path in (told, wrong):
            path.unlink(missing_ok=True)
        ended = process.run(args, str(told), str(wrong))
        return Done(ended.code, told.read_text(encoding="utf-8"), wrong.read_text(encoding="utf-8"))

    with forking(PROGRAM, by=bound) as process:
        yield running


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("kept")
    (folder / "access.log").write_text(LOG, encoding="utf-8")
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    root = folder / "whosaw-data"
    call("scan", str(folder / "access.log"), "--map", str(folder / "map.toml"), "-w", str(root))
    below = [root, *root.rglob("*")]
    for each in below:
        each.chmod(each.stat().st_mode & ~0o222)
    yield folder
    for each in below:
        each.chmod(0o700)


@pytest.mark.parametrize(
    "args",
    [("findings",), ("who", "4711"), ("what", "192.0.2.1"), ("coverage",), ("rejects",), ("lookups",), ("hold", "list"),
     ("custody", "head")],
    ids=" ".join,
)  # fmt: skip
def test_questions_are_answered(run: Run, shop: Path, args: tuple[str, ...]) -> None:
    done = run(*args, "-w", str(shop / "whosaw-data"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_it_can_be_checked(run: Run, shop: Path) -> None:
    head = run("custody", "head", "-w", str(shop / "whosaw-data")).stdout.split()[1]
    assert run("check", "--head", head, "-w", str(shop / "whosaw-data")).returncode == 0


@pytest.mark.parametrize(
    "args",
    [("who", "4711", "--reveal", "--reason", "x"), ("scan", "{folder}/access.log"), ("export", "access-record", "{tmp}/r.csv"),
     ("coverage", "--verify"), ("watch", "{folder}/access.log", "--once"), ("custody", "anchor", "--off"),
     ("evidence", "seal", "spring", "-o", "{tmp}/spring")],
    ids=" ".join,
)  # fmt: skip
def test_what_has_to_be_journalled_is_refused(
    run: Run, shop: Path, tmp_path: Path, args: tuple[str, ...]
) -> None:
    filled = [each.format(folder=shop, tmp=tmp_path) for each in args]
    done = run(*filled, "-w", str(shop / "whosaw-data"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"whosaw: {shop / 'whosaw-data'} cannot be written")
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_changes_that_wait_are_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal.at(tmp_path / "journal.sqlite", who="t")
    journal.create()  # still open: what was written waits beside the file
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(WhosawError, match="changes that wait to be put in") as told:
        Journal.at(tmp_path / "journal.sqlite", who="t")
    assert told.value.code == "workspace.read-only"
    journal.close()
    assert not Journal.at(tmp_path / "journal.sqlite", who="t").writable
