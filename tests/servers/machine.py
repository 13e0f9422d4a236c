"""A server that spellings are sent to: what it needs, how it is started, what it says of its version."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.servers import free_port, is_open, running
from tests.waiting import HANG

__all__ = [
    "APPS",
    "HOME",
    "NODE",
    "PYTHON",
    "Machine",
    "missing",
    "of_node",
    "of_python",
    "run",
    "up",
    "word",
]

APPS = Path(__file__).parent / "apps"
HOME = Path(__file__).resolve().parents[2] / ".build" / "servers"
PYTHON = HOME / "venv" / "bin"
NODE = HOME / "node_modules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A server, or a server in front of another. `start` is given a folder and a port, and stands until it is left."""

    name: str
    says: Callable[[], str]  # its version
    start: Callable[[ExitStack, Path, int], None]
    needs: Sequence[Path]
    pages: tuple[str, ...] = ("my-info", "customer", "account")
    log: str = "access.log"
    format: str | None = None  # as a user gives it to `--format`, where the log needs it
    zone: str | None = None
    tail: bool = False  # the map says that the pages take whatever follows them


@contextmanager
def up(machine: Machine, folder: Path) -> Iterator[int]:
    """The port that the machine listens on for as long as the block lasts."""
    with ExitStack() as stack:
        port = free_port()
        machine.start(stack, folder, port)
        yield port


def missing(machine: Machine) -> list[str]:
    """What it needs and this computer does not have."""
    return [str(need) for need in machine.needs if not need.exists()]


def run(
    stack: ExitStack,
    folder: Path,
    port: int,
    name: str,
    *command: str | Path | int,
    stop: signal.Signals = signal.SIGTERM,
) -> None:
    stack.enter_context(
        running(
            [str(each) for each in command],
            ready=lambda: is_open(port),
            output=folder / f"{name}.out",
            stop=stop,
        )
    )


def word(*command: str | Path) -> str:
    """What a program says of its version: its first line."""
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, timeout=HANG, check=False
    )
    return (done.stdout + done.stderr).strip().splitlines()[0]


def of_python(*names: str) -> Callable[[], str]:
    code = "import sys; from importlib.metadata import version; print(', '.join(f'{n} {version(n)}' for n in sys.argv[1:]))"
    return lambda: word(PYTHON / "python", "-c", code, *names)


def of_node(*names: str) -> Callable[[], str]:
    def says() -> str:
        packages = [json.loads((NODE / name / "package.json").read_text()) for name in names]
        return ", ".join(f"{package['name']} {package['version']}" for package in packages)

    return says
