"""The custody journal and the manifest: what was taken in, asked, exported and re-identified, and by whom.

One SQL database: SQLite in the workspace, or a schema of a PostgreSQL server. The journal proper is append-only and hash-chained: each
entry's hash covers its own canonical JSON and the hash before it, and is signed with a key that is erased
after it (`custody`). The manifest says which contents were read, which segments are live and which files hold the ledger; one transaction moves it from one whole
state to the next.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from whosaw.core.canonical_json import canonical_json
from whosaw.core.custody import Entry, Head, heard
from whosaw.core.document import document
from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros

from . import statements as sa
from .custody import GENESIS, KEY_LOST, START, TAIL_GONE, sign
from .custody_key import Checkpoint, KeyFile, Turn
from .database_address import ServerAddress, address_in
from .journal_tables import tables
from .lease import Lease, lease
from .postgres import PostgresConnection
from .rows import DatabaseFault, LostConnection
from .upgrading import sign_only, upgrade

__all__ = ["CUSTODY_KEY", "GENESIS", "JOURNAL", "Connection", "Journal", "entry_hash", "read_only", "tables"]

CUSTODY_KEY = "custody.key"
JOURNAL = "journal.sqlite"  # where no server has it
Connection = sa.Connection  # a transaction, as those above pass it on


class Journal:
    """The database of one workspace, to which `opens` makes connections; `who` is recorded with every entry. `address` is None for SQLite.
    `moving`: the workspace is on its way there or away."""

    def __init__(
        self,
        opens: Callable[[], sa.Connection],
        *,
        who: str,
        keys: KeyFile,
        writable: bool = True,
        address: ServerAddress | None = None,
        moving: bool = False,
    ) -> None:
        self.who, self.keys, self.writable, self.address = who, keys, writable, address
        self._opens, self._moving = opens, moving
        self._lease: Lease | None = None
        self._free: list[sa.Connection] = []  # open and not in use; a scan asks from several threads
        self._lock = Lock()
        self._turns: dict[
            int, tuple[Turn, list[Head]]
        ] = {}  # by connection: the use of the key file in its transaction

    @classmethod
    def of(cls, root: Path, *, who: str) -> Journal:
        """The journal of the workspace in `root`, wherever it is."""
        address = address_in(root)
        if address is None:
            return cls.at(root / JOURNAL, who=who)
        return cls.on_server(root, address, who=who)

    @classmethod
    def on_server(cls, root: Path, address: ServerAddress, *, who: str, moving: bool = False) -> Journal:
        """The journal in PostgreSQL, its key in `custody.key` in the folder. In one that cannot be written it is read only."""
        return cls(
            partial(PostgresConnection.lent, address),
            who=who,
            keys=KeyFile(root / CUSTODY_KEY),
            writable=os.access(root, os.W_OK) and not address.joined,
            address=address,
            moving=moving,
        )

    @classmethod
    def at(cls, path: Path, *, who: str, moving: bool = False) -> Journal:
        """The SQLite journal in the file `path`, its key in `custody.key` beside it. In a folder that cannot be written it is read only."""
        keys = KeyFile(path.with_name(CUSTODY_KEY))
        address = f"file:{quote(os.fsencode(path))}"
        if not path.exists() or os.access(path.parent, os.W_OK):
            return cls(partial(sa.Connection.open, address), who=who, keys=keys, moving=moving)
        waiting = path.with_name(f"{path.name}-wal")
        if waiting.exists() and waiting.stat().st_size:
            raise WhosawError(
                "workspace.read-only",
                f"{path.parent} cannot be written, and its journal has changes that wait to be put in",
                hint="Run any command once where the folder can be written, or copy it to such a place",
            )
        return cls(
            partial(sa.Connection.open, f"{address}?mode=ro&immutable=1"), who=who, keys=keys, writable=False
        )

    def create(self) -> None:
        """Make the tables that are not there yet, and bring what an earlier release made to how it is kept now."""
        every = [table for table in vars(tables).values() if isinstance(table, sa.Table)]
        with self.transaction() as connection:
            upgrade(connection, every, tables.setting)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the workspace for writing, where its database is a server: nobody else does anywhere, or `WhosawError`. Every transaction
        makes sure that it is so still. SQLite needs none: the lock of the folder is enough."""
        if self.address is None:
            yield
            return
        with _clear_faults(), lease(self.address, str(self.keys.path.parent)) as held:
            self._lease = held
            try:
                yield
            finally:
                self._lease = None

    @contextmanager
    def transaction(self, *, switch: Callable[[], None] = lambda: None) -> Iterator[sa.Connection]:
        """All or nothing, one writer at a time: what is read in it stays so until it ends, whatever other processes do.

        Another writer is waited for, ten seconds at most. Never open one inside another. Database faults come out as `WhosawError`. `switch`
        is done once all is stored, before the key that has signed is erased.
        """
        if not self.writable:
            raise read_only(self.keys.path.parent)
        opened: int | None = None
        self._refuse_moved()
        try:
            with _clear_faults(), self._begun(write=True) as connection:
                opened = id(connection)
                self._refuse_moved()  # now it stays
                if self._lease is not None:
                    self._lease.check(connection)
                yield connection
            switch()
        except BaseException:
            self._settle(opened, committed=False)
            raise
        self._settle(opened, committed=True)

    def _refuse_moved(self) -> None:
        """Whoever opened the journal before it moved would else write to what nobody reads any more."""
        if not self._moving and address_in(self.keys.path.parent) != self.address:
            raise WhosawError(
                "workspace.moved",
                f"the journal of {self.keys.path.parent} moved to another database meanwhile",
                hint="Nothing was stored; do it again",
            )

    @contextmanager
    def _begun(self, *, write: bool) -> Iterator[sa.Connection]:
        connection = self._beginning(write=write)
        try:
            yield connection
            connection.commit()
        finally:
            self._ended(connection)

    def _beginning(self, *, write: bool) -> sa.Connection:
        """A connection with a transaction on it. One that the server ended while nobody used it is passed over."""
        while True:
            with self._lock:
                kept = self._free.pop() if self._free else None
            connection = kept or self._opened()
            try:
                connection.begin(write=write)
            except LostConnection:
                connection.close()
                if kept is None:
                    raise
            except BaseException:
                self._ended(connection)
                raise
            else:
                return connection

    def _ended(self, connection: sa.Connection) -> None:
        try:
            connection.rollback()  # where it did not come to its end
        except (sqlite3.Error, DatabaseFault):
            connection.close()
            raise
        if not connection.usable:
            connection.close()
            return
        with self._lock:
            self._free.append(connection)

    def _opened(self) -> sa.Connection:
        opened = self._opens()
        try:
            opened.prepare(writable=self.writable)
        except BaseException:
            opened.close()
            raise
        return opened

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """The last whole state, the same for everything that is read in it."""
        with _clear_faults(), self._begun(write=False) as connection:
            yield connection

    def rows(self, query: sa.Select, connection: sa.Connection | None = None) -> list[dict[str, Any]]:
        """The rows of a query as plain dicts: in the transaction of `connection`, or as the last whole state has them."""
        if connection is not None:
            return list(connection.execute(query).mappings())
        with _clear_faults(), self._begun(write=False) as own:
            return list(own.execute(query).mappings())

    def tuples(self, query: sa.Select) -> list[Sequence[Any]]:
        """The same with the values of each row in the order of its columns: for many rows, as the last whole state has them."""
        with _clear_faults(), self._begun(write=False) as own:
            return list(own.execute(query).values())

    def has(self, table: sa.Table, connection: sa.Connection | None = None) -> bool:
        """Whether a table is there: a workspace that an earlier release made lacks those that came later."""
        if connection is not None:
            return connection.has_table(table.name)
        with _clear_faults(), self._begun(write=False) as own:
            return own.has_table(table.name)

    def record(self, connection: sa.Connection, kind: str, body: object, *, now: datetime) -> int:
        """Append one entry; returns its number. `body` is a result that `document` tells; it holds no raw identifier."""
        entry = tables.entry
        last = connection.execute(
            sa.select(entry.c.seq, entry.c.hash).order_by(entry.c.seq.desc()).limit(1)
        ).first()
        seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
        turn, heads = self._turn(connection)
        key = turn.take(self._named(connection, seq - 1))
        if key is None:
            # signatures of entries that are gone stand in the way of those to come
            connection.execute(tables.custody.delete().where(tables.custody.c.seq >= seq))
            because = self._because(connection, turn, seq)
            if because is not None and kind != START:
                start = {"covers": seq - 1, "head": previous, **because}
                self.record(connection, START, start, now=now)
                return self.record(connection, kind, body, now=now)
            key = turn.begin(seq)
        said = canonical_json(document(body)).decode()
        bare = Entry(
            seq=int(seq), time=to_micros(now), who=self.who, kind=kind, body=said, previous=previous, hash=""
        )
        made = replace(bare, hash=entry_hash(bare))
        signed = sign(turn, key, made.seq, made.hash)
        if seq == 1:
            turn.first(Checkpoint(entry=1, hash=made.hash, next=signed.next))
        connection.execute(tables.custody.insert().values(**asdict(signed)))
        connection.execute(entry.insert().values(**asdict(made)))
        heads.append(Head(entry=made.seq, hash=made.hash, root=self.root(connection) or ""))
        return int(seq)

    def _turn(self, connection: sa.Connection) -> tuple[Turn, list[Head]]:
        found = self._turns.get(id(connection))
        if found is None:
            found = self._turns[id(connection)] = (Turn(self.keys), [])
            if not self.has(tables.custody, connection):  # an earlier release made the workspace
                tables.custody.create(connection)
                sign_only(connection)
        return found

    def _settle(self, opened: int | None, *, committed: bool) -> None:
        turn, heads = self._turns.pop(opened, (None, [])) if opened is not None else (None, [])
        if turn is None:
            return
        turn.settle(committed=committed)
        listening = heard.get()
        if committed and heads and listening is not None:
            listening.wrote(self.keys.path.parent, heads[-1])

    def _named(self, connection: sa.Connection, seq: int) -> str:
        """The public half of the key that the entry after `seq` is signed with, as `seq` says; empty where it does not."""
        found = connection.execute(
            sa.select(tables.custody.c.next).where(tables.custody.c.seq == seq)
        ).scalar()
        return str(found or "")

    def _because(self, connection: sa.Connection, turn: Turn, seq: int) -> dict[str, Any] | None:
        """Why the chain of keys begins at this entry, where there are entries before it or there should be; None for a new journal."""
        if self.root(connection) is None and (not turn.slots or any(slot.begins for slot in turn.slots)):
            if seq == 1:
                return None
            broken = self.broken_at(connection)
            return {
                "because": "entries were not signed before",
                "chain": "holds" if broken is None else f"does not hold from entry {broken} on",
            }
        if not turn.slots:
            return {"because": KEY_LOST}
        return {"because": TAIL_GONE, "written": min(slot.entry for slot in turn.slots) - 1}

    def root(self, connection: sa.Connection) -> str | None:
        """The key that the first signed entry was signed with; None where nothing is signed."""
        custody = tables.custody
        if not self.has(custody, connection):
            return None
        found = connection.execute(sa.select(custody.c.key).order_by(custody.c.seq).limit(1)).scalar()
        return str(found) if found else None

    def entries(
        self,
        *kinds: str,
        where: Sequence[sa.Element] = (),
        connection: sa.Connection | None = None,
    ) -> list[Entry]:
        """Entries of these kinds (of all where none is named), the oldest first. Each is held against its hash and the entry after it;
        what does not fit is told to whoever listens, for it is not what was written."""
        entry, after = tables.entry, tables.entry.alias("after")
        query = sa.select(entry, after.c.previous.label("followed")).select_from(
            entry.outerjoin(after, after.c.seq == entry.c.seq + 1)
        )
        if kinds:
            query = query.where(entry.c.kind.in_(kinds))
        found: list[Entry] = []
        listening = heard.get()
        for row in self.rows(query.where(*where).order_by(entry.c.seq), connection):
            followed = row.pop("followed")
            found.append(one := Entry(**row))
            changed = entry_hash(one) != one.hash or followed not in (None, one.hash)
            if changed and listening is not None:
                listening.doubt(self.keys.path.parent, f"entry {one.seq} was changed after it was written")
        return found

    def broken_at(self, connection: sa.Connection | None = None) -> int | None:
        """The number of the first entry whose hash does not follow from the ones before; None when all do."""
        entry, previous, expected = tables.entry, GENESIS, 1
        for row in self.rows(sa.select(entry).order_by(entry.c.seq), connection):
            one = Entry(**row)
            if one.seq != expected or one.previous != previous or entry_hash(one) != one.hash:
                return int(one.seq)
            previous, expected = one.hash, expected + 1
        return None

    def setting(self, name: str, connection: sa.Connection | None = None) -> str | None:
        """A stored setting; None when it was never set."""
        found = self.rows(sa.select(tables.setting.c.value).where(tables.setting.c.name == name), connection)
        return str(found[0]["value"]) if found else None

    def settings(self, *names: str) -> dict[str, str]:
        """Those of these settings that were ever set."""
        setting = tables.setting
        rows = self.rows(sa.select(setting).where(setting.c.name.in_(names)))
        return {str(row["name"]): str(row["value"]) for row in rows}

    def set_setting(self, connection: sa.Connection, name: str, value: str) -> None:
        """Store a setting."""
        connection.execute(tables.setting.delete().where(tables.setting.c.name == name))
        connection.execute(tables.setting.insert().values(name=name, value=value))

    def close(self) -> None:
        with self._lock:
            free, self._free = self._free, []
        for connection in free:
            connection.close()


def read_only(root: Path) -> WhosawError:
    """Why nothing is done in a workspace that cannot be written."""
    address = address_in(root)
    if address is not None and address.joined:
        return WhosawError(
            "workspace.joined",
            f"{root} joined its workspace to read it, and what is done here has to go into its custody journal",
            hint="Do it on the machine whose folder has the custody key. Questions without --reveal need no entry",
        )
    return WhosawError(
        "workspace.read-only",
        f"{root} cannot be written, and what is done here has to go into its custody journal",
        hint="Questions without --reveal need no entry; for all else copy the workspace to a place that can be written",
    )


def entry_hash(entry: Entry) -> str:
    """The hash that an entry should have: of what it says, behind the hash of the one before."""
    said = {name: getattr(entry, name) for name in ("seq", "time", "who", "kind", "body")}
    return hashlib.sha256(entry.previous.encode() + canonical_json(said)).hexdigest()


@contextmanager
def _clear_faults() -> Iterator[None]:
    try:
        yield
    except LostConnection as fault:
        raise WhosawError(
            "journal.unreachable",
            f"the database of the custody journal does not answer ({fault})",
            hint="Nothing was stored. Once the database is there, do it again",
        ) from fault
    except (sqlite3.Error, DatabaseFault) as fault:
        reason = (str(fault) or type(fault).__name__).splitlines()[0]
        raise WhosawError(
            "journal.failed",
            f"the custody journal could not be used ({reason})",
            hint="Check free space and that no other program holds the workspace",
        ) from fault
