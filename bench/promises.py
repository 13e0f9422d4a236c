"""What whosaw promises about speed and memory, each as one measurement on files made for it."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.make_log import write_log
from bench.measure import Run, run
from bench.replayed import made_and_scanned
from bench.watch import measure as watched

__all__ = ["PROMISES", "Promise", "Result", "Size"]

HERE = Path(__file__).resolve().parent
MAP = HERE / "shop_map.toml"
WHOSAW = str(Path(sys.executable).parent / "whosaw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a measurement is. The promises are made for the defaults; the tests use a small one."""

    lines: int = 10_000_000
    times_more: int = 4
    files: int = 1_000
    lines_per_file: int = 1_000
    exposures: int = 10_000_000
    repeats: int = 3
    starts: int = 15
    scale: float = 0.037  # of the national breach: ten million lines of text
    replayed: tuple[str, ...] = ()  # what else `whosaw replay make` is told
    watch_seconds: float = 300.0
    watch_rate: int = 10_000  # lines a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One promise, measured. `value` is None where it could not be measured, and `why` says why."""

    name: str
    says: str
    unit: str
    limit: float
    at_most: bool
    value: float | None
    parts: dict[str, float | int | str] = field(default_factory=dict)
    why: str = ""

    @property
    def kept(self) -> bool | None:
        """None where it was not measured: that is neither kept nor broken."""
        if self.value is None:
            return None
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "kept": self.kept}


Promise = Callable[[Path, Size], Result]


def _scan(workspace: Path, *paths: Path, fresh: bool = True) -> Run:
    if fresh:
        shutil.rmtree(workspace, ignore_errors=True)
    logs = [str(path) for path in paths]
    return run([WHOSAW, "scan", *logs, "--map", str(MAP), "--workspace", str(workspace), "--json"])


def _log(folder: Path, lines: int, shape: str = "shop") -> Path:
    path = folder / f"{shape}-{lines}.log"
    write_log(path, lines, shape=shape)
    with path.open("rb") as file:  # each contender finds the file in memory, so that the disk plays no part
        while file.read(1 << 24):
            pass
    return path


def _median(runs: list[Run]) -> float:
    return statistics.median(each.seconds for each in runs)


def against_split(folder: Path, size: Size) -> Result:
    """A full scan against a bare split of the same file by DuckDB, in turns."""
    log = _log(folder, size.lines)
    scans, tables, counts = [], [], []
    for _ in range(size.repeats):
        tables.append(run([sys.executable, "-m", "bench.split", str(log), "table"], watch=False))
        counts.append(run([sys.executable, "-m", "bench.split", str(log), "count"], watch=False))
        scans.append(_scan(folder / "workspace", log))
    scan, table, count = _median(scans), _median(tables), _median(counts)
    return Result(
        name="scan-against-split",
        says="a full scan takes at most 3.5 times as long as DuckDB takes to split the same log into text",
        unit="times",
        limit=3.5,
        at_most=True,
        value=scan / table,
        parts={
            "lines": size.lines,
            "log_bytes": log.stat().st_size,
            "scan_seconds": scan,
            "split_into_table_seconds": table,
            "split_and_count_seconds": count,
            "scan_against_split_and_count": scan / count,
            "scan_lines_per_second": size.lines / scan,
        },
    )


def against_lnav(folder: Path, size: Size) -> Result:
    """A full scan against lnav counting the distinct addresses of the same file, in turns."""
    says = "a full scan is at least 3 times as fast as lnav at counting the distinct addresses of the log"
    if (lnav := shutil.which("lnav")) is None:
        why = "lnav is not installed (Debian and Ubuntu: apt-get install lnav)"
        return Result(
            name="scan-against-lnav", says=says, unit="times", limit=3.0, at_most=False, value=None, why=why
        )
    log = _log(folder, size.lines)
    home = folder / "home"  # lnav keeps what it learns about a file in its home; each run starts without
    query = ";SELECT count(distinct c_ip) FROM access_log"
    scans, counts = [], []
    for _ in range(max(1, size.repeats - 1)):
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        env = {"HOME": str(home), "XDG_CONFIG_HOME": str(home)}
        counts.append(run([lnav, "-n", "-N", "-c", query, str(log)], watch=False, env=env))
        scans.append(_scan(folder / "workspace", log))
    scan, count = _median(scans), _median(counts)
    return Result(
        name="scan-against-lnav",
        says=says,
        unit="times",
        limit=3.0,
        at_most=False,
        value=count / scan,
        parts={
            "lines": size.lines,
            "scan_seconds": scan,
            "lnav_seconds": count,
            "lnav_version": run([lnav, "-V"], watch=False).output.split()[-1],
            "lnav_addresses": int(counts[0].output.split()[-1]),
        },
    )


def memory(folder: Path, size: Size) -> Result:
    """The most memory a full scan holds, its processes together."""
    peak = _scan(folder / "workspace", _log(folder, size.lines)).peak_bytes
    return Result(
        name="scan-memory",
        says="a full scan holds at most 2 GB of memory",
        unit="GB",
        limit=2.0,
        at_most=True,
        value=peak / 1e9,
        parts={"lines": size.lines, "peak_bytes": peak},
    )


def memory_grows(folder: Path, size: Size) -> Result:
    """The same for several times the lines, as a ratio."""
    small = _scan(folder / "workspace", _log(folder, size.lines))
    more = size.lines * size.times_more
    log = _log(folder, more)
    large = _scan(folder / "workspace", log)
    log.unlink()  # the largest file here; the next run makes it again
    return Result(
        name="scan-memory-of-four-times-the-lines",
        says=f"a scan of {size.times_more} times the lines holds at most 1.3 times the memory",
        unit="times",
        limit=1.3,
        at_most=True,
        value=large.peak_bytes / small.peak_bytes,
        parts={
            "lines": size.lines,
            "peak_bytes": small.peak_bytes,
            "seconds": small.seconds,
            "more_lines": more,
            "more_peak_bytes": large.peak_bytes,
            "more_seconds": large.seconds,
        },
    )


def unchanged_folder(folder: Path, size: Size) -> Result:
    """The second scan of a folder in which nothing changed."""
    logs = folder / f"folder-{size.files}-{size.lines_per_file}"
    if not logs.exists():
        lines = _log(folder, size.files * size.lines_per_file).read_bytes().splitlines(keepends=True)
        draft = logs.with_name(logs.name + ".draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        for number in range(size.files):
            part = lines[number * size.lines_per_file : (number + 1) * size.lines_per_file]
            (draft / f"web-{number:04d}.log").write_bytes(b"".join(part))
        draft.rename(logs)
    first = _scan(folder / "workspace", logs)
    again = [_scan(folder / "workspace", logs, fresh=False) for _ in range(size.repeats)]
    return Result(
        name="scan-again",
        says="a second scan of an unchanged folder of 1,000 files takes under 2 seconds",
        unit="seconds",
        limit=2.0,
        at_most=True,
        value=_median(again),
        parts={
            "files": size.files,
            "unchanged_files": sum(
                each["outcome"] == "unchanged" for each in json.loads(again[-1].output)["contents"]
            ),
            "first_scan_seconds": first.seconds,
        },
    )


def who(folder: Path, size: Size) -> Result:
    """The answer to `who` on a ledger of many exposures, inside a process that is up."""
    lines = size.exposures + size.exposures // 1000  # some pairs come twice
    log = _log(folder, lines, "exposures")
    workspace = folder / "workspace-exposures"
    first = _scan(workspace, log)
    done = run([sys.executable, "-m", "bench.who", str(workspace), str(log), str(size.starts)], watch=False)
    told = json.loads(done.output)
    return Result(
        name="who",
        says="`who` on a ledger of 10 million exposures answers in under 100 ms",
        unit="milliseconds",
        limit=100.0,
        at_most=True,
        value=told["median_ms"],
        parts={
            "exposures": told["exposures"],
            "slowest_ms": told["slowest_ms"],
            "scan_seconds": first.seconds,
            "whole_command_ms": told["command_ms"],
        },
    )


def start(_folder: Path, size: Size) -> Result:
    """From the start of the command to the end of its help."""
    run([WHOSAW, "--help"], watch=False)  # the first start compiles and caches
    runs = [run([WHOSAW, "--help"], watch=False) for _ in range(size.starts)]
    return Result(
        name="start",
        says="`whosaw --help` is there in under 300 ms",
        unit="milliseconds",
        limit=300.0,
        at_most=True,
        value=_median(runs) * 1000,
        parts={"slowest_ms": max(each.seconds for each in runs) * 1000, "starts": size.starts},
    )


def detection(folder: Path, size: Size) -> Result:
    """All detectors over a replay of the national breach as text with its context, against reading the same."""
    _, _, told = made_and_scanned(folder, size.scale, text=True, more=size.replayed)
    read, findings = told["phases"]["read"], told["phases"]["findings"]
    return Result(
        name="detection-against-reading",
        says="all detectors evaluate ten million events in less time than it took to read their lines",
        unit="times",
        limit=1.0,
        at_most=True,
        value=findings["seconds"] / read["seconds"],
        parts={
            "events": told["events"],
            "findings": told["findings"],
            "reading_seconds": read["seconds"],
            "detection_seconds": findings["seconds"],
            "index_seconds": told["phases"]["index"]["seconds"],
            "detection_peak_bytes": findings["peak_bytes"],
        },
    )


def watch(folder: Path, size: Size) -> Result:
    """A log that grows steadily and is rotated, from a line to a webhook."""
    shutil.rmtree(folder / "watch", ignore_errors=True)
    told = watched(folder / "watch", seconds=size.watch_seconds, rate=size.watch_rate)
    shutil.rmtree(folder / "watch", ignore_errors=True)
    return Result(
        name="watch",
        says="at 10,000 lines a second for five minutes a finding reaches its webhook in under 5 seconds, at the 99th percentile",
        unit="seconds",
        limit=5.0,
        at_most=True,
        value=None if told.missing else told.p99,
        parts={
            "lines_per_second": told.rate,
            "findings": told.findings,
            "deliveries": told.deliveries,
            "median_seconds": told.median,
            "worst_seconds": told.worst,
            "cores": told.cores,
        },
        why=f"{told.missing} of {told.missing + told.findings} findings did not come" if told.missing else "",
    )


PROMISES: dict[str, Promise] = {
    "start": start,
    "scan-again": unchanged_folder,
    "scan-against-split": against_split,
    "scan-against-lnav": against_lnav,
    "scan-memory": memory,
    "scan-memory-of-four-times-the-lines": memory_grows,
    "who": who,
    "detection-against-reading": detection,
    "watch": watch,
}
