"""What each day of a year costs, and writes docs/performance/year.json: `python -m bench.year [--scale N] [--days N] [--results FILE]`.

The logs of a shop in which nothing happens are rotated each night as logrotate does with `delaycompress`: the numbers of all files go up by
one, what was .1 is packed, and a new file begins. Each morning one whole command scans all that lies there. Measured is every one of them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.day_more import age_of, as_written, rotate
from bench.measure import run
from bench.quiet import quiet_shop
from bench.replayed import WHOSAW

__all__ = ["RESULTS", "Morning", "growth", "measure"]

RESULTS: Final = Path(__file__).resolve().parent.parent / "docs" / "performance" / "year.json"
_DAYS: Final = 365
_MONTH: Final = 28  # days; the first of a ledger are judged in hindsight, together


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """One scan. `lines`: new ones; `seconds` and `processor_seconds` of the whole command; `findings` that it tells."""

    day: int
    lines: int
    seconds: float
    processor_seconds: float
    peak_bytes: int
    findings: int


def measure(scale: float, folder: Path, *, days: int = _DAYS, seed: int = 1) -> tuple[list[Morning], int]:
    """Every morning of so many days of one shop, and how many customers it has. `folder` must be empty."""
    made = quiet_shop(folder / "replay", scale, seed, days)
    by_day = _put_away(made.logs, days)
    every = [file for files in by_day for file in files]
    as_written(every)
    mornings = []
    for day, files in enumerate(by_day):
        for logs in made.logs:
            _night(logs)
        for file in files:
            file.rename(file.parent.parent / _log(file))
        mornings.append(_scanned(day, made.logs, folder / "workspace", made.map, made.context))
        print(mornings[-1], flush=True)
    return mornings, made.customers


def _put_away(folders: Sequence[Path], days: int) -> list[list[Path]]:
    """The plain logs of each day, the oldest day first, out of reach of whoever scans the folders."""
    by_day: list[list[Path]] = [[] for _ in range(days)]
    for folder in folders:
        to_come = folder / "to-come"
        files = [each for each in sorted(folder.iterdir()) if each.is_file()]
        to_come.mkdir()
        for file in files:
            by_day[days - 1 - age_of(file)].append(_plain(file, to_come))
    return by_day


def _plain(file: Path, folder: Path) -> Path:
    moved = folder / file.name.removesuffix(".gz")
    if file.suffix != ".gz":
        return file.rename(moved)
    time = file.stat().st_mtime_ns
    moved.write_bytes(gzip.decompress(file.read_bytes()))
    os.utime(moved, ns=(time, time))
    file.unlink()
    return moved


def _night(folder: Path) -> None:
    """Rotate the logs of a folder by one day."""
    for file in rotate([each for each in folder.iterdir() if each.is_file()], 1):
        if file.suffix != ".gz" and age_of(file) == 2:
            time = file.stat().st_mtime_ns
            packed = file.with_name(f"{file.name}.gz")
            packed.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
            os.utime(packed, ns=(time, time))  # as gzip(1) does
            file.unlink()


def _log(file: Path) -> str:
    """The name of the log that a rotated file is of."""
    return file.name.removesuffix(f".{age_of(file)}")


def _scanned(day: int, folders: Sequence[Path], root: Path, data_map: Path, context: Path) -> Morning:
    logs = [str(each) for folder in folders for each in sorted(folder.iterdir()) if each.is_file()]
    start = os.times()
    done = run([
        WHOSAW, "scan", *logs, "-w", str(root), "--map", str(data_map), "--context", str(context), "--json",
    ])  # fmt: skip
    end = os.times()
    told = json.loads(done.output)
    return Morning(
        day=day,
        lines=sum(each["lines"] for each in told["contents"]),
        seconds=round(done.seconds, 2),
        processor_seconds=round(
            end.children_user - start.children_user + end.children_system - start.children_system, 2
        ),
        peak_bytes=done.peak_bytes,
        findings=len(told["findings"]),
    )


def growth(mornings: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Middle seconds of the first 28 days after those that are judged together, and of the last 28."""
    seconds = [each["seconds"] for each in mornings]
    return statistics.median(seconds[_MONTH : 2 * _MONTH]), statistics.median(seconds[-_MONTH:])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.year")
    parser.add_argument("--scale", type=float, default=0.1, help="of the quiet shop")
    parser.add_argument("--days", type=int, default=_DAYS)
    parser.add_argument("--folder", type=Path, help="where logs and the workspace go for a while")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="whosaw-year-", dir=options.folder))
    try:
        mornings, customers = measure(options.scale, folder, days=options.days)
    finally:
        shutil.rmtree(folder)
    told = {
        "measured": datetime.now(UTC).date().isoformat(),
        "scale": options.scale,
        "customers": customers,
        "mornings": [asdict(each) for each in mornings],
    }
    options.results.write_text(json.dumps(told) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
