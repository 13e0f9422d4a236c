"""Runs a command and tells how long it took and how much memory it and all that it started held at once."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Failed", "Late", "Run", "run"]

_PERIOD = 0.1  # seconds between two looks at the memory of a process tree
_PROC = Path("/proc")


class Failed(SystemExit):
    """A command ended with an error. Not caught, it ends the benchmark with one line."""


class Late(Failed):
    """A command was ended because it took longer than it may."""


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
        try:
            tasks = list((_PROC / str(pid) / "task").glob("*/children"))
        except OSError:  # the process has ended meanwhile
            continue
        for task in tasks:
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
            # a look at what processes share stops them for as long as it takes, and one alone shares with none
            held = _held(pids) if len(pids) > 1 else 0
            self.peak = max(self.peak, held, _highest(pids))


class _Limit(threading.Timer):
    """Ends a process and all that it started once `seconds` have passed. `over` says whether it had to."""

    def __init__(self, pid: int, seconds: float) -> None:
        super().__init__(seconds, self._end, (pid,))
        self.daemon = True
        self.over = False

    def _end(self, pid: int) -> None:
        self.over = True
        for each in _tree(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)


def run(
    command: Sequence[str],
    *,
    watch: bool = True,
    env: Mapping[str, str] | None = None,
    limit: float | None = None,
) -> Run:
    """Run `command` to its end. One that fails is an error: a benchmark of a failure measures nothing.

    Raises Failed, and Late where it was still running after `limit` seconds.
    """
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
    timer = _Limit(child.pid, limit) if limit is not None else None
    if timer:
        timer.start()
    errors: list[bytes] = []
    assert child.stdout is not None
    assert child.stderr is not None
    reader = threading.Thread(target=lambda pipe: errors.append(pipe.read()), args=(child.stderr,))
    reader.start()
    output = child.stdout.read()
    child.wait()
    seconds = time.perf_counter() - start
    if timer:
        timer.cancel()
    reader.join()
    child.stdout.close()
    child.stderr.close()
    if watcher:
        watcher.over.set()
        watcher.join()
    if timer and timer.over:
        raise Late(f"bench: {' '.join(command)} was ended after {limit:g} seconds")
    if child.returncode != 0:
        said = errors[0].decode(errors="replace").strip()
        raise Failed(f"bench: {' '.join(command)} ended with {child.returncode}: {said}")
    return Run(
        seconds=seconds, peak_bytes=watcher.peak if watcher else 0, output=output.decode(errors="replace")
    )
