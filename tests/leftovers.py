"""Processes and files that a test leaves behind: found, ended or removed, and refused.

Each test process adopts what its children leave behind (`PR_SET_CHILD_SUBREAPER`), so that a process whose parent was killed
is found too. Temporary files go to a folder that each test process has for itself.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Left", "children", "refuse", "room_in_memory", "temporary_folder", "there"]

_ADOPT = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
_PATIENCE = float(
    os.environ.get("WHOSAW_TESTS_PATIENCE", "60")
)  # seconds for a process to end by itself once the one it works for is gone
_STEP = 0.01
_TRACKER = b"multiprocessing.resource_tracker"  # of the interpreter: one for its whole life


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The children of this process, and the names in its temporary folder."""

    processes: frozenset[int]
    files: frozenset[str]


def there() -> Left:
    return Left(processes=frozenset(children()), files=frozenset(os.listdir(tempfile.gettempdir())))


def children() -> list[int]:
    """Running children of this process: those it started, and those it adopted. None where the system does not tell."""
    found: list[int] = []
    for task in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):  # a thread that has ended
            found += map(int, task.read_text(encoding="ascii").split())
    return [each for each in found if _runs(each)]


def refuse(before: Left, *, patience: float = _PATIENCE) -> None:
    """Fail for what is there and was not before. What works for a process that was killed is given time to notice it."""
    until = time.monotonic() + patience
    while (
        left := [each for each in children() if each not in before.processes]
    ) and time.monotonic() < until:
        time.sleep(_STEP)
    told = [f"process {each}: {_command(each).decode(errors='replace')}" for each in left]
    for each in left:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
            os.waitpid(each, 0)
    folder = Path(tempfile.gettempdir())
    for name in sorted(set(os.listdir(folder)) - before.files):
        told.append(f"file {folder / name}")
        _remove(folder / name)
    assert not told, "the test leaves behind: " + "; ".join(told)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder of its own for the temporary files of this process and all that it starts; servers of other users reach it."""
    _adopt()
    known = {name: os.environ.get(name) for name in ("TMPDIR",)}
    folder = Path(tempfile.mkdtemp(prefix="whosaw-tests-"))
    folder.chmod(0o755)
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    before = there()
    try:
        yield folder
        refuse(before)
    finally:
        for name, value in known.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def room_in_memory(folder: Path) -> int:
    """Bytes that may go into a folder which lies in memory; none where it does not, or where what lies there cannot be run."""
    with suppress(OSError, ValueError):
        mounted = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
        if any(line.split()[1:3] == [str(folder), "tmpfs"] for line in mounted):
            held = os.statvfs(folder)
            if not held.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK):
                free = Path("/proc/meminfo").read_text(encoding="utf-8").split("MemAvailable:")[1].split()[0]
                return min(held.f_bavail * held.f_frsize, int(free) * 1024 // 2)
    return 0


def _adopt() -> None:
    with suppress(OSError, AttributeError):  # a system that has no such call shows orphans to nobody
        ctypes.CDLL(None).prctl(_ADOPT, 1, 0, 0, 0)


def _runs(pid: int) -> bool:
    if _TRACKER in _command(pid):
        return False
    with suppress(OSError):
        state = (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()[0]
        )
        return state != "Z"
    return False


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").strip()
    except OSError:
        return b""


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
