"""A breach the size of a country's largest shop, on this machine: `python -m bench.national [--full] [--text]`.

Makes replays of growing size as events, scans each and counts; the last one, with --full, has 33.7 million accounts and
226 million requests of one attacker. --text adds a replay of a hundredth as log lines through everything. Writes
docs/performance/national.json; sizes that were not measured this time are kept. Each replay and ledger is removed
before the next one is made; with --keep the last ledger stays, for `python -m bench.scope_size --ledger`.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.replayed import made_and_scanned
from bench.run import ROOT, machine

__all__ = ["extrapolated", "growth", "measure"]

RESULTS = ROOT / "docs" / "performance" / "national.json"
SCALES = (0.001, 0.01, 0.1)
FULL = 1.0
TEXT = 0.01
ARCHIVE_BYTES = 25.6e12  # the logs that were gone through in the case, as text
TARGET_SECONDS = 90.0
NEEDED_BYTES = {0.001: 1 << 30, 0.01: 4 << 30, 0.1: 10 << 30, 1.0: 80 << 30}


def measure(folder: Path, scale: float, *, text: bool = False, keep: bool = False) -> dict[str, Any]:
    """Make one replay, scan it, count, and remove both again; with `keep`, the ledger stays."""
    making, done, told = made_and_scanned(folder, scale, text=text, large=scale >= FULL, keep=keep)
    seconds, processor = (
        sum(phase[name] for phase in told["phases"].values()) for name in ("seconds", "cpu_seconds")
    )
    return {
        "scale": scale,
        "text": text,
        **making,
        "seconds": seconds,
        "cpu_seconds": processor,
        "seconds_per_million_lines": seconds / told["lines"] * 1e6,
        "peak_bytes": done.peak_bytes,
        "measured": datetime.now(UTC).date().isoformat(),
        **told,
    }


def growth(sizes: Sequence[Mapping[str, Any]], name: str = "seconds") -> float | None:
    """The slope of `name` over lines, both as logarithms, by least squares: 1 is proportional. None below two sizes."""
    points = [(math.log(size["lines"]), math.log(size[name])) for size in sizes if size[name] > 0]
    if len(points) < 2:
        return None
    x = sum(point[0] for point in points) / len(points)
    y = sum(point[1] for point in points) / len(points)
    spread = sum((point[0] - x) ** 2 for point in points)
    return sum((point[0] - x) * (point[1] - y) for point in points) / spread if spread else None


def extrapolated(size: Mapping[str, Any], bytes_per_line: float, cores: int) -> dict[str, Any]:
    """From one measured size to ARCHIVE_BYTES of text on N cores, every step as a field.

    `bytes_per_line` are those of unpacked text. It holds for reading, which is spread by file; what must be brought together (index, findings, counts) grows with the
    lines too and is given beside it, as if one machine did it all.
    """
    read = size["phases"]["read"]
    rate = size["lines"] / read["cpu_seconds"]
    lines = ARCHIVE_BYTES / bytes_per_line
    together = size["seconds"] - read["seconds"]
    return {
        "archive_bytes": ARCHIVE_BYTES,
        "bytes_per_line": bytes_per_line,
        "archive_lines": lines,
        "from_scale": size["scale"],
        "from_text": size["text"],
        "lines_per_core_second": rate,
        "core_seconds": lines / rate,
        "hours_by_cores": {str(n): lines / rate / n / 3600 for n in (cores, 16, 64, 256, 1024)},
        "brought_together_seconds_per_line": together / size["lines"],
        "brought_together_hours_on_this_machine": together / size["lines"] * lines / 3600,
    }


def _per_line_against_hundredth(sizes: Sequence[Mapping[str, Any]], name: str) -> float | None:
    """What `name` comes to for each line of the largest size, over the same for each line at a hundredth."""
    by_scale = {size["scale"]: size for size in sizes}
    largest = max(by_scale, default=0.0)
    if 0.01 not in by_scale or largest <= 0.01:
        return None
    each = [by_scale[scale][name] / by_scale[scale]["lines"] for scale in (largest, 0.01)]
    return float(each[0] / each[1])


def _without_findings(size: Mapping[str, Any]) -> dict[str, Any]:
    """The size as if nobody had looked for findings."""
    phases = {name: each for name, each in size["phases"].items() if name != "findings"}
    sums = {name: sum(each[name] for each in phases.values()) for name in ("seconds", "cpu_seconds")}
    return {**size, **sums, "phases": phases}


def document(sizes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is stored: the sizes, and what follows from them."""
    for size in sizes:  # not told apart by those who measured early
        size.setdefault("cpu_seconds", sum(phase["cpu_seconds"] for phase in size["phases"].values()))
    events = sorted((size for size in sizes if not size["text"]), key=lambda size: size["scale"])
    whole = [size for size in events if "findings" in size["phases"]]  # what broke off says nothing of growth
    counted = [_without_findings(size) for size in events]
    text = [size for size in sizes if size["text"]]
    told: dict[str, Any] = {
        "machine": machine(),
        "sizes": [*events, *text],
        "slope": {name: growth(whole, name) for name in ("seconds", "cpu_seconds", "peak_bytes")},
        "largest_per_line_against_hundredth": {
            name: _per_line_against_hundredth(whole, name) for name in ("seconds", "cpu_seconds")
        },
        "largest_per_line_against_hundredth_without_findings": {
            name: _per_line_against_hundredth(counted, name) for name in ("seconds", "cpu_seconds")
        },
        "target_seconds": TARGET_SECONDS,
    }
    if text:  # only text says how many bytes a line has
        told["extrapolation"] = extrapolated(
            text[0], text[0]["unpacked_bytes"] / text[0]["lines"], told["machine"]["cores"]
        )
    return told


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.national")
    parser.add_argument(
        "--full", action="store_true", help="scale 1.0 too; takes long and needs 80 GB of room"
    )
    parser.add_argument("--text", action="store_true", help="a hundredth as log lines too")
    parser.add_argument("--scale", type=float, nargs="+", help="these sizes alone")
    parser.add_argument("--keep", action="store_true", help="the ledger stays where it was made")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".build" / "national", help="where replays and ledgers go"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    scales = options.scale or [*SCALES, *([FULL] if options.full else [])]
    options.folder.mkdir(parents=True, exist_ok=True)
    needed = max((NEEDED_BYTES.get(scale, 80 << 30) for scale in scales), default=0)
    if shutil.disk_usage(options.folder).free < needed:
        print(f"bench: {options.folder} needs {needed / 1e9:.0f} GB of free space", file=sys.stderr)
        return 2
    old = json.loads(options.results.read_text(encoding="utf-8"))["sizes"] if options.results.exists() else []
    sizes = {(size["scale"], size["text"]): size for size in old}
    for scale, text in [*((scale, False) for scale in scales), *([(TEXT, True)] if options.text else [])]:
        size = measure(options.folder, scale, text=text, keep=options.keep)
        sizes[scale, text] = size
        options.results.parent.mkdir(parents=True, exist_ok=True)
        told = document(list(sizes.values()))
        options.results.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        print(
            f"scale {scale:g}{' as text' if text else ''}: {size['lines']:,} lines in {size['seconds']:.1f} s, "
            f"{size['seconds_per_million_lines']:.2f} s a million, {size['peak_bytes'] / 1e9:.2f} GB, "
            f"{size['ledger_bytes'] / 1e9:.2f} GB on disk",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
