"""Measures every promise and writes docs/performance/results.json: `python -m bench.run [--only NAME ...]`.

Each contender is run in turns on the same file in the same run, so the ratios hold on a machine of any
speed. The results of promises that were not measured this time are kept. Exit 1 when one was broken or
could not be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.promises import PROMISES, Result, Size

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "results.json"
NEEDED_BYTES = 20 * 10**9


def machine() -> dict[str, Any]:
    """What the numbers were measured on, as far as it matters for them."""
    models = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    return {
        "cores": os.cpu_count(),
        "processor": models[0] if models else platform.machine(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.run")
    parser.add_argument("--only", choices=sorted(PROMISES), nargs="+", help="measure these alone")
    parser.add_argument("--lines", type=int, default=Size().lines, help="lines of the main log")
    parser.add_argument(
        "--exposures", type=int, default=Size().exposures, help="exposures of the ledger for `who`"
    )
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".build" / "bench", help="where logs and ledgers go"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(options.folder).free < NEEDED_BYTES:
        print(f"bench: {options.folder} needs {NEEDED_BYTES / 1e9:.0f} GB of free space", file=sys.stderr)
        return 2
    size = Size(lines=options.lines, exposures=options.exposures)
    old = (
        json.loads(options.results.read_text(encoding="utf-8"))["results"] if options.results.exists() else []
    )
    by_name: dict[str, dict[str, Any]] = {entry["name"]: entry for entry in old}
    measured: list[Result] = []
    for name in options.only or PROMISES:
        result = PROMISES[name](options.folder, size)
        measured.append(result)
        by_name[name] = {**result.as_json(), "measured": datetime.now(UTC).date().isoformat()}
        word = {True: "kept", False: "BROKEN", None: "not measured"}[result.kept]
        value = (
            result.why
            if result.value is None
            else f"{result.value:.3g} {result.unit}, limit {result.limit:g}"
        )
        print(f"{word:12} {name}: {value}", flush=True)
    document = {"machine": machine(), "results": [by_name[name] for name in PROMISES if name in by_name]}
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0 if all(result.kept for result in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
