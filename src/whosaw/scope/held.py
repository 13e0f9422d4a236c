"""The views that findings count, and those that no finding counts and nothing explains."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from whosaw.store.sql import Session

from .crowd import ROWS, Crowd, read_crowd
from .record import Record, told_table
from .statement import statement

__all__ = ["make_found", "make_loose", "make_tally"]

_ANSWERS = pa.schema(
    [
        ("person", pa.int32()),
        ("client", pa.int32()),
        ("route", pa.int16()),
        *((name, pa.int64()) for name in ("explained", "unexplained", "cannot_tell")),
    ]
)


def make_found(session: Session) -> tuple[tuple[str, ...], Crowd]:
    """The findings in the order of their numbers, and their clients.

    Most findings count every view of their clients. Then the clients stand for the views, which may be hundreds of
    millions; the lines are looked up only for the others.
    """
    rows = session.query("SELECT finding, count(*) AS lines FROM counted GROUP BY finding ORDER BY finding")
    findings = tuple(str(each) for each in rows["finding"].to_pylist())
    node = pa.array(range(len(findings)), pa.int32())
    session.register("scope_nodes", pa.table({"finding": pa.array(findings, pa.string()), "node": node}))
    session.execute(statement("close_proofs"))
    parted = session.query("SELECT DISTINCT node FROM scope_proof_lines ORDER BY node")["node"].to_pylist()
    crowd = read_crowd(session, rows["lines"].to_pylist(), parted)
    whole = np.flatnonzero(crowd.whole_nodes).astype(np.int32)
    session.register("scope_whole", pa.table({"node": pa.array(whole)}))
    session.register(
        "scope_whole_clients", pa.table({"client": pa.array(np.flatnonzero(crowd.whole).astype(np.int32))})
    )
    session.register("scope_several", crowd.several)
    session.register("scope_partly", crowd.partly)
    session.execute(statement("close_found"))
    return findings, crowd


def make_loose(session: Session, record: Record, crowd: Crowd) -> None:
    """scope_loose (content, line, person, client, answer, micros) and scope_explained (client, views)."""
    session.register("scope_told", told_table(record.told))
    if record.given:
        session.keep_rows("scope_answers", _answers(session, crowd), _ANSWERS)
        session.execute(statement("close_loose_recorded"))
        session.execute(statement("close_explained"))
    else:
        session.execute(statement("close_loose_bare"))
        none = pa.table({"client": pa.array([], pa.int32()), "views": pa.array([], pa.int64())})
        session.register("no_explained", none)
        session.execute("CREATE OR REPLACE TEMP TABLE scope_explained AS SELECT * FROM no_explained")


def _answers(session: Session, crowd: Crowd) -> Iterator[pa.RecordBatch]:
    """Answers about clients of whom no finding counts every view."""
    for batch in session.batches(f"SELECT {', '.join(_ANSWERS.names)} FROM answers", ROWS):
        left = ~crowd.whole[batch["client"].to_numpy()]
        if left.any():
            yield batch.filter(pa.array(left)).cast(_ANSWERS)


def make_tally(session: Session) -> None:
    """scope_tally (client, held, unexplained, cannot_tell, explained)."""
    session.execute(statement("close_tally"))
