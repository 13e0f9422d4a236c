"""What a segment needs until its codes have numbers, and then no more: the digests of its identifiers and clients, and its raw identifiers.

Once its numbers are committed its codes stand for them, known digests have the digest of each number, and the vault by number its raw
identifier. The journal lets the files go in the transaction in which it gets the numbers, so whatever ends before or after it left both
or the one. Files that nothing names any more are removed with what else is spare, when nobody reads.

Segments that were numbered before that was so keep theirs until all of them were compared, once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Final

import numpy as np

from whosaw.store import statements as sa
from whosaw.store.digest_words import halves
from whosaw.store.files import open_parquet
from whosaw.store.journal import Connection, tables
from whosaw.store.vault import KINDS
from whosaw.store.workspace import Workspace

from .allot import in_order_of_digest
from .check import sealed_faults
from .history import History
from .segments import NumbersFiles

__all__ = ["SPARE_KINDS", "differences", "let_go", "may_let_go"]

SPARE_KINDS: Final = ("identities", "clients", "vault")
_SETTING: Final = "compared-with-numbers"
_SAME: Final = "same"


def may_let_go(workspace: Workspace, before: History) -> bool:
    """Whether whatever segments with numbers keep may go, those that had theirs `before` among them. They are compared with their numbers
    the first time; where anything differs, they keep it for good, and `whosaw check` says what is wrong."""
    journal = workspace.journal
    told = journal.setting(_SETTING)
    if told is None:
        told = next(differences(workspace, before), _SAME)
        with journal.transaction() as connection:
            journal.set_setting(connection, _SETTING, told)
    return told == _SAME


def let_go(connection: Connection, workspace: Workspace, numbered: Collection[int]) -> None:
    """Have these segments name none of it any more, in the transaction of `connection`."""
    table = tables.segment
    for row in workspace.journal.rows(sa.select(table.c.id, table.c.files), connection):
        if '"identities"' not in row["files"] or row["id"] not in numbered:
            continue
        files: dict[str, str] = json.loads(row["files"])
        kept = json.dumps({kind: name for kind, name in files.items() if kind not in SPARE_KINDS})
        connection.execute(table.update().values(files=kept).where(table.c.id == row["id"]))


def differences(workspace: Workspace, history: History) -> Iterator[str]:
    """Where digests of segments are not those of their numbers, and where the vault by number lacks what it should have."""
    numbers = NumbersFiles(workspace.files)
    table = tables.segment.c
    for row in workspace.journal.rows(sa.select(table.id, table.files).order_by(table.id)):
        files: dict[str, str] = json.loads(row["files"])
        if row["id"] not in history.numbered or "identities" not in files:
            continue
        made = numbers.of(row["id"], history.numbered[row["id"]])
        with open_parquet(workspace.files.path(files["identities"])) as file:
            codes = file.read(use_threads=False)
        with open_parquet(workspace.files.path(files["clients"])) as file:
            clients = file.read(columns=["digest"], use_threads=False)
        kinds, digests = codes["kind"].to_numpy(), codes["digest"].combine_chunks()
        if not np.array_equal(kinds, made.kinds) or clients.num_rows != len(made.clients):
            yield f"segment {row['id']} has other codes than numbers"
            continue
        of_kind = [(kind, np.flatnonzero(kinds == code)) for kind, code in KINDS.items()]
        pairs = [(kind, digests.take(at), made.identities[at]) for kind, at in of_kind]
        for kind, held, given in (*pairs, ("client", clients["digest"], made.clients)):
            high, low = halves(held)
            order = in_order_of_digest(high, low)
            if not np.array_equal(history.known[kind].find(high[order], low[order]), given[order]):
                yield f"segment {row['id']} has other numbers of the kind {kind}"
    if history.numbered:
        yield from sealed_faults(workspace, history)
