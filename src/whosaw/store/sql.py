"""An embedded SQL session, and the only two functions that quote names and values."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

import duckdb
import pyarrow as pa

from whosaw.core.errors import WhosawError

from .idle import idle_databases
from .spool import Spool

__all__ = [
    "LASTING",
    "Session",
    "ThreadEndedError",
    "end_thread",
    "out_of_room",
    "quote_name",
    "quote_text",
    "thread_session",
    "with_more_memory",
]

Result = TypeVar("Result")

_ROW_BYTES: Final = 80  # about what a wide row takes in memory
_NONE: Final[Mapping[str, pa.Table]] = MappingProxyType({})
LASTING: Final = "lasting"
"""The part of a database in which stands what is made for every session of it."""
_KEPT_SHARE: Final = 0.25  # of the memory, what kept rows may take; what is made from them needs more


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


def with_more_memory(work: Callable[[int], Result], memory_bytes: int) -> Result:
    """What `work` returns with so many bytes of memory; where that does not fit, it is begun again with twice as many while the
    machine has them. `work` leaves nothing behind that a second run would mind."""
    while True:
        try:
            return work(memory_bytes)
        except WhosawError as fault:
            if fault.code != "store.no-memory" or memory_bytes * 2 > _memory_of_machine() // 2:
                raise
            memory_bytes *= 2


def _memory_of_machine() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


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


class ThreadEndedError(Exception):
    """The thread whose session it is was asked to end."""


_sessions: weakref.WeakSet[Session] = weakref.WeakSet()
_ended: set[int] = set()


def end_thread(thread: threading.Thread, timeout: float) -> None:
    """Have a thread stop at its next statement, the one under way included; waits until it has ended, at most so many seconds."""
    if thread.ident is None:
        return
    _ended.add(thread.ident)
    until = time.monotonic() + timeout
    while thread.is_alive() and time.monotonic() < until:
        for session in list(_sessions):
            session.interrupt(thread.ident)
        thread.join(0.05)
    _ended.discard(thread.ident)


class Closing(Protocol):
    """What is held until it is closed."""

    def close(self) -> None: ...


def _database(threads: int, memory_bytes: int, spill: Path | None) -> duckdb.DuckDBPyConnection:
    """A database for the caller alone."""
    limit = f"{memory_bytes // (1 << 20)}MiB"
    found = idle_databases.take(spill)
    if found is None:
        found = _begun(threads, limit, spill)
    else:
        found.execute(f"SET threads = {threads}; SET memory_limit = '{limit}'")
    found.execute(f"ATTACH ':memory:' AS {LASTING}")
    return found


def _begun(threads: int, limit: str, spill: Path | None) -> duckdb.DuckDBPyConnection:
    config: dict[str, Any] = {
        "threads": threads,
        "memory_limit": limit,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if spill is not None:
        config["temp_directory"] = str(spill)
    return duckdb.connect(":memory:", config=config)


class Session:
    """One in-memory database. Results are Arrow tables; instants are UTC; nothing is fetched from a network.

    A session belongs to one thread at a time. `spill` is the folder for what does not fit `memory_bytes`. With a `database` that is open
    it is another session of that one. What a session makes as temporary, or registers, goes with it, so its database is given to the
    next one unless it was made something in that stays.
    """

    def __init__(
        self,
        *,
        threads: int = 1,
        memory_bytes: int = 1 << 30,
        spill: Path | None = None,
        database: duckdb.DuckDBPyConnection | None = None,
    ) -> None:
        self._thread = threading.get_ident()
        self._go_on()
        self._threads, self._memory_bytes, self._spill = threads, memory_bytes, spill
        self._own: duckdb.DuckDBPyConnection | None = None
        if database is None:
            database = self._own = _database(threads, memory_bytes, spill)
        self._shared = False  # whether there is another session of it
        self._kept = None if spill is None else Spool(spill)
        self._made: dict[str, str] = {}  # what is kept, TABLE or VIEW by name
        self._held: list[Closing] = []
        self._connection = database.cursor()
        # every statement whose order matters says so; without this, large results are held to keep theirs
        self._connection.execute(f"SET TimeZone = 'UTC'; SET preserve_insertion_order = false; USE {LASTING}")
        _sessions.add(self)

    def beside(self) -> Session:
        """Another session of the same database, for another thread: its tables and views are those of this one, and what either makes
        as temporary, or registers, is its own."""
        self._shared = True
        return Session(
            threads=self._threads,
            memory_bytes=self._memory_bytes,
            spill=self._spill,
            database=self._connection,
        )

    def _go_on(self) -> None:
        if self._thread in _ended:
            raise ThreadEndedError

    def interrupt(self, thread: int) -> None:
        """Stop the statement under way, if this is a session of that thread."""
        if self._thread == thread:
            with suppress(duckdb.ConnectionException):  # it was closed meanwhile
                self._connection.interrupt()

    @out_of_room()
    def query(self, sql: str, values: Sequence[object] | None = None, /, **tables: pa.Table) -> pa.Table:
        """Run one statement with `values` bound to its `?` and each named Arrow table visible under its name."""
        self._go_on()
        for name, table in tables.items():
            self._connection.register(name, table)
        try:
            relation = self._connection.sql(sql, params=list(values)) if values else self._connection.sql(sql)
            return relation.to_arrow_table()
        finally:
            for name in tables:
                self._connection.unregister(name)

    def batches(
        self, sql: str, rows: int, values: Sequence[object] | None = None, /, **tables: pa.Table
    ) -> Iterator[pa.RecordBatch]:
        """Run one statement as `query` does and stream its rows, about `rows` at a time, beginning when the first are asked
        for. No other statement while it is read; what is sorted or joined is spilled where it does not fit."""
        self._go_on()
        with out_of_room():
            for name, table in tables.items():
                self._connection.register(name, table)
            try:
                relation = (
                    self._connection.sql(sql, params=list(values)) if values else self._connection.sql(sql)
                )
                yield from relation.to_arrow_reader(rows)
            finally:
                for name in tables:
                    self._connection.unregister(name)

    @out_of_room()
    def run_all(self, statements: Iterable[str]) -> None:
        """Run several statements for their effect, one after the other, in one go."""
        self._go_on()
        self._connection.execute("; ".join(statements))

    @out_of_room()
    def execute(self, sql: str, values: Sequence[object] | None = None, /) -> None:
        """Run a statement for its effect."""
        self._go_on()
        self._connection.execute(sql, list(values) if values else None)

    def keep(
        self,
        name: str,
        sql: str,
        values: Sequence[object] | None = None,
        /,
        *,
        rows: int,
        tables: Mapping[str, pa.Table] = _NONE,
    ) -> None:
        """Keep the rows of a query over these Arrow tables, about so many, as the temporary relation `name` in place of the one that had
        this name: in memory, or where they would take a good part of it and there is a folder to spill to, in a file there."""
        self.forget(name)
        for table, its in tables.items():
            self._connection.register(table, its)
        try:
            self._keep(name, sql, values, rows)
        finally:
            for table in tables:
                self._connection.unregister(table)

    def _keep(self, name: str, sql: str, values: Sequence[object] | None, rows: int) -> None:
        if self._kept is None or rows * _ROW_BYTES <= self._memory_bytes * _KEPT_SHARE:
            self.execute(f"CREATE TEMP TABLE {quote_name(name)} AS {sql}", values)
            self._made[name] = "TABLE"
            return
        path = quote_text(str(self._kept.place(name)))
        self.execute(f"COPY ({sql}) TO {path} (FORMAT parquet, COMPRESSION lz4_raw)", values)
        self.execute(f"CREATE TEMP VIEW {quote_name(name)} AS SELECT * FROM read_parquet({path})")
        self._made[name] = "VIEW"

    def forget(self, name: str) -> None:
        """Remove what was kept as `name`, if anything was."""
        if (kind := self._made.pop(name, None)) is not None:
            self.execute(f"DROP {kind} IF EXISTS {quote_name(name)}")
        if self._kept is not None:
            self._kept.forget(name)

    @out_of_room()
    def make(self, name: str, table: pa.Table) -> None:
        """Make these rows a table of the database, for every session of it."""
        self._connection.register("rows to be made", table)
        self._connection.execute(f'CREATE TABLE {quote_name(name)} AS SELECT * FROM "rows to be made"')
        self._connection.unregister("rows to be made")

    @out_of_room()
    def add_rows(self, name: str, table: pa.Table) -> None:
        """Add these rows to the table `name`, whose columns they have."""
        self._connection.register("rows to be added", table)
        self._connection.execute(f'INSERT INTO {quote_name(name)} SELECT * FROM "rows to be added"')
        self._connection.unregister("rows to be added")

    def register(self, name: str, table: pa.Table) -> None:
        """Keep an Arrow table visible under `name` until the session closes."""
        self._connection.register(name, table)

    def keep_rows(self, name: str, rows: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        """Make `rows` visible as the relation `name` until the session closes: in a file where there is a folder for what does
        not fit, else in memory. The rows may come from `batches` of this session. A relation of that name is replaced."""
        if self._kept is None:
            table = pa.Table.from_batches(rows, schema)
            self.register(f"{name} kept", table)
            source = quote_name(f"{name} kept")
        else:
            source = f"read_parquet({quote_text(str(self._kept.write(name, rows, schema)))})"
        self.execute(f"CREATE OR REPLACE TEMP VIEW {quote_name(name)} AS SELECT * FROM {source}")
        self._made[name] = "VIEW"

    def show_files(self, name: str, paths: Sequence[Path]) -> None:
        """Make the rows of Parquet files, of which there is one at least, visible as the relation `name`. They stay whoever's they are."""
        listed = ", ".join(quote_text(str(path)) for path in paths)
        self.execute(
            f"CREATE OR REPLACE TEMP VIEW {quote_name(name)} AS SELECT * FROM read_parquet([{listed}])"
        )

    def hold(self, handle: Closing | None) -> None:
        """Keep what is held by it until the session closes."""
        if handle is not None:
            self._held.append(handle)

    def _emptied(self) -> bool:
        """Whether the database holds nothing any more but what goes with this session of it."""
        try:
            self._connection.execute(f"USE memory; DETACH {LASTING}")
        except duckdb.Error:  # as where a statement was broken off
            return False
        return True

    def close(self) -> None:
        own, self._own = self._own, None
        empty = own is not None and not self._shared and self._emptied()
        self._connection.close()
        if own is not None and empty:
            idle_databases.put(self._spill, own)
        elif own is not None:
            own.close()
        if self._kept is not None:
            self._kept.close()
        for handle in self._held:
            handle.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Held(threading.local):
    session: Session | None = None
    process: int = 0


_HELD = _Held()


def thread_session() -> Session:
    """The session of this thread: making one costs more than parsing a small file with it.

    It holds nothing between two statements, so who shares it cannot be told from the results. A forked process gets its own:
    it must not touch that of its parent."""
    if _HELD.session is None or _HELD.process != os.getpid():
        _HELD.session, _HELD.process = Session(threads=1), os.getpid()
    return _HELD.session
