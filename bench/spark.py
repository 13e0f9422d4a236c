"""What a runner of Spark costs against threads: `python -m bench.spark [--scale S] [--turns N] [--results FILE]`.

One replay as text, read by one and by two threads and by one and by two threads of Spark, in turns, each into a workspace of its own under one
key. The session and its Python workers stand before the clock begins. Of each: seconds of reading (up to where the ledger is made), and of the
whole scan; the memory of this process, which is the driver, at two scales. Every workspace has to hold the same files. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.reading import LOGS
from bench.replayed import make_replay

__all__ = ["measure", "read_once"]

_RUNNERS = ("threads-1", "threads-2", "spark-1", "spark-2")
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


class _Stages:
    """When the ledger was begun, which is when reading had ended."""

    def __init__(self) -> None:
        self.began = self.read = 0.0

    def begin(self, contents: int, total: int) -> None:  # noqa: ARG002  # as `Progress` has it
        self.began = time.monotonic()

    def stage(self, text: str) -> None:  # noqa: ARG002
        self.read = self.read or time.monotonic()

    def reading(self, name: str, size: int | None) -> None: ...
    def advance(self, unpacked: int, lines: int) -> None: ...
    def done(self, size: int | None) -> None: ...


def read_once(replay: Path, root: Path, key: Path, name: str) -> dict[str, Any]:
    """One scan in this process; a runner of Spark is warm before the clock begins."""
    from whosaw.app.runners.session import open_cluster
    from whosaw.app.scan import scan

    kind, _, many = name.partition("-")
    runner = "local" if kind == "threads" else f"local[{many}]"
    cluster = open_cluster(runner)
    if cluster.session is not None:
        frame = cluster.session.range(0, 8, 1, 8).mapInArrow(_warm, "id long")
        frame.collect()
    stages = _Stages()
    before = time.monotonic()
    report = scan(
        [str(replay / each) for each in LOGS if (replay / each).exists()],
        root,
        now=_NOW,
        map_path=replay / "map.toml",
        context=replay / "context",
        key_file=key,
        progress=stages,
        threads=int(many),
        runner=runner,
    )
    taken = {
        "lines": report.total("lines"),
        "bytes": report.total("bytes"),
        "reading_seconds": stages.read - stages.began,
        "seconds": time.monotonic() - before,
        "driver_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10,
        "files": _digest(root / "files"),
    }
    cluster.close()
    return taken


def _warm(batches: Any) -> Any:
    importlib.import_module("whosaw.app.runners.task")  # once for each worker
    time.sleep(0.2)  # so that each of them is asked
    yield from batches


def _digest(folder: Path) -> str:
    """One digest of the names of all files, which are digests of what they hold."""
    names = sorted(each.name for each in folder.rglob("*") if each.is_file())
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def measure(folder: Path, scale: float, turns: int) -> dict[str, Any]:
    """All runners in turns on one replay, each scan in a process of its own."""
    replay, key = folder / "replay", folder / "key"
    make_replay(replay, scale, text=True)
    key.touch(mode=0o600)
    key.write_bytes(bytes(range(32)))
    taken: dict[str, list[dict[str, Any]]] = {name: [] for name in _RUNNERS}
    for _ in range(turns):
        for name, each in taken.items():
            root = folder / "workspace"
            shutil.rmtree(root, ignore_errors=True)
            command = [sys.executable, "-m", "bench.spark", "--once", name, str(replay), str(root), str(key)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            each.append(json.loads(done.stdout.splitlines()[-1]))
    every = [one for each in taken.values() for one in each]
    if len({one["files"] for one in every}) != 1:
        raise SystemExit("the runners did not write the same files")
    middle = {
        name: {
            key: statistics.median(one[key] for one in each)
            for key in ("reading_seconds", "seconds", "driver_bytes")
        }
        for name, each in taken.items()
    }
    return {
        "scale": scale,
        "turns": turns,
        "cores": os.cpu_count(),
        "lines": every[0]["lines"],
        "bytes": every[0]["bytes"],
        "runners": middle,
        "spark_over_threads": {
            many: middle[f"spark-{many}"]["reading_seconds"] / middle[f"threads-{many}"]["reading_seconds"]
            for many in ("1", "2")
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.spark")
    parser.add_argument("--scale", type=float, default=0.02, help="of the national breach")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--results", type=Path, help="where the document goes besides")
    parser.add_argument("--once", nargs=4, metavar=("RUNNER", "REPLAY", "WORKSPACE", "KEY"), help="one scan")
    options = parser.parse_args()
    if options.once:
        name, replay, root, key = options.once
        print(json.dumps(read_once(Path(replay), Path(root), Path(key), name)))
        return
    with tempfile.TemporaryDirectory(prefix="whosaw-spark-") as folder:
        told = measure(Path(folder), options.scale, options.turns)
    text = json.dumps(told, indent=2, sort_keys=True) + "\n"
    if options.results is not None:
        options.results.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
