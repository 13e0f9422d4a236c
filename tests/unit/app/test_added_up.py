"""What is added up over all days is what the statements of the database say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from whosaw.actors.statement import statement
from whosaw.app.findings.added_up import answers_of, each_once, proven_of
from whosaw.store.sql import Session

ROWS = 400


@pytest.fixture(params=range(6))
def views(request: pytest.FixtureRequest) -> pa.Table:
    random = np.random.default_rng(request.param)
    standing = random.integers(-1, 4, ROWS)
    own = random.integers(0, 4, ROWS)  # all views of some clients stand alike
    client = random.integers(0, 25, ROWS)
    standing = np.where(client % 3 == 0, own[client], standing)
    return pa.table(
        [
            pa.array(random.integers(0, 3, ROWS), pa.int32()),
            pa.array(client, pa.int64()),
            pa.array(random.integers(0, 3, ROWS), pa.int32()),
            pa.array(random.integers(1, 30, ROWS), pa.int64()),
            pa.array(standing, pa.int8(), mask=standing < 0),
            pa.array(np.ones(ROWS, np.bool_)),
        ],
        names=["story", "client", "content", "line", "standing", "counted"],
    )


@pytest.mark.parametrize("mixed", [[0, 2], [1], []])
def test_what_is_proven_is_what_the_statement_says(views: pa.Table, mixed: list[int]) -> None:
    with Session() as session:
        asked = pa.table({"story": pa.array(mixed, pa.int64())})
        told = session.query(statement("story_proofs"), detect_story_views=views, mixed_stories=asked)
    found = proven_of(views, mixed)
    assert found.to_pylist() == told.to_pylist()
    assert bool(found.num_rows) == bool(mixed)


def test_each_row_stands_once_and_in_order(views: pa.Table) -> None:
    names = ("story", "content", "line")
    told = each_once(views, names)
    assert told.schema == pa.schema([views.schema.field(name) for name in names])
    assert [tuple(row.values()) for row in told.to_pylist()] == sorted(
        set(zip(*(views[name].to_pylist() for name in names), strict=True))
    )


def test_nothing_is_proven_of_no_views(views: pa.Table) -> None:
    assert not proven_of(views.slice(0, 0), [0]).num_rows


def test_answers_are_added_up_by_exposure() -> None:
    random = np.random.default_rng(1)
    names = ("person", "client", "route", "explained", "unexplained", "cannot_tell")
    rows = pa.table({name: random.integers(0, 5, ROWS) for name in names})
    with Session() as session:
        told = session.query(
            "SELECT person, client, route, sum(explained)::BIGINT AS explained, sum(unexplained)::BIGINT AS unexplained, "
            "sum(cannot_tell)::BIGINT AS cannot_tell FROM exposed GROUP BY person, client, route ORDER BY person, client, route",
            exposed=rows,
        )
    assert answers_of(rows).to_pylist() == told.to_pylist()
    assert not answers_of(rows.slice(0, 0)).num_rows
