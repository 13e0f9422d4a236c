"""The views of a scope as rows of their own: counting reads them several times, and the ledger has many more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.store.sql import Session

from .statement import statement

__all__ = ["make_scope_rows"]

_ROWS: Final = 1 << 20
_NOT_HERE: Final = 255  # a part has a smaller number
_SCHEMA: Final = pa.schema(
    [
        ("content", pa.int32()),
        ("line", pa.int64()),
        ("person", pa.int32()),
        ("client", pa.int32()),
        ("route", pa.int16()),
        ("time", pa.int64()),
        ("extra", pa.int32()),
        ("part", pa.int32()),
        ("held", pa.bool_()),
    ]
)
_EVERY: Final = "SELECT content, line, person, client, route, micros AS time, extra_at_most AS extra FROM views WHERE NOT duplicate"


def make_scope_rows(session: Session, bare: str) -> None:
    """scope_views, from scope_parts and scope_lines. `bare` is more SQL for rows of scopes without any record."""
    session.keep("scope_views", _rows(session, bare), _SCHEMA)


def _rows(session: Session, bare: str) -> Iterator[pa.RecordBatch]:
    whole = session.query("SELECT client, part, held FROM scope_parts WHERE whole")
    if whole.num_rows:
        # an array by client in place of a join: clients are numbered without holes, and there may be hundreds of millions
        client = whole["client"].to_numpy()
        part = np.full(int(client.max()) + 1, _NOT_HERE, np.uint8)
        held = np.zeros(len(part), np.bool_)
        part[client] = whole["part"].to_numpy()
        held[client] = whole["held"].to_numpy(zero_copy_only=False)
        del whole
        for batch in session.batches(_EVERY, _ROWS):
            yield from _of_whole(batch, part, held)
    for batch in session.batches(statement("close_lines_of_scope").format(bare=bare), _ROWS):
        yield _fitting(batch)


def _of_whole(
    batch: pa.RecordBatch, part: np.typing.NDArray[np.uint8], held: np.typing.NDArray[np.bool_]
) -> Iterator[pa.RecordBatch]:
    client = batch["client"].to_numpy()
    known = client < len(part)
    of = np.where(known, part[np.where(known, client, 0)], _NOT_HERE)
    here = of != _NOT_HERE
    if not here.any():
        return
    kept = batch.filter(pa.array(here))
    yield _fitting(
        kept.append_column("part", pa.array(of[here], pa.int32())).append_column(
            "held", pa.array(held[client[here]])
        )
    )


def _fitting(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.select(_SCHEMA.names).cast(_SCHEMA)
