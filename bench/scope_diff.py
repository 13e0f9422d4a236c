"""How long the difference of two versions of a scope with 33 million persons takes, and its memory.

    python -m bench.scope_diff [--persons N] [--categories N]

Membership is drawn at random, ten in eleven numbers, which is the worst form for sets: no runs, no two containers alike. Each
version has its own set of held people, of possible ones, and one for each category and route. Prints one JSON document, and
keeps it in docs/performance/scope.json.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from pyroaring import BitMap
from tests.scope.made_document import document

from bench.scope_size import RESULTS, write_results
from whosaw.app.cases.versions import diff_versions
from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import object_of
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace

NOW = datetime(2025, 11, 17, 7, 0, tzinfo=UTC)


def drawn(dice: np.random.Generator, persons: int, share: float) -> BitMap:
    return BitMap(np.flatnonzero(dice.random(persons * 11 // 10, np.float32) < share).astype(np.uint32))


def version(dice: np.random.Generator, persons: int, categories: int) -> dict[str, BitMap]:
    sets = {"held": drawn(dice, persons, 10 / 11), "possible": drawn(dice, persons, 0.01)}
    for number in range(categories):
        left_out = drawn(dice, persons, 0.05)
        sets[f"category:kind.{number}"] = sets["held"] - left_out
        sets[f"route:route-{number}"] = sets["held"] ^ left_out
    return sets


def measure(persons: int, categories: int, runs: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "ws"
        workspace = Workspace.open(root, create=True)
        store, dice = CaseStore(workspace), np.random.default_rng(1)
        sizes: list[int] = []
        sets: dict[str, BitMap] = {}
        for number in (0, 1):
            sets = version(dice, persons, categories)
            store.add(
                canonical_json(document(accounts=len(sets["held"]), inputs={"map": str(number) * 64})),
                sets,
                now=NOW,
            )
            sizes.append(len(sets["held"]))
        workspace.close()
        seconds, processor = [], []
        answer: dict[str, Any] = {}
        for _ in range(runs):
            began, worked = time.perf_counter(), time.process_time()
            answer = object_of(diff_versions(root, "spring", now=NOW))
            seconds.append(round(time.perf_counter() - began, 3))
            processor.append(round(time.process_time() - worked, 3))
        held = answer["persons"]["held"]
        if held["came_in"] - held["went_out"] != sizes[1] - sizes[0]:
            raise SystemExit("the numbers of the difference do not fit those of the versions")
        return {
            "persons": sizes,
            "sets_each": len(sets),
            "came_in": held["came_in"],
            "went_out": held["went_out"],
            "seconds": seconds,
            "processor_seconds": processor,
            "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--persons", type=int, default=33_700_000)
    parser.add_argument("--categories", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    told = measure(chosen.persons, chosen.categories, chosen.runs)
    print(json.dumps(told, indent=2))
    write_results(chosen.results, {"diff": told})
    return 0


if __name__ == "__main__":
    sys.exit(main())
