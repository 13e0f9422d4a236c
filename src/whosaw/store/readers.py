"""Who reads a ledger, so that no file is removed from under them: on this machine by a lock of its folder, and where its files are in an
object store and its journal on a server, on all machines by a lock there."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from whosaw.core.errors import WhosawError

from .database_address import ServerAddress, address_in
from .permits import MARKER
from .postgres import PostgresConnection, lock_number
from .rows import DatabaseFault
from .space_address import space_in

__all__ = ["hold_for_reading", "nobody_reads"]


def hold_for_reading(root: Path) -> ExitStack | None:
    """Have no file of the ledger in `root` removed until what is returned is closed; None where the file system has no locks, where
    nothing is removed either. To be held before one asks which files are in force."""
    held = ExitStack()
    try:
        handle = held.enter_context((root / MARKER).open("rb"))
        fcntl.flock(handle, fcntl.LOCK_SH)
    except OSError:
        held.close()
        return None
    if (address := _everywhere(root)) is not None:
        with held:  # nothing stays open where the server does not answer
            with _clear_faults():
                held.enter_context(_connected(address)).run(
                    f"SELECT pg_advisory_lock_shared({_number(address)})"
                )
            return held.pop_all()
    return held


@contextmanager
def nobody_reads(root: Path, *, everywhere: bool = True) -> Iterator[bool]:
    """Whether nobody reads the ledger; if so, nobody begins to before this ends. Without `everywhere`: nobody on this machine."""
    with ExitStack() as held:
        handle = held.enter_context(open(root / MARKER, "rb"))
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        address = _everywhere(root) if everywhere else None
        if address is not None:
            with _clear_faults():
                asked = held.enter_context(_connected(address)).run(
                    f"SELECT pg_try_advisory_lock({_number(address)})"
                )
                alone = bool(asked.scalar())
            if not alone:
                yield False
                return
        yield True


def _everywhere(root: Path) -> ServerAddress | None:
    """The server that others read this ledger by, with a folder of their own."""
    return address_in(root) if space_in(root) is not None else None


def _number(address: ServerAddress) -> int:
    return lock_number(address.schema, "read")


@contextmanager
def _connected(address: ServerAddress) -> Iterator[PostgresConnection]:
    connection = PostgresConnection.lent(address)
    try:
        yield connection
    finally:
        with suppress(DatabaseFault):  # a connection that ended let go of all
            connection.run("SELECT pg_advisory_unlock_all()")
        connection.close()


@contextmanager
def _clear_faults() -> Iterator[None]:
    try:
        yield
    except DatabaseFault as fault:
        raise WhosawError(
            "journal.unreachable",
            f"the database of the custody journal does not answer ({fault})",
            hint="Nothing was stored. Once the database is there, do it again",
        ) from fault
