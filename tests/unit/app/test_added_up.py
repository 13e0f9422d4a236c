"""What is added up over days is what the statements of the database say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from whosaw.app.findings.added_up import answers_of
from whosaw.store.sql import Session

ROWS = 400


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
