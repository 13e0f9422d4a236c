"""Digests of identifiers under another key: every file that has some is written beside the one that has them under the key before, and one
transaction puts all of them in force with the mark of the new key. Whatever a kill leaves is whole: all under the one, or all under the other.

Rows keep their places and numbers, so nothing that names them changes. It is for the one who holds the workspace for writing while nobody
reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from whosaw.core.errors import WhosawError

from . import statements as sa
from .digest_words import Words, halves
from .erased import erasure_tables
from .files import open_parquet, parquet_bytes
from .journal import Connection, tables
from .keyed_digest import DIGEST_BYTES, Bytes
from .numbers.allot import in_order_of_digest
from .numbers.facts import drop_facts
from .numbers.history import IDENTIFIERS, History, load_history
from .numbers.known import Known, Run
from .parts import forget_begun_with
from .remembered import forget_remembered
from .schemas import CLIENTS, IDENTITIES
from .sql import Session, quote_text
from .vault import COVERED, as_column
from .workspace import Workspace

__all__ = ["Over", "Staged", "clear_unnamed", "rekeyed", "stage"]

Over = Callable[[Bytes], Bytes]
"""From digests as they were kept to digests as they are kept from now on, row by row."""
_OF_SEGMENTS: Final = ("identities", "clients")
_ORDERED: Final = {"identities": (IDENTITIES, "kind, digest"), "clients": (CLIENTS, "client")}
_SPILLED: Final = "digests.rows"
_MEMORY: Final = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """New files that nothing names yet, and what the journal says once they are in force. `digests`: how many segments and known
    numbers have in them."""

    segments: Mapping[int, str]  # by number its files, as JSON
    index: Mapping[int, str]  # by row the file
    history: tuple[History, History]  # before and after
    digests: int
    files: int
    _over: Over = field(repr=False)

    def commit(self, workspace: Workspace, connection: Connection) -> None:
        """Put all of it in force, with what the tables of the journal have of digests, in the transaction of `connection`."""
        for number, files in self.segments.items():
            connection.execute(
                tables.segment.update().values(files=files).where(tables.segment.c.id == number)
            )
        for row, file in self.index.items():
            connection.execute(tables.index.update().values(file=file).where(tables.index.c.id == row))
        before, after = self.history
        if before is not after:
            after.store(connection, before)
        # rows of the context have digests, too: they are read again with the next scan
        forget_begun_with(connection, workspace.journal, "context")
        forget_remembered(connection, workspace.journal)
        _erased(workspace, connection, self._over)
        token = tables.own_token
        if workspace.journal.has(token, connection):
            for each in workspace.journal.rows(sa.select(token.c.id, token.c.subject), connection):
                subject = _hex(self._over, each["subject"])
                connection.execute(token.update().values(subject=subject).where(token.c.id == each["id"]))


def stage(
    workspace: Workspace, over: Over, told: Callable[[int, int], None] = lambda _done, _of: None
) -> Staged:
    """Write all files of segments, of the index and of known numbers anew. Nothing is in force before `Staged.commit`."""
    files, journal = workspace.files, workspace.journal
    table = tables.segment.c
    segments: dict[int, str] = {}
    digests = written = 0
    rows = journal.rows(sa.select(table.id, table.files).order_by(table.id))
    for at, row in enumerate(rows):
        told(at, len(rows))
        named: dict[str, str] = json.loads(row["files"])
        there = [kind for kind in _OF_SEGMENTS if kind in named and files.path(named[kind]).is_file()]
        for kind in there:
            held = pq.read_table(files.path(named[kind]), use_threads=False)
            named[kind] = files.put(kind, parquet_bytes(_with(held, over)))
            digests, written = digests + held.num_rows, written + 1
        if there:
            segments[row["id"]] = json.dumps(named)
    index: dict[int, str] = {}
    table_ = tables.index.c
    for row in journal.rows(sa.select(table_.id, table_.kind, table_.file).where(table_.live)):
        if row["kind"] in _ORDERED:
            index[row["id"]] = _index_file(workspace, row["kind"], row["file"], over)
            written += 1
    before = load_history(journal, files)
    after = before
    for numbered in IDENTIFIERS:
        if numbered in COVERED and before.known[numbered].rows:
            known = _known(before.known[numbered], over)
            after = after.with_kind(numbered, known, before.free[numbered])
            digests, written = digests + known.rows, written + len(known.files)
    return Staged(
        segments=segments, index=index, history=(before, after), digests=digests, files=written, _over=over
    )


def rekeyed(table: pa.Table, column: str, over: Over) -> pa.Table:
    """A table with the digests of one column under the new key, and all else as it was."""
    at = table.schema.get_field_index(column)
    field = table.schema.field(at)
    rows = _bytes(*halves(table[column]))
    return table.set_column(at, field, as_column(over(rows)).cast(field.type))


def clear_unnamed(workspace: Workspace, recipients: Sequence[str]) -> None:
    """Remove files with digests that nothing names any more, and what was worked out of them."""
    drop_facts(workspace)
    journal = workspace.journal
    named = {
        *recipients,
        *load_history(journal, workspace.files).files(),
        *(row["file"] for row in journal.rows(sa.select(tables.index.c.file).where(tables.index.c.live))),
        *(
            name
            for row in journal.rows(sa.select(tables.segment.c.files))
            for name in json.loads(row["files"]).values()
        ),
    }
    kinds = (*_OF_SEGMENTS, "known", "recipients", "context", "remembered")
    workspace.remove(
        [each for each in workspace.files.names() if each.partition(".")[2] in kinds and each not in named]
    )
    (workspace.spill / _SPILLED).unlink(missing_ok=True)


def _with(table: pa.Table, over: Over) -> pa.Table:
    return rekeyed(table, "digest", over)


def _index_file(workspace: Workspace, kind: str, name: str, over: Over) -> str:
    """A file of the index anew, in its order, however large it is."""
    schema, order = _ORDERED[kind]
    workspace.spill.mkdir(exist_ok=True)
    spilled = workspace.spill / _SPILLED
    with open_parquet(workspace.files.path(name)) as file, pq.ParquetWriter(spilled, schema) as writer:
        for batch in file.iter_batches():
            writer.write_table(_with(pa.Table.from_batches([batch]), over).cast(schema))
    with Session(threads=1, memory_bytes=_MEMORY, spill=workspace.spill) as session:
        asked = f"SELECT * FROM read_parquet({quote_text(str(spilled))}) ORDER BY {order}"  # quoted
        new, _ = workspace.files.put_query(kind, schema, session, asked)
    spilled.unlink()
    if new is None:
        raise WhosawError("store.damaged", f"{name} holds no row", hint="Restore it from a backup")
    return new


def _known(known: Known, over: Over) -> Known:
    """Known digests anew, in their order, each with the number that it had."""
    runs = list(known.runs())
    held = (np.concatenate([getattr(run, name) for run in runs]) for name in ("high", "low"))
    high, low = halves(as_column(over(_bytes(*held))))
    numbers = np.concatenate([run.numbers.astype(np.int64) for run in runs])
    order = in_order_of_digest(high, low)
    run = Run(high=high[order], low=low[order], numbers=numbers[order])
    return Known(store=known.store, kind=known.kind).grown([run], len(run))


def _erased(workspace: Workspace, connection: Connection, over: Over) -> None:
    """The digests of those who were erased, which hold on: whoever is among them is not taken in again."""
    table, journal = erasure_tables.digest, workspace.journal
    if not journal.has(table, connection):
        return
    rows = journal.rows(sa.select(table), connection)
    connection.execute(table.delete())
    for row in rows:
        facts = None if row["facts"] is None else json.loads(row["facts"])
        if facts is not None and "claim" in facts:
            facts["claim"] = _hex(over, facts["claim"])
        values = {
            **row,
            "digest": _hex(over, row["digest"]),
            "facts": None if facts is None else json.dumps(facts),
        }
        connection.execute(table.insert().values(**values))


def _bytes(high: Words, low: Words) -> Bytes:
    """(n, 16): digests of two words each."""
    return np.stack([high, low], axis=1).astype(">u8").view(np.uint8).reshape(-1, DIGEST_BYTES)


def _hex(over: Over, told: str) -> str:
    return over(np.frombuffer(bytes.fromhex(told), np.uint8).reshape(1, -1)).tobytes().hex()
