"""What a runner of Spark costs against threads: `python -m bench.spark [--scale S | --replay FOLDER] [--turns N] [--minutes M] [--runners R ...] [--results FILE]`.

One replay as text with its context, scanned by threads of one process and by Spark, in turns whose order alternates, each into a workspace of
its own under one key. The session and its Python workers stand before the clock begins. Of each: seconds of the whole scan, of reading (up to
where the ledger is made), and of steps over days (all days brought up to date); processor seconds with all that was started; the memory of
this process, which is the driver. Every workspace has to hold the same files, or the bench ends with 1. Prints one JSON document, and writes it to
FILE after each turn.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import math
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from bench.apart import cluster_of, end_as_asked, told_by
from bench.cluster import processor_seconds
from bench.reading import LOGS
from bench.replayed import make_replay

__all__ = ["PARTS", "RUNNERS", "measure", "ratios", "scan_once", "turn_of"]

RUNNERS: Final = ("threads-1", "threads-2", "spark-1", "spark-2")
_MORE: Final = ("threads-4", "cluster-1", "cluster-2")  # cluster-N: a standalone one of N workers on loopback
PARTS: Final = ("seconds", "reading_seconds", "steps_seconds")
_MIDDLE: Final = (*PARTS, "cpu_seconds", "driver_bytes")
_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)


class _Stages:
    """When the ledger was begun, which is when reading had ended; and how long its days took."""

    def __init__(self) -> None:
        self.began = self.read = self.steps = 0.0

    def begin(self, contents: int, total: int) -> None:  # noqa: ARG002  # as `Progress` has it
        self.began = time.monotonic()

    def stage(self, text: str) -> None:  # noqa: ARG002
        self.read = self.read or time.monotonic()

    def reading(self, name: str, size: int | None) -> None: ...
    def advance(self, unpacked: int, lines: int) -> None: ...
    def done(self, size: int | None) -> None: ...

    @contextmanager
    def of_days(self) -> Iterator[None]:
        """Adds up how long days are brought up to date until the block ends."""
        from whosaw.app.building.bring_up import Ledger

        real = Ledger.bring_up_to_date

        def brought(self_: Ledger, **named: Any) -> Any:
            before = time.monotonic()
            try:
                return real(self_, **named)
            finally:
                self.steps += time.monotonic() - before

        with patch.object(Ledger, "bring_up_to_date", brought):
            yield


def scan_once(
    replay: Path, root: Path, key: Path, name: str, address: str = "", workers: Sequence[int] = ()
) -> dict[str, Any]:
    """One scan in this process by a runner of that name (KIND-MANY), at an address where there is one, with the processes of its `workers`; Spark
    is warm before the clock begins."""
    from whosaw.app.runners.session import open_cluster
    from whosaw.app.scan import scan

    kind, _, many = name.partition("-")
    runner = {"threads": "local", "spark": f"local[{many}]"}.get(kind, address)
    cluster = open_cluster(runner)
    if cluster.session is not None:
        frame = cluster.session.range(0, 8, 1, 8).mapInArrow(_warm, "id long")
        frame.collect()
    stages = _Stages()
    everyone = [os.getpid(), *workers]
    before, spent = time.monotonic(), processor_seconds(everyone)
    with stages.of_days():
        report = scan(
            [str(replay / each) for each in LOGS if (replay / each).exists()],
            root,
            now=_NOW,
            map_path=replay / "map.toml",
            context=replay / "context",
            key_file=key,
            progress=stages,
            threads=int(many) if kind == "threads" else 2,
            runner=runner,
        )
    taken = {
        "lines": report.total("lines"),
        "bytes": report.total("bytes"),
        "seconds": time.monotonic() - before,
        "reading_seconds": stages.read - stages.began,
        "steps_seconds": stages.steps,
        "cpu_seconds": processor_seconds(everyone) - spent,
        "driver_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10,
        "findings": [each.id for each in report.findings],
        "files": _digests(root / "files"),
    }
    cluster.close()
    return taken


def _warm(batches: Any) -> Any:
    importlib.import_module("whosaw.app.runners.task")  # once for each worker
    importlib.import_module("whosaw.app.runners.steps")
    time.sleep(0.2)  # so that each of them is asked
    yield from batches


def _digests(folder: Path) -> dict[str, str]:
    """Of each file, by name."""
    found = {}
    for each in sorted(each for each in folder.rglob("*") if each.is_file()):
        with each.open("rb") as handle:
            found[each.relative_to(folder).as_posix()] = hashlib.file_digest(handle, "sha256").hexdigest()
    return found


def turn_of(runners: Sequence[str], turn: int) -> Sequence[str]:
    """Who runs in a turn, in order and then in the other, so that none is always the first."""
    return runners[:: -1 if turn % 2 else 1]


def measure(
    folder: Path, replay: Path, runners: Sequence[str], turns: int, minutes: float = math.inf
) -> Iterator[dict[str, Any]]:
    """All runners in turns on one replay, each scan in a process of its own: what was measured so far, after each turn. After the first, none
    begins that would by the longest so far end after so many minutes. Raises `SystemExit` at the first scan that keeps other files, or finds
    something else, than the first one."""
    key = folder / "key"
    key.touch(mode=0o600)
    key.write_bytes(bytes(range(32)))
    taken: dict[str, list[dict[str, Any]]] = {name: [] for name in runners}
    load, first, longest = [os.getloadavg()[0]], None, 0.0
    begun = time.monotonic()
    for turn in range(turns):
        since = time.monotonic()
        if turn and since - begun + longest > 60 * minutes:
            return
        for name in turn_of(runners, turn):
            root = folder / "workspace"
            for each in (root, folder / "spark"):
                shutil.rmtree(each, ignore_errors=True)
            (folder / "spark").mkdir()
            one = _apart(folder / "spark", name, [str(replay), str(root), str(key)])
            first = first or (name, one)
            _require_same(first, (name, one))
            taken[name].append(one)
            load.append(os.getloadavg()[0])
        longest = max(longest, time.monotonic() - since)
        middle = {
            name: {part: statistics.median(one[part] for one in each) for part in _MIDDLE}
            for name, each in taken.items()
        }
        assert first is not None
        yield {
            "turns": turn + 1,
            "cores": os.cpu_count(),
            "load": [min(load), max(load)],
            "lines": first[1]["lines"],
            "bytes": first[1]["bytes"],
            "files": len(first[1]["files"]),
            "runners": middle,
            **ratios(middle),
        }


def _require_same(first: tuple[str, Mapping[str, Any]], other: tuple[str, Mapping[str, Any]]) -> None:
    (one, has), (two, holds) = first, other
    if has["findings"] != holds["findings"]:
        raise SystemExit(f"bench: {two} did not find the same as {one}")
    if others := sorted(dict(has["files"].items() ^ holds["files"].items())):
        raise SystemExit(
            f"bench: {two} did not keep the same files as {one}: {len(others):,} differ, {others[0]} first"
        )


def ratios(middle: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """How many times as long Spark takes as so many threads: of reading (`spark_over_threads`), of the whole scan, of steps over days."""
    both = [many for many in ("1", "2") if {f"spark-{many}", f"threads-{many}"} <= middle.keys()]
    return {
        told: {many: middle[f"spark-{many}"][part] / middle[f"threads-{many}"][part] for many in both}
        for told, part in (
            ("spark_over_threads", "reading_seconds"),
            ("scan_over_threads", "seconds"),
            ("steps_over_threads", "steps_seconds"),
        )
    }


def _apart(folder: Path, name: str, words: Sequence[str]) -> dict[str, Any]:
    """One scan in a process of its own, on a cluster of its own where the runner is one."""
    kind, _, many = name.partition("-")
    if kind != "cluster":
        return told_by(["bench.spark", "--once", name, "", "", *words], os.environ)
    with cluster_of(folder, int(many)) as (cluster, environment):
        pids = ",".join(map(str, cluster.workers))
        return told_by(["bench.spark", "--once", name, cluster.address, pids, *words], environment, cluster)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.spark")
    parser.add_argument("--scale", type=float, default=0.02, help="of the national breach")
    parser.add_argument("--replay", type=Path, help="one that was made as text, of that scale")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="none of them begins that would end later"
    )
    parser.add_argument("--runners", nargs="+", choices=(*RUNNERS, *_MORE), default=RUNNERS)
    parser.add_argument("--folder", type=Path, help="where replay and workspaces go for a while")
    parser.add_argument("--results", type=Path, help="where the document goes besides")
    parser.add_argument(
        "--once",
        nargs=6,
        metavar=("RUNNER", "ADDRESS", "PIDS", "REPLAY", "WORKSPACE", "KEY"),
        help="one scan",
    )
    options = parser.parse_args()
    end_as_asked()
    if options.once:
        name, address, pids, replay, root, key = options.once
        workers = [int(each) for each in pids.split(",") if each]
        print(json.dumps(scan_once(Path(replay), Path(root), Path(key), name, address, workers)))
        return
    text = ""
    with tempfile.TemporaryDirectory(prefix="whosaw-spark-", dir=options.folder) as folder:
        replay = options.replay
        if replay is None:
            replay = Path(folder) / "replay"
            make_replay(replay, options.scale, text=True)
        for told in measure(Path(folder), replay, options.runners, options.turns, options.minutes):
            text = json.dumps({"scale": options.scale, **told}, indent=2, sort_keys=True) + "\n"
            if options.results is not None:
                options.results.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
