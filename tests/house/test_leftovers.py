"""No process and no file outlives its test."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tests.leftovers import children, refuse, there
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
SLEEPS = "import time; time.sleep(1000)"
ORPHAN = f"""\
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", {SLEEPS!r}], stdout=subprocess.DEVNULL).pid)
"""
LEAVES = """\
import subprocess, sys, tempfile
def test_a_process(): globals()["kept"] = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
def test_a_file(): tempfile.mkstemp()
def test_nothing(tmp_path): (tmp_path / "a").touch()
"""


def test_a_process_that_is_left_is_refused_and_ended() -> None:
    before = there()
    process = subprocess.Popen([sys.executable, "-c", f"print(flush=True); {SLEEPS}"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # before a program has begun the system knows no command of it
    process.stdout.close()
    with pytest.raises(AssertionError, match=rf"process {process.pid}: .*sleep\(1000\)"):
        refuse(before, patience=0)
    assert process.pid not in children()
    process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
def test_a_process_whose_parent_is_gone_is_found_too() -> None:
    before = there()
    orphan = int(subprocess.run([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, check=True).stdout)
    with pytest.raises(AssertionError, match=f"process {orphan}: "):
        refuse(before, patience=0)
    assert orphan not in children()


def test_a_process_that_ends_by_itself_is_waited_for() -> None:
    before = there()
    process = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    process.stdin.close()
    refuse(before)
    process.wait()


def test_a_file_that_is_left_is_refused_and_removed() -> None:
    before = there()
    folder = Path(tempfile.mkdtemp())
    (folder / "a").touch()
    with pytest.raises(AssertionError, match=str(folder)):
        refuse(before, patience=0)
    assert not folder.exists()


def test_whoever_leaves_something_fails_and_nobody_else(tmp_path: Path) -> None:
    test = tmp_path / "test_leaves.py"
    test.write_text(LEAVES)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "tests.conftest", "-c", ROOT / "pyproject.toml",
         "--rootdir", ROOT, "-q", "-W", "ignore", test],
        cwd=ROOT, env={**os.environ, "WHOSAW_TESTS_PATIENCE": "0", "TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    errors = [line.split(" - ")[0] for line in done.stdout.splitlines() if line.startswith("ERROR ")]
    assert [line.rpartition("::")[2] for line in errors] == ["test_a_process", "test_a_file"], done.stdout
    assert "3 passed, 2 errors" in done.stdout


def test_what_does_not_come_is_said_once_the_process_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", SLEEPS])
    process.kill()
    with pytest.raises(AssertionError, match=r"the answer did not happen: .* ended with -9"):
        wait_until(lambda: False, what="the answer", of=process)
