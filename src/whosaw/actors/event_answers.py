"""What every explanation says of single views, and how much of the first accesses each of them covers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from whosaw.core.document import told_as
from whosaw.store.sql import Session, quote_name

from .context import Context
from .explanation import (
    ANSWERS,
    CANNOT_TELL,
    EXPLAINED,
    NEVER_ISSUED,
    UNEXPLAINED,
    Explanation,
    answered,
    prepare,
)
from .run import drop_tables

__all__ = ["Answered", "FirstAccesses", "ViewAnswers", "every_answer", "first_accesses", "view_answers"]

_WORDS = {code: word for word, code in ANSWERS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAccesses:
    """Of the first views that clients had of persons, how many one explanation answered how; `id` None: all together."""

    id: str | None = field(metadata=told_as("explanation"))
    explained: int
    unexplained: int
    cannot_tell: int
    does_not_apply: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What one explanation says of a view, and why where it cannot tell."""

    explanation: str
    answer: str
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewAnswers:
    """One view by its numbers in the ledger, with the answer of each explanation, and that of all together. `time` is microseconds;
    `person` None: the log does not name them."""

    time: int
    content: int
    line: int
    client: int
    person: int | None
    route: int
    answer: str
    tried: tuple[Answered, ...]


def first_accesses(
    session: Session, context: Context, explanations: Mapping[str, Explanation]
) -> tuple[FirstAccesses, ...]:
    """A later view of the same person by the same client is easily explained by the first; the first is the hard one.

    One entry for each explanation, and one over all of them at the end. Views of persons that the log does not name have
    no first access and are left out.
    """
    prepare(session, context)
    try:
        sql, values = answered(list(explanations.values()))
        columns = [*explanations, "answer"]
        firsts = ", ".join(
            f"arg_min({quote_name(name)}, (time, content, line)) AS {quote_name(name)}" for name in columns
        )
        counts = ", ".join(
            f"count(*) FILTER ({quote_name(name)} {test}) AS {quote_name(f'{name} {word}')}"
            for name in columns
            for word, test in (
                ("explained", f"= {EXPLAINED}"),
                ("unexplained", f"IN ({UNEXPLAINED}, {NEVER_ISSUED})"),
                ("cannot tell", f"= {CANNOT_TELL}"),
                ("does not apply", "= 0"),
            )
        )
        row = session.query(
            f"SELECT {counts} FROM (SELECT {firsts} FROM ({sql}) WHERE person IS NOT NULL GROUP BY client, person)",
            values,
        ).to_pylist()[0]
    finally:
        drop_tables(session)
    return tuple(
        FirstAccesses(
            id=None if name == "answer" else name,
            explained=row[f"{name} explained"],
            unexplained=row[f"{name} unexplained"],
            cannot_tell=row[f"{name} cannot tell"],
            does_not_apply=row[f"{name} does not apply"],
        )
        for name in columns
    )


def view_answers(
    session: Session,
    context: Context,
    explanations: Mapping[str, Explanation],
    places: Sequence[tuple[int, int]],
) -> list[ViewAnswers]:
    """The views at (content, line), in that order, with the answer of each explanation in words, why where it could not
    be told, and the answer over all. A line that is no view has none."""
    asked = pa.table({
        "position": pa.array(range(len(places)), pa.int64()),
        "content": pa.array([content for content, _ in places], pa.int32()),
        "line": pa.array([line for _, line in places], pa.int64()),
    })  # fmt: skip
    context = prepare(session, context).context
    try:
        sql, values = answered(list(explanations.values()))
        rows = session.query(
            f"SELECT position, v.* FROM ({sql}) AS v JOIN asked USING (content, line) ORDER BY position, person",
            values,
            asked=asked,
        ).to_pylist()
    finally:
        drop_tables(session)
    return [_view(row, context, explanations) for row in rows]


def every_answer(
    session: Session, context: Context, explanation: Explanation, clients: Sequence[int]
) -> pa.Table:
    """All views of these clients, earliest first, with what one explanation says of each: time in microseconds, content, line, client,
    person, route, answer in words."""
    prepare(session, context)
    try:
        sql, values = answered([explanation])
        words = " ".join(f"WHEN {int(code)} THEN '{word}'" for code, word in _WORDS.items())
        return session.query(
            f"SELECT time, content, line, client, person, route, CASE {quote_name(explanation.id)} {words} END AS answer "
            f"FROM ({sql}) AS v SEMI JOIN asked USING (client) ORDER BY time, content, line, person",
            values,
            asked=pa.table({"client": pa.array(clients, pa.int32())}),
        )
    finally:
        drop_tables(session)


def _view(row: Mapping[str, int], context: Context, explanations: Mapping[str, Explanation]) -> ViewAnswers:
    told = []
    for each in explanations.values():
        word = _WORDS[row[each.id]]
        why = (each.why_not(context) or each.gap) if row[each.id] == CANNOT_TELL else ""
        told.append(Answered(explanation=each.id, answer=word, why_not=why))
    return ViewAnswers(
        time=row["time"],
        content=row["content"],
        line=row["line"],
        client=row["client"],
        person=row["person"],
        route=row["route"],
        answer=_WORDS[row["answer"]],
        tried=tuple(told),
    )
