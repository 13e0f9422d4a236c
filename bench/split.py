"""The bare thing that `scan` is measured against: DuckDB reads the log as text split at spaces, and no
more.

`python -m bench.split FILE table|count`: into a temporary table with every column as text, or only counting
rows.
"""

from __future__ import annotations

import sys

import duckdb

COLUMNS = ("address", "ident", "user", "day", "zone", "request", "status", "bytes", "referer", "agent")


def split(path: str, into: str) -> int:
    """How many rows the log splits into."""
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS) + "}"
    source = f"""read_csv($path, columns = {columns}, header = false, auto_detect = false,
                          delim = ' ', quote = '"', escape = '\\', store_rejects = true)"""
    with duckdb.connect(config={"preserve_insertion_order": "false"}) as connection:
        if into == "table":
            connection.execute(f"CREATE TEMP TABLE lines AS FROM {source}", {"path": path})
            source = "lines"
        values = {"path": path} if into == "count" else None
        row = connection.execute(f"SELECT count(*) FROM {source}", values).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    print(split(sys.argv[1], sys.argv[2]))
