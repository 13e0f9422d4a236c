"""How fast a replay is made, as text and as events: `python -m bench.making [--scale N ...] [--repeat N]`.

Makes the replay that is like the case several times and keeps the shortest time and the least processor time of each.
Text is the combined format for every service that writes requests. Writes docs/performance/making.json; sizes that were
not measured this time are kept. Each replay is removed before the next one is made.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measure import run
from bench.run import ROOT, machine

__all__ = ["TARGETS", "document", "making", "row_of"]

RESULTS = ROOT / "docs" / "performance" / "making.json"
WHOSAW = str(Path(sys.executable).parent / "whosaw")
SCALES = (0.01, 0.05)
REPEATS = 3
TARGETS = {"combined": 1e6, "events": 5e6}  # lines, or events, a second on two cores
_WANTED = {
    "combined": [f"--format={service}=combined-kv" for service in ("web", "api", "edge", "office")],
    "events": ["--events"],
}
_NEEDED_BYTES = 10 << 30


def making(folder: Path, kind: str, scale: float) -> dict[str, Any]:
    """Make one replay and remove it: its lines, the seconds and the processor seconds it took, and its bytes."""
    shutil.rmtree(folder, ignore_errors=True)
    command = [WHOSAW, "replay", "make", str(folder), "--like", "coupang", "--scale", str(scale), "--json"]
    before = os.times()
    done = run([*command, *_WANTED[kind]], watch=False)
    after = os.times()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder)
    return {
        "lines": json.loads(done.output)["lines"],
        "seconds": done.seconds,
        "cpu_seconds": after.children_user
        - before.children_user
        + after.children_system
        - before.children_system,
        "bytes": size,
    }


def row_of(kind: str, scale: float, made: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The best of several times. The least of both is what the work takes where others use the machine too."""
    first = made[0]
    return {
        "kind": kind,
        "scale": scale,
        "lines": first["lines"],
        "bytes": first["bytes"],
        "seconds": min(each["seconds"] for each in made),
        "cpu_seconds": min(each["cpu_seconds"] for each in made),
        "times": len(made),
        "measured": datetime.now(UTC).date().isoformat(),
    }


def document(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is stored."""
    ordered = sorted(rows, key=lambda row: (row["kind"], row["scale"]))
    return {"machine": machine(), "targets": TARGETS, "rows": ordered}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.making")
    parser.add_argument("--scale", type=float, nargs="+", default=SCALES, help="these sizes")
    parser.add_argument("--only", nargs="+", choices=sorted(TARGETS), help="text or events alone")
    parser.add_argument("--repeat", type=int, default=REPEATS, help="how often each is made")
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "making", help="where replays go")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(options.folder).free < _NEEDED_BYTES:
        print(f"bench: {options.folder} needs {_NEEDED_BYTES / 1e9:.0f} GB of free space", file=sys.stderr)
        return 2
    old = json.loads(options.results.read_text(encoding="utf-8"))["rows"] if options.results.exists() else []
    rows = {(row["kind"], row["scale"]): row for row in old}
    for kind in options.only or TARGETS:
        for scale in options.scale:
            made = [making(options.folder / "replay", kind, scale) for _ in range(max(1, options.repeat))]
            row = rows[kind, scale] = row_of(kind, scale, made)
            options.results.parent.mkdir(parents=True, exist_ok=True)
            told = json.dumps(document(list(rows.values())), indent=2, sort_keys=True)
            options.results.write_text(told + "\n", encoding="utf-8")
            print(
                f"{kind} at {scale:g}: {row['lines']:,} lines in {row['seconds']:.1f} s, "
                f"{row['cpu_seconds']:.1f} s of processor time",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
