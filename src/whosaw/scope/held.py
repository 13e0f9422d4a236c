"""The views that findings count, and those that no finding counts and nothing explains."""

from __future__ import annotations

import pyarrow as pa

from whosaw.store.sql import Session

from .record import Record, told_table
from .statement import statement

__all__ = ["make_found", "make_loose", "make_tally"]


def make_found(session: Session) -> list[str]:
    """scope_found and what it is made of; returns the findings in the order of their numbers.

    Most findings count every view of their clients. Then the clients stand for the views, which may be hundreds of
    millions; the lines are looked up only for the others.
    """
    session.execute(statement("close_nodes"))
    whole = session.query(statement("close_whole"))
    session.register("whole_nodes", whole)
    session.execute(statement("close_found"))
    found = session.query("SELECT finding FROM scope_nodes ORDER BY node")["finding"].to_pylist()
    return [str(each) for each in found]


def make_loose(session: Session, record: Record) -> None:
    """scope_loose (content, line, person, client, answer) and scope_explained (client, views)."""
    session.register("scope_told", told_table(record.told))
    session.execute(statement("close_loose_recorded" if record.given else "close_loose_bare"))
    if record.given:
        session.execute(statement("close_explained"))
    else:
        none = pa.table({"client": pa.array([], pa.int32()), "views": pa.array([], pa.int64())})
        session.register("no_explained", none)
        session.execute("CREATE OR REPLACE TEMP TABLE scope_explained AS SELECT * FROM no_explained")


def make_tally(session: Session) -> None:
    """scope_tally (client, held, unexplained, cannot_tell, explained)."""
    session.execute(statement("close_tally"))
