"""Views and context in a few words, as the cases of items write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from whosaw.actors.cases import Case, CaseTables, Row
from whosaw.core.instants import to_micros

START = datetime(2025, 5, 1, tzinfo=UTC)


def micros(minute: float) -> int:
    return to_micros(START + timedelta(minutes=minute))


def row(
    minute: float | None = None, *, extra: int | None = None, count: int = 1, **columns: str | float
) -> Row:
    """`count` rows of a table, a minute apart; a number is a time in minutes from the start, a text an identifier."""
    return Row(
        at=None if minute is None else micros(minute),
        every=60_000_000,
        count=count,
        cycle=max(1, count),
        texts={name: value for name, value in columns.items() if isinstance(value, str)},
        times={name: micros(value) for name, value in columns.items() if not isinstance(value, str)},
        extra_at_most=extra,
    )


def tables(*views: Row, events: tuple[Row, ...] = (), **context: list[Row]) -> CaseTables:
    return Case(
        title="", expect="", views=views, events=events, context={name: tuple(rows) for name, rows in context.items()},
        sessions_last=0, raised_at=None, persons_before=None, persons=None,
    ).tables()  # fmt: skip
