"""Checks the custody journal: from the last checkpoint on whenever it is opened, and whole where somebody asks for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from whosaw.core.custody import Entry, Signature, Standing
from whosaw.core.errors import WhosawError

from . import statements as sa
from .custody import Follower, pairs
from .custody_key import Checkpoint, KeyState
from .journal import Journal, entry_hash, tables

__all__ = ["database_faults", "recent", "recent_from", "whole"]

_APART: Final = 200  # entries between two checkpoints, at least
_TRIES: Final = 200
_PAUSE: Final = 0.01  # seconds


def recent(journal: Journal) -> Standing:
    """Whether the journal holds from the last checkpoint on, whether an entry before it is missing, and whether its end is the one that
    the key knows."""
    return recent_from(journal, None)[0]


def recent_from(journal: Journal, known: Checkpoint | None) -> tuple[Standing, Checkpoint | None]:
    """The same from an entry that this process followed the journal to already, where it is still what it was; and how far that is now,
    None where something is broken."""
    with _still(journal) as (connection, state):
        if known is not None and not _holds(connection, state, known):
            known = None
        follower = _followed(connection, state, known or state.checkpoint, joined=_joined(journal))
    point = follower.checkpoint()
    joined = _joined(journal)
    if (journal.writable or joined) and point is not None:
        known_here = state.checkpoint.entry if state.checkpoint is not None else 0
        if point.entry - known_here >= (1 if joined else _APART):
            journal.keys.set_checkpoint(point)
        if len(state.slots) > 1:
            journal.keys.forget(point)
    return follower.standing(), point


def _joined(journal: Journal) -> bool:
    """Whether this folder reads what others write: it has no key that knows how many entries there are, and notes how many it saw."""
    return journal.address is not None and journal.address.joined


def _holds(connection: sa.Connection, state: KeyState, known: Checkpoint) -> bool:
    """Whether the entry of a checkpoint of this process is there as it was, and not behind the one that the key file knows."""
    if state.checkpoint is not None and known.entry < state.checkpoint.entry:
        return False
    return connection.has_table(tables.custody.name) and not _up_to(connection, known, keyed=True)


def whole(journal: Journal) -> Standing:
    """Whether all of it holds: every hash, every signature, the chain of keys, and the end."""
    with _still(journal) as (connection, state):
        joined = _joined(journal)
        follower = _followed(connection, state, None, joined=joined)
    if joined:
        follower.unknown(
            f"this folder has no custody key: whether entries after entry {follower.number} were cut before it saw them cannot be told here"
        )
    return follower.standing()


def database_faults(journal: Journal) -> list[str]:
    """What the database's own check of what it keeps finds, at most ten; nothing where it is sound."""
    try:
        with journal.reading() as connection:
            return connection.faults()
    except WhosawError as fault:
        return [fault.message]


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


def _followed(
    connection: sa.Connection, state: KeyState, point: Checkpoint | None, *, joined: bool
) -> Follower:
    keyed = connection.has_table(tables.custody.name)
    faults = _up_to(connection, state.checkpoint, keyed=keyed) if state.checkpoint is not None else []
    follower = _beginning(connection, point, keyed=keyed) if point is not None and not faults else Follower()
    for why in faults:
        follower.broken(why)
    for entry, signed in _rows(connection, follower.number, keyed=keyed):
        follower.entry(entry, entry_hash(entry), signed)
    if state.fault is not None:
        follower.unknown(f"{state.fault}: whether the end of the journal was cut cannot be told")
    else:
        follower.end(state.slots, key_there=state.there, joined=joined)
    return follower


def _beginning(connection: sa.Connection, point: Checkpoint, *, keyed: bool) -> Follower:
    """A follower that goes on from a checkpoint."""
    entry, custody = tables.entry, tables.custody
    joined = custody.outerjoin(entry, entry.c.seq == custody.c.seq)
    columns = sa.select(custody.c.seq, custody.c.key, entry.c.kind).select_from(joined)
    first = connection.execute(columns.order_by(custody.c.seq).limit(1)).first() if keyed else None
    if first is None:
        return Follower(point)
    follower = Follower(point, root=first.key, keyed=first.seq)
    follower.begins(first.seq, str(first.kind))
    return follower


def _rows(connection: sa.Connection, after: int, *, keyed: bool) -> Iterator[tuple[Entry, Signature | None]]:
    """Every entry behind one with its signature, in order."""
    entry, custody = tables.entry, tables.custody
    rows = entry.source
    names = ("key", "next", "signature")
    signed = [(custody.c[name] if keyed else sa.null()).label(f"signed_{name}") for name in names]
    if keyed:
        rows = entry.outerjoin(custody, custody.c.seq == entry.c.seq)
    query = sa.select(*entry.c, *signed).select_from(rows).where(entry.c.seq > after).order_by(entry.c.seq)
    return pairs(connection.stream(query).mappings())


def _up_to(connection: sa.Connection, point: Checkpoint, *, keyed: bool) -> list[str]:
    """Whether what was checked before is still there: the entry of the checkpoint, the key that it names, and as many entries as its
    number says."""
    entry, custody = tables.entry, tables.custody
    stored = connection.execute(sa.select(entry.c.hash).where(entry.c.seq == point.entry)).scalar()
    if stored is None:
        return [f"entry {point.entry}, up to which the journal was checked, is gone: its end was cut"]
    query = sa.select(custody.c.next).where(custody.c.seq == point.entry)
    named = connection.execute(query).scalar() if keyed else None
    faults = []
    if (stored, named) != (point.hash, point.next):
        faults.append(
            f"entry {point.entry} is not the one up to which the journal was checked: entries were changed"
        )
    query_all = sa.select(sa.func.count()).select_from(entry).where(entry.c.seq <= point.entry)
    count = connection.execute(query_all).scalar()
    if count != point.entry:
        faults.append(f"up to entry {point.entry} there are {count} entries: some were removed or put in")
    return faults
