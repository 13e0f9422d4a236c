"""Runs a command and tells how long it took and how much memory it and all that it started held at once."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Run", "run"]

_PERIOD = 0.1  # seconds between two looks at the memory of a process tree
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a command. `peak_bytes`: the most the whole process tree was seen to hold (0: unwatched)."""

    seconds: float
    peak_bytes: int
    output: str


def _tree(root: int) -> list[int]:
    """`root` and every process below it that is there now."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for task in (_PROC / str(pid) / "task").glob("*/children"):
            try:
                waiting += [int(text) for text in task.read_text(encoding="ascii").split()]
            except OSError:  # ended between the listing and the reading
                continue
    return found


def _number(pid: int, file: str, name: str) -> int:
    """A size in bytes from a process's own account; 0 once it has ended."""
    try:
        for line in (_PROC / str(pid) / file).read_text(encoding="ascii").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    except OSError:  # ended meanwhile
        return 0
    return 0


def _held(pids: list[int]) -> int:
    """Memory of processes together: pages that several share are counted once in all."""
    return sum(_number(pid, "smaps_rollup", "Pss:") for pid in pids)


def _highest(pids: list[int]) -> int:
    """The highest memory that any one process had so far, between the looks too.

    The kernel's answer to wait4 would do, were it not that a child starts with the peak of its parent.
    """
    return max((_number(pid, "status", "VmHWM:") for pid in pids), default=0)


class _Watch(threading.Thread):
    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.peak = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(_PERIOD):
            pids = _tree(self.pid)
            self.peak = max(self.peak, _held(pids), _highest(pids))


def run(command: Sequence[str], *, watch: bool = True, env: Mapping[str, str] | None = None) -> Run:
    """Run `command` to its end. One that fails is an error: a benchmark of a failure measures nothing."""
    start = time.perf_counter()
    child = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
    )
    watcher = _Watch(child.pid) if watch else None
    if watcher:
        watcher.start()
    errors: list[bytes] = []
    assert child.stdout is not None
    assert child.stderr is not None
    reader = threading.Thread(target=lambda pipe: errors.append(pipe.read()), args=(child.stderr,))
    reader.start()
    output = child.stdout.read()
    child.wait()
    seconds = time.perf_counter() - start
    reader.join()
    child.stdout.close()
    child.stderr.close()
    if watcher:
        watcher.over.set()
        watcher.join()
    if child.returncode != 0:
        said = errors[0].decode(errors="replace").strip()
        raise SystemExit(f"bench: {' '.join(command)} ended with {child.returncode}: {said}")
    return Run(
        seconds=seconds, peak_bytes=watcher.peak if watcher else 0, output=output.decode(errors="replace")
    )
