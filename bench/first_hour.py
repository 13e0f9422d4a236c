"""How long the pages of the first hour take, command by command: `python -m bench.first_hour [--rounds N]`.

Each page is followed as it stands, in an empty folder, with one process for each command as a reader would start it. The least of all
rounds counts for each command: what others do on the machine only adds. The last command has to answer, or there is no figure.
Writes docs/performance/first-hour.json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools import console

from bench.run import ROOT, machine
from bench.starting import timed

__all__ = ["PAGES", "document", "follow", "lines_of"]

RESULTS = ROOT / "docs" / "performance" / "first-hour.json"
PAGES = ("first-hour", "first-hour-hospital", "first-hour-bank")


def follow(page: str) -> Iterator[tuple[str, float, float]]:
    """Each command of a page, with its seconds on the clock and of the processor. Ends the program where one fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for block in console.blocks((ROOT / "docs" / f"{page}.md").read_text("utf-8")):
            if block.mark.startswith("file: "):
                path = folder / block.mark.removeprefix("file: ")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")
            elif block.mark.startswith("run"):
                for command, _ in console.commands(block.text):
                    yield (command.strip(), *timed(["/bin/sh", "-c", command], folder))


def lines_of(page: str) -> int:
    """How many lines the logs of a page have."""
    blocks = console.blocks((ROOT / "docs" / f"{page}.md").read_text("utf-8"))
    return sum(block.text.count("\n") for block in blocks if block.mark.startswith("file: logs/"))


def document(rounds: int) -> dict[str, Any]:
    """For each page its commands, the least of each."""
    runs: dict[str, list[list[tuple[str, float, float]]]] = {page: [] for page in PAGES}
    for _ in range(rounds):
        for page, told in runs.items():
            told.append(list(follow(page)))
    return {
        "machine": machine(),
        "measured": datetime.now(UTC).date().isoformat(),
        "rounds": rounds,
        "pages": {
            page: {
                "lines": lines_of(page),
                "commands": [
                    {
                        "command": same[0][0],
                        "seconds": round(min(each[1] for each in same), 2),
                        "cpu_seconds": round(min(each[2] for each in same), 2),
                    }
                    for same in zip(*told, strict=True)
                ],
            }
            for page, told in runs.items()
        },
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.first_hour")
    parser.add_argument("--rounds", type=int, default=5, help="how often each page is followed")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # the whosaw of this Python
    told = document(options.rounds)
    options.results.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    for page, found in told["pages"].items():
        took = sum(each["seconds"] for each in found["commands"])
        print(f"{page}: {len(found['commands'])} commands, {took:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
