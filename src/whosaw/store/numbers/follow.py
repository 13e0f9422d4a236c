"""Numbers of history as the index gives them, while it is the index that numbers what was read.

As long as readers read the index, its numbers are the ones that findings, documents and scope versions name. So what it numbered last is
taken over, under the same numbers, before its segments are numbered by code: no identifier of theirs is new then, and there is one
space of numbers. Texts, and clients that only steps join of two sources, have no number in the index, or another one.

One transaction moves the journal to the new state. Whatever ends before it took over nothing: the next run does the same again. It may
run beside a round that reads logs, for segments that the index does not count yet are left alone.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store import statements as sa
from whosaw.store.index.numbering import halves
from whosaw.store.journal import tables
from whosaw.store.ledger import Identities, LedgerReader
from whosaw.store.vault import KINDS
from whosaw.store.workspace import Workspace

from .allot import in_order_of_digest
from .commit import VAULTED, numbered_on, sealed_raws, unnumbered
from .history import History, load_history
from .known import Run
from .migrate import have_moved

__all__ = ["OF_THE_INDEX", "follow_index"]

OF_THE_INDEX: Final = 1 << 31
"""Numbers of the index are below this one; of those of clients that history gave by itself none is."""
_FEW: Final = 1 << 18  # new numbers of all kinds that are asked for at once


def follow_index(workspace: Workspace, *, threads: int = 1, reader: LedgerReader | None = None) -> History:
    """Take over what the index numbered, and number the segments that it counts. Only for the one who holds the workspace for writing.
    `reader`: the index as it stands, where the caller has it open."""
    before = load_history(workspace.journal, workspace.files)
    indexed = _indexed(workspace)
    segments = [each for each in unnumbered(workspace.journal, before) if each.id in indexed]
    asked = LedgerReader(workspace) if reader is None else reader
    try:
        after = _all_taken_over(asked, before)
    finally:
        if asked is not reader:
            asked.close()
    if segments:
        after = numbered_on(workspace, after, segments, threads=threads)
    if after is not before:
        with workspace.journal.transaction() as connection:
            after.store(connection, before)
            have_moved(workspace, connection)
    return after


def _indexed(workspace: Workspace) -> set[int]:
    segment = tables.segment.c
    rows = workspace.journal.rows(sa.select(segment.id).where(segment.live, segment.indexed))
    return {row["id"] for row in rows}


def _all_taken_over(reader: LedgerReader, before: History) -> History:
    """The state with all numbers that the index has. How many are new is asked once: of most kinds there is none, or all fit together."""
    since = {kind: before.free.get(kind, {}).get(0, 0) for kind in (*KINDS, "client")}
    asked = pa.table({
        "kind": pa.array([KINDS[kind] for kind in KINDS], pa.int8()),
        "since": pa.array([since[kind] for kind in KINDS], pa.int64()),
    })  # fmt: skip
    new = "FROM identities AS i JOIN asked AS a ON a.kind = i.kind AND i.number >= a.since"
    many = reader.session.query(f"SELECT i.kind, count(*) AS many {new} GROUP BY ALL", asked=asked)
    told = dict(zip(many["kind"].to_pylist(), many["many"].to_pylist(), strict=True))
    few = sum(told.values()) <= _FEW
    held = (
        reader.session.query(f"SELECT i.kind, digest, number::BIGINT AS number {new}", asked=asked)
        if few and told
        else None
    )
    new_of = {kind: since[kind] for kind in VAULTED if KINDS[kind] in told}
    raws = Identities(reader).every(new_of) if few else None
    after = before
    for kind, code in KINDS.items():
        if code not in told:
            continue
        if kind in VAULTED:
            of = (
                Identities(reader).every({kind: since[kind]})
                if raws is None
                else raws.filter(pc.equal(raws["kind"], code))
            )
            _seal(reader, kind, since[kind], of)
        if held is None:
            rows = reader.session.query(
                "SELECT digest, number::BIGINT AS number FROM identities WHERE kind = ? AND number >= ?",
                [code, since[kind]],
            )
        else:
            rows = held.filter(pc.equal(held["kind"], code))
        after = _taken_over(after, kind, rows)
    rows = reader.session.query(
        "SELECT digest, client::BIGINT AS number FROM clients WHERE client >= ?", [since["client"]]
    )
    return _taken_over(after, "client", rows) if rows.num_rows else after


def _taken_over(before: History, kind: str, rows: pa.Table) -> History:
    """The state with these new numbers of the index, of one kind. Of a client that history numbered before the index knew it, history keeps
    its own."""
    free = before.free.get(kind, {})
    numbers = rows["number"].to_numpy()
    high, low = halves(rows["digest"].cast(pa.binary(16)))
    order = in_order_of_digest(high, low)
    high, low, ordered = high[order], low[order], numbers[order]
    new = before.known[kind].find(high, low) < 0
    run = Run(high=high[new], low=low[new], numbers=ordered[new])
    known = before.known[kind].grown([run], len(run))
    return before.with_kind(kind, known, {**free, 0: int(np.max(numbers)) + 1})


def _seal(reader: LedgerReader, kind: str, since: int, raws: pa.Table) -> None:
    """Raw identifiers by number, read back and compared."""
    if raws.num_rows:
        raws = raws.select(["number", "raw"]).sort_by("number")
        sealed_raws(reader.workspace, kind).put(raws, given=since)
