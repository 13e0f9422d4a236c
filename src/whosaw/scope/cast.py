"""Which entities (addresses, keys, tokens …) clients have: those of findings, and the few others that matter, one row each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.core import client
from whosaw.store.sql import Session

from .crowd import NOBODY, ROWS, Crowd, Flags, Ints
from .statement import statement

__all__ = ["make_cast"]

_NUMBERS: Final = (*client.NUMBERED, "program")
_CARRIED: Final = [("client", pa.int32()), *((name, pa.int32()) for name in _NUMBERS)]
_FEW: Final = pa.schema(_CARRIED)
_CAST: Final = pa.schema(
    [
        *_CARRIED,
        ("node", pa.int32()),
        ("held", pa.int64()),
        *((n, pa.bool_()) for n in ("whole", "single", "proven")),
    ]
)


def make_cast(session: Session, crowd: Crowd, proven: Flags) -> None:
    """From scope_tally and the crowd. scope_programs: what is kept in clear (user agent, key, TLS fingerprint) by `program`. scope_cast: each client of
    a finding with what it carries, how many of its views are held, and whether it is of one finding alone (`single`). scope_few:
    what other clients carry, and those of findings that do not count every view. scope_outside: clients with views that no
    finding counts. scope_of_node and scope_base: held views by what clients carry."""
    session.execute(statement("close_programs"))
    tally = session.query("SELECT client, held FROM scope_tally")
    rest = tally["client"].to_numpy()
    held = np.where(crowd.whole, crowd.views, 0)
    held[rest] = tally["held"].to_numpy()
    few = np.zeros(crowd.size, np.bool_)
    for clients in (rest, crowd.several["client"].to_numpy(), crowd.partly["client"].to_numpy()):
        few[clients] = True
    told = crowd.node != NOBODY
    told[held == 0] = False
    told[rest] = crowd.node[rest] != NOBODY
    found: list[pa.RecordBatch] = []
    session.keep_rows("scope_cast", _rows(session, crowd, held, told, (few, proven), found), _CAST)
    session.query("CREATE OR REPLACE TEMP TABLE scope_few_rows AS SELECT * FROM few_rows",
                  few_rows=pa.Table.from_batches(found, _FEW))  # fmt: skip
    session.execute(statement("close_outside"))


def _rows(
    session: Session,
    crowd: Crowd,
    held: Ints,
    told: Flags,
    marks: tuple[Flags, Flags],
    found: list[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    few, proven = marks
    single = crowd.single()
    for batch in session.batches(statement("close_carried"), ROWS):
        client = batch["client"].to_numpy()
        if few[client].any():
            found.append(batch.filter(pa.array(few[client])).cast(_FEW))
        here = told[client]
        if not here.any():
            continue
        rows, client = batch.filter(pa.array(here)).cast(_FEW), client[here]
        for name, values in (
            ("node", crowd.node), ("held", held), ("whole", crowd.whole), ("single", single), ("proven", proven),
        ):  # fmt: skip
            rows = rows.append_column(name, pa.array(values[client], _CAST.field(name).type))
        yield rows
