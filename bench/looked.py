"""How many views each clause looks at one by one in a shop in which nothing happens, and writes docs/performance/looked.json:
`python -m bench.looked [--scale SCALE ...] [--seed N]`.

Of each day a clause is asked about the views that its windows touch; sums of days dismiss most entities, and the views of the rest are looked
at exactly. The share is that of the views looked at among all views of the windows of all days. There is no time in the results.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.both_paths import NOW, days_of, read_only
from whosaw.app.building.bring_up import Ledger
from whosaw.app.replay import made_at
from whosaw.build.runner import runs_there
from whosaw.build.state import Runs
from whosaw.build.step import Step
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
from whosaw.store.workspace import Workspace

__all__ = ["RESULTS", "looked_of", "measure"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "looked.json"
_LOOK: Final = "look."


def measure(scale: float, seed: int, folder: Path) -> dict[str, Any]:
    """The row of one shop. `folder` is used and left empty."""
    shutil.rmtree(folder, ignore_errors=True)
    shop, quiet = load_replay(breach="quiet")
    made = made_at(make_replay(folder / "replay", shop=shop, breach=quiet, seed=seed, scale=scale).folder)
    root = folder / "workspace"
    read_only(made.logs, root, data_map=made.map, context=made.context)
    workspace = Workspace.open(root)
    try:
        with days_of(workspace, made.map, made.context) as ledger:
            ledger.bring_up_to_date(now=NOW)
            views, clauses = looked_of(ledger)
    finally:
        workspace.close()
    shutil.rmtree(folder)
    return {"scale": scale, "seed": seed, "customers": made.customers, "views": views, "clauses": clauses}


def looked_of(ledger: Ledger) -> tuple[int, dict[str, dict[str, int]]]:
    """How many views there are; and by clause on how many days anything is left, how many views are looked at over all days, how many views
    the windows of all days hold, and how many entities and days are left and are flagged."""
    runs = runs_there(ledger.plan)
    days = runs.days("views")
    many = [runs.rows("views", [day], ["time"]).num_rows for day in days]
    first = days[0]
    of_day = np.zeros(days[-1] - first + 1, np.int64)
    of_day[np.array(days) - first] = many
    total = np.append(0, np.cumsum(of_day))
    found = {}
    makers = ledger.plan.makers
    for maker in makers.values():
        if not isinstance(maker, Step) or not maker.name.startswith(_LOOK):
            continue
        name = maker.name.removeprefix(_LOOK)
        bound = makers.get(f"bound.{name}")
        if not isinstance(bound, Step):
            continue  # of planted people there are no sums
        looked, left, flags = (_rows(runs, f"{kind}.{name}") for kind in ("looked", "left", "flags"))
        back = min(
            max(read.back for read in bound.reads),
            max(read.back for read in maker.reads if read.kind == "views"),
        )
        until = np.arange(len(of_day)) + 1
        found[name] = {
            "days": looked.num_rows,
            "views": int(pc.sum(looked["views"]).as_py() or 0),
            "every": int((total[until] - total[np.maximum(until - 1 - back, 0)]).sum()),
            "left": left.num_rows,
            "flagged": len(set(zip(flags["day"].to_pylist(), flags["key"].to_pylist(), strict=True))),
        }
    return int(total[-1]), found


def _rows(runs: Runs, kind: str) -> pa.Table:
    return runs.rows(kind, runs.days(kind))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.looked")
    parser.add_argument("--scale", nargs="+", type=float, default=[0.01, 0.1, 0.3], help="sizes of the shop")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "bench" / "looked")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    rows = [measure(scale, options.seed, options.folder) for scale in options.scale]
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text(f"{json.dumps(rows, indent=1, sort_keys=True)}\n", encoding="utf-8")
    print(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
