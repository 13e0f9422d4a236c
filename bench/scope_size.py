"""How long a scope with all its counts takes as the ledger grows: `python -m bench.scope_size [--scale N ...] [--full]`.

For each scale a replay of the largest case is made as events and scanned; then a process of its own closes and counts the scope
of its largest finding. Writes docs/performance/scope.json; sizes that were not measured this time are kept.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.replayed import make_replay
from bench.run import ROOT, machine
from whosaw.app.cases.making import make_version
from whosaw.app.scan import scan
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

RESULTS = ROOT / "docs" / "performance" / "scope.json"
SCALES, LARGER = (0.001, 0.01), 0.1
_MEMORY = 4 << 30


def measure(folder: Path, scale: float) -> dict[str, Any]:
    """Make one ledger and the scope in it, and remove both."""
    replay, root = folder / "replay", folder / "ledger"
    for each in (replay, root):
        shutil.rmtree(each, ignore_errors=True)
    _, made = make_replay(replay, scale)
    told = json.loads(made)
    scan(
        told["logs"],
        root,
        now=datetime.now(UTC),
        map_path=Path(told["map"]),
        context=Path(told["context"]),
        threads=2,
        memory_bytes=_MEMORY,
    )
    done = subprocess.run(
        [sys.executable, "-m", "bench.scope_size", "--ledger", str(root)],
        check=True,
        capture_output=True,
        text=True,
    )
    for each in (replay, root):
        shutil.rmtree(each)
    return {"scale": scale, **json.loads(done.stdout)}


def made_in(root: Path) -> dict[str, Any]:
    """Seconds, processor seconds and peak memory of `whosaw scope new` with the largest finding, and what it counts."""
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace)
    largest = reader.session.query(
        "SELECT finding FROM counted GROUP BY finding ORDER BY count(*) DESC, finding LIMIT 1"
    )["finding"][0].as_py()
    reader.close()
    lines = workspace.journal.rows(
        sa.select(sa.func.sum(tables.segment.c.lines).label("n")).where(tables.segment.c.live)
    )[0]["n"]
    workspace.close()
    began, worked = time.perf_counter(), time.process_time()
    made = make_version(root, "bench", findings=[largest], now=datetime.now(UTC), memory_bytes=_MEMORY)
    return {
        "lines": int(lines),
        "seconds": round(time.perf_counter() - began, 2),
        "processor_seconds": round(time.process_time() - worked, 2),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "counts": {each.unit: [each.lower, each.upper] for each in made.version.counts},
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.scope_size")
    parser.add_argument("--scale", nargs="+", type=float, help="of the case's 33.7 million customers")
    parser.add_argument("--full", action="store_true", help=f"{LARGER} too")
    parser.add_argument(
        "--ledger", type=Path, help="only this ledger, which is there already and of the one --scale"
    )
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "bench" / "scope")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.ledger:
        told = made_in(options.ledger)
        print(json.dumps(told))
        if options.scale:
            write_sizes(options.results, [{"scale": options.scale[0], **told}])
        return 0
    options.folder.mkdir(parents=True, exist_ok=True)
    for scale in options.scale or (*SCALES, *([LARGER] if options.full else [])):
        size = measure(options.folder, scale)
        print(json.dumps(size), flush=True)
        write_sizes(options.results, [size])
    return 0


def write_sizes(path: Path, sizes: list[dict[str, Any]]) -> None:
    """Keep `sizes` in the document at `path`, beside those of other scales."""
    old = json.loads(path.read_text(encoding="utf-8")).get("sizes", []) if path.exists() else []
    by_scale = {each["scale"]: each for each in (*old, *sizes)}
    write_results(path, {"sizes": [by_scale[each] for each in sorted(by_scale)]})


def write_results(path: Path, told: dict[str, Any]) -> None:
    """Keep `told` in the document at `path`, with what else stands there."""
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    document = {**old, "machine": machine(), **told}
    path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
