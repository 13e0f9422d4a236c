"""Until days, numbers and facts are handed over: a case, or a ledger, as views of days, rows of the context and facts, by the path of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors import Context
from whosaw.actors.explaining.context_rows import NUMBERED_TEXTS, ContextRows, Stated, numbered_schema
from whosaw.actors.explaining.day_facts import DayFacts, LoginCover
from whosaw.actors.explanation import Explanation, answer_columns, answer_over, prepare
from whosaw.actors.statement import statement
from whosaw.core import client
from whosaw.store.sql import Session, quote_name

DAY = 86_400_000_000
HOUR = DAY // 24


def numbered(session: Session, context: Context) -> ContextRows:
    """Rows of a context that was read for this ledger; `prepare` went before."""
    codes = {
        "key": dict(
            zip(
                *session.query('SELECT "key", number FROM detect_key_numbers').to_pydict().values(),
                strict=True,
            )
        ),
        "route": dict(zip(*session.query("SELECT id, route FROM routes").to_pydict().values(), strict=True)),
    }
    tables = {}
    for name, table in context.tables.items():
        schema = numbered_schema(name)
        rows = (
            table.rows
            if name != "logins"
            else table.rows.append_column("network", pa.nulls(table.rows.num_rows, pa.int64()))
        )
        columns = [
            pa.array(
                [None if each is None else codes[column].get(each, -1) for each in rows[column].to_pylist()],
                pa.int64(),
            )
            if column in NUMBERED_TEXTS
            else rows[column]
            for column in schema.names
        ]
        tables[name] = pa.table(columns, schema=schema)
    stated = Stated.of(
        tables, wall=context.wall, sessions_last=context.sessions_last,
        logins_from=context.logins_from, logins_until=context.logins_until, logins_late=context.logins_late,
        lacking=context.lacking,
    )  # fmt: skip
    return ContextRows(tables=tables, stated=stated)


def days_of(session: Session) -> pa.Table:
    """The views that count as rows of days: in the order of days, and in each as good an order as any."""
    sql = statement("base").format(told="")
    columns = ", ".join('key_number AS "key"' if name == "key" else quote_name(name) for name in client.NAMES)
    return session.query(
        f"SELECT (time // {DAY})::INTEGER AS day, person, time, content, line, client, route, {columns} FROM ({sql}) "
        "ORDER BY day, person NULLS LAST, time, content, line"
    )


def facts_now(
    session: Session, context: Context, days: Sequence[int], aside: bool = False
) -> dict[int, DayFacts]:
    """The facts that `prepare` found, which are the same for every day."""
    (given,) = session.query("SELECT * FROM detect_given").to_pylist()
    shifts = {
        name: tuple(
            each // HOUR
            for each in session.query(f"SELECT shifts FROM detect_{name}_shifts")["shifts"][0].as_py()
        )
        for name in ("login", "ticket")
    }
    tickets = context.rows("tickets")["opened"]
    facts = DayFacts(
        tokens=given["tokens"], sessions=given["sessions"], sessions_last=given["sessions_last"],
        cover=LoginCover(since=given["logins_from"], until=given["logins_until"], missing=context.logins_missing()),
        login_shifts=shifts["login"], ticket_shifts=shifts["ticket"], tickets_aside=aside,
        tickets_from=pc.min(tickets).as_py(),
    )  # fmt: skip
    return dict.fromkeys(days, facts)


def answers_now(session: Session, explanations: Mapping[str, Explanation]) -> pa.Table:
    """What the path of now says of each view, a column for each explanation, in the order of `days_of`."""
    sql, values = answer_columns(statement("base").format(told=""), list(explanations.values()))
    return session.query(
        f"SELECT * FROM ({sql}) ORDER BY time // {DAY}, person NULLS LAST, time, content, line", values
    )


def counted_now(answers: pa.Table, explanations: Sequence[Explanation], counted: str) -> np.ndarray:
    """Which views count, as clauses of now say it, of the answers of these explanations."""
    with Session() as session:
        told = session.query(
            f"SELECT {answer_over(explanations)} AS answer FROM answers ORDER BY place",
            answers=answers.append_column("place", pa.array(range(answers.num_rows))),
        )
    codes = told["answer"].to_numpy()
    counts: dict[str, np.ndarray] = {
        "any": np.ones(len(codes), bool),
        "not-explained": codes != 1,
        "unexplained": codes == 2,
    }
    return counts[counted]


__all__ = ["answers_now", "counted_now", "days_of", "facts_now", "numbered", "prepare"]
