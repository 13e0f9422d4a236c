"""What a day more costs, and writes docs/performance/day-more.json: `python -m bench.day_more [--scale N] [--results FILE]`.

The logs of a replay of the case are scanned as they lay before their last rotation, then after it, with a new name for every file and a new
file of each log, then once more with nothing new: each a whole command, by steps over days and in one run over the whole ledger.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.measure import run
from bench.replayed import WHOSAW, make_replay

__all__ = ["LOGS", "RESULTS", "Turn", "age_of", "as_written", "measure", "newest", "rotate"]

RESULTS: Final = Path(__file__).resolve().parent.parent / "docs" / "performance" / "day-more.json"
LOGS: Final = ("web", "api", "edge", "office", "db")
"""Folders of a replay that hold logs."""
WAYS: Final = {"days": [WHOSAW], "one run": [sys.executable, "-m", "bench.in_one_run"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One scan. `lines`: new ones; `seconds` and `processor_seconds` of the whole command; `disk_bytes`: of the workspace after it."""

    way: str
    turn: str
    lines: int
    seconds: float
    processor_seconds: float
    peak_bytes: int
    disk_bytes: int
    findings: int


def newest(files: Sequence[Path]) -> list[Path]:
    """Those that no rotation has numbered yet."""
    return [each for each in files if not age_of(each)]


def rotate(files: Sequence[Path], days: int) -> list[Path]:
    """Rename files as that many days of rotation do, or undo it where `days` is negative: the number of each goes up by one a day. Each keeps its
    time of change."""
    moved = []
    for file in sorted(files, key=age_of, reverse=days > 0):  # none takes a name that another has still
        packed = file.suffix if file.suffix == ".gz" else ""
        log = file.name.removesuffix(packed).removesuffix(f".{age_of(file)}")
        age = age_of(file) + days
        moved.append(file.rename(file.with_name((f"{log}.{age}" if age else log) + packed)))
    return sorted(moved)


def age_of(file: Path) -> int:
    """The number that rotation gave it; 0 where it has none yet."""
    number = file.name.removesuffix(".gz").rpartition(".")[2]
    return int(number) if number.isdigit() else 0


def as_written(files: Sequence[Path]) -> None:
    """Give files times of change as fine as a server's: those of a replay are whole seconds."""
    for number, file in enumerate(files):
        time = file.stat().st_mtime_ns + 123_456_789 + number
        os.utime(file, ns=(time, time))


def measure(scale: float, folder: Path, *, most: int | None = None) -> list[Turn]:
    """Make the replay and scan it in each way, of each log the `most` newest files; `folder` must be empty."""
    replay = folder / "replay"
    make_replay(replay, scale, text=True)
    every = sorted(
        path
        for name in LOGS
        for path in (replay / name).glob("*")
        if path.is_file() and (most is None or age_of(path) < most)
    )
    as_written(every)
    last = newest(every)
    older = [each for each in every if each not in last]
    turns = []

    def scanned(way: str, turn: str, logs: Sequence[Path], new: Sequence[Path]) -> None:
        root = folder / way.replace(" ", "-")
        turns.append(_scanned(replay, root, way, WAYS[way], turn, logs, sum(map(_lines, new))))
        print(turns[-1], flush=True)

    for way in WAYS:
        to_come = [each.rename(each.with_name(f"{each.name}.to-come")) for each in last]
        before = rotate(older, -1)
        scanned(way, "first scan", before, before)
        rotate(before, 1)
        for file, name in zip(to_come, last, strict=True):
            file.rename(name)
        scanned(way, "a day more", every, last)
        scanned(way, "nothing new", every, [])
    return turns


def _scanned(
    replay: Path, root: Path, way: str, command: Sequence[str], turn: str, logs: Sequence[Path], lines: int
) -> Turn:
    start = os.times()
    done = run([
        *command, "scan", *map(str, logs), "-w", str(root), "--map", str(replay / "map.toml"),
        "--context", str(replay / "context"), "--json",
    ])  # fmt: skip
    end = os.times()
    return Turn(
        way=way,
        turn=turn,
        lines=lines,
        seconds=round(done.seconds, 2),
        processor_seconds=round(
            end.children_user - start.children_user + end.children_system - start.children_system, 2
        ),
        peak_bytes=done.peak_bytes,
        disk_bytes=sum(path.stat().st_size for path in root.rglob("*") if path.is_file()),
        findings=len(json.loads(done.output)["findings"]),
    )


def _lines(path: Path) -> int:
    with path.open("rb") as opened:
        return sum(1 for _ in opened)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.day_more")
    parser.add_argument("--scale", type=float, default=0.01, help="of the replay of the case")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="whosaw-day-more-") as folder:
        turns = measure(options.scale, Path(folder))
    told = {
        "measured": datetime.now(UTC).date().isoformat(),
        "scale": options.scale,
        "turns": [asdict(each) for each in turns],
    }
    options.results.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
