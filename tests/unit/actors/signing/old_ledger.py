"""A scanned workspace as the present path reads it, and its events with their instants, taken from the segments."""

from __future__ import annotations

import json
from datetime import tzinfo
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tests.unit.actors.signing.old_path import Ledger

from whosaw.actors import load_context
from whosaw.mapping.resolver import Resolver
from whosaw.store import statements as sa
from whosaw.store.identifiers import register_identifiers
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers.history import load_history
from whosaw.store.numbers.segments import NumbersFiles
from whosaw.store.workspace import Workspace

_RELATIONS = {
    "views": "SELECT * FROM views",
    "clients": "SELECT * FROM clients",
    "routes": "SELECT * FROM routes",
    "numbers": "SELECT * FROM numbers",
    "claims": "SELECT * FROM claims",
    "activity": "SELECT * FROM activity",
    "tries": "SELECT * EXCLUDE (segment), segment AS content FROM tries",
}
# of a segment: each event once, with the number of its client; tried, where the index says so
_EVENTS = """
SELECT e.time, c.client, e.view, t.line IS NOT NULL AS tried
FROM segment_events AS e
JOIN segment_clients AS c ON c.code = e.client
LEFT JOIN (SELECT DISTINCT line FROM tries WHERE segment = {segment}) AS t ON t.line = e.line
ANTI JOIN (SELECT line FROM again WHERE segment = {segment}) AS a ON a.line = e.line
WHERE NOT e.duplicate
"""


def ledger_at(root: Path, context: Path, *, zone: tzinfo | None = None) -> Ledger:
    """The ledger of a workspace. Raises `AssertionError` where lines of two sources are one act, which it does not know."""
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace, memory_bytes=1 << 30)
    try:
        session = reader.session
        assert session.query("SELECT count(*) AS n FROM twins")["n"][0].as_py() == 0
        register_identifiers(reader)
        found = load_context(context, Resolver(reader), zone=zone)
        index = workspace.journal.rows(sa.select(tables.index).where(tables.index.c.live))
        again = [
            pq.read_table(workspace.files.path(row["file"])) for row in index if row["kind"] == "duplicates"
        ]
        none = pa.table({"segment": pa.array([], pa.int32()), "line": pa.array([], pa.int64())})
        session.register(
            "again", pa.concat_tables([none, *(each.select(none.schema.names) for each in again)])
        )
        parts, numbered = [], load_history(workspace.journal, workspace.files).numbered
        for row in workspace.journal.rows(sa.select(tables.segment).where(tables.segment.c.live)):
            files = json.loads(row["files"])
            clients = NumbersFiles(workspace.files).of(row["id"], numbered[row["id"]]).clients
            numbers = pa.table({"code": pa.array(range(len(clients))), "client": pa.array(clients)})
            events = pq.read_table(workspace.files.path(files["events"]))
            parts.append(
                session.query(
                    _EVENTS.format(segment=row["id"]), segment_events=events, segment_clients=numbers
                )
            )
        relations = {name: session.query(sql) for name, sql in _RELATIONS.items()}
        return Ledger(relations=relations, context=found, events=pa.concat_tables(parts))
    finally:
        reader.close()
        workspace.close()
