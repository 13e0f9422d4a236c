"""Real servers for the length of a test: found or named as missing, started in their own group, always stopped."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.waiting import HANG, wait_until

__all__ = ["as_root", "free_port", "is_open", "needed", "running"]

_ENDING = 120.0  # seconds for a server to end by itself; then it is killed


def needed(program: Path, package: str) -> Path:
    """The program of a Debian package. Without it CI fails, and everybody else is told what to install."""
    if program.exists():
        return program
    word = f"{package} is not installed ({program} is missing): run `sh tools/install_servers.sh` as root"
    if os.environ.get("CI") == "true":
        pytest.fail(word)
    pytest.skip(word)


def as_root(line: str) -> str:
    """Started by root, workers would change to a user that cannot write here."""
    return line if os.geteuid() == 0 else ""


def free_port() -> int:
    """A port of loopback that nobody listens on.

    Below those that outgoing connections get, and apart from those of other test processes of this run.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 20_000 + worker % 10 * 1_000
    for port in random.sample(range(first, first + 1_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    pytest.fail("a hundred ports of loopback are all taken")


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(HANG)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: Sequence[str], *, ready: Callable[[], bool], output: Path, stop: signal.Signals
) -> Iterator[None]:
    """A server as a child in a group of its own, from when it is `ready` on; ended with `stop`, at the worst killed."""
    with output.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=output.parent,
        )
    try:
        _await(process, ready, output)
        yield
    finally:
        _end(process, stop)


def _await(process: subprocess.Popen[bytes], ready: Callable[[], bool], output: Path) -> None:
    try:
        wait_until(ready, what="an answer", of=process)
    except AssertionError as fault:
        pytest.fail(f"{fault}:\n{output.read_text(errors='replace')[-2_000:]}")


def _end(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    """The server is asked first, alone, so that it can end its children itself."""
    if process.poll() is None:
        process.send_signal(stop)
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_ENDING)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
