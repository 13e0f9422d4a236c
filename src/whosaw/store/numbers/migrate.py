"""From a workspace whose numbers stand in its index to one that keeps them as history: each step a transaction of its own.

Numbers of people, addresses, principals, networks, clients, sessions and tokens stay what they are: findings, versions of scopes and
entries of the journal name them. Texts get theirs here. No log is needed. Every step can be repeated after a kill, and what it reads is
left as it is: files that nothing needs any more are named by `spare_files`, once what they held was compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.store import statements as sa
from whosaw.store.index.live_files import files_in_force
from whosaw.store.index.numbering import halves
from whosaw.store.journal import Connection, tables
from whosaw.store.ledger import Identities, LedgerReader
from whosaw.store.sql import Session
from whosaw.store.vault import KINDS
from whosaw.store.workspace import Workspace

from .allot import in_order_of_digest
from .commit import VAULTED, number_segments, sealed_raws
from .facts import keep_facts
from .further import with_texts_numbered
from .history import History, create_tables, load_history
from .known import Known, Run
from .people import OfHistory
from .segments import NumbersFiles, SegmentNumbers

__all__ = ["STEPS", "have_moved", "migrate_numbers", "spare_files"]

_SETTING: Final = "numbers-moved"  # how many steps are done


def migrate_numbers(workspace: Workspace, *, threads: int = 1) -> History:
    """Do what is left to be done. Only for the one who holds the workspace for writing."""
    done = int(workspace.journal.setting(_SETTING) or 0)
    workspace.spill.mkdir(exist_ok=True)
    for number, step in enumerate(STEPS[done:], done + 1):
        step(workspace, threads, number)
    return load_history(workspace.journal, workspace.files)


def have_moved(workspace: Workspace, connection: Connection) -> None:
    """Nothing is left to be done: numbers were taken over otherwise."""
    _done(workspace, connection, len(STEPS))


def _done(workspace: Workspace, connection: Connection, number: int) -> None:
    workspace.journal.set_setting(connection, _SETTING, str(number))


def _make_tables(workspace: Workspace, _threads: int, number: int) -> None:
    with workspace.journal.transaction() as connection:
        create_tables(connection)
        _done(workspace, connection, number)


def _take_over_numbers(workspace: Workspace, _threads: int, number: int) -> None:
    """Known digests from the index, under the numbers that it gives."""
    before = history = load_history(workspace.journal, workspace.files)
    for kind in (*KINDS, "client"):
        digests, numbers = _of_index(workspace, kind)
        if not len(numbers):
            continue
        high, low = halves(digests)
        order = in_order_of_digest(high, low)
        run = Run(high=high[order], low=low[order], numbers=numbers[order])
        known = Known(store=workspace.files, kind=kind).grown([run], len(run))
        history = history.with_kind(kind, known, {0: int(numbers.max()) + 1})
    with workspace.journal.transaction() as connection:
        history.store(connection, before)
        _done(workspace, connection, number)


def _of_index(
    workspace: Workspace, kind: str
) -> tuple[pa.ChunkedArray, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Digests and numbers of a kind, as the index has them."""
    name, column = ("clients", "client") if kind == "client" else ("identities", "number")
    parts = [pa.table({"digest": pa.array([], pa.binary(16)), "number": pa.array([], pa.int64())})]
    for file in files_in_force(workspace.journal, [name]):
        table = pq.read_table(workspace.files.path(file), use_threads=False)
        if kind != "client":
            table = table.filter(pc.equal(table["kind"], KINDS[kind]))
        part = table.select(["digest", column]).rename_columns(["digest", "number"])
        parts.append(part.cast(parts[0].schema))
    whole = pa.concat_tables(parts)
    return whole["digest"], whole["number"].to_numpy()


def _number_texts(workspace: Workspace, threads: int, number: int) -> None:
    """Texts get numbers in the order of their digests."""
    before = history = load_history(workspace.journal, workspace.files)
    for name in client.CLEAR:
        history, _ = with_texts_numbered(workspace, history, name, _texts_of_index(workspace, name), threads)
    with workspace.journal.transaction() as connection:
        history.store(connection, before)
        _done(workspace, connection, number)


def _texts_of_index(workspace: Workspace, name: str) -> pa.Array:
    """Every text of a column of clients, once."""
    found = pa.array([], pa.string())
    for file in files_in_force(workspace.journal, ["clients"]):
        column = pq.read_table(workspace.files.path(file), columns=[name], use_threads=False)[name]
        texts = pc.unique(column.cast(pa.string())).drop_null()
        found = pc.unique(pa.concat_arrays([found, texts]))
    return found


def _move_vault(workspace: Workspace, _threads: int, number: int) -> None:
    """Raw identifiers by number, read back and compared; and what is asked of those of people, once."""
    reader = LedgerReader(workspace)
    try:
        for kind in VAULTED:
            raws = Identities(reader).every({kind: 0}).sort_by("number")
            if raws.num_rows:
                sealed_raws(workspace, kind).put(raws.select(["number", "raw"]), given=0)
    finally:
        reader.close()
    with Session() as session:
        keep_facts(OfHistory(workspace, load_history(workspace.journal, workspace.files), session))
    with workspace.journal.transaction() as connection:
        _done(workspace, connection, number)


def _number_segments(workspace: Workspace, threads: int, number: int) -> None:
    number_segments(workspace, threads=threads)
    with workspace.journal.transaction() as connection:
        _done(workspace, connection, number)


STEPS: Final[tuple[Callable[[Workspace, int, int], None], ...]] = (
    _make_tables,
    _take_over_numbers,
    _number_texts,
    _move_vault,
    _number_segments,
)


def spare_files(workspace: Workspace, history: History) -> frozenset[str]:
    """Files that the numbers of a moved workspace stand for, each compared with them: digests, clients and vault blocks of live
    segments, and the index of identities and clients. Raises `WhosawError` where anything differs."""
    spare = set(files_in_force(workspace.journal, ["identities", "clients"]))
    numbers = NumbersFiles(workspace.files)
    for segment, files in _live(workspace):
        if segment not in history.numbered:
            raise _differs(f"segment {segment} has no numbers")
        _compare(workspace, history, segment, files, numbers.of(segment, history.numbered[segment]))
        spare.update(files[kind] for kind in ("identities", "clients", "vault") if kind in files)
    return frozenset(spare)


def _live(workspace: Workspace) -> Iterator[tuple[int, dict[str, str]]]:
    segment = tables.segment.c
    rows = workspace.journal.rows(
        sa.select(segment.id, segment.files).where(segment.live).order_by(segment.id)
    )
    yield from ((row["id"], json.loads(row["files"])) for row in rows)


def _compare(
    workspace: Workspace, history: History, segment: int, files: dict[str, str], made: SegmentNumbers
) -> None:
    """Each digest of a segment has the number that its code has, and behind that number stands the text that its vault block holds."""
    store = workspace.files
    codes = pq.read_table(store.path(files["identities"]), use_threads=False)
    local = pq.read_table(store.path(files["clients"]), columns=["digest"], use_threads=False)
    pairs = [
        (kind, codes.filter(pc.equal(codes["kind"], code))["digest"], made.identities[made.kinds == code])
        for kind, code in KINDS.items()
    ]
    for kind, digests, numbers in (*pairs, ("client", local["digest"], made.clients)):
        high, low = halves(digests)
        order = in_order_of_digest(high, low)
        if not np.array_equal(history.known[kind].find(high[order], low[order]), numbers[order]):
            raise _differs(f"segment {segment} has other numbers of the kind {kind}")
    if "vault" not in files:
        return
    secrets = workspace.vault.open_blocks(store.read(files["vault"]), range(len(made.identities)))
    for kind in VAULTED:
        mine = secrets.filter(pc.equal(secrets["kind"], KINDS[kind]))
        numbers = made.identities[mine["code"].to_numpy()]
        order = np.argsort(numbers)
        found = sealed_raws(workspace, kind).get(numbers[order])
        if found["raw"].to_pylist() != mine["raw"].take(pa.array(order)).to_pylist():
            raise _differs(f"the vault has other identifiers of the kind {kind} than segment {segment}")


def _differs(what: str) -> WhosawError:
    return WhosawError(
        "store.not-moved", f"{what}; nothing was removed", hint="Restore the workspace from a backup"
    )
