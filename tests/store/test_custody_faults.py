"""A fault and a kill at every single call that writes, SQLite's own among them: the journal holds, and nothing looks like an edit."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from tests.store.test_custody import opened, write
from tests.wide import WIDE

from whosaw.core.custody import HOLDS
from whosaw.store.custody_check import database_faults, recent, whole

CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate")
PROGRAM = """\
import sys
from datetime import UTC, datetime
from pathlib import Path
from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
try:
    journal = Journal.at(Path(sys.argv[1]) / "journal.sqlite", who="tester")
    with journal.transaction() as connection:
        journal.record(connection, "scan.begin", {}, now=datetime(2026, 11, 27, tzinfo=UTC))
    journal.close()
except WhosawError as fault:
    assert fault.code in ("journal.failed", "store.write-failed"), fault.code
    sys.exit(2)
"""


def traced(folder: Path, *more: str) -> tuple[int, Counter[str]]:
    """Record one entry under strace; how it ended, and how often each call was made."""
    log = folder.parent / "log"
    command = ["strace", "-f", "-qq", "-o", str(log), f"--trace={','.join(CALLS)}", *more]
    done = subprocess.run(
        [*command, sys.executable, "-c", PROGRAM, str(folder)], capture_output=True, check=False
    )
    assert done.returncode in (0, 2, -signal.SIGKILL, 128 + signal.SIGKILL), done.stderr
    calls = Counter(name for line in log.read_text().splitlines() for name in CALLS if f" {name}(" in line)
    return done.returncode, calls


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if shutil.which("strace") is None:
        pytest.skip("no strace here")
    made = tmp_path / "ws"
    made.mkdir()
    with opened(made) as journal:
        journal.create()
        write(journal, 3)
    probe = shutil.copytree(made, tmp_path / "probe")
    if not traced(probe)[1]:
        pytest.skip("strace may not trace here")
    return made


@pytest.mark.slow
@pytest.mark.parametrize("end", ["error", "kill"])
def test_a_fault_at_every_call_that_writes(folder: Path, tmp_path: Path, end: str) -> None:
    _, made = traced(shutil.copytree(folder, tmp_path / "calm"))
    assert made["pwrite64"] > 10
    assert (
        made["fdatasync"] >= 4
    )  # the key before the commit, the commit, the key after it, the way into the main file
    refused = kept = 0
    for call in CALLS:
        every = 3 if call == "pwrite64" and not WIDE else 1  # pages of a database, one like another
        fault = "signal=SIGKILL" if end == "kill" else f"error={'ENOSPC' if call == 'pwrite64' else 'EIO'}"
        for number in range(1, made[call] + 1, every):
            work = shutil.copytree(folder, tmp_path / f"{call}-{number}")
            code, _ = traced(work, f"--inject={call}:{fault}:when={number}")
            with opened(work) as journal:
                for standing in (whole(journal), recent(journal)):
                    assert (standing.answer, standing.why) == (HOLDS, ()), (call, number)
                assert standing.entries in (3, 4)
                assert code != 0 or standing.entries == 4, (call, number)
                assert database_faults(journal) == []
                write(journal)
                assert whole(journal).answer == HOLDS
            refused += code != 0
            kept += standing.entries == 4
            shutil.rmtree(work)
    assert refused >= 5
    assert kept >= 3
