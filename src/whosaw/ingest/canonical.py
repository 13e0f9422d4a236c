"""The canonical columns of an event: what every format is turned into.

Times are instants (UTC, microseconds). Text columns are `string` or `dictionary<int32, string>`; both
mean the same. A column that a format does not have is left out and means null for every row.
"""

from __future__ import annotations

import pyarrow as pa

from whosaw.core import client

__all__ = ["CANONICAL", "REJECTS", "TEXT_COLUMNS", "check_events", "column_or_null"]

# rows are told apart by their columns in this order, so it stands still; a further column of a client comes behind it
_ORDER: dict[str, pa.DataType] = {
    "line": pa.int64(),  # 1-based number of the line, or of the record in a record document
    "time": pa.timestamp("us", tz="UTC"),
    "offset": pa.int16(),  # minutes east of UTC that the source wrote; null where a zone was assumed
    "address": pa.string(),
    "method": pa.string(),
    "host": pa.string(),
    "path": pa.string(),  # as sent, without the query
    "query": pa.string(),  # without the question mark
    "protocol": pa.string(),
    "status": pa.int16(),
    "bytes": pa.int64(),
    "duration_us": pa.int64(),
    "referer": pa.string(),
    "agent": pa.string(),
    "principal": pa.string(),  # who the request claims to be
    "session": pa.string(),
    "token": pa.string(),
    "key": pa.string(),
    "tls": pa.string(),
    "request_id": pa.string(),  # only one that the server made itself
    "action": pa.string(),  # what was done, where it is not an HTTP request
    "object": pa.string(),  # what it was done to
    "ok": pa.bool_(),
    "rows": pa.int64(),
    "statement": pa.string(),
    "fields": pa.string(),  # JSON object of the other named fields
}
CANONICAL = {**_ORDER, **dict.fromkeys(client.SENT, pa.string())}
client.covers("ingest.canonical", CANONICAL.keys() & set(client.NAMES), left=client.FOLLOWING)
TEXT_COLUMNS = frozenset(name for name, kind in CANONICAL.items() if kind == pa.string())
REJECTS = pa.schema([("line", pa.int64()), ("reason", pa.string())])


def column_or_null(table: pa.Table, name: str) -> pa.ChunkedArray:
    """The column, or as many nulls of its canonical type as there are rows."""
    if name in table.column_names:
        return table[name]
    return pa.chunked_array([pa.nulls(table.num_rows, CANONICAL[name])])


def check_events(table: pa.Table) -> None:
    """Raise `ValueError` when a table of events breaks the contract above."""
    for name in table.column_names:
        if name not in CANONICAL:
            raise ValueError(f"{name} is not a canonical column")
        kind = table.schema.field(name).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if kind != CANONICAL[name]:
            raise ValueError(f"{name} is {kind}, not {CANONICAL[name]}")
    for name in ("line", "time"):
        if name not in table.column_names or table[name].null_count:
            raise ValueError(f"every event needs a {name}")
