"""Ctrl-C in the midst of a scan: one line, exit 130, and the next scan ends where an undisturbed one does."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench.make_log import write_log
from tests.chain.shop_log import KEY, ledger_bytes
from tests.moments import Moment, begin
from tests.waiting import HANG
from tests.wide import WIDE, some

LINES, SIGNALS, TIMES = (300_000, 6, 3) if WIDE else (80_000, 2, 1)
MAP = Path(__file__).resolve().parents[2] / "bench" / "shop_map.toml"

HEAD = r"whosaw: custody head \d+:[0-9a-f]{32}\n"


def root_with_key(path: Path) -> Path:
    path.mkdir()
    (path / "vault.key").write_bytes(KEY)
    (path / "vault.key").chmod(0o600)
    return path


def test_interrupted_scan_says_so_and_the_next_one_finishes_it(tmp_path: Path) -> None:
    log, counted = tmp_path / "access.log", tmp_path / "counted"
    write_log(log, LINES)
    calm, disturbed = root_with_key(tmp_path / "calm"), root_with_key(tmp_path / "disturbed")

    def scan(root: Path, at: Moment | None = None) -> tuple[int, str, str]:
        process = begin("scan", log, "-w", root, "--map", MAP, at=at, inside=root, told=counted)
        shown, told = process.communicate(timeout=HANG)
        return process.returncode, shown, told

    code, _, told = scan(calm)
    assert code == 0
    assert re.fullmatch(HEAD, told)
    expected = ledger_bytes(calm)
    whole = int(counted.read_text())  # how much a scan does with the files of its workspace
    for share in (0.2, 0.4):  # what was read is being written; the index is made
        code, shown, told = scan(disturbed, Moment(signal=signal.SIGINT, number=int(whole * share)))
        assert (code, shown) == (130, "")
        stopped = "whosaw: stopped; what was read so far is kept. Run the same command again to go on\n"
        assert re.fullmatch(f"{stopped}({HEAD})?", told)  # the beginning of the scan may have been journalled
    code, _, told = scan(disturbed)
    assert code == 0
    assert re.fullmatch(HEAD, told)
    assert ledger_bytes(disturbed) == expected


BUSY = """
import sys, threading
from whosaw.cli import main, start
from whosaw.store.sql import Session

def work():
    with Session() as session:
        while True:
            session.query("SELECT sum(hash(a)) AS n FROM range(300000) t(a)")
            session.query("SELECT range AS a FROM range(100000)")

for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
main.run = lambda words: sys.exit(int(words[0]))
start.main()
"""


@pytest.mark.parametrize("code", [0, 1, 2])
def test_a_thread_at_work_in_the_engine_does_not_break_the_end(code: int) -> None:
    """The interpreter, taken down around such a thread, ends with SIGABRT nearly each time."""
    for _ in range(TIMES):
        done = subprocess.run([sys.executable, "-c", BUSY, str(code)], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (code, b"")


@contextmanager
def busy_machine() -> Iterator[None]:
    """As many processes at work as there are processors; one beside the other tests, which are at work, too."""
    count = os.cpu_count() or 1 if WIDE else 1
    load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for each in load:
            each.kill()
            each.wait()


@pytest.mark.parametrize("command", some(["scan", "watch"], of=2))
def test_ctrl_c_at_any_moment_on_a_busy_machine_ends_with_130(tmp_path: Path, command: str) -> None:
    log, counted = tmp_path / "access.log", tmp_path / "counted"
    write_log(log, 10_000)

    def run(name: str, *more: str, within: bool, at: Moment | None = None) -> tuple[int, str]:
        root = root_with_key(tmp_path / name)
        inside = root if within else None
        process = begin(command, log, "-w", root, "--map", MAP, *more, at=at, inside=inside, told=counted)
        _, told = process.communicate(timeout=HANG)
        return process.returncode, told

    to = ["--to", f"file:{tmp_path / 'out'}"] if command == "watch" else []
    whole = {}
    for within in (
        True,
        False,
    ):  # what is done with files of the workspace; with all, modules that are imported among them
        code, told = run(f"calm-{within}", *to, *(["--once"] if to else []), within=within)
        assert code == 0, told
        whole[within] = int(counted.read_text())
    chance = random.Random(7)
    with busy_machine():
        for turn in range(SIGNALS):
            within = turn % 3 > 0
            part = (turn + chance.random()) / SIGNALS  # one in each part of the work
            number = 1 + int(part * 0.9 * whole[within])
            at = Moment(signal=signal.SIGINT, number=number, spread=0.1)
            code, told = run(f"stopped-{turn}", *to, within=within, at=at)
            done = code == 0 and command == "scan"  # before the signal came
            assert done or code == 130, (at, whole, told)
            assert "Traceback" not in told
            assert all(line.startswith("whosaw: ") for line in told.splitlines()), told


DROPPED = """
import signal, time
import typer
from whosaw.cli import main, start
from whosaw.cli.app import fail_clearly

@fail_clearly
def command():
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        pass  # as native code does that finds an error while a module is made
    while True:
        time.sleep(0.01)

app = typer.Typer()
app.command()(command)
main.run = lambda words: app([])
start.main()
"""

TIDYING = """
import signal, time
from contextlib import contextmanager
import typer
from whosaw.cli import main, start
from whosaw.cli.app import fail_clearly

@contextmanager
def held():
    try:
        yield
    finally:
        time.sleep(2)
        print("tidied", flush=True)

@fail_clearly
def command():
    with held():
        signal.raise_signal(signal.SIGINT)

app = typer.Typer()
app.command()(command)
main.run = lambda words: app([])
start.main()
"""


def test_ctrl_c_that_a_library_drops_ends_the_command_all_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DROPPED], capture_output=True, check=False, text=True, timeout=HANG
    )
    assert done.returncode == 130
    assert done.stderr == "whosaw: stopped\n"


def test_what_tidies_up_after_ctrl_c_is_left_to_its_end() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TIDYING], capture_output=True, check=False, text=True, timeout=HANG
    )
    assert (done.returncode, done.stdout) == (130, "tidied\n")
    assert done.stderr.count("\n") == 1
