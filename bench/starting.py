"""How long a whole command takes on the demo, or on a case of law of sixty places, against `python -c pass`: `python -m bench.starting [--rounds N]`.

All commands and the empty program run in turns, so that each meets the same machine, and the least of each counts: what others do
on the machine only adds. Writes docs/performance/starting.json, in processor time too, which waits for nobody.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.run import ROOT, machine
from whosaw.law import load_law

__all__ = ["COMMANDS", "document", "many_places", "questions", "timed"]

RESULTS = ROOT / "docs" / "performance" / "starting.json"
EMPTY = "python -c pass"
# an installed program is compiled once, not at every call
_AS_INSTALLED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
COMMANDS = ("--help", "who", "what", "findings", "coverage", "line")
PLACES = 60
_CASE = """case = "everywhere"
zone = "UTC"

[organisation]
name = "Everywhere"
roles = ["controller"]
established = ["KR"]
sectors = ["retail", "online-services"]

[[event]]
kind = "aware"
at = 2026-10-05T00:00:00Z
said_by = "Everywhere"

[[scope]]
file = "scope.json"
"""


def questions(workspace: Path) -> dict[str, list[str]]:
    """What is asked by each command: its words, about the first finding of the demo and the first person that it names."""
    there = ["-w", str(workspace)]
    finding = _answer(["findings", *there])["findings"][0]["id"]
    seen = _answer(["what", finding, *there])
    person, locator = seen["persons"][0]["number"], seen["locators"][0]
    asked = {"who": [person], "what": [finding], "line": [locator]}
    return {
        name: [name, *asked.get(name, []), *(there if not name.startswith("-") else [])] for name in COMMANDS
    }


def many_places(folder: Path) -> dict[str, list[str]]:
    """What a case asks of the law where a thousand people were seen in each of sixty countries and states with law on record."""
    names = [
        each.area.members[0]
        for each in load_law().jurisdictions.values()
        if each.area.members and not each.sectors_only
    ][:PLACES]
    rows = [
        {"name": name, "accounts": _count("accounts", 1_000), "persons": _count("persons", 1_000)}
        for name in names
    ]
    whole = 1_000 * len(names)
    scope = {
        "case": "everywhere", "version": 1, "made": "2026-10-05T00:00:00Z", "open": [], "final": None,
        "counts": [_count("accounts", whole), _count("persons", whole)],
        "by": {"category": [], "jurisdiction": rows},
        "categories_held": [{"category": "contact.email", "answer": "seen", "routes": []}],
    }  # fmt: skip
    folder.mkdir()
    (folder / "scope.json").write_text(json.dumps(scope), encoding="utf-8")
    (folder / "case.toml").write_text(_CASE, encoding="utf-8")
    words = ["duties", str(folder / "case.toml"), "--now", "2026-10-06T00:00:00Z"]
    return {f"duties, {len(names)} places": words}


def _count(unit: str, people: int) -> dict[str, Any]:
    return {"unit": unit, "lower": people, "upper": people}


def _answer(words: Sequence[str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "whosaw", *words, "--json"], capture_output=True, check=True, text=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def timed(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Seconds on the clock and of the processor."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=_AS_INSTALLED, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    told = process.stderr.read().decode() if process.stderr else ""
    if process.stderr:
        process.stderr.close()
    if process.returncode:
        raise SystemExit(f"bench: {' '.join(command)} failed: {told}")
    return took, used.ru_utime + used.ru_stime


def document(folder: Path, commands: dict[str, list[str]], rounds: int) -> dict[str, Any]:
    """Every command so many times, in turns; the least of each and how many times the empty program that is."""
    whosaw = [sys.executable, "-c", "from whosaw.cli.start import main; main()"]
    lines = {
        EMPTY: [sys.executable, "-c", "pass"],
        **{name: [*whosaw, *words] for name, words in commands.items()},
    }
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in lines}
    for _ in range(rounds):
        for name, line in lines.items():
            runs[name].append(timed(line, folder))
    least = {name: tuple(min(each) for each in zip(*told, strict=True)) for name, told in runs.items()}
    rows = [
        {
            "command": name,
            "milliseconds": round(1e3 * seconds, 1),
            "cpu_milliseconds": round(1e3 * cpu, 1),
            "ratio": round(seconds / least[EMPTY][0], 1),
            "cpu_ratio": round(cpu / least[EMPTY][1], 1),
        }
        for name, (seconds, cpu) in least.items()
    ]
    return {
        "machine": machine(),
        "measured": datetime.now(UTC).date().isoformat(),
        "rounds": rounds,
        "rows": rows,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.starting")
    parser.add_argument("--rounds", type=int, default=10, help="how often each command runs")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".build" / "starting", help="where the demo goes"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True)
    demo = options.folder / "demo"
    subprocess.run([sys.executable, "-m", "whosaw", "demo", str(demo)], check=True, stdout=subprocess.DEVNULL)
    asked = {**questions(demo / "whosaw-data"), **many_places(options.folder / "law")}
    told = document(options.folder, asked, options.rounds)
    options.results.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    for row in told["rows"]:
        print(f"{row['command']:<16} {row['milliseconds']:>8.1f} ms  {row['ratio']:>6.1f} times {EMPTY}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
