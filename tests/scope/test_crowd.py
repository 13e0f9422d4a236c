"""Clients of findings by number: of one finding or several, of those that count every view and those that do not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from whosaw.scope.crowd import Crowd, read_crowd
from whosaw.store.sql import Session

FINDINGS = ("f-0", "f-1", "f-2")
# f-0 counts all views of 1 and 2, f-1 all of 2 and 3, f-2 one of the two views of 4 and all of 3; 5 is nobody's
MEMBERS = (("f-0", 1), ("f-0", 2), ("f-1", 3), ("f-1", 2), ("f-1", 3), ("f-2", 3), ("f-2", 4))
VIEWS = ((1, 1), (2, 2), (3, 1), (4, 2), (5, 3))
LINES = (3, 3, 2)


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    with Session() as session:
        finding, client = zip(*MEMBERS, strict=True)
        session.register("members", pa.table({"finding": finding, "client": pa.array(client, pa.int32())}))
        session.register(
            "scope_nodes", pa.table({"finding": FINDINGS, "node": pa.array(range(3), pa.int32())})
        )
        session.register("clients", pa.table({"client": pa.array([1, 2, 3, 4, 5], pa.int32())}))
        seen = [client for client, many in VIEWS for _ in range(many)]
        clients, repeats = [*seen, 5], [*(False for _ in seen), True]
        session.register("views", pa.table({"client": pa.array(clients, pa.int32()), "duplicate": repeats}))
        yield read_crowd(session, LINES)


def numbers(table: pa.Table) -> list[tuple[int, int]]:
    return sorted(zip(table["client"].to_pylist(), table["node"].to_pylist(), strict=True))


def test_each_client_has_its_first_finding_and_its_views(crowd: Crowd) -> None:
    assert crowd.node.tolist() == [-1, 0, 0, 1, 2, -1]
    assert crowd.views.tolist() == [0, 1, 2, 1, 2, 3]


def test_a_finding_that_misses_a_view_of_a_client_is_not_whole(crowd: Crowd) -> None:
    assert crowd.whole_nodes.tolist() == [True, True, False]
    assert crowd.whole.tolist() == [False, True, True, True, False, False]
    assert numbers(crowd.partly) == [(3, 2), (4, 2)]


def test_clients_of_several_findings_are_listed_with_each_once(crowd: Crowd) -> None:
    assert numbers(crowd.several) == [(2, 0), (2, 1), (3, 1), (3, 2)]
    assert np.flatnonzero(crowd.single()).tolist() == [1, 4]


def test_clients_are_found_by_any_of_their_findings(crowd: Crowd) -> None:
    assert [np.flatnonzero(crowd.clients_of([node])).tolist() for node in range(3)] == [
        [1, 2],
        [2, 3],
        [3, 4],
    ]
    assert np.flatnonzero(crowd.clients_of([])).tolist() == []


def test_findings_that_count_every_view_are_found_by_any_of_their_clients(crowd: Crowd) -> None:
    asked = [np.array(each, np.int64) for each in ([1], [2], [3, 4], [4, 5], [])]
    assert [crowd.whole_nodes_of(each) for each in asked] == [{0}, {0, 1}, {1}, set(), set()]
