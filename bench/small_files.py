"""Many small files against one of the same lines, and a scan with nothing new: `python -m bench.small_files [--repeats N]`.

Processor time of whole commands, in turns: on a busy machine it says more than the clock. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.make_log import write_log
from bench.measure import run

__all__ = ["Told", "measure"]

_MAP = Path(__file__).resolve().parent / "shop_map.toml"
_WHOSAW = str(Path(sys.executable).parent / "whosaw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Seconds of processor time, user and system, the median of all turns. `start` is what a command takes that does nothing."""

    files: int
    lines: int
    turns: int
    start: float
    one: float
    many: float
    one_again: float
    many_again: float

    @property
    def ratio(self) -> float:
        """Whole commands."""
        return self.many / self.one

    @property
    def ratio_again(self) -> float:
        return self.many_again / self.one_again

    def as_json(self) -> dict[str, float]:
        return {**asdict(self), "ratio": self.ratio, "ratio_again": self.ratio_again}


def measure(folder: Path, *, files: int = 1_000, lines: int = 20, turns: int = 3) -> Told:
    """Make the files in `folder`, and scan them `turns` times, each time into new workspaces and once more with nothing new."""
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
    taken: dict[str, list[float]] = {}
    for _ in range(turns):
        taken.setdefault("start", []).append(_seconds([_WHOSAW, "--help"]))
        for logs in (one, many):
            root = folder / f"workspace-{logs.name}"
            shutil.rmtree(root, ignore_errors=True)
            command = [_WHOSAW, "scan", str(logs), "-w", str(root), "--map", str(_MAP), "--json"]
            for name in (logs.name, f"{logs.name}_again"):
                taken.setdefault(name, []).append(_seconds(command))
    middle = {name: statistics.median(each) for name, each in taken.items()}
    return Told(files=files, lines=lines, turns=turns, **middle)


def _seconds(command: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command, watch=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.small_files")
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--lines", type=int, default=20, help="of each file")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = measure(Path(folder), files=options.files, lines=options.lines, turns=options.turns)
    print(json.dumps(told.as_json(), indent=2))


if __name__ == "__main__":
    main()
