"""Judges what is said of random small organisations against the truth:
`python -m bench.worlds [--worlds N] [--seed N] [--style NAME ...] [--show]`. Writes docs/performance/worlds.json.

Each seed is a world of its own (tests/worlds): an organisation of 50 to 3,000 people, a few weeks of honest life, breaches or none,
logs and records that may be damaged. It is scanned without context, with some tables and with all; from each finding and from clues
of each attacker a scope is made and held against the truth. A world that fails is made again by its seed:
`python -m bench.worlds --seed N --show`. There is no time in the results but that of the whole run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.worlds.judge import judge
from tests.worlds.site import STYLES, Knobs, knobs_of
from tests.worlds.world import make_world, seen_by

__all__ = ["RESULTS", "main", "measure", "summary"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "worlds.json"
_WORLDS = 500


def measure(knobs: Knobs, folder: Path) -> dict[str, Any]:
    """One world and what was found out about it; `folder` is used and left empty."""
    began, used = time.perf_counter(), time.process_time()
    try:
        world = make_world(knobs, folder)
        verdict = judge(world, folder).as_json()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "seed": knobs.seed,
        "knobs": asdict(knobs),
        "damaged_table": world.records.damaged,
        "lines": sum(map(len, world.written.lines.values())),
        "lost": world.written.lost,
        "truth": {each.party: [each.style, *seen_by(world.views[each.party])] for each in world.campaigns},
        **verdict,
        "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(time.process_time() - used, 1),
    }


def summary(worlds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All worlds together."""
    scopes = [(world, scope) for world in worlds for scope in world["scopes"]]
    faults = [(world, fault) for world in worlds for fault in world["faults"]]
    return {
        "worlds": len(worlds),
        "worlds_with_breach": sum(bool(world["truth"]) for world in worlds),
        "lines": sum(world["lines"] for world in worlds),
        "processor_seconds": round(sum(world["processor_seconds"] for world in worlds)),
        "scopes": len(scopes),
        "scopes_that_hold_views": sum(scope["bounds"][0][0] > 0 for _, scope in scopes),
        "faults": dict(sorted(Counter(fault["kind"] for _, fault in faults).items())),
        "faulty_seeds": {
            kind: sorted({world["seed"] for world, fault in faults if fault["kind"] == kind})
            for kind in sorted({fault["kind"] for _, fault in faults})
        },
        "quiet": _quiet(worlds),
        "styles": _styles(worlds),
    }


def _last(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of the context with all tables: the longest name."""
    rows = list(rows)
    most = max((len(row["tables"]) for row in rows), default=0)
    return [row for row in rows if len(row["tables"]) == most]


def _quiet(worlds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """False findings: those whose views are mostly of somebody honest."""
    false = [(world, row) for world in worlds for row in world["findings"] if row["style"] == "honest"]
    return {
        "findings": sum(len(world["findings"]) for world in worlds),
        "false": len(false),
        "worlds_with_false": sorted({world["seed"] for world, _ in false}),
        "by": dict(
            sorted(Counter(f"{row['detector']} of {row['party'].split()[0]}" for _, row in false).items())
        ),
    }


def _styles(worlds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for style in sorted({each[0] for world in worlds for each in world["truth"].values()}):
        campaigns = [
            (world, party) for world in worlds for party, each in world["truth"].items() if each[0] == style
        ]
        found = [[row for row in world["findings"] if row["party"] == party] for world, party in campaigns]
        many = Counter(max(Counter(row["tables"] for row in rows).values(), default=0) for rows in found)
        scopes = [
            scope
            for world in worlds
            for scope in world["scopes"]
            if scope["style"] == style and scope["clue"] == "finding"
        ]
        recalls = sorted(scope["recall"] for scope in scopes if scope["recall"] is not None)
        widths = sorted(
            scope["bounds"][0][1] / scope["bounds"][0][0]
            for scope in scopes
            if scope["bounds"][0][1] is not None and scope["bounds"][0][0]
        )
        told[style] = {
            "campaigns": len(campaigns),
            "found": sum(bool(rows) for rows in found),
            "most_findings": {str(number): times for number, times in sorted(many.items())},
            "recall_median": recalls[len(recalls) // 2] if recalls else None,
            "recall_least": recalls[0] if recalls else None,
            "width_median": round(widths[len(widths) // 2], 3) if widths else None,
        }
    return told


def _show(world: Mapping[str, Any]) -> None:
    for row in world["findings"]:
        print("  finding", row)
    for scope in world["scopes"]:
        print("  scope", {name: value for name, value in scope.items() if name != "style"})
    print("  refused", world["refused"])


def _line(world: Mapping[str, Any]) -> str:
    knobs = world["knobs"]
    return (
        f"seed {world['seed']} {knobs['kind']} of {knobs['people']} {knobs['days']}d {knobs['log']}/{knobs['auth']} ids {knobs['ids']} "
        f"log {knobs['log_damage']} context {knobs['context_damage']}:{world['damaged_table']} {world['truth']} findings {len(world['findings'])} "
        f"faults {len(world['faults'])} {world['seconds']} s"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.worlds")
    parser.add_argument("--worlds", type=int, default=_WORLDS, help="so many seeds, from 1")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seed", type=int, nargs="+", help="these seeds alone; nothing is written")
    parser.add_argument(
        "--style",
        nargs="+",
        choices=[*STYLES, "neighbours"],
        help="these breaches in place of those of the seed; nothing is written",
    )
    parser.add_argument("--show", action="store_true", help="print findings and scopes")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    seeds = options.seed or range(options.first, options.first + options.worlds)
    worlds: list[dict[str, Any]] = []
    for seed in seeds:
        knobs = knobs_of(seed)
        if options.style:
            knobs = replace(knobs, breaches=tuple(options.style))
        world = measure(knobs, Path(tempfile.mkdtemp(prefix="worlds-")))
        worlds.append(world)
        print(_line(world), flush=True)
        for fault in world["faults"]:
            print(f"  FAULT {fault['kind']} [{fault['tables']}] {fault['clue']}: {fault['told']}", flush=True)
        if options.show:
            _show(world)
        if not options.seed and not options.style:
            _write(options.results, worlds)
    print(json.dumps(summary(worlds), indent=1))
    return 1 if any(world["faults"] for world in worlds) else 0


def _write(place: Path, worlds: Sequence[Mapping[str, Any]]) -> None:
    faulty = [{"seed": world["seed"], "faults": world["faults"]} for world in worlds if world["faults"]]
    document = {"measured": datetime.now(UTC).date().isoformat(), **summary(worlds), "faulty": faulty}
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
