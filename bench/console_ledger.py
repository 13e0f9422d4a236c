"""A ledger as large as a nation's, put down as a scan leaves it, without the logs: for how fast it answers, not for how it is made.

A log of some thousand lines is scanned, which gives the map, the routes, the clients and the journal. Behind it stand segments whose vaults
hold invented customer numbers, sealed as a scan seals them, their identities by keyed digest, and files of views and exposures in the order,
the size and the columns of those that a scan writes (tests hold the columns). The customers of a file are drawn from all, so that a question about one person meets
every file, as it does after a scan of many.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyroaring import BitMap

from whosaw.store import statements as sa
from whosaw.store.journal import Connection, tables
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.schemas import EXPOSURES, IDENTITIES, VIEWS
from whosaw.store.vault import KINDS, as_column
from whosaw.store.workspace import Workspace

__all__ = ["grow"]

_OF_SEGMENT: Final = 1_000_000  # people
_OF_FILE: Final = 1 << 22  # views, as `store.index.update` writes them
_AT_ONCE: Final = 131_072
_FIRST: Final = 100_000_000  # the first invented customer number
_SEED: Final = 20_260_107
_MONTH: Final = 30 * 86_400 * 1_000_000


def grow(root: Path, *, people: int, exposures: int, case: str) -> None:
    """Add so many people and exposures to the ledger in `root`, and a version of the case that holds all of them."""
    drawn = np.random.default_rng(_SEED)
    with closing(Workspace.open(root)) as workspace:
        journal = workspace.journal
        segment = journal.rows(sa.select(tables.segment).order_by(tables.segment.c.id.desc()).limit(1))[0]
        since, taken = int(segment["first_time"]), _people(workspace)
        begun = segment["id"] + 1
        identities, segments = _identities(workspace, people, begun, taken)
        made = [("identities", identities, people)]
        clients = _clients(workspace)
        for rows in _parts(exposures, _OF_FILE):
            seen = _seen(drawn, rows, taken, people, clients, since, segment["id"])
            for kind, schema in (("views", VIEWS), ("exposures", EXPOSURES)):
                table = pa.table({each: seen[each] for each in schema.names}, schema=schema)
                made.append((kind, _put(workspace, kind, table), rows))
        with journal.transaction() as connection:
            for name in segments:
                _add_segment(connection, segment, name)
            for kind, name, rows in made:
                connection.execute(tables.index.insert().values(kind=kind, file=name, rows=rows, live=True))
        store = CaseStore(workspace)
        everybody = {"held": BitMap(range(taken, taken + people)), "possible": BitMap()}
        store.add(store.text(case), everybody, now=datetime.now(UTC))


def _people(workspace: Workspace) -> int:
    """The number of the next person."""
    found = [
        workspace.files.path(row["file"])
        for row in workspace.journal.rows(
            sa.select(tables.index.c.file).where(tables.index.c.kind == "identities")
        )
    ]
    tables_ = [pq.read_table(path, columns=["kind", "number"]) for path in found]
    return 1 + max(
        int(pc.max(each.filter(pc.equal(each["kind"], KINDS["person"]))["number"]).as_py())
        for each in tables_
    )


def _clients(workspace: Workspace) -> int:
    found = workspace.journal.rows(sa.select(tables.index.c.rows).where(tables.index.c.kind == "clients"))
    return sum(int(row["rows"]) for row in found)


def _parts(of: int, most: int) -> Iterator[int]:
    for start in range(0, of, most):
        yield min(most, of - start)


def _identities(workspace: Workspace, people: int, begun: int, taken: int) -> tuple[str, list[str]]:
    """The file of who they are, in the order of their digests as numbers are given, and the vault of each segment."""
    digests = np.empty((people, 16), np.uint8)
    segments = []
    for start in range(0, people, _OF_SEGMENT):
        many = min(_OF_SEGMENT, people - start)
        raw = pc.cast(pa.array(np.arange(_FIRST + start, _FIRST + start + many)), pa.string())
        digests[start : start + many] = workspace.vault.digest_all("person", raw)
        rows = pa.table(
            {
                "kind": pa.array(np.full(many, KINDS["person"], np.int8)),
                "code": pa.array(np.arange(many, dtype=np.int32)),
                "raw": raw.cast(pa.large_string()),
            }
        )
        segments.append(workspace.files.put("vault", workspace.vault.seal_blocks(rows)))
    order = np.argsort(digests.view(">u8")[:, 0], kind="stable")

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, people, _AT_ONCE):
            at = order[start : start + _AT_ONCE]
            columns = [
                pa.array(np.full(len(at), KINDS["person"], np.int8)),
                as_column(digests[at]),
                pa.array(np.arange(taken + start, taken + start + len(at), dtype=np.int32)),
                pa.array((begun + at // _OF_SEGMENT).astype(np.int32)),
                pa.array((at % _OF_SEGMENT).astype(np.int32)),
            ]
            yield from pa.table(columns, schema=IDENTITIES).to_batches()

    name = workspace.files.put_batches("identities", IDENTITIES, batches())
    if name is None:
        raise SystemExit("bench: nobody to add")
    return name, segments


def _seen(
    drawn: np.random.Generator, rows: int, taken: int, people: int, clients: int, since: int, segment: int
) -> dict[str, pa.Array]:
    """Columns of views, each another exposure of somebody drawn from all, in the order of people."""
    time = since + drawn.integers(0, _MONTH, rows)
    none = np.zeros(rows, np.int64)
    return {
        "person": pa.array(np.sort(drawn.integers(taken, taken + people, rows)).astype(np.int32)),
        "time": pa.array(time),
        "segment": pa.array(np.full(rows, segment, np.int32)),
        "line": pa.array(drawn.integers(1, 1 << 40, rows)),
        "client": pa.array(drawn.integers(0, clients, rows).astype(np.int32)),
        "address": pa.nulls(rows, pa.int32()),
        "route": pa.array(np.zeros(rows, np.int16)),
        "extra": pa.array(none.astype(np.int32)),
        "duplicate": pa.array(np.zeros(rows, bool)),
        "unsure": pa.array(none.astype(np.int8)),
        "first": pa.array(time),
        "last": pa.array(time),
        "views": pa.array(none + 1),
        "unbounded": pa.array(none),
        "possible": pa.array(none),
    }


def _put(workspace: Workspace, kind: str, table: pa.Table) -> str:
    name = workspace.files.put_batches(kind, table.schema, table.to_batches(_AT_ONCE))
    if name is None:
        raise SystemExit("bench: no rows to add")
    return name


def _add_segment(connection: Connection, like: dict[str, Any], vault: str) -> None:
    """A segment that lacks all but its vault, from which nothing is read again."""
    row = {name: value for name, value in like.items() if name != "id"}
    row["files"] = json.dumps({"vault": vault})
    connection.execute(tables.segment.insert().values(**row))
