"""Pace and path of addresses with their user agents: which pages follow which, and with what pause.

A habit is taken from the first views of each address with each user agent in the order of the ledger, and of those that made
enough of them: so hundreds of millions of views are passed over once, and little is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.store.sql import Session

from .crowd import NOBODY, ROWS, Crowd, Ints
from .habit_clause import HabitClause
from .statement import statement

__all__ = ["make_habits"]

_MOST_LOOKED_AT: Final = 256  # views of one address with one user agent
_SCHEMA: Final = pa.schema([("pair", pa.int32()), ("route", pa.int16()), ("micros", pa.int64())])
_OF_FOUND: Final = (
    "SELECT k.client, p.pair FROM scope_cast AS k JOIN scope_programs AS g USING (program) "
    "JOIN scope_pairs AS p ON p.address = k.address AND p.agent = g.agent"
)
_OF_OTHERS: Final = (
    "SELECT o.client, p.pair FROM scope_outside AS o JOIN scope_pairs AS p USING (address, agent)"
)


def make_habits(session: Session, clause: HabitClause, crowd: Crowd) -> None:
    """Gives scope_outside a column `habit` (NULL without one), and leaves scope_habit_held (habit, node, held)."""
    session.execute(statement("habit_pairs").format(least=clause.least_steps))
    top = session.query("SELECT count(*) AS n FROM scope_pairs")["n"][0].as_py()
    session.keep_rows("scope_habit_views", _rows(session, crowd, top) if top else iter(()), _SCHEMA)
    session.execute(statement("habit_steps"), [clause.within, clause.least_steps])
    session.execute(statement("habit_held"))


def _rows(session: Session, crowd: Crowd, top: int) -> Iterator[pa.RecordBatch]:
    pair_of = np.full(crowd.size, NOBODY, np.int32)
    for sql in (_OF_FOUND, _OF_OTHERS):
        for batch in session.batches(sql, ROWS):
            pair_of[batch["client"].to_numpy()] = batch["pair"].to_numpy()
    looked_at = np.zeros(top, np.int64)
    for batch in session.batches("SELECT client, route, micros FROM views WHERE NOT duplicate", ROWS):
        pair = pair_of[batch["client"].to_numpy()]
        here = np.flatnonzero(pair != NOBODY)
        here = here[looked_at[pair[here]] < _MOST_LOOKED_AT]
        if not len(here):
            continue
        here = here[_places(pair[here]) + looked_at[pair[here]] < _MOST_LOOKED_AT]
        np.add.at(looked_at, pair[here], 1)
        columns = [
            pa.array(pair[here], pa.int32()),
            *(batch[name].take(pa.array(here)) for name in ("route", "micros")),
        ]
        yield pa.RecordBatch.from_arrays(columns, names=_SCHEMA.names).cast(_SCHEMA)


def _places(pair: Ints) -> Ints:
    """Of each row, how many rows of the same pair stand before it."""
    order = np.argsort(pair, kind="stable")
    ordered = pair[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    lengths = np.diff(np.append(starts, len(ordered)))
    places = np.empty(len(pair), np.int32)
    places[order] = np.arange(len(pair), dtype=np.int32) - np.repeat(starts, lengths).astype(np.int32)
    return places
