"""An embedded SQL session, and the only two functions that quote names and values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from whosaw.core.errors import WhosawError

from .spool import Spool

__all__ = ["Session", "out_of_room", "quote_name", "quote_text"]


@contextmanager
def out_of_room() -> Iterator[None]:
    """Turn want of memory or disk inside the engine into an error that a person can act on."""
    try:
        yield
    except duckdb.OutOfMemoryException as fault:
        raise WhosawError(
            "store.no-memory",
            "the work did not fit the memory it may use",
            hint="What was read is kept; run the same command again with more memory or fewer files",
        ) from fault
    except duckdb.IOException as fault:
        raise WhosawError(
            "store.io",
            "a file of the ledger could not be read or written",
            hint="Check free space and that nobody changes the workspace; what was committed before is intact",
        ) from fault


def quote_name(name: str) -> str:
    """An identifier for SQL text. NUL is refused."""
    if "\0" in name or not name:
        raise ValueError("not an identifier")
    return '"' + name.replace('"', '""') + '"'


def quote_text(value: str) -> str:
    """A string literal for SQL text. NUL is refused; bind such a value instead."""
    if "\0" in value:
        raise ValueError("not a literal")
    return "'" + value.replace("'", "''") + "'"


class Session:
    """One in-memory database. Results are Arrow tables; instants are UTC; nothing is fetched from a network.

    A session belongs to one thread at a time. `spill` is the folder for what does not fit `memory_bytes`.
    """

    def __init__(self, *, threads: int = 1, memory_bytes: int = 1 << 30, spill: Path | None = None) -> None:
        config: dict[str, Any] = {
            "threads": threads,
            "memory_limit": f"{memory_bytes // (1 << 20)}MiB",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if spill is not None:
            config["temp_directory"] = str(spill)
        self._kept = None if spill is None else Spool(spill)
        self._connection = duckdb.connect(":memory:", config=config)
        self._connection.execute("SET TimeZone = 'UTC'")
        # every statement whose order matters says so; without this, large results are held to keep theirs
        self._connection.execute("SET preserve_insertion_order = false")

    @out_of_room()
    def query(self, sql: str, values: Sequence[object] | None = None, /, **tables: pa.Table) -> pa.Table:
        """Run one statement with `values` bound to its `?` and each named Arrow table visible under its name."""
        for name, table in tables.items():
            self._connection.register(name, table)
        try:
            relation = self._connection.sql(sql, params=list(values)) if values else self._connection.sql(sql)
            return relation.to_arrow_table()
        finally:
            for name in tables:
                self._connection.unregister(name)

    @out_of_room()
    def batches(self, sql: str, rows: int, values: Sequence[object] | None = None) -> pa.RecordBatchReader:
        """Run one statement and stream its rows, about `rows` at a time. No other statement while it is read."""
        relation = self._connection.sql(sql, params=list(values)) if values else self._connection.sql(sql)
        return relation.to_arrow_reader(rows)

    @out_of_room()
    def execute(self, sql: str, values: Sequence[object] | None = None, /) -> None:
        """Run a statement for its effect."""
        self._connection.execute(sql, list(values) if values else None)

    def register(self, name: str, table: pa.Table) -> None:
        """Keep an Arrow table visible under `name` until the session closes."""
        self._connection.register(name, table)

    def keep(self, name: str, rows: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        """Make `rows` visible as the relation `name` until the session closes: in a file where there is a folder for what does
        not fit, else in memory. The rows may come from `batches` of this session. A relation of that name is replaced."""
        if self._kept is None:
            table = pa.Table.from_batches(rows, schema)
            self.register(f"{name} kept", table)
            source = quote_name(f"{name} kept")
        else:
            source = f"read_parquet({quote_text(str(self._kept.write(name, rows, schema)))})"
        self.execute(f"CREATE OR REPLACE TEMP VIEW {quote_name(name)} AS SELECT * FROM {source}")

    def close(self) -> None:
        self._connection.close()
        if self._kept is not None:
            self._kept.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
