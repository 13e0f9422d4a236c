"""The views of a scope as rows of their own: counting reads them several times, and the ledger has many more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.store.sql import Session

from .crowd import NOBODY, ROWS, Flags, Ints
from .hands import NOT_HERE, ROWS_OF_SCOPE, Acts, Hands, OfViews, ScopeRows
from .statement import statement

__all__ = ["Chosen", "make_chosen", "make_scope_rows"]

_VIEWS: Final[Mapping[str, str]] = MappingProxyType(
    {"time": "micros AS time", "extra": "extra_at_most AS extra"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Clients of one chosen finding that counts every view of theirs, by number: `program` (NOBODY for others), and `held`."""

    program: Ints
    held: Flags


def make_chosen(session: Session, size: int, *, but_proven: bool, hands: Hands | None = None) -> Chosen:
    """From scope_cast, chosen_nodes and shared_places. Leaves scope_troupes: held clients by what few values they can carry, and
    scope_acts: by program, the first and the last held view."""
    chosen = statement("close_chosen").format(but_proven="true" if but_proven else "false")
    session.execute(
        "CREATE OR REPLACE TEMP TABLE scope_troupes AS SELECT program, address, network, count(*) AS clients, "
        f"sum(views)::BIGINT AS views FROM ({chosen}) WHERE held GROUP BY program, address, network"
    )
    # arrays by client in place of joins: clients are numbered without holes, and there may be hundreds of millions
    program = np.full(size, NOBODY, np.int32)
    held = np.zeros(size, np.bool_)
    for batch in session.batches(f"SELECT client, program, held FROM ({chosen})", ROWS):
        client = batch["client"].to_numpy()
        program[client] = batch["program"].to_numpy()
        held[client] = batch["held"].to_numpy(zero_copy_only=False)
    work = Acts(programs=int(program.max(initial=NOBODY)) + 1, program=program, held=held)
    rows = pa.concat_tables(_of_views(session, work, hands) if held.any() else map(pa.table, work.of(())))
    session.register("scope_acts_of_parts", rows)
    session.execute(
        "CREATE OR REPLACE TEMP TABLE scope_acts AS "
        "SELECT program, min(first) AS first, max(last) AS last FROM scope_acts_of_parts GROUP BY program"
    )
    return Chosen(program=program, held=held)


def _of_views(session: Session, work: OfViews, hands: Hands | None) -> Iterator[pa.Table]:
    return map(pa.table, work.of(_views(session, work))) if hands is None else hands.of_views(work)


def _views(session: Session, work: OfViews) -> Iterator[pa.RecordBatch]:
    """All views of the session."""
    columns = ", ".join(_VIEWS.get(each, each) for each in work.columns)
    return session.batches(f"SELECT {columns} FROM views WHERE NOT duplicate", ROWS)


def make_scope_rows(session: Session, chosen: Chosen, bare: str, hands: Hands | None = None) -> None:
    """scope_clients and scope_views, from scope_parts, scope_lines and the chosen ones, which are used up. `bare` is more SQL for
    rows of scopes without any record."""
    part_of = np.zeros(
        int(chosen.program.max(initial=0)) + 1, np.uint8
    )  # without a held view of its kind: the first part
    rows = session.query(
        "SELECT p.program, k.part FROM scope_programs AS p JOIN scope_looks AS k "
        "ON k.agent IS NOT DISTINCT FROM p.agent AND k.tls IS NOT DISTINCT FROM p.tls"
    )
    program, part = rows["program"].to_numpy(), rows["part"].to_numpy()
    known = program < len(part_of)
    part_of[program[known]] = part[known]
    parts = np.where(chosen.program == NOBODY, NOT_HERE, part_of[chosen.program]).astype(np.uint8)
    held = np.flatnonzero(chosen.held).astype(np.int32)
    session.register("scope_held_clients", pa.table({"client": held, "part": parts[held]}))
    session.execute(
        "CREATE OR REPLACE TEMP VIEW scope_clients AS "
        "SELECT client, part::INTEGER AS part, true AS all_views FROM scope_held_clients "
        "UNION ALL SELECT client, part, whole FROM scope_parts "
        "WHERE held OR client IN (SELECT client FROM scope_proof_lines AS l JOIN chosen_nodes AS n USING (node) WHERE n.sure)"
    )
    others = session.query("SELECT client, part, held FROM scope_parts WHERE whole")
    client = others["client"].to_numpy()
    parts[client] = others["part"].to_numpy()
    chosen.held[client] = others["held"].to_numpy(zero_copy_only=False)
    work = ScopeRows(part=parts, held=chosen.held)
    some = bool((parts != NOT_HERE).any())
    lines = statement("close_lines_of_scope").format(bare=bare)
    if hands is None:
        of_all = work.of(_views(session, work)) if some else ()
        session.keep_rows("scope_views", chain(of_all, _lines(session, lines)), ROWS_OF_SCOPE)
        return
    # in order, for equal rows to be equal files
    others = _lines(session, f"SELECT * FROM ({lines}) ORDER BY person, content, line")
    session.show_files("scope_views", hands.keep(work if some else None, others))


def _lines(session: Session, sql: str) -> Iterator[pa.RecordBatch]:
    return (each.select(ROWS_OF_SCOPE.names).cast(ROWS_OF_SCOPE) for each in session.batches(sql, ROWS))
