"""Holds the bounds of scopes against the truth of damaged replays and writes docs/performance/twins.json:
`python -m bench.twins [--seeds N] [--scale X] [--only NAME ...] [--damage NAME ...]`.

Each breach is made once for each seed in a shop of 2,000 customers (of 10,000 where it would hardly show in fewer), and damaged
in every way that `whosaw replay list` knows.
The damaged logs are read as one file for each service, and the scope that grows from the largest finding is counted with the
context of the shop. The truth is what happened before the damage. There is no time in the results.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.measure import run
from whosaw.actors import load_context
from whosaw.app.cases.facts import scope_facts
from whosaw.app.cases.making import close_actor, without_spellings
from whosaw.app.findings.detection import load_detection
from whosaw.core.counts import Count
from whosaw.mapping.resolver import Resolver
from whosaw.replay.damage.item import damage_names
from whosaw.scope.counting.count import Counted, count
from whosaw.scope.link_item import load_links
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

__all__ = ["BREACHES", "RESULTS", "Twin", "counted_in", "measure", "summary"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "twins.json"
WHOSAW = str(Path(sys.executable).parent / "whosaw")
BREACHES = (
    "forged-token", "own-login", "spread", "slow-walk", "mimic", "leaver", "stolen-sessions", "credential-stuffing-then-read",
)  # fmt: skip
NO_DAMAGE = "none"
_SCALE = 0.1  # of the shop's 20,000 customers
_SMALL = 5  # up to so many times as many customers fit the shop's own network
_HOMES = "network.homes=10.0.0.0/8"
_SCALES = {
    "stolen-sessions": 0.5
}  # of 2,000 customers one session a day is stolen, and no finding comes of it
_SEEDS = 3  # 8 breaches, 9 kinds of damage and none: 240 twins
_UNITS = ("views", "accounts", "persons")


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """One damaged replay: the truth and the bounds of each unit, and how many rows by route there are, with those whose bounds
    do not hold. No counts: nothing was found in it."""

    breach: str
    damage: str
    seed: int
    customers: int
    truth: tuple[int, int, int]
    counts: tuple[Count, Count, Count] | None
    rows: int = 0
    rows_out: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the truth lies within the bounds in all units. Where nothing is found, nothing is claimed."""
        return self.counts is None or _hold(self.counts, self.truth)

    def as_json(self) -> dict[str, Any]:
        bounds = None if self.counts is None else [[each.lower, each.upper] for each in self.counts]
        return {
            "breach": self.breach,
            "damage": self.damage,
            "seed": self.seed,
            "customers": self.customers,
            "truth": list(self.truth),
            "bounds": bounds,
            "holds": self.holds,
            "rows": self.rows,
            "rows_out": list(self.rows_out),
        }


def _hold(counts: Sequence[Count], truth: Sequence[int]) -> bool:
    return all(
        count.lower <= real and (count.upper is None or real <= count.upper)
        for count, real in zip(counts, truth, strict=True)
    )


def measure(
    breach: str, seed: int, damages: Sequence[str], folder: Path, *, scale: float | None = None
) -> Iterator[Twin]:
    """The twins of one breach, in a shop of `scale` times 20,000 customers (None: as many as it needs). `folder` is used and
    left empty."""
    scale = _SCALES.get(breach, _SCALE) if scale is None else scale
    whole = folder / "whole"
    shutil.rmtree(folder, ignore_errors=True)
    room = ("--set", _HOMES) if scale > _SMALL else ()
    _whosaw("replay", "make", whole, "--breach", breach, "--scale", scale, "--seed", seed, *room)
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
        found = counted_in(ledger, twin)
        told = json.loads((twin / "truth.json").read_text(encoding="utf-8"))
        yield Twin(
            breach=breach,
            damage=damage,
            seed=seed,
            customers=told["customers"],
            truth=_truth(told),
            counts=None if found is None else found.counts,
            **({} if found is None else _rows(found, told)),
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


def _truth(told: Mapping[str, Any]) -> tuple[int, int, int]:
    views, accounts, persons = (
        sum(each[unit] for each in told["actors"] if each["kind"] == "breach") for unit in _UNITS
    )
    return views, accounts, persons


def _rows(found: Counted, told: Mapping[str, Any]) -> dict[str, Any]:
    """Views and accounts by route. Pages of the database have routes of other names, and are left out."""
    breach = [each for each in told["actors"] if each["kind"] == "breach"]
    rows = [row for row in found.by["route"] if row.name in breach[0]["views_by_page"]]
    out = [
        row.name
        for row in rows
        if not _hold(
            row.counts[:2],
            [sum(each[f"{unit}_by_page"][row.name] for each in breach) for unit in _UNITS[:2]],
        )
    ]
    return {"rows": len(rows), "rows_out": tuple(out)}


def counted_in(ledger: Path, replay: Path) -> Counted | None:
    """The counts of the scope that grows from the finding with most people of the breach, then most views; None when there is
    no finding of the breach. Staff who look without a reason are found as well: theirs is another actor's scope, and another
    truth, so at least half of a finding's views must be of people and on pages of the breach."""
    workspace = Workspace.open(ledger)
    reader = LedgerReader(workspace)
    try:
        given = load_context(replay / "context", Resolver(reader))
        clue = reader.session.query(
            "SELECT c.finding FROM counted AS c JOIN views AS v USING (content, line) JOIN routes AS r USING (route) "
            "LEFT JOIN breach_people AS b USING (person) LEFT JOIN breach_pages AS p ON p.page = r.id GROUP BY c.finding "
            "HAVING 2 * count(*) FILTER (b.person IS NOT NULL AND p.page IS NOT NULL) >= count(*) "
            "ORDER BY count(DISTINCT b.person) DESC, count(*) DESC, c.finding LIMIT 1",
            breach_people=pa.table({"person": _people_of_breach(reader, replay)}),
            breach_pages=pa.table({"page": pa.array(_pages_of_breach(replay), pa.string())}),
        )["finding"].to_pylist()
        if not clue:
            return None
        closure = close_actor(reader, given, load_detection(), load_links(), findings=clue)
        counted = count(reader.session, closure, scope_facts(workspace, reader, given))
        return without_spellings(counted, workspace.journal)
    finally:
        reader.close()
        workspace.close()


def _pages_of_breach(replay: Path) -> list[str]:
    told = json.loads((replay / "truth.json").read_text(encoding="utf-8"))
    seen = (each["views_by_page"] for each in told["actors"] if each["kind"] == "breach")
    return sorted({page for pages in seen for page, views in pages.items() if views})


def _people_of_breach(reader: LedgerReader, replay: Path) -> pa.Array:
    """The ledger's numbers of the members whom the breach saw."""
    told = json.loads((replay / "truth.json").read_text(encoding="utf-8"))
    breach = [each["id"] for each in told["actors"] if each["kind"] == "breach"]
    seen = pq.read_table(
        replay / "truth.parquet", columns=["actor", "person"], filters=[("actor", "in", breach)]
    )
    members = pc.unique(seen["person"]).cast(pa.string())
    return Resolver(reader)("person", members).drop_null().cast(pa.int32())


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
        "rows": sum(each.rows for each in found),
        "rows_hold": sum(each.rows - len(each.rows_out) for each in found),
        "without_upper": {
            unit: sum((each.counts or ())[at].upper is None for each in found)
            for at, unit in enumerate(_UNITS)
        },
        "lost_hours_upper_to_lower": {unit: sorted(values) for unit, values in ratios.items()},
    }


def _all_of(job: tuple[str, int, Sequence[str], Path, float | None]) -> list[Twin]:
    breach, seed, damages, folder, scale = job
    return list(measure(breach, seed, damages, folder / f"{breach}-{seed}", scale=scale))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.twins")
    parser.add_argument("--only", nargs="+", choices=BREACHES, default=BREACHES)
    parser.add_argument(
        "--damage", nargs="+", choices=(NO_DAMAGE, *damage_names()), default=(NO_DAMAGE, *damage_names())
    )
    parser.add_argument("--seeds", type=int, default=_SEEDS)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--scale", type=float, help="1 is 20,000 customers")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "bench" / "twins")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    jobs = [
        (breach, seed, tuple(options.damage), options.folder, options.scale)
        for seed in range(options.first_seed, options.first_seed + options.seeds)
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
    return 0 if all(each.holds and not each.rows_out for each in twins) else 1


if __name__ == "__main__":
    sys.exit(main())
