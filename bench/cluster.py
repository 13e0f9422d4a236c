"""What a second worker brings, and what the machine that asks holds: `python -m bench.cluster [--parts P ...] [--results FILE]`.

A standalone cluster on loopback: a worker of one core is held to core 1, a second one to core 0, which it has to share with the driver. Three
runs are measured: the reading of a scan (it ends where the ledger would begin), a whole scan with its context, and `replay make`, each on one
worker and on two. Of each: seconds of the clock, the time that Spark's own log of events says tasks took, and processor seconds of driver and
workers, with all that they started; the memory of the driver (this Python and Spark's JVM); and the seconds by family of steps (`bench.handed`). On
a machine that does other work too, the clock says little and processor seconds say more. The memory of reading is measured at every scale. The
planning of two million listed objects is that of `bench.listing`. Prints one JSON document, and writes it to FILE after each measurement.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.runners import spark_cluster

from bench.apart import cluster_of, end_as_asked, told_by
from bench.handed import parts_of, watched
from bench.reading import LOGS
from bench.replayed import make_replay

__all__ = ["joined", "measure", "processor_seconds", "task_seconds"]

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_TICKS = os.sysconf("SC_CLK_TCK")
_DRIVER_CORE = 0
_PINS = (1, 0)  # of the first worker, and of the second
_MAKING_SCALE = 0.002
_SCAN_SCALE = 0.005
_PARTS = ("reading", "scan", "making", "listing")
_SETTINGS = {
    "spark.executor.memory": "512m",
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
    "spark.eventLog.rolling.enabled": "false",
}


class _ReadError(Exception):
    """Everything has been read."""


class _UntilRead:
    """Progress of a scan, which may end it where reading has ended."""

    def __init__(self, *, ends: bool) -> None:
        self.began, self._ends = 0.0, ends

    def begin(self, contents: int, total: int) -> None:  # noqa: ARG002  # as `Progress` has it
        self.began = time.time()

    def stage(self, text: str) -> None:
        if self._ends:
            raise _ReadError(text)

    def reading(self, name: str, size: int | None) -> None: ...
    def advance(self, unpacked: int, lines: int) -> None: ...
    def done(self, size: int | None) -> None: ...


def processor_seconds(pids: Iterable[int]) -> float:
    """Of these processes, of what they started, and of what of it has ended."""
    parents: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                fields = (
                    (each / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                )
            except OSError:
                continue  # it has ended meanwhile
            parents.setdefault(int(fields[1]), []).append(int(each.name))
            ticks[int(each.name)] = sum(map(int, fields[11:15]))
    total, waiting = 0, list(pids)
    while waiting:
        one = waiting.pop()
        total += ticks.get(one, 0)
        waiting += parents.get(one, [])
    return total / _TICKS


def _driver_seconds(jvm: int) -> float:
    """Of this process and of its JVM, which is cheaper to ask for than of all that they started."""
    fields = (
        Path(f"/proc/{jvm}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    )
    return time.process_time() + sum(map(int, fields[11:13])) / _TICKS


def task_seconds(events: str, since: float, until: float) -> tuple[int, float]:
    """How many tasks began between two moments (seconds since 1970), and how long they took, by Spark's log of events."""
    many, milliseconds = 0, 0
    for text in events.splitlines():
        row = json.loads(text)
        if (
            row["Event"] == "SparkListenerTaskEnd"
            and since <= row["Task Info"]["Launch Time"] / 1000 <= until
        ):
            many += 1
            milliseconds += row["Task Metrics"]["Executor Run Time"]
    return many, milliseconds / 1000


def _peak(pid: int) -> int:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(text.partition("VmHWM:")[2].split()[0]) << 10


def _jvm() -> int:
    """The process of Spark's driver that this one started."""
    return next(
        int(each.name)
        for each in Path("/proc").iterdir()
        if each.name.isdigit() and spark_cluster.parent_of(int(each.name)) == os.getpid() and b"java" in spark_cluster.command_of(int(each.name))
    )  # fmt: skip


def once(step: str, address: str, workers: Sequence[int], replay: Path, folder: Path) -> dict[str, Any]:
    """One step in this process, on a cluster whose workers stand and are warm."""
    from whosaw.app.replay import Order, make
    from whosaw.app.runners.session import open_cluster
    from whosaw.app.scan import scan

    os.sched_setaffinity(0, {_DRIVER_CORE})
    cluster = open_cluster(address)
    cluster.session.range(0, 8, 1, 8).mapInArrow(_warm, "id long").collect()
    jvm, stages = _jvm(), _UntilRead(ends=step == "reading")
    with watched(lambda: _driver_seconds(jvm)) as handed:
        before = processor_seconds([os.getpid()]), processor_seconds(workers)
        since = time.time()
        if step == "making":
            make(folder / "made", Order(like="coupang", scale=_MAKING_SCALE), runner="spark")
        else:
            with suppress(_ReadError):
                scan(
                    [str(replay / each) for each in LOGS if (replay / each).exists()],
                    folder / "workspace",
                    now=_NOW,
                    map_path=replay / "map.toml",
                    context=replay / "context" if step == "scan" else None,
                    progress=stages,
                    runner="spark",
                )
            since = stages.began
        until = time.time()
    told = {
        "seconds": until - since,
        "since": since,
        "until": until,
        "driver_cpu_seconds": processor_seconds([os.getpid()]) - before[0],
        "workers_cpu_seconds": processor_seconds(workers) - before[1],
        "driver_bytes": _peak(os.getpid()),
        "jvm_bytes": _peak(jvm),
        "families": parts_of(handed, since, until),
    }
    cluster.close()
    return told


def _warm(batches: Any) -> Any:
    importlib.import_module("whosaw.app.runners.task")  # once for each worker
    importlib.import_module("whosaw.app.runners.replays")
    importlib.import_module("whosaw.app.runners.steps")
    time.sleep(0.2)  # so that each of them is asked
    yield from batches


def _on(workers: int, step: str, replay: Path, folder: Path) -> dict[str, Any]:
    """One step on a cluster of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "events").mkdir(parents=True)
    load = os.getloadavg()[0]
    more = {**_SETTINGS, "spark.eventLog.dir": f"file://{folder}/events"}
    with cluster_of(folder, workers, _PINS[:workers], more) as (cluster, environment):
        words = [cluster.address, ",".join(map(str, cluster.workers)), str(replay), str(folder)]
        measured = told_by(["bench.cluster", "--once", step, *words], environment, cluster)
    (events,) = (folder / "events").iterdir()
    many, seconds = task_seconds(
        events.read_text(encoding="utf-8"), measured.pop("since"), measured.pop("until")
    )
    return {**measured, "tasks": many, "task_seconds": seconds, "load": [load, os.getloadavg()[0]]}


def measure(
    folder: Path, parts: Sequence[str], scales: Sequence[float], scan_scale: float, objects: int = 0
) -> Iterator[dict[str, Any]]:
    """What was measured so far, after each measurement: reading at every scale on two workers, at the first on one as well; a whole scan and
    making on one and on two; planning."""
    found: dict[str, Any] = {"cores": os.cpu_count()}

    def took(step: str, scale: float, workers: int, one: dict[str, Any]) -> None:
        found.setdefault("steps", {}).setdefault(step, {"scale": scale})[str(workers)] = one

    for scale in scales if "reading" in parts else ():
        shutil.rmtree(folder / "replay", ignore_errors=True)
        _, told = make_replay(folder / "replay", scale, text=True)
        for workers in (1, 2) if scale == scales[0] else (2,):
            one = _on(workers, "reading", folder / "replay", folder / "run")
            if scale == scales[0]:
                took("reading", scale, workers, one)
            if workers == 2:
                held = {name: one[name] for name in ("driver_bytes", "jvm_bytes", "tasks")}
                found.setdefault("memory", []).append(
                    {"scale": scale, "lines": json.loads(told)["lines"], **held}
                )
            yield found
    if "scan" in parts:
        shutil.rmtree(folder / "replay", ignore_errors=True)
        _, told = make_replay(folder / "replay", scan_scale, text=True)
        for workers in (1, 2):
            took("scan", scan_scale, workers, _on(workers, "scan", folder / "replay", folder / "run"))
            found["steps"]["scan"]["lines"] = json.loads(told)["lines"]
            yield found
    for workers in (1, 2) if "making" in parts else ():
        took("making", _MAKING_SCALE, workers, _on(workers, "making", folder, folder / "run"))
        yield found
    if "listing" in parts:
        found["listing"] = told_by(["bench.listing", *([str(objects)] if objects else [])], os.environ)
        yield found


def joined(before: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """What was measured, and what was measured before and not again."""
    steps = {**before.get("steps", {}), **told.get("steps", {})}
    memory = {row["scale"]: row for each in (before, told) for row in each.get("memory", ())}
    return {
        **before,
        **told,
        **({"steps": steps} if steps else {}),
        **({"memory": [memory[scale] for scale in sorted(memory)]} if memory else {}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cluster")
    parser.add_argument("--scales", type=float, nargs="+", default=[0.002, 0.01, 0.05], help="of reading")
    parser.add_argument("--scan-scale", type=float, default=_SCAN_SCALE, help="of a whole scan")
    parser.add_argument(
        "--objects", type=int, default=0, help="that are listed; without it what bench.listing has"
    )
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=_PARTS, help="what is measured")
    parser.add_argument(
        "--results", type=Path, help="where the document goes besides; what it has of other parts stays"
    )
    parser.add_argument(
        "--once", nargs=5, metavar=("STEP", "ADDRESS", "PIDS", "REPLAY", "FOLDER"), help="one step"
    )
    options = parser.parse_args()
    end_as_asked()
    if options.once:
        step, address, pids, replay, folder = options.once
        print(
            json.dumps(
                once(step, address, [int(each) for each in pids.split(",")], Path(replay), Path(folder))
            )
        )
        return
    results, text = options.results, ""
    before = json.loads(results.read_text(encoding="utf-8")) if results and results.is_file() else {}
    with tempfile.TemporaryDirectory(prefix="whosaw-cluster-") as folder:
        for told in measure(Path(folder), options.parts, options.scales, options.scan_scale, options.objects):
            text = json.dumps(joined(before, told), indent=2, sort_keys=True) + "\n"
            if results is not None:
                results.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
