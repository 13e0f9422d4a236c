"""Scores every breach and writes docs/performance/breaches.json:
`python -m bench.breaches [--full] [--only NAME ...] [--damage NAME ...] [--context NAME ...]`.

For each breach, damage and context a replay is made, scanned and scored, once for each seed; what is printed and kept
is the worst value over the seeds. Rows that were not measured this time are kept. There is no time in the results:
the same program gives the same file on every machine.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import run
from whosaw.replay.damage_item import damage_names
from whosaw.replay.items import breach_names
from whosaw.replay.score_table import Row, row_of, worst_of

__all__ = ["CONTEXTS", "NO_DAMAGE", "RESULTS", "Plan", "likenesses", "measure", "part_of_context"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "breaches.json"
WHOSAW = str(Path(sys.executable).parent / "whosaw")
NO_DAMAGE = "none"
CONTEXTS = (
    "full",
    "imperfect",
    "logins",
    "none",
)  # imperfect: all of it, of a shop whose record of logins has gaps
_SEEDS_QUICK, _SEEDS_FULL = 1, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be measured."""

    breaches: Sequence[str]
    damages: Sequence[str]
    contexts: Sequence[str]
    seeds: Sequence[int]
    scale: float


def measure(plan: Plan, folder: Path) -> Iterator[tuple[tuple[str, str, str], dict[int, Row]]]:
    """(breach, damage, context) and a row for each seed, breach by breach. `folder` is used and left empty."""
    for breach in plan.breaches:
        rows: dict[tuple[str, str, str], dict[int, Row]] = {}
        for seed in plan.seeds:
            for like, contexts in likenesses(plan.contexts):
                replay = _fresh(folder / "replay")
                words = ["--like", like] if like else []
                _whosaw(
                    "replay",
                    "make",
                    replay,
                    "--breach",
                    breach,
                    *words,
                    "--seed",
                    seed,
                    "--scale",
                    plan.scale,
                )
                for damage in plan.damages:
                    damaged = _damaged(replay, folder / "twin", damage, seed)
                    for context, row in _rows(damaged, folder, contexts):
                        rows.setdefault((breach, damage, context), {})[seed] = row
        yield from rows.items()
    for name in ("replay", "twin", "ledger", "context"):
        _fresh(folder / name)


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _whosaw(*words: object) -> Any:
    done = run([WHOSAW, *(str(word) for word in words), "--json"], watch=False)
    return json.loads(done.output)


def _damaged(replay: Path, twin: Path, damage: str, seed: int) -> Path:
    if damage == NO_DAMAGE:
        return replay
    _whosaw("replay", "damage", replay, _fresh(twin), "--damage", damage, "--seed", seed)
    return twin


def likenesses(contexts: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each likeness of the shop that is needed, with the contexts in which its logs are read."""
    perfect = [each for each in contexts if each != "imperfect"]
    if perfect:
        yield "", perfect
    if "imperfect" in contexts:
        yield "imperfect", ["imperfect"]


def _rows(replay: Path, folder: Path, contexts: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """Scan the logs once, and look for the breach again in each context."""
    ledger = _fresh(folder / "ledger")
    told = json.loads((replay / "truth.json").read_text(encoding="utf-8"))
    logs = sorted({replay / each["folder"] for each in told["services"].values()})
    words: list[object] = [*(each for each in logs if each.is_dir()), "--map", replay / "map.toml"]
    for context in contexts:
        given = part_of_context(replay / "context", folder / "context", context)
        _whosaw("scan", *words, "--context", given, "--workspace", ledger)
        yield context, row_of(_whosaw("replay", "score", ledger, replay))


def part_of_context(whole: Path, part: Path, context: str) -> Path:
    """The folder that a scan is given; an empty one says that there is nothing to look anything up in."""
    if context in ("full", "imperfect"):
        return whole
    _fresh(part).mkdir()
    if context == "logins":
        for path in (*whole.glob("logins.*"), whole / "context.toml"):
            shutil.copyfile(path, part / path.name)
    return part


def _share(value: float | None) -> str:
    """Per cent, cut and not rounded: what is not whole is never shown as whole."""
    return "cannot tell" if value is None else f"{int(value * 10_000) / 100:.2f} %"


def _count(value: int | None) -> str:
    return "none" if value is None else f"{value:,}"


def _line(key: tuple[str, str, str], row: Row) -> str:
    breach, damage, context = key
    return (
        f"{breach:30} damage {damage:18} context {context:9} {row.answer:16} "
        f"recall {_share(row.persons_recall):>11} precision {_share(row.persons_precision):>11} "
        f"before first {_count(row.persons_before_first)} of {row.persons_of_breach:,} false {row.findings_false:,}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.breaches")
    parser.add_argument("--only", nargs="+", choices=breach_names(), help="these breaches alone")
    parser.add_argument(
        "--damage", nargs="+", choices=[NO_DAMAGE, *damage_names()], help="these damages alone"
    )
    parser.add_argument("--context", nargs="+", choices=CONTEXTS, help="these contexts alone")
    parser.add_argument("--full", action="store_true", help=f"{_SEEDS_FULL} seeds instead of {_SEEDS_QUICK}")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the shop, of that in the item")
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "bench" / "breaches")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    plan = Plan(
        breaches=options.only or breach_names(),
        damages=options.damage or (NO_DAMAGE, *damage_names()),
        contexts=options.context or CONTEXTS,
        seeds=range(1, 1 + (_SEEDS_FULL if options.full else _SEEDS_QUICK)),
        scale=options.scale,
    )
    options.folder.mkdir(parents=True, exist_ok=True)
    old = json.loads(options.results.read_text(encoding="utf-8"))["rows"] if options.results.exists() else []
    kept = {(row["breach"], row["damage"], row["context"]): row for row in old}
    for key, rows in measure(plan, options.folder):
        worst = worst_of(list(rows.values()))
        breach, damage, context = key
        kept[key] = {
            "breach": breach,
            "damage": damage,
            "context": context,
            "scale": plan.scale,
            "seeds": sorted(rows),
            "worst": worst.as_json(),
        }
        print(_line(key, worst), flush=True)
        document = {"rows": [kept[each] for each in sorted(kept)]}
        options.results.parent.mkdir(parents=True, exist_ok=True)
        options.results.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
