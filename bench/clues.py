"""Starts a case from many single clues of each breach, and holds each against the truth and against the others:
`python -m bench.clues [--only NAME ...] [--context NAME ...] [--scale N] [--clues N]`. Writes docs/performance/clues.json.

For each breach a replay is made as events and scanned in each context. Clues are drawn at random among the views that were the
breach's, each time another kind: a finding, an address, a token, a session, a key, a user agent, a person, a line. From each of
them the scope is closed by itself; what hangs on no clue is prepared once, and what is closed to the very same views is counted once. Rows that were not measured this time
are kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyroaring import BitMap

from bench.breaches import CONTEXTS, likenesses, part_of_context
from bench.measure import run
from whosaw.actors import load_context
from whosaw.app.cases.facts import scope_facts
from whosaw.app.cases.making import prepare_actors
from whosaw.app.findings.detection import load_detection
from whosaw.app.scan import scan
from whosaw.core.canonical_json import canonical_json
from whosaw.core.client import NUMBERED
from whosaw.core.document import document, object_of
from whosaw.core.errors import WhosawError
from whosaw.mapping.resolver import Resolver
from whosaw.replay.items import breach_names
from whosaw.replay.score.truth_read import read_truth
from whosaw.scope.basis import Basis
from whosaw.scope.closed import Closure
from whosaw.scope.closure import close_prepared
from whosaw.scope.clue import ITSELF, Clue
from whosaw.scope.counting.count import Counted, count
from whosaw.scope.counting.facts import Facts
from whosaw.scope.link_item import load_links
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

__all__ = ["KINDS", "RESULTS", "Outcome", "drawn_clues", "measure", "row_of"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "clues.json"
WHOSAW = str(Path(sys.executable).parent / "whosaw")
KINDS = ("finding", "address", "token", "key", "agent", "person", "session", "line")
UNITS = ("views", "accounts", "persons")
_SCALE, _CLUES, _SEED = 10.0, 20, 1
_MEMORY = 4 << 30
_HOMES = "10.0.0.0/8"  # the shop's own network is too small for 200,000 customers


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one clue led to. `refused`: the code of the error, where it led to nothing; then the rest is empty."""

    kind: str
    refused: str | None = None
    digest: str = ""
    evidence: str = ""
    leads: str = ""
    bounds: tuple[tuple[int, int | None], ...] = ()
    recall: float = 0.0
    precision: float | None = None
    seconds: float = 0.0
    began_anew: bool = False


def measure(
    breach: str, contexts: Sequence[str], folder: Path, *, scale: float, clues: int, seed: int = _SEED
) -> Iterator[tuple[str, dict[str, Any]]]:
    """A row for each context. `folder` is used and left empty."""
    for like, of_like in likenesses(contexts):
        for name in ("replay", "logs", "ledger"):
            shutil.rmtree(folder / name, ignore_errors=True)
        words = ["--like", like] if like else []
        command = ["replay", "make", folder / "replay", "--breach", breach, *words, "--seed", seed]
        _whosaw(*command, "--scale", scale, "--set", f"network.homes={_HOMES}", "--events")
        starts = _as_one_file(folder / "replay", folder / "logs")
        for context in of_like:
            given = part_of_context(folder / "replay" / "context", folder / "context", context)
            began = time.perf_counter()
            scan(
                [str(folder / "logs")],
                folder / "ledger",
                now=datetime.now(UTC),
                map_path=folder / "replay" / "map.toml",
                context=given,
                threads=2,
                memory_bytes=_MEMORY,
            )
            scanned = time.perf_counter() - began
            row = _row(folder / "ledger", folder / "replay", given, starts, clues=clues, seed=seed)
            yield context, {**row, "seconds": {"scan": round(scanned, 1), **row["seconds"]}}
    for name in ("replay", "logs", "ledger", "context"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _whosaw(*words: object) -> None:
    run([WHOSAW, *(str(word) for word in words), "--json"], watch=False)


def _as_one_file(replay: Path, logs: Path) -> dict[str, dict[str, int]]:
    """The days of each service as one file: the same lines, opened once. By service, where each of its files begins."""
    starts: dict[str, dict[str, int]] = {}
    for service in json.loads((replay / "truth.json").read_text(encoding="utf-8"))["services"].values():
        files = sorted((replay / service["folder"]).glob("*.parquet"))
        if not files:
            continue
        path = logs / service["folder"] / "events.parquet"
        path.parent.mkdir(parents=True)
        own = starts[service["folder"]] = {}
        rows = 0
        with pq.ParquetWriter(path, pq.read_schema(files[0])) as out:
            for file in files:
                table = pq.read_table(file)
                out.write_table(table)
                own[file.name] = rows
                rows += table.num_rows
    return starts


def _row(
    root: Path, replay: Path, context: Path, starts: Mapping[str, Mapping[str, int]], *, clues: int, seed: int
) -> dict[str, Any]:
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace, threads=2, memory_bytes=_MEMORY)
    try:
        given = load_context(context, Resolver(reader))
        facts = scope_facts(workspace, reader, given)
        truth = _persons(reader, replay)
        dice = random.Random(seed)  # noqa: S311  # draws a sample, keeps no secret
        drawn = drawn_clues(reader, _lines(reader, replay, starts), clues, dice)
        began = time.perf_counter()
        prepared = prepare_actors(reader, given, load_detection(), load_links())
        preparing = time.perf_counter() - began
        outcomes: list[Outcome] = []
        known: dict[str, Counted] = {}
        for clue in drawn:
            outcomes.append(_outcome(reader, clue, prepared, facts, truth, known))
            if outcomes[-1].began_anew:  # what links joined to these views stands in the session
                prepared = prepare_actors(reader, given, load_detection(), load_links())
    finally:
        reader.close()
        workspace.close()
    told = json.loads((replay / "truth.json").read_text(encoding="utf-8"))
    real = [sum(each[unit] for each in told["actors"] if each["kind"] == "breach") for unit in UNITS]
    seconds = {
        "prepare": round(preparing, 2),
        "each": round(sum(each.seconds for each in outcomes) / max(1, len(outcomes)), 2),
    }
    return {
        "customers": told["customers"],
        "truth": dict(zip(UNITS, real, strict=True)),
        **row_of(outcomes, real),
        "seconds": seconds,
    }


def row_of(outcomes: Sequence[Outcome], real: Sequence[int]) -> dict[str, Any]:
    """What the clues have in common, worst first."""
    made = [each for each in outcomes if each.refused is None]
    scopes = Counter(each.digest for each in made)
    return {
        "clues": dict(sorted(Counter(each.kind for each in outcomes).items())),
        "scopes": [
            {"clues": many, **_told(next(each for each in made if each.digest == digest), real),
             "leads": sorted({each.leads for each in made if each.digest == digest}),
             "from": dict(sorted(Counter(each.kind for each in made if each.digest == digest).items()))}
            for digest, many in sorted(scopes.items(), key=lambda each: (-each[1], each[0]))
        ],
        "refused": dict(sorted(Counter(f"{each.kind}: {each.refused}" for each in outcomes if each.refused).items())),
        "same_bytes": len(scopes) == 1 and len(made) == len(outcomes),
        "recall": min((each.recall for each in made), default=None),
        "precision": min((each.precision for each in made if each.precision is not None), default=None),
        "hold": sum(_holds(each, real) for each in made),
    }  # fmt: skip


def _told(outcome: Outcome, real: Sequence[int]) -> dict[str, Any]:
    return {
        "evidence": outcome.evidence,
        "bounds": dict(zip(UNITS, [list(each) for each in outcome.bounds], strict=True)),
        "recall": outcome.recall,
        "precision": outcome.precision,
        "hold": _holds(outcome, real),
    }


def _holds(outcome: Outcome, real: Sequence[int]) -> bool:
    return all(
        low <= true and (high is None or true <= high)
        for (low, high), true in zip(outcome.bounds, real, strict=True)
    )


def _outcome(
    reader: LedgerReader, clue: Clue, basis: Basis, facts: Facts, truth: BitMap, known: dict[str, Counted]
) -> Outcome:
    began = time.perf_counter()
    try:
        closure = close_prepared(reader.session, [clue], basis)
    except WhosawError as fault:
        return Outcome(kind=clue.kind, refused=fault.code, seconds=time.perf_counter() - began)
    views = _views_digest(reader, closure)
    if views not in known:
        known[views] = count(reader.session, closure, facts)
    counted = known[views]
    seconds = time.perf_counter() - began
    held = counted.persons["held"]
    right = len(held & truth)
    return Outcome(
        kind=clue.kind,
        digest=_digest(closure, counted),
        evidence=closure.evidence,
        leads=closure.clues[0].leads,
        bounds=tuple((each.lower, each.upper) for each in counted.counts),
        recall=right / len(truth),
        precision=right / len(held) if held else None,
        seconds=seconds,
        began_anew=any(each.leads == ITSELF for each in closure.clues),
    )


def _views_digest(reader: LedgerReader, closure: Closure) -> str:
    """Of all that counting is given: what closure says, and every view of the scope."""
    rows = reader.session.query(
        "SELECT count(*) AS n, sum(hash(content, line, person, client, route, time, extra, part, held)::HUGEINT)::VARCHAR AS views "
        "FROM scope_views"
    ).to_pylist()
    clients = reader.session.query(
        "SELECT count(*) AS n, sum(hash(client, part, all_views)::HUGEINT)::VARCHAR AS clients FROM scope_clients"
    ).to_pylist()
    body = {"actor": document(closure.actor), "views": rows, "clients": clients}
    return hashlib.sha256(canonical_json(body)).hexdigest()


def _digest(closure: Closure, counted: Counted) -> str:
    """Of everything that a version says and that does not hang on the clue."""
    sets = {name: hashlib.sha256(each.serialize()).hexdigest() for name, each in counted.persons.items()}
    told = {"actor": document(closure.actor), "window": document(closure.window)}
    body = {**told, **object_of(counted), "sets": sets}
    return hashlib.sha256(canonical_json(body)).hexdigest()


def _persons(reader: LedgerReader, replay: Path) -> BitMap:
    """The numbers that the ledger gave the persons whom the breach saw; unknown ones get numbers that nobody has."""
    told = read_truth(replay).truth
    breach = [at for at, party in enumerate(told.parties) if party.kind == "breach"]
    rows = told.exposures.filter(pc.is_in(told.exposures["party"], pa.array(breach, pa.int16())))
    members = told.members.take(pc.unique(rows["member"].combine_chunks()))
    numbers = [-1] * len(members)
    for kind in sorted({body["subject"]["kind"] for body in reader.routes.values()}):
        spelled = pc.binary_join_element_wise(pa.scalar(kind), members.cast(pa.string()), "\x1f")
        for at, number in enumerate(reader.numbers_of("person", spelled).to_pylist()):
            numbers[at] = numbers[at] if number is None else number
    return BitMap(number if number >= 0 else (1 << 31) + at for at, number in enumerate(numbers))


def _lines(reader: LedgerReader, replay: Path, starts: Mapping[str, Mapping[str, int]]) -> pa.Table:
    """(content, line) of the views that were the breach's."""
    told = json.loads((replay / "truth.json").read_text(encoding="utf-8"))
    breaches = [each["id"] for each in told["actors"] if each["kind"] == "breach"]
    segment, content = tables.segment, tables.content
    segments = reader.workspace.journal.rows(
        sa.select(segment.c.id, segment.c.first_line, segment.c.lines, content.c.name)
        .select_from(segment.join(content, content.c.id == segment.c.content))
        .where(segment.c.live)
        .order_by(segment.c.id)
    )
    parts = []
    for name, service in told["services"].items():
        place = replay / "truth" / f"lines-{name}.parquet"
        if service["folder"] not in starts or not place.exists():
            continue
        rows = pq.read_table(place, filters=pc.field("part").isin(breaches) & pc.field("views"))
        files = starts[service["folder"]]
        line = [
            files[file] + number
            for file, number in zip(rows["file"].to_pylist(), rows["line"].to_pylist(), strict=True)
        ]
        for each in segments:
            if service["folder"] in Path(each["name"]).parts:
                own = [at for at in line if each["first_line"] <= at < each["first_line"] + each["lines"]]
                parts.append(pa.table({"content": pa.array([each["id"]] * len(own), pa.int32()),
                                       "line": pa.array(own, pa.int64())}))  # fmt: skip
    return pa.concat_tables(parts)


def drawn_clues(reader: LedgerReader, lines: pa.Table, many: int, dice: random.Random) -> list[Clue]:
    """Each of another kind than the one before, from a view drawn anew; a kind that the view does not have is passed over."""
    rows = reader.session.query(
        "SELECT v.content, v.line, v.person, c.* FROM views AS v JOIN breach_lines AS l USING (content, line) "
        "JOIN clients AS c USING (client) WHERE NOT v.duplicate ORDER BY v.content, v.line, v.person",
        breach_lines=lines,
    )
    clues: list[Clue] = []
    turn = 0
    while len(clues) < many and turn < many * len(KINDS):
        kind = KINDS[turn % len(KINDS)]
        turn += 1
        row = rows.slice(dice.randrange(rows.num_rows), 1).to_pylist()[0]
        clue = _clue(reader, kind, row)
        if clue is not None:
            clues.append(clue)
    return clues


def _clue(reader: LedgerReader, kind: str, row: Mapping[str, Any]) -> Clue | None:
    if kind == "line":
        at = (int(row["content"]), int(row["line"]))
        return Clue(kind=kind, asked=at, value=f"{at[0]}:{at[1]}")
    if kind == "finding":
        found = reader.session.query(
            "SELECT min(finding) AS finding FROM counted WHERE content = ? AND line = ?",
            [row["content"], row["line"]],
        )["finding"][0].as_py()
        return None if found is None else Clue(kind=kind, asked=str(found), value=str(found))
    value = row[kind]
    if value is None:
        return None
    asked = int(value) if kind in (*NUMBERED, "person") else str(value)
    return Clue(kind=kind, asked=asked, value=str(value))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.clues")
    parser.add_argument("--only", nargs="+", choices=breach_names())
    parser.add_argument("--context", nargs="+", choices=CONTEXTS, default=("full", "imperfect", "none"))
    parser.add_argument(
        "--scale", type=float, default=_SCALE, help="size of the shop, of its 20,000 customers"
    )
    parser.add_argument("--clues", type=int, default=_CLUES)
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "bench" / "clues")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    old = json.loads(options.results.read_text(encoding="utf-8"))["rows"] if options.results.exists() else []
    kept = {(row["breach"], row["context"]): row for row in old}
    breaches = options.only or [each for each in breach_names() if each != "quiet"]
    for breach in breaches:
        made = measure(breach, options.context, options.folder, scale=options.scale, clues=options.clues)
        for context, row in made:
            kept[breach, context] = {"breach": breach, "context": context, "seed": _SEED, **row}
            print(_line(breach, context, row), flush=True)
            document = {"rows": [kept[each] for each in sorted(kept)]}
            options.results.parent.mkdir(parents=True, exist_ok=True)
            options.results.write_text(
                json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8"
            )
    return 0


def _line(breach: str, context: str, row: Mapping[str, Any]) -> str:
    clues = sum(row["clues"].values())
    return (
        f"{breach:30} {context:10} truth {row['truth']['accounts']:,} scopes {len(row['scopes'])} "
        f"refused {sum(row['refused'].values())} recall {row['recall']} precision {row['precision']} "
        f"hold {row['hold']} of {clues} {row['seconds']}"
    )


if __name__ == "__main__":
    sys.exit(main())
