"""A connection to a schema of a PostgreSQL database that holds what the SQLite file of a workspace else holds, with the same promises.

One writer at a time: a transaction that writes holds an advisory lock from its start, as SQLite's does. Numbers of rows are the highest one
and one more, so that a transaction that is taken back leaves no hole, as in SQLite. Text sorts by its bytes. A commit whose answer was lost
is looked up by its key: each transaction that writes puts one down.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from select import POLLIN, poll
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra

from . import statements as sa
from .database_address import ServerAddress, missing_driver
from .rows import Cursor, DatabaseFault, LostConnection, Result

if TYPE_CHECKING:
    import psycopg

__all__ = ["LEASE", "PATIENCE", "PostgresConnection", "close_kept", "lock_number"]

PATIENCE: Final = 10.0  # seconds that another writer is waited for
RETURNING: Final = 30.0  # seconds that a server is waited for which took the answer to a commit with it
_PAUSE: Final = 0.2
_MOST_KEPT: Final = 8
_KINDS: Final = {
    "INTEGER": "BIGINT",
    "BIGINT": "BIGINT",
    "FLOAT": "DOUBLE PRECISION",
    "BOOLEAN": "BOOLEAN",
}
_TEXT: Final = 'TEXT COLLATE "C"'
_COMMIT, LEASE = "commit_key", "writer_lease"
_OWN: Final = (_COMMIT, LEASE)
_ALIVE: Final = {  # of a server that is gone without a word one hears after a minute
    "connect_timeout": "10", "keepalives": "1", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}  # fmt: skip
_LIKE: Final = re.compile(r" LIKE \?(?! ESCAPE)")
_NAMED: Final = re.compile(r"(?<!:):([a-z_]+)")
_LOST: Final = ("08", "57P")  # classes of SQLSTATE: the connection, and a server that shuts down
_SAFE: Final = (*_LOST, "28", "3D", "3F", "42501", "53", "55", "57")
"""Classes of faults whose words speak of the server and hold no value of a row."""


def lock_number(schema: str, what: str) -> int:
    """The number of an advisory lock of a workspace: they are shared by the whole database."""
    told = hashlib.sha256(f"whosaw\x1f{schema}\x1f{what}".encode()).digest()
    return int.from_bytes(told[:8], "big", signed=True)


class PostgresConnection(sa.Connection):
    """One connection to a schema. Every fault of the driver comes out as `DatabaseFault` or `LostConnection`."""

    __slots__ = ("_address", "_kept", "_key", "_server", "name")

    def __init__(self, server: psycopg.Connection[Any], address: ServerAddress, name: str) -> None:
        self._server, self._address, self.name = server, address, name
        self._kept: _Kept | None = None  # what it goes back to when it is closed
        self._key = ""  # of the transaction under way

    @classmethod
    def to(cls, address: ServerAddress) -> PostgresConnection:
        """A new connection; a server that is not there is a `LostConnection`."""
        psycopg = load_extra("psycopg", missing_driver())
        name = f"whosaw {uuid.uuid4().hex[:16]}"
        given = {**_ALIVE, **address.server}
        options = f"{given.get('options', '')} -c search_path={address.schema} -c synchronous_commit=on"
        with _told(psycopg):
            server = psycopg.connect(
                **{**given, "options": options.strip(), "application_name": name, "client_encoding": "UTF8"},
                autocommit=True,
                prepare_threshold=None,  # what stands between us and the server may hand a session on
            )
        return cls(server, address, name)

    @classmethod
    def lent(cls, address: ServerAddress) -> PostgresConnection:
        """The same, or one that was closed in this process before: a page opens the journal several times."""
        key = (os.getpid(), str(address), address.copy)
        kept = _KEPT.get(key) or _KEPT.setdefault(key, _Kept())
        lent = kept.take() or cls.to(address)
        lent._kept = kept  # noqa: SLF001  # it is one of this class
        return lent

    # -- what is asked

    def _ask(self, sql: str, values: Sequence[sa.Value]) -> Cursor:
        with self._faults():
            return self._server.execute(_marked(sql), tuple(values))

    def _named(self, sql: str, values: Mapping[str, Any]) -> Cursor:
        with self._faults():
            return self._server.execute(_NAMED.sub(r"%(\1)s", sql.replace("%", "%%")), dict(values))

    def _add(
        self, table: sa.Table, sql: str, names: Sequence[str], rows: Sequence[Sequence[sa.Value]]
    ) -> Result:
        number = table.number
        if number is not None:
            column = sa.quoted(number.name)
            if number.name not in names:
                start = f"INSERT INTO {sa.quoted(table.name)} ("
                following = f"(SELECT coalesce(max({column}), 0) + 1 FROM {sa.quoted(table.name)})"
                sql = sql.replace(start, f"{start}{column}, ").replace("VALUES (", f"VALUES ({following}, ")
            sql += f" RETURNING {column}"
        with self._faults():
            if len(rows) > 1:
                with self._server.cursor() as many:
                    many.executemany(_marked(sql), [tuple(each) for each in rows])
                return Result(_NOTHING)
            cursor = self._server.execute(_marked(sql), tuple(rows[0]))
            given = cursor.fetchone() if number is not None else None
        return Result(cursor, key=given[0] if given else None)

    def stream(self, statement: sa.Select) -> Result:
        sql, values, columns = statement.compiled()
        with self._faults():
            cursor = self._server.cursor(name=f"rows_{uuid.uuid4().hex}")
            cursor.itersize = 5_000
            cursor.execute(_marked(sql), tuple(values))
        return Result(_Streamed(cursor, self._faults), columns)

    def run(self, sql: str) -> Result:
        with self._faults():
            return Result(self._server.execute(sql))

    # -- what stands in it

    def kind(self, kind: sa.Kind) -> str:
        return _KINDS.get(kind.sql, _TEXT)

    def has_table(self, name: str) -> bool:
        found = self._ask(
            "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
            (self._address.schema, name),
        )
        return next(iter(found), None) is not None

    def tables(self) -> list[str]:
        found = self._ask(
            'SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name COLLATE "C"',
            (self._address.schema,),
        )
        return [str(row[0]) for row in found if row[0] not in _OWN]

    def faults(self) -> list[str]:
        """Its own files are the server's to check: here every row of every table is read once."""
        for name in self.tables():
            self._ask(f"SELECT count(t::text) FROM {sa.quoted(name)} AS t", ())
        return []

    def prepare(self, *, writable: bool) -> None:  # noqa: ARG002  # of a file
        """Make sure that this is the schema which the workspace moved to."""
        if not self._address.copy:
            return
        try:
            known = next(iter(self._ask("SELECT value FROM setting WHERE name = ?", ("copy",))), None)
        except LostConnection:
            raise
        except DatabaseFault:
            known = None  # no such table
        if not known or known[0] != self._address.copy:
            raise WhosawError(
                "database.other",
                f"{self._address} does not hold the journal of this workspace",
                hint="It was dropped, exchanged, or restored from another time: bring back what was there with pg_restore",
            )

    def make_schema(self) -> bool:
        """The schema, and in it what the server alone needs: keys of commits, and who holds the workspace for writing. Whether the schema
        was not there before: one that somebody else made is used as it is."""
        there = self._ask("SELECT 1 FROM pg_namespace WHERE nspname = ?", (self._address.schema,))
        new = next(iter(there), None) is None
        if new:
            self.run(f"CREATE SCHEMA {sa.quoted(self._address.schema)}")
        for each in (_COMMIT, LEASE):
            self.run(f"DROP TABLE IF EXISTS {each}")
        self.run(
            f"CREATE TABLE {_COMMIT} (key TEXT PRIMARY KEY, made TIMESTAMPTZ NOT NULL DEFAULT now()); "
            f"CREATE INDEX ix_{_COMMIT}_made ON {_COMMIT} (made); "
            f"CREATE TABLE {LEASE} (one BOOLEAN PRIMARY KEY CHECK (one), token BIGINT NOT NULL, holder TEXT NOT NULL); "
            f"INSERT INTO {LEASE} VALUES (TRUE, 0, '')"
        )
        return new

    def clear_schema(self, names: Iterable[str], *, whole: bool) -> None:
        """Drop these tables and what the server alone needed; with `whole` the schema too, where nothing of anybody else is in it."""
        self.run("; ".join(f"DROP TABLE IF EXISTS {sa.quoted(each)}" for each in (*names, *_OWN)))
        if whole:
            with suppress(DatabaseFault):
                self.run(f"DROP SCHEMA {sa.quoted(self._address.schema)}")

    # -- transactions

    def begin(self, *, write: bool) -> None:
        if not write:
            self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return
        key = uuid.uuid4().hex
        # each statement sees what was committed before it, and nobody else commits: so all of them see the same
        self.run(
            f"BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = {PATIENCE * 1000:.0f}; "
            f"SELECT pg_advisory_xact_lock({lock_number(self._address.schema, 'write')}); "
            f"DELETE FROM {_COMMIT} WHERE made < now() - interval '1 day'; INSERT INTO {_COMMIT} (key) VALUES ('{key}')"
        )
        self._key = key

    def commit(self) -> None:
        key, self._key = self._key, ""
        try:
            done = self._server.execute("COMMIT")
        except Exception as fault:
            if not key or not self._is_lost(fault):
                with self._faults():
                    raise
            self._server.close()
            if not self._came_through(key):
                raise LostConnection("the connection ended before a change was stored") from fault
            return
        if done.statusmessage != "COMMIT":
            raise DatabaseFault("a statement before had failed, and the whole was taken back")

    def _came_through(self, key: str) -> bool:
        """Whether the transaction that put down this key was committed. The server is waited for; one that does not come back in time is a
        `WhosawError`, for then nobody can tell."""
        until = time.monotonic() + RETURNING
        while True:
            try:
                other = PostgresConnection.to(self._address)
                try:
                    return other.knows(key, self.name)
                finally:
                    other.close()
            except DatabaseFault as fault:
                if time.monotonic() > until:
                    raise WhosawError(
                        "journal.in-doubt",
                        "the connection to the database ended while a change was being stored, and it has not come back: whether the "
                        "change is stored cannot be told now",
                        hint="Once the database answers, look whether it is there before you do it again",
                    ) from fault
            time.sleep(_PAUSE)

    def knows(self, key: str, session: str) -> bool:
        """Whether a key was committed. A session of this name that still has it in hand is ended first; what it is in the middle of is
        waited for."""
        self.end_session(session)
        self.run(f"BEGIN; SET LOCAL lock_timeout = {PATIENCE * 1000:.0f}")
        try:
            put = self._ask(
                f"INSERT INTO {_COMMIT} (key) VALUES (?) ON CONFLICT DO NOTHING RETURNING key", (key,)
            )
            return next(iter(put), None) is None
        finally:
            self.rollback()

    def end_session(self, name: str) -> None:
        """End the session of this name, where the server does not know yet that nobody is there; what it is committing is waited for."""
        self._ask(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = ? AND usename = current_user",
            (name,),
        )

    def rollback(self) -> None:
        self._key = ""
        if self.usable and self._server.info.transaction_status.name != "IDLE":
            self.run("ROLLBACK")

    @property
    def usable(self) -> bool:
        return not self._server.closed

    def close(self) -> None:
        kept, self._kept = self._kept, None
        if kept is None or not self._waits() or not kept.put(self):
            self._server.close()

    def _waits(self) -> bool:
        """Whether nothing is under way, and the server said nothing by itself, as it does when it goes."""
        if not self.usable or self._server.info.transaction_status.name != "IDLE":
            return False
        heard = poll()
        heard.register(self._server.fileno(), POLLIN)
        return not heard.poll(0)

    # -- what goes wrong

    @contextmanager
    def _faults(self) -> Iterator[None]:
        psycopg = load_extra("psycopg", missing_driver())
        with _told(psycopg, self):
            yield

    def _is_lost(self, fault: Exception) -> bool:
        return not self.usable or (getattr(fault, "sqlstate", None) or "").startswith(_LOST)


class _Kept:
    """Connections of this process to one schema that nobody uses now, a few at most."""

    def __init__(self) -> None:
        self._lock, self._free, self._process = Lock(), list[PostgresConnection](), os.getpid()

    def take(self) -> PostgresConnection | None:
        while True:
            with self._lock:
                if not self._free:
                    return None
                found = self._free.pop()
            if found._waits():  # noqa: SLF001  # of this module
                return found
            found.close()

    def put(self, connection: PostgresConnection) -> bool:
        with self._lock:
            if len(self._free) >= _MOST_KEPT:
                return False
            self._free.append(connection)
        return True

    def end(self) -> None:
        """Close them, but for a process that was forked: they are its parent's."""
        if os.getpid() != self._process:
            return
        with self._lock:
            free, self._free = self._free, []
        for each in free:
            each.close()


_KEPT: Final[dict[tuple[int, str, str], _Kept]] = {}


@atexit.register
def close_kept() -> None:
    """Close every connection that this process keeps for whoever asks next; those in use stay as they are."""
    for each in list(_KEPT.values()):
        each.end()


class _Streamed:
    """Rows that come from the server as they are asked for."""

    def __init__(self, cursor: Any, faults: Any) -> None:
        self._cursor, self._faults = cursor, faults

    @property
    def description(self) -> Any:
        return self._cursor.description

    def __iter__(self) -> Iterator[Any]:
        try:
            with self._faults():
                yield from self._cursor
        finally:
            self.close()

    def close(self) -> None:
        with suppress(DatabaseFault), self._faults():  # its transaction may have ended
            self._cursor.close()


class _Nothing:
    description: Any = None

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def close(self) -> None:
        pass


_NOTHING: Final = _Nothing()


@lru_cache(maxsize=1_000)
def _marked(sql: str) -> Any:
    """With the driver's own mark for values. What SQLite's LIKE does not tell apart, large and small letters, is not told apart here."""
    alike = _LIKE.sub(" ILIKE ? ESCAPE ''", sql).replace(" LIKE ? ESCAPE", " ILIKE ? ESCAPE")
    return alike.replace("%", "%%").replace("?", "%s")


@contextmanager
def _told(psycopg: Any, of: PostgresConnection | None = None) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as fault:
        state = fault.sqlstate or ""
        lost = of is None or not of.usable or state.startswith(_LOST)
        words = str(fault).strip().splitlines()
        if (lost and not state) or state.startswith(_SAFE):
            reason = (words or [type(fault).__name__])[0]
        else:
            reason = f"{type(fault).__name__}, SQLSTATE {state or 'unknown'}"
        raise (LostConnection if lost else DatabaseFault)(reason) from fault
