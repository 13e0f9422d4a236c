"""What reading costs, against a bare split of the same log in the same run: `python -m bench.reading [--results FILE]`.

A log without a map, many small files against one of the same lines, the demo's logs, a replay; and each again with nothing new.
Processor seconds of whole commands beside the clock, in turns: on a busy machine they say more. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.make_log import write_log
from bench.measure import run
from bench.replayed import make_replay

__all__ = ["LOGS", "Taken", "demo", "measure", "plain", "replay", "small_files"]

_MAP = Path(__file__).resolve().parent / "shop_map.toml"
_WHOSAW = str(Path(sys.executable).parent / "whosaw")
LOGS = ("web", "api", "edge", "office", "db")  # what a replay writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Of one command: seconds by the clock, and of processors, user and system; the median of its turns."""

    seconds: float
    processor: float


def small_files(folder: Path, *, files: int = 1_000, lines: int = 20, turns: int = 3) -> dict[str, Taken]:
    """Many small files, and one file of the same lines, each time into new workspaces and once more with nothing new."""
    one, many = folder / "one", folder / "many"
    one.mkdir()
    many.mkdir()
    write_log(folder / "all.log", files * lines)
    text = (folder / "all.log").read_bytes()
    (one / "web.log").write_bytes(text)
    all_lines = text.splitlines(keepends=True)
    for number in range(files):
        part = all_lines[number * lines : (number + 1) * lines]
        (many / f"web-{number:05}.log").write_bytes(b"".join(part))
    taken: dict[str, list[Taken]] = {}
    for _ in range(turns):
        taken.setdefault("start", []).append(_taken([_WHOSAW, "--help"]))
        for logs in (one, many):
            _scans(folder, logs.name, [logs], ["--map", str(_MAP)], taken)
    return _middle(taken)


def plain(folder: Path, *, lines: int = 2_000_000, turns: int = 3) -> dict[str, Taken]:
    """One log without a map, and the bare split of it into a table; lnav counting its addresses where it is installed."""
    log = folder / "shop.log"
    write_log(log, lines)
    taken: dict[str, list[Taken]] = {}
    for _ in range(turns):
        taken.setdefault("split", []).append(_taken([sys.executable, "-m", "bench.split", str(log), "table"]))
        if (lnav := shutil.which("lnav")) is not None:
            home = folder / "home"  # lnav keeps what it learns about a file there
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            query = ";SELECT count(distinct c_ip) FROM access_log"
            command = [lnav, "-n", "-N", "-c", query, str(log)]
            taken.setdefault("lnav", []).append(_taken(command, home=home))
        _scans(folder, "plain", [log], [], taken)
    return _middle(taken)


def demo(folder: Path, *, turns: int = 3) -> dict[str, Taken]:
    """The logs of the demo with its map and context."""
    made = folder / "demo"
    run([_WHOSAW, "demo", str(made), "--json"], watch=False)
    return _of_replay(folder, "demo", made, turns)


def replay(
    folder: Path, *, scale: float = 0.01, turns: int = 1, more: Sequence[str] = ()
) -> dict[str, Taken]:
    """The national breach at some scale as text, with map and context."""
    made = folder / "replay"
    make_replay(made, scale, text=True, more=more)
    return _of_replay(folder, "replay", made, turns)


def measure(folder: Path, rows: Iterable[Callable[[Path], dict[str, Taken]]]) -> dict[str, object]:
    """All rows, each in a folder of its own below `folder`, and their ratios."""
    taken: dict[str, Taken] = {}
    for row in rows:
        with tempfile.TemporaryDirectory(dir=folder) as own:
            taken |= row(Path(own))
    ratios = {
        f"{upper}/{lower}": {
            "seconds": taken[upper].seconds / taken[lower].seconds,
            "processor": taken[upper].processor / taken[lower].processor,
        }
        for upper, lower in (
            ("plain", "split"),
            ("lnav", "plain"),
            ("many", "one"),
            ("many_again", "one_again"),
            ("demo", "split"),
            ("replay", "split"),
        )
        if upper in taken and lower in taken
    }
    return {
        "measured": datetime.now(UTC).date().isoformat(),
        "taken": {name: asdict(each) for name, each in taken.items()},
        "ratios": ratios,
    }


def _of_replay(folder: Path, name: str, made: Path, turns: int) -> dict[str, Taken]:
    taken: dict[str, list[Taken]] = {}
    logs = [made / each for each in LOGS if (made / each).exists()]
    more = ["--map", str(made / "map.toml"), "--context", str(made / "context")]
    for _ in range(turns):
        _scans(folder, name, logs, more, taken)
    return _middle(taken)


def _scans(
    folder: Path, name: str, logs: Sequence[Path], more: Sequence[str], taken: dict[str, list[Taken]]
) -> None:
    """A scan into a new workspace, and one with nothing new."""
    root = folder / f"workspace-{name}"
    shutil.rmtree(root, ignore_errors=True)
    command = [_WHOSAW, "scan", *map(str, logs), "-w", str(root), *more, "--json"]
    for told in (name, f"{name}_again"):
        taken.setdefault(told, []).append(_taken(command))


def _taken(command: Sequence[str], *, home: Path | None = None) -> Taken:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {"HOME": str(home), "XDG_CONFIG_HOME": str(home)} if home is not None else None
    done = run(command, watch=False, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(seconds=done.seconds, processor=processor)


def _middle(taken: dict[str, list[Taken]]) -> dict[str, Taken]:
    return {
        name: Taken(
            seconds=statistics.median(one.seconds for one in each),
            processor=statistics.median(one.processor for one in each),
        )
        for name, each in taken.items()
    }


_ROWS: dict[str, Callable[[Path], dict[str, Taken]]] = {
    "plain": plain,
    "small-files": small_files,
    "demo": demo,
    "replay": replay,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.reading")
    parser.add_argument("--only", choices=sorted(_ROWS), nargs="+", help="measure these alone")
    parser.add_argument("--folder", type=Path, help="where logs and workspaces go for a while")
    parser.add_argument("--results", type=Path, help="where the document goes besides")
    options = parser.parse_args()
    told = measure(options.folder, [_ROWS[name] for name in options.only or _ROWS])
    text = json.dumps(told, indent=2, sort_keys=True) + "\n"
    if options.results is not None:
        options.results.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
