"""Checks the custody journal: from the last checkpoint on whenever it is opened, and whole where somebody asks for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from whosaw.core.custody import Standing
from whosaw.core.errors import WhosawError

from .custody import Follower, pairs
from .custody_key import Checkpoint, KeyState
from .journal import Journal, entry_hash, tables

__all__ = ["database_faults", "recent", "whole"]

_AT_ONCE: Final = 1_000  # entries that are held in memory together
_APART: Final = 200  # entries between two checkpoints, at least
_TRIES: Final = 200
_PAUSE: Final = 0.01  # seconds


def recent(journal: Journal) -> Standing:
    """Whether the journal holds from the last checkpoint on, whether an entry before it is missing, and whether its end is the one that
    the key knows."""
    with _still(journal) as (connection, state):
        follower = _followed(connection, state, state.checkpoint)
    point = follower.checkpoint()
    if journal.writable and point is not None:
        if follower.followed >= _APART:
            journal.keys.set_checkpoint(point)
        if len(state.slots) > 1:
            journal.keys.forget(point)
    return follower.standing()


def whole(journal: Journal) -> Standing:
    """Whether all of it holds: every hash, every signature, the chain of keys, and the end."""
    with _still(journal) as (connection, state):
        return _followed(connection, state, None).standing()


def database_faults(journal: Journal) -> list[str]:
    """What SQLite's own check of its file finds, at most ten; nothing where the file is sound."""
    try:
        with journal.reading() as connection:
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(10)")]
    except WhosawError as fault:
        return [fault.message]
    return [] if found == ["ok"] else found


@contextmanager
def _still(journal: Journal) -> Iterator[tuple[sa.Connection, KeyState]]:
    """One state of the journal with the key file as it was then. A writer changes the key file before it commits and after, so what
    reads the same on both sides of the first look at the journal belongs to it."""
    for attempt in range(_TRIES):
        before = journal.keys.state()
        with journal.reading() as connection:
            connection.execute(sa.select(sa.func.max(tables.entry.c.seq)))  # from here on the state stays
            if before == journal.keys.state() or attempt + 1 == _TRIES:
                yield connection, before
                return
        time.sleep(_PAUSE)


def _followed(connection: sa.Connection, state: KeyState, point: Checkpoint | None) -> Follower:
    entry, custody = tables.entry, tables.custody
    keyed = sa.inspect(connection).has_table(custody.name)
    first = (
        connection.execute(sa.select(custody.c.seq, custody.c.key).order_by(custody.c.seq).limit(1)).first()
        if keyed
        else None
    )
    follower = (
        Follower(point, root=first.key if first else None, keyed=first.seq if first else None)
        if point
        else Follower()
    )
    if point is not None:
        _up_to(connection, point, follower)
    after = point.entry if point else 0
    columns: list[sa.ColumnElement[Any]] = [*entry.c]
    rows: sa.FromClause = entry
    if keyed:
        columns += [custody.c[name].label(f"signed_{name}") for name in ("key", "next", "signature")]
        rows = entry.outerjoin(custody, custody.c.seq == entry.c.seq)
    else:
        columns += [sa.null().label(f"signed_{name}") for name in ("key", "next", "signature")]
    query = sa.select(*columns).select_from(rows).where(entry.c.seq > after).order_by(entry.c.seq)
    found = connection.execution_options(yield_per=_AT_ONCE).execute(query).mappings()
    for row, signed in pairs(dict(each) for each in found):
        own = {name: row[name] for name in ("seq", "time", "who", "kind", "body")}
        follower.entry(row, entry_hash(own, row["previous"]), signed)
    if state.fault is not None:
        follower.unknown(f"{state.fault}: whether the end of the journal was cut cannot be told")
    else:
        follower.end(state.slots, key_there=state.there)
    return follower


def _up_to(connection: sa.Connection, point: Checkpoint, follower: Follower) -> None:
    """What was checked before is still there: the entry of the checkpoint, and as many as its number says before it."""
    entry = tables.entry
    stored = connection.execute(sa.select(entry.c.hash).where(entry.c.seq == point.entry)).scalar()
    if stored is None:
        follower.broken(f"entry {point.entry}, up to which the journal was checked, is gone: its end was cut")
    elif stored != point.hash:
        follower.broken(
            f"entry {point.entry} is not the one up to which the journal was checked: entries were changed"
        )
    count = connection.execute(
        sa.select(sa.func.count()).select_from(entry).where(entry.c.seq <= point.entry)
    ).scalar()
    if stored is not None and count != point.entry:
        follower.broken(f"up to entry {point.entry} there are {count} entries: some were removed or put in")
