"""A scan that is killed at any moment leaves a workspace from which the next scan reaches the same bytes."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.chain.shop_log import ledger_bytes, shop_lines

KILLS = 50
PROGRAM = """\
import sys
from datetime import UTC, datetime
from pathlib import Path
from whosaw.workflow.scan import scan
sys.stdout.write("ready\\n"); sys.stdout.flush()
scan([sys.argv[1]], Path(sys.argv[2]), now=datetime(2025, 11, 17, tzinfo=UTC), map_path=Path(sys.argv[3]), chunk_bytes=20_000)
"""


def begin(folder: Path, root: Path, map_file: Path) -> subprocess.Popen[str]:
    """A scan in a process of its own, past its imports."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), str(root), str(map_file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finish(folder: Path, root: Path, map_file: Path) -> float:
    """An undisturbed scan; returns how long it took past its imports."""
    process = begin(folder, root, map_file)
    began = time.monotonic()
    _, told = process.communicate()
    assert process.returncode == 0, told
    return time.monotonic() - began


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_fifty_kills_and_a_finishing_scan_give_the_same_bytes(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path]
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    lines = shop_lines(6000)
    for number in range(6):
        text = "".join(f"{line}\n" for line in lines[number * 1000 : (number + 1) * 1000])
        (folder / f"access.log.{6 - number}").write_text(text)
    calm = new_root("calm")
    undisturbed = finish(folder, calm, map_file)
    expected = ledger_bytes(calm)

    dice = random.Random(20250414)
    killed_midway = 0
    root = new_root("killed-0")
    rounds = 0
    for kill in range(KILLS):
        process = begin(folder, root, map_file)
        time.sleep(dice.random() * undisturbed / (1 if kill % 2 else 4))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed_midway += process.returncode == -signal.SIGKILL
        if kill % 5 == 4:  # let this workspace be finished and start with a new one
            finish(folder, root, map_file)
            assert ledger_bytes(root) == expected
            rounds += 1
            root = new_root(f"killed-{rounds}")
    assert rounds == KILLS // 5
    assert killed_midway > KILLS // 2, (
        "most scans were over before they were killed: the test shows too little"
    )
