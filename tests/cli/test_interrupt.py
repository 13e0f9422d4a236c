"""Ctrl-C in the midst of a scan: one line, exit 130, and the next scan ends where an undisturbed one does."""

from __future__ import annotations

import fcntl
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench.make_log import write_log
from tests.chain.shop_log import KEY, ledger_bytes

LINES = 300_000
WHOSAW = Path(sys.executable).parent / "whosaw"
MAP = Path(__file__).resolve().parents[2] / "bench" / "shop_map.toml"

HEAD = r"whosaw: custody head \d+:[0-9a-f]{32}\n"


def begin(log: Path, root: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(WHOSAW), "scan", str(log), "-w", str(root), "--map", str(MAP)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def root_with_key(path: Path) -> Path:
    path.mkdir()
    (path / "vault.key").write_bytes(KEY)
    (path / "vault.key").chmod(0o600)
    return path


def is_held(lock: Path) -> bool:
    """Whether somebody holds the workspace for writing now."""
    if not lock.exists():
        return False
    with lock.open("rb+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_interrupted_scan_says_so_and_the_next_one_finishes_it(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    write_log(log, LINES)
    calm, disturbed = root_with_key(tmp_path / "calm"), root_with_key(tmp_path / "disturbed")
    process = begin(log, calm)
    _, told = process.communicate()
    assert process.returncode == 0
    assert re.fullmatch(HEAD, told)
    expected = ledger_bytes(calm)

    interrupted = 0
    for delay in (0.05, 0.4):
        process = begin(log, disturbed)
        while not is_held(disturbed / "lock") and process.poll() is None:
            time.sleep(0.01)
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        shown, told = process.communicate()
        if shown:
            break  # it was done before the signal came
        interrupted += 1
        assert process.returncode == 130
        assert shown == ""
        stopped = "whosaw: stopped; what was read up to here is kept, run the same command again to go on\n"
        assert re.fullmatch(f"{stopped}({HEAD})?", told)  # the beginning of the scan may have been journalled
    assert interrupted
    process = begin(log, disturbed)
    _, told = process.communicate()
    assert process.returncode == 0
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
main.app = lambda: sys.exit(int(sys.argv[1]))
start.main()
"""


@pytest.mark.parametrize("code", [0, 1, 2])
def test_a_thread_at_work_in_the_engine_does_not_break_the_end(code: int) -> None:
    """The interpreter, taken down around such a thread, ends with SIGABRT nearly each time."""
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", BUSY, str(code)], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (code, b"")


@contextmanager
def busy_machine() -> Iterator[None]:
    """Twice as many processes at work as there are processors."""
    load = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1))
    ]
    try:
        yield
    finally:
        for each in load:
            each.kill()
            each.wait()


@pytest.mark.parametrize("command", ["watch", "scan"])
def test_ctrl_c_at_any_moment_on_a_busy_machine_ends_with_130(tmp_path: Path, command: str) -> None:
    log, root = tmp_path / "access.log", root_with_key(tmp_path / "w")
    write_log(log, 20_000)
    arguments = [str(WHOSAW), command, str(log), "-w", str(root), "--map", str(MAP)]
    if command == "watch":
        arguments += ["--every", "0.1", "--full-every", "1", "--to", f"file:{tmp_path / 'out'}"]
    chance = random.Random(7)
    with busy_machine():
        for _ in range(6):
            process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(chance.uniform(1.0, 8.0))
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=120)
            done = process.returncode == 0 and command == "scan"  # before the signal came
            assert done or process.returncode == 130, told
            assert "Traceback" not in told
            assert all(line.startswith("whosaw: ") for line in told.splitlines()), told
