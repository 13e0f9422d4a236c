"""Scans a replay in phases and counts what it says, in a process of its own: `python -m bench.national_run MADE WORKSPACE`.

MADE is a file with what `whosaw replay make --json` printed. With --once the logs are removed as soon as they are read, for
sizes where a disk holds only logs or ledger; with --memory the engine may use so many GiB before it spills.

Prints one JSON document: seconds, processor seconds and peak memory of each phase, counts, and bytes on disk.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whosaw.app.scan import scan
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

__all__ = ["Phases", "counts_of"]

_MEMORY_GIB = 4
# the first words of a stage of a scan, and the phase that begins with it
_STAGES = {
    "numbering": "index",
    "looking for duplicates": "index",
    "writing": "index",
    "looking for findings": "findings",
}


class Phases:
    """Adds up what each phase took. A stage of a scan that is not known belongs to the phase it comes in.

    `after_reading` is called once, between reading and what follows, and its time counts for neither.
    """

    def __init__(self, after_reading: Callable[[], None] | None = None) -> None:
        self._after_reading = after_reading
        self.told: dict[str, dict[str, float]] = {}
        self._phase: str | None = None
        self._wall = self._processor = 0.0

    def enter(self, phase: str | None) -> None:
        """End the phase that runs and begin another; None begins none."""
        if phase == self._phase:
            return
        wall, processor = time.perf_counter(), time.process_time()
        if self._phase is not None:
            told = self.told.setdefault(self._phase, {"seconds": 0.0, "cpu_seconds": 0.0, "peak_bytes": 0})
            told["seconds"] += wall - self._wall
            told["cpu_seconds"] += processor - self._processor
            told["peak_bytes"] = max(told["peak_bytes"], _peak())
            print(f"{self._phase}: {json.dumps(told)}", file=sys.stderr, flush=True)
            if self._phase == "read" and self._after_reading:
                self._after_reading()
                self._after_reading = None
                wall, processor = time.perf_counter(), time.process_time()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # begins a new peak
        self._phase, self._wall, self._processor = phase, wall, processor

    # what a scan tells of its progress
    def begin(self, contents: int, total: int) -> None: ...
    def reading(self, name: str, size: int | None) -> None: ...
    def advance(self, unpacked: int, lines: int) -> None: ...
    def done(self, size: int | None) -> None: ...

    def stage(self, text: str) -> None:
        for words, phase in _STAGES.items():
            if text.startswith(words):
                self.enter(phase)


def _peak() -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def counts_of(root: Path, memory_bytes: int = _MEMORY_GIB << 30) -> dict[str, Any]:
    """Exact counts of views, accounts and persons, of everything and by route."""
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace, threads=os.cpu_count() or 1, memory_bytes=memory_bytes)
    try:
        query = reader.session.query
        total = query(
            "SELECT count(DISTINCT person) AS accounts, sum(views)::BIGINT AS views FROM exposure_parts"
        ).to_pylist()[0]
        unknown = query("SELECT count(*) AS n FROM views WHERE person IS NULL AND NOT duplicate")["n"][
            0
        ].as_py()
        by_route = query(
            "SELECT r.id AS route, count(DISTINCT e.person) AS accounts, sum(e.views)::BIGINT AS views "
            "FROM exposure_parts e JOIN routes r USING (route) GROUP BY r.id ORDER BY r.id"
        ).to_pylist()
        return {**total, "views_of_unknown_persons": unknown, "routes": by_route}
    finally:
        reader.close()
        workspace.close()


@contextmanager
def _phase(phases: Phases, name: str) -> Iterator[None]:
    phases.enter(name)
    yield
    phases.enter(None)


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main(made: dict[str, Any], root: Path, *, memory_bytes: int, once: bool) -> dict[str, Any]:
    """Scan the logs of a replay into the workspace `root` and count."""
    log_bytes = sum(_bytes_below(Path(each)) for each in made["logs"])

    def remove() -> None:
        for each in made["logs"]:
            shutil.rmtree(each)

    phases = Phases(remove if once else None)
    phases.enter("read")
    report = scan(
        made["logs"],
        root,
        now=datetime.now(UTC),
        map_path=Path(made["map"]),
        context=Path(made["context"]),
        threads=os.cpu_count() or 1,
        memory_bytes=memory_bytes,
        progress=phases,
    )
    phases.enter(None)
    with _phase(phases, "counts"):
        counts = counts_of(root, memory_bytes)
    return {
        "lines": report.total("lines"),
        "events": report.total("events"),
        "rejects": report.total("rejects"),
        "findings": len(report.findings),
        "phases": phases.told,
        "counts": counts,
        "unpacked_bytes": report.total("bytes"),
        "log_bytes": log_bytes,
        "ledger_bytes": _bytes_below(root),
        "engine_memory_bytes": memory_bytes,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.national_run")
    parser.add_argument("made", type=Path)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--memory", type=int, default=_MEMORY_GIB, metavar="GIB")
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    told = json.loads(options.made.read_text(encoding="utf-8"))
    done = main(told, options.workspace, memory_bytes=options.memory << 30, once=options.once)
    print(json.dumps(done, sort_keys=True))
