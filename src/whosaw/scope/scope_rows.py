"""The views of a scope as rows of their own: counting reads them several times, and the ledger has many more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.sql import Session

from .crowd import NOBODY, ROWS, Flags, Ints
from .statement import statement

__all__ = ["Chosen", "make_chosen", "make_scope_rows"]

_NOT_HERE: Final = 255  # a part has a smaller number
_LATEST: Final = (1 << 63) - 1
_SCHEMA: Final = pa.schema(
    [
        ("content", pa.int32()),
        ("line", pa.int64()),
        ("person", pa.int32()),
        ("client", pa.int32()),
        ("address", pa.int32()),
        ("route", pa.int16()),
        ("time", pa.int64()),
        ("extra", pa.int32()),
        ("part", pa.int32()),
        ("held", pa.bool_()),
        ("unsure", pa.int8()),  # of a view that would be held: why it is only a possible one
    ]
)
_EVERY: Final = "SELECT content, line, person, client, address, route, micros AS time, extra_at_most AS extra, unsure FROM views WHERE NOT duplicate"

Parts = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Clients of one chosen finding that counts every view of theirs, by number: `program` (NOBODY for others), and `held`."""

    program: Ints
    held: Flags


def make_chosen(session: Session, size: int, *, but_proven: bool) -> Chosen:
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
    programs = int(program.max(initial=NOBODY)) + 1
    first, last = np.full(programs, _LATEST, np.int64), np.full(programs, -_LATEST, np.int64)
    if held.any():
        for batch in session.batches("SELECT client, micros FROM views WHERE NOT duplicate", ROWS):
            client = batch["client"].to_numpy()
            here = held[client]
            of, at = program[client[here]].astype(np.intp), batch["micros"].to_numpy()[here]
            np.minimum.at(first, of, at)
            np.maximum.at(last, of, at)
    acts = np.flatnonzero(first != _LATEST)
    session.register(
        "scope_acts",
        pa.table(
            {
                "program": pa.array(acts, pa.int32()),
                "first": pa.array(first[acts]),
                "last": pa.array(last[acts]),
            }
        ),
    )
    return Chosen(program=program, held=held)


def make_scope_rows(session: Session, chosen: Chosen, bare: str) -> None:
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
    parts = np.where(chosen.program == NOBODY, _NOT_HERE, part_of[chosen.program]).astype(np.uint8)
    held = np.flatnonzero(chosen.held).astype(np.int32)
    session.register("scope_held_clients", pa.table({"client": held, "part": parts[held]}))
    session.execute(
        "CREATE OR REPLACE TEMP VIEW scope_clients AS "
        "SELECT client, part::INTEGER AS part, true AS all_views FROM scope_held_clients "
        "UNION ALL SELECT client, part, whole FROM scope_parts WHERE held"
    )
    others = session.query("SELECT client, part, held FROM scope_parts WHERE whole")
    client = others["client"].to_numpy()
    parts[client] = others["part"].to_numpy()
    chosen.held[client] = others["held"].to_numpy(zero_copy_only=False)
    session.keep_rows("scope_views", _rows(session, parts, chosen.held, bare), _SCHEMA)


def _rows(session: Session, part: Parts, held: Flags, bare: str) -> Iterator[pa.RecordBatch]:
    if (part != _NOT_HERE).any():
        for batch in session.batches(_EVERY, ROWS):
            client = batch["client"].to_numpy()
            here = part[client] != _NOT_HERE
            if here.any():
                client, kept = client[here], batch.filter(pa.array(here))
                kept = kept.append_column("part", pa.array(part[client], pa.int32()))
                unsure = kept["unsure"].to_numpy()
                kept = kept.set_column(
                    kept.schema.get_field_index("unsure"),
                    "unsure",
                    pa.array(np.where(held[client], unsure, 0), pa.int8()),
                )
                yield _fitting(kept.append_column("held", pa.array(held[client] & (unsure == 0))))
    for batch in session.batches(statement("close_lines_of_scope").format(bare=bare), ROWS):
        yield _fitting(batch)


def _fitting(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.select(_SCHEMA.names).cast(_SCHEMA)
