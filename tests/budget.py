"""How long each room of the tests took, beside what tests/budget.toml gives it. Printed at the end with `--budget`; nothing fails
by it."""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = ["Durations", "Room", "room_of", "rooms", "told"]

_FILE = Path(__file__).with_suffix(".toml")
_NONE = "in no room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Folders of tests that share a budget, in minutes."""

    name: str
    minutes: float
    folders: tuple[str, ...]


def rooms(path: Path = _FILE) -> list[Room]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Room(name=name, minutes=room["minutes"], folders=tuple(room["folders"]))
        for name, room in table.items()
    ]


def room_of(node: str, known: Sequence[Room]) -> str:
    """The room of a test by its id."""
    return next(
        (room.name for room in known if node.startswith(tuple(f"{each}/" for each in room.folders))), _NONE
    )


def told(
    seconds: Mapping[str, float], tests: Mapping[str, int], known: Sequence[Room], workers: int
) -> list[str]:
    """A line a room, in the order of the budget, and one for all."""
    lines = [f"{'room':<12}{'tests':>7}{'minutes':>9}{'budget':>8}"]
    for room in [*known, Room(name=_NONE, minutes=0.0, folders=())]:
        if tests.get(room.name) or room.folders:
            took = seconds.get(room.name, 0.0) / 60 / workers
            over = "  over" if took > room.minutes else ""
            lines.append(f"{room.name:<12}{tests.get(room.name, 0):>7}{took:>9.1f}{room.minutes:>8.1f}{over}")
    whole = sum(seconds.values()) / 60 / workers
    budget = sum(room.minutes for room in known)
    lines.append(
        f"{'all':<12}{sum(tests.values()):>7}{whole:>9.1f}{budget:>8.1f}{'  over' if whole > budget else ''}"
    )
    return lines


class Durations:
    """Adds up what the tests took, with all that was set up and torn down for them."""

    def __init__(self) -> None:
        self._rooms = rooms()
        self._seconds: Counter[str] = Counter()
        self._tests: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        room = room_of(report.nodeid, self._rooms)
        self._seconds[room] += report.duration  # type: ignore[assignment]  # a counter of seconds
        self._tests[room] += report.when == "call"

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        workers = config.getoption("numprocesses", None) or 1
        terminalreporter.section(
            f"minutes of {workers} worker{'s' if workers > 1 else ''} by room, beside the budget"
        )
        for line in told(self._seconds, self._tests, self._rooms, workers):
            terminalreporter.line(line)
        load = os.getloadavg()[1]
        terminalreporter.line(
            f"load of the machine in the last five minutes: {load:.1f} on {os.cpu_count()} cores"
        )
