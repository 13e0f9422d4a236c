"""Holds the steps of days against the present detection, breach by breach, and writes docs/performance/equal.json:
`python -m bench.equal [--only NAME ...] [--scale SCALE ...] [--seeds N ...]`.

Each replay is made and scanned once; the days of the same workspace are brought up to date then, and what either finds is held against the
truth. Of flags (an entity over a bar of a clause) it is kept which are told of one way alone, and which come later. Rows that were not
measured are kept. There is no time in the results.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.both_paths import Flags, Told, scored, told_by_days, told_now
from bench.score_table import Row
from whosaw.app.replay import made_at
from whosaw.replay.items import breach_names, load_replay
from whosaw.replay.make import make_replay

__all__ = ["RESULTS", "SCORED", "both", "flags_between", "measure"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "equal.json"
SCORED: Final = (
    "answer", "persons_of_breach", "persons_before_first", "first_after_seconds", "persons_recall", "persons_precision",
    "views_recall", "views_precision", "findings_true", "findings_nosy", "findings_false",
)  # fmt: skip


def measure(breach: str, scale: float, seed: int, folder: Path) -> dict[str, Any]:
    """The row of one replay, both ways. `folder` is used and left empty."""
    shutil.rmtree(folder, ignore_errors=True)
    shop, planted = load_replay(breach=breach)
    made = made_at(make_replay(folder / "replay", shop=shop, breach=planted, seed=seed, scale=scale).folder)
    root = folder / "workspace"
    now = told_now(made.logs, root, data_map=made.map, context=made.context)
    days = told_by_days(root, data_map=made.map, context=made.context)
    row = both(now, days, *(scored(root, made.folder, each) for each in (now, days)))
    shutil.rmtree(folder)
    return {"breach": breach, "scale": scale, "seed": seed, **row}


def both(now: Told, days: Told, score_now: Row, score_of_days: Row) -> dict[str, Any]:
    """Both scores, and how the flags differ."""
    return {
        "now": _of(score_now, now),
        "days": _of(score_of_days, days),
        "flags": flags_between(now.flags, days.flags),
    }


def _of(row: Row, told: Told) -> dict[str, Any]:
    first = min(((each.raised_at, each.detector, each.id) for each in told.findings), default=None)
    return {
        **{name: value for name, value in row.as_json().items() if name in SCORED},
        "first_detector": None if first is None else first[1],
    }


def flags_between(now: Flags, days: Flags) -> dict[str, Any]:
    """How many flags are told both ways, which clauses have some that are told one way alone, and how much later the others are."""
    both_ways = now.keys() & days.keys()
    later = sorted((days[key] - now[key]) / 1e6 for key in both_ways if days[key] > now[key])
    return {
        "both": len(both_ways),
        "earlier": sum(days[key] < now[key] for key in both_ways),
        "later": len(later),
        "later_median_seconds": median(later) if later else None,
        "later_most_seconds": later[-1] if later else None,
        "later_by_clause": _by_clause(key for key in both_ways if days[key] > now[key]),
        "lost_by_clause": _by_clause(now.keys() - days.keys()),
        "new_by_clause": _by_clause(days.keys() - now.keys()),
    }


def _by_clause(keys: Any) -> Mapping[str, int]:
    return dict(sorted(Counter(f"{detector} {clause}" for detector, clause, _ in keys).items()))


def rows(
    breaches: Sequence[str], scales: Sequence[float], seeds: Sequence[int], folder: Path
) -> Iterator[dict[str, Any]]:
    """Row after row, small shops first."""
    for scale in sorted(scales):
        for seed in seeds:
            for breach in breaches:
                yield measure(breach, scale, seed, folder)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.equal")
    parser.add_argument("--only", nargs="+", choices=breach_names(), help="these breaches alone")
    parser.add_argument("--scale", nargs="+", type=float, default=[0.003, 0.02], help="sizes of the shop")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1], help="these seeds")
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "bench" / "equal")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    old = json.loads(options.results.read_text(encoding="utf-8")) if options.results.exists() else []
    kept = {(row["scale"], row["breach"], row["seed"]): row for row in old}
    options.results.parent.mkdir(parents=True, exist_ok=True)
    for row in rows(options.only or breach_names(), options.scale, options.seeds, options.folder):
        kept[row["scale"], row["breach"], row["seed"]] = row
        print(json.dumps(row), flush=True)
        text = json.dumps([kept[each] for each in sorted(kept)], indent=1, sort_keys=True)
        options.results.write_text(f"{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
