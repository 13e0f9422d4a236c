"""Who holds a workspace in PostgreSQL for writing: one at a time, on whichever machine, and only for as long as its connection lives.

An advisory lock of a session says who holds it; the server lets it go with the session, and ends a session of which nothing was heard for
`LEASE_SECONDS`. Whoever takes it raises a number. A transaction of a holder locks that number and compares: one who lost the lease, and
went on without noticing, commits nothing once another has it, and until it commits nobody else gets it.
"""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from typing import Final

from whosaw.core.errors import WhosawError

from .database_address import ServerAddress
from .postgres import LEASE, PATIENCE, PostgresConnection, lock_number
from .rows import DatabaseFault, LostConnection
from .statements import Connection, text

__all__ = ["LEASE_SECONDS", "Lease", "lease"]

LEASE_SECONDS: Final = 60
_TOKEN: Final = text(f"SELECT token FROM {LEASE} FOR SHARE")


class Lease:
    """Holds the lease of the schema at `address`, under the number `token`."""

    def __init__(self, address: ServerAddress, where: str) -> None:
        self._address, self._where = address, where
        self._lock, self._over = Lock(), Event()
        self._connection, self.token = self._taken(None)
        self._thread = Thread(target=self._renew, name="lease", daemon=True)
        self._thread.start()

    def _taken(self, again: int | None) -> tuple[PostgresConnection, int]:
        """The lock on a connection of its own, and the number. `again`: the number that it was held under until its connection ended; it is
        taken back only where nobody had it since."""
        connection = PostgresConnection.to(self._address)
        try:
            connection.run(
                f"SET idle_session_timeout = '{LEASE_SECONDS}s'; SET lock_timeout = {PATIENCE * 1000:.0f}"
            )
            number = lock_number(self._address.schema, "lease")
            if again is None:
                if not connection.run(f"SELECT pg_try_advisory_lock({number})").scalar():
                    raise self._busy(connection)  # noqa: TRY301  # the connection is closed below
                return connection, self._next_token(connection)
            connection.end_session(self._connection.name)  # the server may not know yet that it ended
            held = connection.run(f"SELECT pg_try_advisory_lock({number})").scalar()
            if not held or connection.run(f"SELECT token FROM {LEASE}").scalar() != again:
                raise _gone()  # noqa: TRY301
        except BaseException:
            connection.close()
            raise
        return connection, again

    def _next_token(self, connection: PostgresConnection) -> int:
        """The number raised by one, once no transaction of the holder before is under way."""
        query = text(f"UPDATE {LEASE} SET token = token + 1, holder = :holder RETURNING token")
        try:
            return int(connection.execute(query, {"holder": _holder()}).scalar())
        except LostConnection:
            raise
        except DatabaseFault as fault:
            raise self._busy(connection) from fault

    def _busy(self, connection: PostgresConnection) -> WhosawError:
        holder = connection.run(f"SELECT holder FROM {LEASE}").scalar()
        return WhosawError(
            "workspace.busy",
            f"another scan is writing to {self._where} ({holder})",
            hint="Wait for it to end, or use another --workspace",
        )

    def _renew(self) -> None:
        while not self._over.wait(LEASE_SECONDS / 4):
            with suppress(DatabaseFault, WhosawError), self._lock:  # who commits next says so
                self._connection.run("SELECT 1")

    def check(self, transaction: Connection) -> None:
        """Raise `WhosawError` in a transaction of somebody who does not hold the lease any more. Nobody gets it before that transaction
        ends."""
        with self._lock:
            try:
                self._connection.run("SELECT 1")
            except LostConnection:
                self._connection.close()
                try:
                    self._connection, _ = self._taken(self.token)
                except WhosawError as fault:
                    raise _gone() from fault
        if transaction.execute(_TOKEN).scalar() != self.token:
            raise _gone()

    def end(self) -> None:
        """Let it go."""
        self._over.set()
        self._thread.join()
        with self._lock:
            self._connection.close()


def _gone() -> WhosawError:
    return WhosawError(
        "workspace.lease-lost",
        "the connection to the database ended, and another one holds the workspace for writing since: what was not committed is given up",
        hint="Nothing is half written. Run the same command again once the other one has ended",
    )


def _holder() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user} on {socket.gethostname()}, process {os.getpid()}"


@contextmanager
def lease(address: ServerAddress, where: str) -> Iterator[Lease]:
    """Hold the lease; raises `WhosawError` where another one does."""
    held = Lease(address, where)
    try:
        yield held
    finally:
        held.end()
