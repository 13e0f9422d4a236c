"""Puts down what became of many attempts in a few statements: one for each of them would cost more than sending does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from whosaw.store import statements as sa

__all__ = ["count_moved", "move_attempts"]

_GIVEN: Final = "SELECT value ->> 0 AS part, value ->> 1 AS at, value ->> 2 AS n, value ->> 3 AS a, value ->> 4 AS b, value ->> 5 AS c, value ->> 6 AS d FROM json_each(:rows)"
_SAME: Final = 'attempt.sending = :s AND attempt.part = g.part AND attempt."row" = g.at AND attempt.n = g.n'


def move_attempts(
    connection: sa.Connection,
    sending: int,
    rows: Sequence[Sequence[Any]],
    *,
    among: Sequence[str],
    sets: str,
    now: int,
) -> Counter[tuple[str, str]] | None:
    """Change attempts, each given as part, row, number and up to four values `g.a` to `g.d` that `sets` speaks of. Returns how many were in
    which state by channel; None, with nothing changed, where one is in none of the states `among`."""
    if not rows:
        return Counter()
    bound = {"s": sending, "rows": json.dumps(rows), "now": now}
    found = connection.execute(
        sa.text(
            f"SELECT channel, state, count(*) FROM ({_GIVEN}) AS g CROSS JOIN attempt ON {_SAME} GROUP BY channel, state"
        ),
        bound,
    )
    were = Counter({(str(channel), str(state)): int(people) for channel, state, people in found})
    if were.total() != len(rows) or any(state not in among for _, state in were):
        return None
    # found first and then changed: in one statement SQLite goes through all attempts of the sending
    connection.execute(
        sa.text(
            f"WITH found AS MATERIALIZED (SELECT attempt.rowid AS id, g.* FROM ({_GIVEN}) AS g CROSS JOIN attempt ON {_SAME}) "
            f"UPDATE attempt SET {sets} FROM found AS g WHERE attempt.rowid = g.id"
        ),
        bound,
    )
    return were


def count_moved(connection: sa.Connection, sending: int, moved: Counter[tuple[str, str]]) -> None:
    """Bring the sums by channel and state up to date."""
    rows = [[channel, state, people] for (channel, state), people in moved.items() if people]
    if not rows:
        return
    connection.execute(
        sa.text(
            "INSERT INTO tally (sending, channel, state, people) SELECT :s, value ->> 0, value ->> 1, value ->> 2 FROM json_each(:rows) WHERE true "
            "ON CONFLICT (sending, channel, state) DO UPDATE SET people = people + excluded.people"
        ),
        {"s": sending, "rows": json.dumps(rows)},
    )
