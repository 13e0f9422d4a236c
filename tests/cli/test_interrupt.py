"""Ctrl-C in the midst of a scan: one line, exit 2, and the next scan ends where an undisturbed one does."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
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


@pytest.mark.timeout(120)
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
        while not (disturbed / "lock").exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        shown, told = process.communicate()
        if shown:
            break  # it was done before the signal came
        interrupted += 1
        assert process.returncode == 2
        assert shown == ""
        stopped = "whosaw: stopped; what was read up to here is kept, run the same command again to go on\n"
        assert re.fullmatch(f"{stopped}({HEAD})?", told)  # the beginning of the scan may have been journalled
    assert interrupted
    process = begin(log, disturbed)
    _, told = process.communicate()
    assert process.returncode == 0
    assert re.fullmatch(HEAD, told)
    assert ledger_bytes(disturbed) == expected
