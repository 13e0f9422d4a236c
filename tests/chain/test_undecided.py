"""What a record says of views of nobody by name."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tests.unit.actors.tables import row, tables

from whosaw.actors import load_explanations
from whosaw.actors.cases import Row
from whosaw.app.cases.undecided import undecided_answers
from whosaw.scope.record import CANNOT_TELL, UNEXPLAINED
from whosaw.store.schemas import ANSWERS
from whosaw.store.sql import Session

LOGINS = [row(time=0, subject="c0", token="t0"), row(time=99_999, subject="c0", token="t0")]
DESK = {
    "staff": [row(staff="clerk")],
    "tickets": [
        row(agent="clerk", subject="c0", opened=0.0),
        row(agent="clerk", subject="c0", opened=99_000.0),
    ],
}


@pytest.mark.parametrize(
    ("principal", "context", "answers"),
    [
        ("clerk", {}, [CANNOT_TELL] * 2),
        ("clerk", {"tickets": DESK["tickets"]}, [CANNOT_TELL] * 2),
        ("clerk", DESK, [CANNOT_TELL] * 2),
        ("stranger", DESK, [UNEXPLAINED] * 2),
    ],
)
def test_logins_do_not_say_whether_a_list_was_work(
    principal: str, context: dict[str, list[Row]], answers: list[int]
) -> None:
    """Two lists in a session that no login opened. Tickets do not tell of lists, so what logins say alone must not be more certain; of who is
    not at the desk they need not tell."""
    views = row(10, token="t9", principal=principal, extra=500, count=2)
    made = tables(row(0, person="c0", token="t0"), views, logins=LOGINS, **context)
    with Session() as session:
        for name, table in made.relations.items():
            session.register(f"{name}_given", table)
            session.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_given")
        session.register("answers", pa.table({name: [] for name in ANSWERS.names}, schema=ANSWERS))
        told = undecided_answers(session, made.context, load_explanations()).told
    assert told["answer"].to_pylist() == answers
