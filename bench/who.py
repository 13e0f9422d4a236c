"""Times `whosaw who` in one process that is up: `python -m bench.who WORKSPACE LOG TIMES`. Prints JSON."""

from __future__ import annotations

import contextlib
import io
import json
import statistics
import sys
import time
from pathlib import Path

import duckdb

from bench.measure import run
from bench.split import COLUMNS
from whosaw.cli.main import app


def asked(log: str, times: int) -> list[str]:
    """Persons from all over the log, each asked for once."""
    size = Path(log).stat().st_size
    found: list[str] = []
    with Path(log).open("rb") as file:
        for number in range(times):
            file.seek(size * number // times)
            file.readline()
            found.append(file.readline().split(b"/customers/")[1].split(b"/")[0].decode())
    return found


def exposures(log: str) -> int:
    """Distinct pairs of client address and page in the log."""
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS) + "}"
    sql = f"""SELECT count(*) FROM (SELECT DISTINCT address, request FROM read_csv($log, columns = {columns},
              header = false, auto_detect = false, delim = ' ', quote = '"', escape = '\\'))"""
    row = duckdb.execute(sql, {"log": log}).fetchone()
    assert row is not None
    return int(row[0])


def ask(workspace: str, person: str) -> float:
    """Milliseconds of one answer. An answer that names nobody is an error."""
    output = io.StringIO()
    begun = time.perf_counter()
    with contextlib.redirect_stdout(output):
        app(["who", person, "--workspace", workspace, "--json"], standalone_mode=False)
    took = (time.perf_counter() - begun) * 1000
    if not json.loads(output.getvalue()).get("exposures"):
        raise SystemExit(f"bench.who: nobody saw a person who is in the log: {output.getvalue()[:400]}")
    return took


def main() -> None:
    workspace, log, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
    persons = asked(log, times + 1)
    ask(workspace, persons[0])  # imports what the command imports
    took = [ask(workspace, person) for person in persons[1:]]
    command = [
        str(Path(sys.executable).parent / "whosaw"),
        "who",
        persons[0],
        "--workspace",
        workspace,
        "--json",
    ]
    whole = statistics.median(run(command, watch=False).seconds * 1000 for _ in range(5))
    told = {
        "median_ms": statistics.median(took),
        "slowest_ms": max(took),
        "command_ms": whole,
        "exposures": exposures(log),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
