"""Clients and their views are put together alike, by one column or several, and however large the numbers in them are."""

from __future__ import annotations

import pyarrow as pa
import pytest

from whosaw.actors.actor_views import make_actors
from whosaw.store.sql import Session, quote_name

LARGEST = (1 << 31) - 1


def groups(
    rows: list[tuple[int | None, int | None, int | None]], *by: str, lacks: tuple[str, ...] = ()
) -> list[list[int]]:
    """The clients (from 1, in the order of `rows`) of each actor, as clients and as views tell it."""
    clients = pa.table({
        "client": pa.array(range(1, len(rows) + 1), pa.int32()),
        **{name: pa.array([row[at] for row in rows], pa.int32()) for at, name in enumerate(("address", "principal", "session"))},
        "agent": pa.array([1] * len(rows), pa.int32()),
    })  # fmt: skip
    with Session() as session:
        session.register("detect_clients", clients)
        session.register("detect_views", clients)
        actors = make_actors(session, "actors", by, lacks=lacks)
        told = [
            session.query(
                f"SELECT list(client ORDER BY client) AS c FROM {source} GROUP BY actor ORDER BY c"
            )["c"].to_pylist()
            for source in (quote_name(actors.table), actors.acting)
        ]
    assert told[0] == told[1]
    return told[0]


def test_who_lacks_a_column_is_nobody() -> None:
    assert groups([(1, None, None), (1, 5, None), (None, 5, None), (2, 5, 9)], "address") == [[1, 2], [4]]
    assert groups(
        [(1, None, None), (1, 5, None), (None, 5, None), (2, 5, 9)], "principal", lacks=("session",)
    ) == [[2, 3]]


@pytest.mark.parametrize("most", [7, LARGEST])
def test_columns_together_tell_apart_what_any_of_them_does(most: int) -> None:
    rows = [
        (0, most, 1),
        (1, most, 0),
        (0, most, 1),
        (most, 0, most),
        (most, 0, 0),
        (None, 0, 0),
        (most, None, most),
    ]
    assert groups(rows, "address", "principal", "session") == [[1, 3], [2], [4], [5]]
    assert groups(rows, "address", "principal") == [[1, 3], [2], [4, 5]]
