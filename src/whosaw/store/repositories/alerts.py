"""Alerts by sink, and under which names a party was told of: rows, each as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from whosaw.store import statements as sa
from whosaw.store.journal import Connection, Journal, tables

__all__ = [
    "AlertRow",
    "Reached",
    "add_alert",
    "add_names",
    "due_alerts",
    "join_threads",
    "mark_alert",
    "next_attempt",
    "numbers_by_state",
    "oldest_thread",
    "reached",
    "threads",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """What a sink is to be told, or was: `body` is JSON; times are microseconds since 1970 UTC, and it is not tried before `next`."""

    sink: str
    thread: str
    step: int
    joining: int
    made: int
    body: str
    state: str  # waiting, sending, sent
    attempts: int
    next: int
    sent: int | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How far a sink was told of a party: the highest step, and how often others became part of it."""

    sink: str
    thread: str
    step: int
    joinings: int


def threads(journal: Journal, connection: Connection) -> dict[str, str]:
    """By every id that a party was or could be found under, the one that it was told of first."""
    return {row["finding"]: row["thread"] for row in journal.rows(sa.select(tables.thread), connection)}


def reached(journal: Journal, connection: Connection) -> list[Reached]:
    """Of every sink and party."""
    alert = tables.alert.c
    query = sa.select(
        alert.sink,
        alert.thread,
        sa.func.max(alert.step).label("step"),
        sa.func.max(alert.joining).label("joinings"),
    ).group_by(alert.sink, alert.thread)
    return [Reached(**row) for row in journal.rows(query, connection)]


def add_alert(connection: Connection, row: AlertRow) -> None:
    """Put down what a sink is to be told."""
    values: dict[str, str | int] = {
        "sink": row.sink, "thread": row.thread, "step": row.step, "joining": row.joining, "made": row.made,
        "body": row.body, "state": row.state, "attempts": row.attempts, "next": row.next,
    }  # fmt: skip
    connection.execute(tables.alert.insert().values(**values))


def join_threads(connection: Connection, other: str, thread: str) -> None:
    """Every id that belonged to `other` belongs to `thread` from now on."""
    moved = tables.thread.update().where(tables.thread.c.thread == other)
    connection.execute(moved.values(thread=thread))


def add_names(connection: Connection, names: Sequence[str], thread: str) -> None:
    """Ids that nobody was told of yet, and the thread that they belong to."""
    connection.execute(tables.thread.insert(), [{"finding": name, "thread": thread} for name in names])


def oldest_thread(connection: Connection, threads: Sequence[str]) -> str | None:
    """Of these, the one that a sink was told of first; None where none was told of any."""
    alert = tables.alert.c
    row = connection.execute(
        sa.select(alert.thread).where(alert.thread.in_(threads)).order_by(alert.made, alert.thread).limit(1)
    ).first()
    return None if row is None else str(row.thread)


def numbers_by_state(journal: Journal) -> list[tuple[str, str, int]]:
    """(sink, state, how many alerts)."""
    alert = tables.alert.c
    query = sa.select(alert.sink, alert.state, sa.func.count().label("n")).group_by(alert.sink, alert.state)
    return [(row["sink"], row["state"], row["n"]) for row in journal.rows(query)]


def due_alerts(journal: Journal, sink: str, *, at: int | None, most: int) -> list[AlertRow]:
    """What a sink did not take yet, the most urgent first; with `at` only what is to be tried by then."""
    alert = tables.alert
    query = sa.select(alert).where(alert.c.sink == sink, alert.c.state != "sent")
    if at is not None:
        query = query.where(alert.c.next <= at)
    ordered = query.order_by(alert.c.next, alert.c.made, alert.c.thread, alert.c.step, alert.c.joining)
    return [AlertRow(**row) for row in journal.rows(ordered.limit(most))]


def next_attempt(journal: Journal, sink: str) -> int | None:
    """When the next alert of a sink is to be tried; None where it took all."""
    alert = tables.alert.c
    query = sa.select(sa.func.min(alert.next).label("at")).where(alert.sink == sink, alert.state != "sent")
    found = journal.rows(query)[0]["at"]
    return None if found is None else int(found)


def mark_alert(journal: Journal, row: AlertRow) -> None:
    """Put down how far an alert has come, in a transaction of its own. Only the one who sends for its sink may."""
    alert = tables.alert
    with journal.transaction() as connection:
        connection.execute(
            alert.update()
            .where(
                alert.c.sink == row.sink,
                alert.c.thread == row.thread,
                alert.c.step == row.step,
                alert.c.joining == row.joining,
            )
            .values(state=row.state, attempts=row.attempts, next=row.next, sent=row.sent, fault=row.fault)
        )
