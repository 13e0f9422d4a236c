"""A scan that is killed at any moment leaves a workspace from which the next scan reaches the same bytes."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.chain.shop_log import ledger_bytes, shop_lines
from tests.forked import Forking, forking
from tests.wide import WIDE

KILLS, LINES, SMALL = (100, 6000, 4) if WIDE else (8, 3000, 1)
# What a scan does to files, folders, locks and databases passes Python's audit hooks: counted, these are the moments of a scan
# on any machine, however busy it is. The wait behind one, of at most twenty milliseconds, lets the kill fall between two of them.
PROGRAM = """\
import os, signal, sys, threading, time
from datetime import UTC, datetime
from pathlib import Path
from whosaw.app.scan import scan
def run(logs, root, map_file, last, wait):
    moments = 0
    def count(event, _):
        nonlocal moments
        if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.truncate", "os.scandir", "fcntl.flock", "sqlite3.connect"):
            moments += 1
            if moments == last:
                threading.Thread(target=lambda: (time.sleep(wait), os.kill(os.getpid(), signal.SIGKILL))).start()
    sys.addaudithook(count)
    scan([logs], Path(root), now=datetime(2025, 11, 17, tzinfo=UTC), map_path=Path(map_file), chunk_bytes=20_000)
    print(moments)
"""
NEVER = 0


@dataclass(frozen=True, slots=True)
class Scans:
    """Scans in processes of their own, each of which is killed just after its moment number `last`."""

    process: Forking
    folder: Path
    map_file: Path

    def __call__(self, root: Path, *, last: int = NEVER, wait: float = 0.0) -> int | None:
        """How many moments the scan had, or none where it was killed."""
        done = self.process.run(str(self.folder), str(root), str(self.map_file), last, wait)
        if done.code == -signal.SIGKILL:
            return None
        assert done.code == 0, done.shown
        return int(done.shown)


@pytest.fixture
def run(tmp_path: Path, map_file: Path) -> Iterator[Scans]:
    (tmp_path / "logs").mkdir()
    with forking(PROGRAM) as process:
        yield Scans(process, tmp_path / "logs", map_file)


@pytest.mark.slow
def test_small_files_that_are_read_together_survive_kills(
    run: Scans, new_root: Callable[[str], Path]
) -> None:
    lines = [line for line in shop_lines(900) if line != "torn li"]
    for number in range(40):
        text = "".join(f"{line}\n" for line in lines[number * 20 : (number + 1) * 20])
        (run.folder / f"web-{number:03}.log").write_text(text)
    calm = new_root("calm")
    moments = run(calm)
    assert moments is not None
    expected = ledger_bytes(calm)

    dice = random.Random(20250415)
    for workspace in range(SMALL):
        root = new_root(f"killed-{workspace}")
        for share in (1.0, 0.5, 0.5):
            if run(root, last=dice.randint(1, int(moments * share)), wait=dice.random() / 50):
                break
        run(root)
        assert ledger_bytes(root) == expected


@pytest.mark.slow
def test_many_kills_and_a_finishing_scan_give_the_same_bytes(
    run: Scans, new_root: Callable[[str], Path]
) -> None:
    lines, each = shop_lines(LINES), LINES // 6
    for number in range(6):
        text = "".join(f"{line}\n" for line in lines[number * each : (number + 1) * each])
        (run.folder / f"access.log.{6 - number}").write_text(text)
    calm = new_root("calm")
    moments = run(calm)
    assert moments is not None
    expected = ledger_bytes(calm)

    dice = random.Random(20250414)
    killed, workspaces = 0, 0
    while killed < KILLS:
        root = new_root(f"killed-{workspaces}")
        workspaces += 1
        # Each scan goes on where the last one was killed and has fewer moments before it: it is killed early, or not at all.
        for share in (1.0, 0.5, 0.5, 0.25, 0.25):
            last = dice.randint(1, max(1, int(moments * share)))
            if run(root, last=last, wait=dice.random() / 50) is not None:
                break
            killed += 1
        run(root)
        assert ledger_bytes(root) == expected
    assert workspaces <= KILLS // 2, "most scans were over before they were killed: the test shows too little"
