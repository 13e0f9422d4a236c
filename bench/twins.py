"""Holds the bounds of scopes against the truth of damaged replays and writes docs/performance/twins.json:
`python -m bench.twins [--seeds N] [--only NAME ...] [--damage NAME ...]`.

Each breach is made once for each seed in a shop of 2,000 customers, and damaged in every way that `whosaw replay list` knows.
The damaged logs are read as one file for each service, and the scope that grows from the largest finding is counted with the
context of the shop. The truth is what happened before the damage. There is no time in the results.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import run
from whosaw.core.counts import Count
from whosaw.detect import load_context
from whosaw.replay.damage_item import damage_names
from whosaw.scope.counting import Counted, count
from whosaw.scope.link_item import load_links
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace
from whosaw.workflow.detection import Resolver, load_detection
from whosaw.workflow.scope import close_actor
from whosaw.workflow.scope_facts import scope_facts

__all__ = ["BREACHES", "RESULTS", "Twin", "counted_in", "measure", "summary"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "twins.json"
WHOSAW = str(Path(sys.executable).parent / "whosaw")
BREACHES = ("forged-token", "own-login", "spread", "slow-walk", "mimic", "leaver", "stolen-sessions")
NO_DAMAGE = "none"
_SCALE = 0.1  # of the shop's 20,000 customers
_SEEDS = 3  # 7 breaches, 10 kinds of damage or none: 210 twins
_UNITS = ("views", "accounts", "persons")


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """One damaged replay: the truth and the bounds of each unit. No counts: nothing was found in it."""

    breach: str
    damage: str
    seed: int
    truth: tuple[int, int, int]
    counts: tuple[Count, Count, Count] | None

    @property
    def holds(self) -> bool:
        """Whether the truth lies within the bounds in all units. Where nothing is found, nothing is claimed."""
        return self.counts is None or all(
            count.lower <= real and (count.upper is None or real <= count.upper)
            for count, real in zip(self.counts, self.truth, strict=True)
        )

    def as_json(self) -> dict[str, Any]:
        bounds = None if self.counts is None else [[each.lower, each.upper] for each in self.counts]
        return {
            "breach": self.breach,
            "damage": self.damage,
            "seed": self.seed,
            "truth": list(self.truth),
            "bounds": bounds,
            "holds": self.holds,
        }


def measure(
    breach: str, seed: int, damages: Sequence[str], folder: Path, *, scale: float = _SCALE
) -> Iterator[Twin]:
    """The twins of one breach. `folder` is used and left empty."""
    whole = folder / "whole"
    shutil.rmtree(folder, ignore_errors=True)
    _whosaw("replay", "make", whole, "--breach", breach, "--scale", scale, "--seed", seed)
    for damage in damages:
        twin, ledger = folder / "twin", folder / "ledger"
        for each in (twin, ledger, folder / "logs"):
            shutil.rmtree(each, ignore_errors=True)
        if damage == NO_DAMAGE:
            twin = whole
        else:
            _whosaw("replay", "damage", whole, twin, "--damage", damage, "--seed", seed)
        logs = _joined(twin, folder / "logs")
        _whosaw(
            "scan", *logs, "--map", twin / "map.toml", "--context", twin / "context", "--workspace", ledger
        )
        found = counted_in(ledger, twin / "context")
        yield Twin(
            breach=breach,
            damage=damage,
            seed=seed,
            truth=_truth(twin),
            counts=None if found is None else found.counts,
        )
    shutil.rmtree(folder, ignore_errors=True)


def _whosaw(*words: object) -> None:
    run([WHOSAW, *(str(word) for word in words), "--json"], watch=False)


def _joined(replay: Path, folder: Path) -> list[Path]:
    """The files of each service as one, oldest first: what is read is the same, in a tenth of the time."""
    told = json.loads((replay / "truth.json").read_text(encoding="utf-8"))
    made = []
    for service in told["services"].values():
        files = sorted(
            (replay / service["folder"]).glob("*"), key=lambda file: (file.stat().st_mtime_ns, file.name)
        )
        if not files:
            continue
        path = folder / service["folder"] / files[-1].name.partition(".gz")[0]
        path.parent.mkdir(parents=True)
        with path.open("wb") as out:
            for file in files:
                text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
                out.write(text if text.endswith(b"\n") or not text else text + b"\n")
        made.append(path)
    return made


def _truth(replay: Path) -> tuple[int, int, int]:
    told = json.loads((replay / "truth.json").read_text(encoding="utf-8"))
    views, accounts, persons = (
        sum(each[unit] for each in told["actors"] if each["kind"] == "breach") for unit in _UNITS
    )
    return views, accounts, persons


def counted_in(ledger: Path, context: Path) -> Counted | None:
    """The counts of the scope of the largest finding; None when nothing was found."""
    workspace = Workspace.open(ledger)
    reader = LedgerReader(workspace)
    try:
        given = load_context(context, Resolver(reader))
        largest = reader.session.query(
            "SELECT finding FROM counted GROUP BY finding ORDER BY count(*) DESC, finding LIMIT 1"
        )["finding"].to_pylist()
        if not largest:
            return None
        closure = close_actor(reader, given, load_detection(), load_links(), findings=largest)
        return count(reader.session, closure, scope_facts(workspace, reader, given))
    finally:
        reader.close()
        workspace.close()


def summary(twins: Sequence[Twin]) -> dict[str, Any]:
    """How many hold, and how wide the bounds of lost hours are: upper to lower of views and of accounts, worst last."""
    found = [each for each in twins if each.counts is not None]
    ratios: dict[str, list[float]] = {unit: [] for unit in _UNITS[:2]}
    for twin in found:
        for unit, each in zip(_UNITS[:2], (twin.counts or ())[:2], strict=True):
            if twin.damage == "lost-hours" and each.lower and each.upper is not None:
                ratios[unit].append(round(each.upper / each.lower, 3))
    return {
        "twins": len(twins),
        "found": len(found),
        "hold": sum(each.holds for each in found),
        "without_upper": {
            unit: sum((each.counts or ())[at].upper is None for each in found)
            for at, unit in enumerate(_UNITS)
        },
        "lost_hours_upper_to_lower": {unit: sorted(values) for unit, values in ratios.items()},
    }


def _all_of(job: tuple[str, int, Sequence[str], Path]) -> list[Twin]:
    breach, seed, damages, folder = job
    return list(measure(breach, seed, damages, folder / f"{breach}-{seed}"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.twins")
    parser.add_argument("--only", nargs="+", choices=BREACHES, default=BREACHES)
    parser.add_argument(
        "--damage", nargs="+", choices=(NO_DAMAGE, *damage_names()), default=(NO_DAMAGE, *damage_names())
    )
    parser.add_argument("--seeds", type=int, default=_SEEDS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "bench" / "twins")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    jobs = [
        (breach, seed, tuple(options.damage), options.folder)
        for seed in range(1, options.seeds + 1)
        for breach in options.only
    ]
    twins: list[Twin] = []
    with ProcessPoolExecutor(options.workers) as pool:
        for made in pool.map(_all_of, jobs):
            for twin in made:
                print(json.dumps(twin.as_json()), flush=True)
            twins += made
    twins.sort(key=lambda each: (each.breach, each.damage, each.seed))
    document = {"summary": summary(twins), "twins": [each.as_json() for each in twins]}
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0 if all(each.holds for each in twins) else 1


if __name__ == "__main__":
    sys.exit(main())
