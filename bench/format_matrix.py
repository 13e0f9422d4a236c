"""Every kind of log with one line of every other kind at its head, in its middle and at its end: whether each is still found and
understood. `python -m bench.format_matrix --keep FILE [--minutes N]`.

More than an hour of one core. FILE gets one line of JSON for each kind that is through, and the next call goes on after it; after
`--minutes` no further kind is begun. What was kept of other code or formats is done again. Ends with 1 where a case is wrong, and
with 3 where kinds are left.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.unit.ingest.log_kinds import ALL, ITEMS, PLACES, alone, expected

from bench.run import ROOT
from whosaw.ingest.detect_format import detect

__all__ = ["judged", "kept_of", "room"]

LEAST = 0.98  # of the hundred and one lines of a log; the odd one may be read or not
ROOM = ("src/whosaw/ingest", "src/whosaw/data/formats", "tests/unit/ingest/log_kinds.py")


def room() -> str:
    """A digest of all code and data that a result stands on."""
    digest = sha256()
    for name in ROOM:
        path = ROOT / name
        files = [path] if path.is_file() else sorted(path.rglob("*.py")) + sorted(path.rglob("*.toml"))
        for file in files:
            digest.update(f"{file.relative_to(ROOT)}\n".encode())
            digest.update(sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def judged(name: str) -> dict[str, Any]:
    """One kind beside all others: its cases, and each one whose format is another one or which is understood less."""
    began = time.process_time()
    cases = 0
    wrong = []
    for other, place, text in alone(name):
        best = detect(text, ITEMS)[0]
        cases += 1
        if best.format_id != expected(name) or best.confidence < LEAST:
            wrong.append({"odd": other, "at": place, "format": best.format_id, "confidence": best.confidence})
    return {
        "kind": name,
        "cases": cases,
        "wrong": wrong,
        "cpu_seconds": round(time.process_time() - began, 1),
    }


def kept_of(path: Path, of: str) -> dict[str, dict[str, Any]]:
    """What was kept in a file for this room, by kind; a last line that was cut does not count."""
    kept: dict[str, dict[str, Any]] = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if row["room"] == of:
            kept[row["kind"]] = row
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.format_matrix")
    parser.add_argument("--keep", type=Path, required=True, help="where what is through is kept")
    parser.add_argument("--minutes", type=float, help="begin no further kind after so many")
    arguments = parser.parse_args()
    here = room()
    kept = kept_of(arguments.keep, here)
    cut = arguments.keep.exists() and not arguments.keep.read_bytes().endswith(b"\n")
    began = time.monotonic()
    for name in ALL:
        if name in kept:
            continue
        if arguments.minutes is not None and time.monotonic() - began >= 60 * arguments.minutes:
            break
        kept[name] = {"room": here, **judged(name)}
        with arguments.keep.open("a", encoding="utf-8") as file:
            file.write("\n" * cut + json.dumps(kept[name]) + "\n")
        cut = False
        print(f"{name}: {kept[name]['cases']} cases, {len(kept[name]['wrong'])} wrong", flush=True)
    rows = [kept[name] for name in ALL if name in kept]
    cases = sum(row["cases"] for row in rows)
    wrong = [(row["kind"], case) for row in rows for case in row["wrong"]]
    for kind, case in wrong:
        print(
            f"{kind} with a line of {case['odd']} at the {case['at']}: {case['format']}, understood {case['confidence']:.0%}"
        )
    whole = len(ALL) * (len(ALL) - 1) * len(PLACES)
    seconds = sum(row["cpu_seconds"] for row in rows)
    print(
        f"{cases - len(wrong):,} of {cases:,} right; {cases:,} of {whole:,} done, {len(rows)} of {len(ALL)} kinds, {seconds / 60:.0f} processor minutes"
    )
    return 1 if wrong else 3 if len(rows) < len(ALL) else 0


if __name__ == "__main__":
    sys.exit(main())
