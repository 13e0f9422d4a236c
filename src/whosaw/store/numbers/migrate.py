"""From a workspace whose numbers its index gave to one that keeps them as history, in one transaction.

Numbers of people, addresses, principals, networks, clients, sessions and tokens stay what they are: findings, versions of scopes and
entries of the journal name them. Texts get theirs here. No log is needed. What is read is left as it is: whatever ends before the
transaction took over nothing, and the next run does the same again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from whosaw.store import statements as sa
from whosaw.store.digest_words import halves
from whosaw.store.journal import Connection, tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.live_files import rows_of
from whosaw.store.vault import KINDS
from whosaw.store.workspace import Workspace

from .allot import in_order_of_digest
from .commit import VAULTED, numbered_on, sealed_raws, unnumbered
from .history import History, load_history, number_tables
from .known import NARROW, Known, Run
from .raws import Identities

__all__ = ["migrate_numbers"]

_CLIENT = "client"


def migrate_numbers(workspace: Workspace, *, threads: int = 1) -> History:
    """Take over what the index numbered, where history lacks it, and number the segments that it counts. Returns the state as it is then.
    Only for the one who holds the workspace for writing."""
    with workspace.numbering:
        before = load_history(workspace.journal, workspace.files)
        anew = _has_wide(before)
        if not anew and not _behind(workspace, before):
            return before
        start = replace(_without_wide(before), numbered={}) if anew else before
        indexed = _indexed(workspace)
        segments = [each for each in unnumbered(workspace.journal, start) if each.id in indexed]
        reader = LedgerReader(workspace)
        try:
            after = _taken_over(reader, start, {} if anew else start.free.get(_CLIENT, {}))
        finally:
            reader.close()
        after = numbered_on(workspace, after, segments, threads=threads)
        with workspace.journal.transaction() as connection:
            if anew:
                _forget(workspace, connection)
            after.store(connection, start)
        return after


def _behind(workspace: Workspace, history: History) -> bool:
    """Whether the index numbered what history has no number of."""
    given = sum(history.free.get(kind, {}).get(0, 0) for kind in KINDS)
    if (rows_of(workspace.journal, "identities") or 0) > given:
        return True
    if (rows_of(workspace.journal, "clients") or 0) > history.free.get(_CLIENT, {}).get(0, 0):
        return True
    return bool(_indexed(workspace) - history.numbered.keys())


def _indexed(workspace: Workspace) -> set[int]:
    segment = tables.segment.c
    rows = workspace.journal.rows(sa.select(segment.id).where(segment.live, segment.indexed))
    return {row["id"] for row in rows}


def _has_wide(history: History) -> bool:
    """Whether an earlier program numbered clients of two sources by itself, beside the index: in rows of numbers other than the first."""
    return any(row > 0 for row in history.free.get(_CLIENT, {}))


def _without_wide(history: History) -> History:
    """Without the numbers that nobody was shown: the index gave these clients others, which are taken over."""
    runs = list(history.known[_CLIENT].runs())
    high, low, numbers = (
        np.concatenate([np.asarray(getattr(run, name)) for run in runs])
        for name in ("high", "low", "numbers")
    )
    order = in_order_of_digest(high, low)
    order = order[numbers[order] < NARROW]
    run = Run(high=high[order], low=low[order], numbers=numbers[order].astype(np.int64))
    known = Known(store=history.known[_CLIENT].store, kind=_CLIENT).grown([run], len(run))
    return history.with_kind(_CLIENT, known, {0: history.free[_CLIENT].get(0, 0)})


def _forget(workspace: Workspace, connection: Connection) -> None:
    """What was made under numbers that are no more is made again."""
    connection.execute(number_tables.segment_numbers.delete())
    for table in (tables.segment_rows, tables.made):
        if workspace.journal.has(table, connection):
            connection.execute(table.delete())


def _taken_over(reader: LedgerReader, before: History, clients: Mapping[int, int]) -> History:
    """The state with all numbers that the index has; of clients those from the first on that is not among `clients`."""
    after = before
    for kind, code in KINDS.items():
        since = before.free.get(kind, {}).get(0, 0)
        rows = reader.session.query(
            "SELECT digest, number::BIGINT AS number FROM identities WHERE kind = ? AND number >= ?",
            [code, since],
        )
        if not rows.num_rows:
            continue
        if kind in VAULTED:
            raws = Identities(reader).every({kind: since}).select(["number", "raw"]).sort_by("number")
            if raws.num_rows:
                sealed_raws(reader.workspace, kind).put(raws, given=since)
        after = _with_rows(after, kind, rows)
    rows = reader.session.query(
        "SELECT digest, client::BIGINT AS number FROM clients WHERE client >= ?", [clients.get(0, 0)]
    )
    return _with_rows(after, _CLIENT, rows) if rows.num_rows else after


def _with_rows(before: History, kind: str, rows: pa.Table) -> History:
    """The state with these numbers of the index, of one kind, as far as it lacks them."""
    free = before.free.get(kind, {}).get(0, 0)
    numbers = rows["number"].to_numpy()
    high, low = halves(rows["digest"].cast(pa.binary(16)))
    order = in_order_of_digest(high, low)
    high, low, ordered = high[order], low[order], numbers[order]
    new = before.known[kind].find(high, low) < 0
    run = Run(high=high[new], low=low[new], numbers=ordered[new])
    known = before.known[kind].grown([run], len(run))
    return before.with_kind(kind, known, {0: max(free, int(np.max(numbers)) + 1)})
