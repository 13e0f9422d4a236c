"""False findings of a shop in which nothing happens, over a year of daily steps, and writes docs/performance/quiet.json:
`python -m bench.quiet [--scale SCALE ...] [--seeds N ...] [--days DAYS] [--daily DAYS]`.

Each morning the logs of the day before are read and the days are brought up to date, and every finding that is told on any morning and is of
nobody whom the truth calls nosy counts once. For the first `daily` days it is done so; what comes after the 28 days that are judged in hindsight
is judged by days before it alone, so the rest is brought up at once: a history of steps ends as one step over all. Rows that were not measured are
kept. There is no time in the results.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.both_paths import false_in, read_only, told_by_days
from whosaw.app.replay import MadeReplay, made_at
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay

__all__ = ["RESULTS", "a_year", "measure", "mornings", "quiet_shop"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "quiet.json"
_DAYS: Final = 365
_DAILY: Final = 30
_SURE: Final = 0.95


def measure(scale: float, seed: int, days: int, folder: Path, *, daily: int = _DAILY) -> dict[str, Any]:
    """The row of one shop. `folder` is used and left empty."""
    shutil.rmtree(folder, ignore_errors=True)
    made = quiet_shop(folder / "replay", scale, seed, days)
    root = folder / "workspace"
    found: set[tuple[str, str]] = set()
    for logs in mornings(made.logs, days, daily):
        read_only(logs, root, data_map=made.map, context=made.context)
        told = told_by_days(root, data_map=made.map, context=made.context)
        found |= false_in(root, made.folder, told)
    shutil.rmtree(folder)
    return {
        "scale": scale,
        "seed": seed,
        "days": days,
        "daily": min(daily, days),
        "customers": made.customers,
        "false": len(found),
        "by_detector": dict(sorted(Counter(detector for detector, _ in found).items())),
    }


def quiet_shop(folder: Path, scale: float, seed: int, days: int) -> MadeReplay:
    """The replay of so many days of a shop in which nothing happens."""
    shop, _ = load_replay(breach="quiet")
    much = round(shop.sessions.count * days / shop.span.days)
    shop, quiet = load_replay(breach="quiet", overrides={"span.days": days, "sessions.count": much})
    return made_at(make_replay(folder, shop=shop, breach=quiet, seed=seed, scale=scale).folder)


def mornings(folders: Sequence[Path], days: int, daily: int) -> Iterator[list[Path]]:
    """The logs that are there on each morning: of the first `daily` days one after another, then of all the rest. They are put away each day, so the
    oldest has the highest number."""
    files = [(days - 1 - _number(each), each) for folder in folders for each in sorted(folder.iterdir())]
    for day in range(min(daily, days)):
        if today := [each for of, each in files if of == day]:
            yield today
    if rest := [each for of, each in files if of >= daily]:
        yield rest


def _number(path: Path) -> int:
    return int("".join(filter(str.isdigit, path.name)) or 0)


def a_year(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float, float]:
    """False findings a year, and between which numbers that lies with 95 %, of a Poisson count (Garwood 1936)."""
    events, years = sum(row["false"] for row in rows), sum(row["days"] for row in rows) / 365.25
    tail = (1 - _SURE) / 2
    low = 0.0 if not events else _solved(lambda mean: 1 - _at_most(events - 1, mean) - tail, events)
    high = _solved(lambda mean: tail - _at_most(events, mean), events)
    return events / years, low / years, high / years


def _at_most(events: int, mean: float) -> float:
    """The chance of at most so many where so many are to be expected."""
    return sum(math.exp(each * math.log(mean) - mean - math.lgamma(each + 1)) for each in range(events + 1))


def _solved(rising: Any, about: int) -> float:
    low, high = 1e-12, 10.0 + 4 * about
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return low


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.quiet")
    parser.add_argument(
        "--scale", nargs="+", type=float, default=[0.003, 0.01, 0.03], help="sizes of the shop"
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(1, 21)), help="these seeds")
    parser.add_argument("--days", type=int, default=_DAYS)
    parser.add_argument(
        "--daily", type=int, default=_DAILY, help="so many days are judged each morning, the rest at once"
    )
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "bench" / "quiet")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    old = json.loads(options.results.read_text(encoding="utf-8")) if options.results.exists() else []
    kept = {(row["scale"], row["days"], row["daily"], row["seed"]): row for row in old}
    options.results.parent.mkdir(parents=True, exist_ok=True)
    for seed in options.seeds:
        for scale in options.scale:
            row = measure(scale, seed, options.days, options.folder, daily=options.daily)
            kept[scale, options.days, row["daily"], seed] = row
            print(json.dumps(row), flush=True)
            text = json.dumps([kept[each] for each in sorted(kept)], indent=1, sort_keys=True)
            options.results.write_text(f"{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
