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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.worlds.judge import Fault, Verdict, judge
from tests.worlds.site import RARE, STYLES, Knobs, knobs_of
from tests.worlds.world import World, make_world, seen_by

__all__ = ["RESULTS", "main", "measure", "summary"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "worlds.json"
_WORLDS = 500
_SCANS = 3  # of each world


def measure(knobs: Knobs, folder: Path) -> dict[str, Any]:
    """One world and what was found out about it; `folder` is used and left empty."""
    began, used = time.perf_counter(), time.process_time()
    world = make_world(knobs, folder)
    try:
        verdict = judge(world, folder)
    except Exception as wrong:  # noqa: BLE001  # whatever breaks on one world is a fault of it, and the others are judged all the same
        verdict = Verdict(
            faults=[Fault(kind="crash", tables="", clue="", told=f"{type(wrong).__name__}: {wrong}")]
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "seed": knobs.seed,
        "knobs": asdict(knobs),
        "damaged_table": world.records.damaged,
        "lines": sum(map(len, world.written.lines.values())),
        "lost": world.written.lost,
        "truth": {each.party: [each.style, *seen_by(world.views[each.party])] for each in world.campaigns},
        "in_logs": _in_logs(world),
        **verdict.as_json(),
        "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(time.process_time() - used, 1),
    }


def _in_logs(world: World) -> dict[str, int]:
    """By attacker, how many of the views have a line that is left."""
    acts = {
        id(act): act
        for lines in world.written.lines.values()
        for act in lines
        if act is not None and act.is_view
    }
    many = Counter(act.party for act in acts.values())
    return {each.party: many[each.party] for each in world.campaigns}


def summary(worlds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All worlds together."""
    faults = [(world, fault) for world in worlds for fault in world["faults"]]
    kinds = sorted({fault["kind"] for _, fault in faults})
    return {
        "worlds": len(worlds),
        "worlds_with_breach": sum(bool(world["truth"]) for world in worlds),
        "lines": sum(world["lines"] for world in worlds),
        "processor_seconds": round(sum(world["processor_seconds"] for world in worlds)),
        "views": sum(world["views"] for world in worlds),
        "possible_views": sum(world["possible"] for world in worlds),
        "scopes": _bounds(worlds, lambda _: True),
        "faults": {kind: sum(fault["kind"] == kind for _, fault in faults) for kind in kinds},
        "seeds": {
            kind: sorted({world["seed"] for world, fault in faults if fault["kind"] == kind})
            for kind in kinds
        },
        "damage": {
            name: _bounds(worlds, lambda world, name=name: world["knobs"]["log_damage"] == name)  # type: ignore[misc]
            for name in sorted({world["knobs"]["log_damage"] for world in worlds})
        },
        "styles": {
            style: _style(worlds, style)
            for style in sorted({each[0] for world in worlds for each in world["truth"].values()})
        },
        "honest": _honest(worlds),
    }


def _bounds(
    worlds: Sequence[Mapping[str, Any]], chosen: Callable[[Mapping[str, Any]], bool]
) -> dict[str, Any]:
    """How many scopes were judged, how many bounds are on the wrong side, and how wide they are in the middle."""
    scopes = [scope for world in worlds if chosen(world) for scope in world["scopes"]]
    widths = sorted(
        scope["bounds"][0][1] / scope["bounds"][0][0]
        for scope in scopes
        if scope["bounds"][0][0] and scope["bounds"][0][1] is not None
    )
    return {
        "judged": len(scopes),
        "holding_views": sum(scope["bounds"][0][0] > 0 for scope in scopes),
        "lower_wrong": sum("lower" in scope["wrong"] for scope in scopes),
        "uppers_judged": sum(scope["truth"] is not None for scope in scopes),
        "upper_wrong": sum(bool({"upper", "exact"} & set(scope["wrong"])) for scope in scopes),
        "without_upper": sum(scope["bounds"][0][1] is None for scope in scopes),
        "width_median": round(widths[len(widths) // 2], 3) if widths else None,
    }


def _style(worlds: Sequence[Mapping[str, Any]], style: str) -> dict[str, Any]:
    """Of attackers of one style: how many were found with all tables, by how many findings, and how much of it a scope holds."""
    campaigns = [
        (world, party)
        for world in worlds
        for party, each in world["truth"].items()
        if each[0] == style and world["in_logs"][party]
    ]
    found = [
        Counter(row["tables"] for row in world["findings"] if row["party"] == party)
        for world, party in campaigns
    ]
    scopes = [
        scope
        for world, party in campaigns
        for scope in world["scopes"]
        if scope["clue"] == "finding" and scope["party"] == party and scope["truth"] is not None
    ]
    recalls = sorted(scope["recall"] for scope in scopes if scope["recall"] is not None)
    lowers = sorted(scope["bounds"][0][0] / scope["truth"][0] for scope in scopes)
    return {
        "campaigns": len(campaigns),
        "found": sum(bool(each) for each in found),
        "by_several_findings": sum(max(each.values(), default=0) > 1 for each in found),
        "scopes": len(recalls),
        "recall_median": round(recalls[len(recalls) // 2], 4) if recalls else None,
        "recall_least": round(recalls[0], 4) if recalls else None,
        "lower_median": round(lowers[len(lowers) // 2], 4) if lowers else None,
    }


def _honest(worlds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Findings most of whose views are of somebody honest. `with_records`: the tables that would explain them were given, whole."""
    false = [(world, row) for world in worlds for row in world["findings"] if row["style"] == "honest"]
    unexcused = [(world, row) for world, row in false if _could_tell(world, row)]
    return {
        "scans": sum(_SCANS for _ in worlds),
        "false_findings": len(false),
        "with_records": len(unexcused),
        "seeds": sorted({world["seed"] for world, _ in unexcused}),
        "by": dict(
            sorted(Counter(f"{row['detector']} of {row['party'].split()[0]}" for _, row in unexcused).items())
        ),
    }


def _could_tell(world: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """A job without the table of jobs, or staff without tickets, cannot be told from anybody else; customers can."""
    given = set(row["tables"].split("+")) - {world["damaged_table"]}
    wanted = {"job": {"services"}, "partner": {"services"}, "staff": {"staff", "tickets"}}.get(
        row["party"].split()[0], set()
    )
    return wanted <= given


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
        choices=[*STYLES, *RARE],
        help="these breaches in place of those of the seed; nothing is written",
    )
    parser.add_argument("--people", type=int, help="so many people; nothing is written")
    parser.add_argument("--show", action="store_true", help="print findings and scopes")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument(
        "--keep",
        type=Path,
        help="each world as a line of this file; those that stand there are not made again",
    )
    options = parser.parse_args()
    seeds = options.seed or range(options.first, options.first + options.worlds)
    alone = bool(options.seed or options.style or options.people)
    kept = [] if alone else _kept(options.keep)
    worlds: list[dict[str, Any]] = [world for world in kept if world["seed"] in seeds]
    for seed in sorted(set(seeds) - {world["seed"] for world in worlds}):
        knobs = knobs_of(seed)
        if options.style:
            knobs = replace(knobs, breaches=tuple(options.style))
        if options.people:
            knobs = replace(knobs, people=options.people, lines=options.people * 8)
        world = measure(knobs, Path(tempfile.mkdtemp(prefix="worlds-")))
        worlds.append(world)
        print(_line(world), flush=True)
        for fault in world["faults"]:
            print(f"  FAULT {fault['kind']} [{fault['tables']}] {fault['clue']}: {fault['told']}", flush=True)
        if options.show:
            _show(world)
        if options.keep and not alone:
            with options.keep.open("a", encoding="utf-8") as out:
                out.write(json.dumps(world) + "\n")
    if not alone:
        _write(options.results, worlds)
    print(json.dumps(summary(worlds), indent=1))
    return 1 if any(world["faults"] for world in worlds) else 0


def _kept(place: Path | None) -> list[dict[str, Any]]:
    if place is None or not place.exists():
        return []
    return [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()]


def _write(place: Path, worlds: Sequence[Mapping[str, Any]]) -> None:
    faulty = [{"seed": world["seed"], "faults": world["faults"]} for world in worlds if world["faults"]]
    document = {"measured": datetime.now(UTC).date().isoformat(), **summary(worlds), "faulty": faulty}
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
