"""Scores every breach and writes docs/performance/breaches.json:
`python -m bench.breaches [--full] [--only NAME ...] [--damage NAME ...] [--context NAME ...] [--seeds N ...] [--add]`.

For each seed and breach a replay is made once and scanned once, and the breach is looked for again in each context.
Damaged logs are those of a smaller shop. What is printed and kept is the worst value over the seeds so far; it is written
after each breach, so that a run that is stopped keeps what it measured, and a later one with `--add` goes on from there.
Rows that were not measured are kept. `make bench` also asks of a small shop how many findings each campaign is, and keeps that in
docs/performance/campaigns.json. There is no time in the results: the same program gives the same file on every machine.
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
from bench.score_table import Row, row_of, worst_of
from whosaw.replay.damage.item import damage_names
from whosaw.replay.items import breach_names

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
_DAMAGED_SCALE = 0.1  # 2,000 customers
Key = tuple[str, str, str]  # breach, damage, context


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be measured."""

    breaches: Sequence[str]
    damages: Sequence[str]
    contexts: Sequence[str]
    seeds: Sequence[int]
    scale: float
    damaged_scale: float
    events: bool = (
        False  # written as canonical events and not as lines of text, which takes half the time to read
    )

    def scale_of(self, damage: str) -> float:
        return self.scale if damage == NO_DAMAGE else self.damaged_scale


def measure(plan: Plan, folder: Path) -> Iterator[tuple[int, dict[Key, Row]]]:
    """A seed and the rows of one breach, seed by seed: the first one tells most. `folder` is used and left empty."""
    for seed in plan.seeds:
        for breach in plan.breaches:
            rows: dict[Key, Row] = {}
            for scale, damages in _sizes(plan):
                for like, contexts in likenesses(plan.contexts):
                    replay = _made(plan, folder, breach, like, seed, scale)
                    for damage in damages:
                        damaged = _damaged(replay, folder / "twin", damage, seed)
                        for context, row in _rows(damaged, folder, contexts):
                            rows[breach, damage, context] = row
            yield seed, rows
    for name in ("replay", "twin", "ledger", "context"):
        _fresh(folder / name)


def _sizes(plan: Plan) -> Iterator[tuple[float, list[str]]]:
    """Each scale that is needed, with the damages that are measured at it."""
    for scale in dict.fromkeys(plan.scale_of(damage) for damage in plan.damages):
        yield scale, [damage for damage in plan.damages if plan.scale_of(damage) == scale]


def _made(plan: Plan, folder: Path, breach: str, like: str, seed: int, scale: float) -> Path:
    replay = _fresh(folder / "replay")
    words = ["--like", like] if like else []
    words += ["--events"] if plan.events else []
    _whosaw("replay", "make", replay, "--breach", breach, *words, "--seed", seed, "--scale", scale)
    return replay


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
    parser.add_argument("--seeds", nargs="+", type=int, help="these seeds")
    parser.add_argument("--add", action="store_true", help="hold it against what other seeds gave before")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the shop, of that in the item")
    parser.add_argument("--damaged-scale", type=float, default=_DAMAGED_SCALE, help="that of damaged logs")
    parser.add_argument("--events", action="store_true", help="canonical events in place of lines of text")
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "bench" / "breaches")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    plan = Plan(
        breaches=options.only or breach_names(),
        damages=options.damage or (NO_DAMAGE, *damage_names()),
        contexts=options.context or CONTEXTS,
        seeds=options.seeds or range(1, 1 + (_SEEDS_FULL if options.full else _SEEDS_QUICK)),
        scale=options.scale,
        damaged_scale=min(options.scale, options.damaged_scale),
        events=options.events,
    )
    if plan.events and tuple(plan.damages) != (NO_DAMAGE,):
        parser.error("--events needs --damage none: damage is done to lines of text")
    options.folder.mkdir(parents=True, exist_ok=True)
    old = json.loads(options.results.read_text(encoding="utf-8"))["rows"] if options.results.exists() else []
    kept: dict[Key, dict[str, Any]] = {(row["breach"], row["damage"], row["context"]): row for row in old}
    fresh: set[Key] = set(kept) if options.add else set()  # what may be held against a further seed
    for seed, rows in measure(plan, options.folder):
        for key, row in rows.items():
            before = kept.get(key) if key in fresh else None
            kept[key] = joined(before, key, seed, row, plan)
            fresh.add(key)
            print(f"seed {seed} {_line(key, row)}", flush=True)
        document = {"rows": [kept[each] for each in sorted(kept)]}
        options.results.parent.mkdir(parents=True, exist_ok=True)
        options.results.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def joined(before: dict[str, Any] | None, key: Key, seed: int, row: Row, plan: Plan) -> dict[str, Any]:
    """The row of one seed, and the worst of it and of what other seeds of the same size gave before."""
    breach, damage, context = key
    scale = plan.scale_of(damage)
    seeds, as_events, worst = [seed], [seed] if plan.events else [], row
    if before is not None and before["scale"] == scale and seed not in before["seeds"]:
        seeds = sorted({*before["seeds"], seed})
        as_events = sorted({*before.get("as_events", ()), *as_events})
        worst = worst_of([Row(**before["worst"]), row])
    return {
        "breach": breach,
        "damage": damage,
        "context": context,
        "scale": scale,
        "seeds": seeds,
        "as_events": as_events,  # the seeds whose logs were canonical events and not lines of text
        "worst": worst.as_json(),
    }


if __name__ == "__main__":
    sys.exit(main())
