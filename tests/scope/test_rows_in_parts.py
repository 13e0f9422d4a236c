"""What rows of a scope come to is the same however they are cut, and whoever counts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scope.hand_scopes import API, BOOK, CARDS, INFO, LIST, SCHEMA, WEB, Ledger, facts, seen
from tests.wide import examples

from whosaw.scope.counting.facts import Facts
from whosaw.scope.counting.tallies import Tallies, tally
from whosaw.scope.hands import NOT_HERE, Acts, OfRows, OfViews, ScopeRows
from whosaw.store.schemas import MAYBE_TWIN, UNSURE_PERSON, UNSURE_SPELLED

ROWS = st.lists(
    st.builds(
        seen,
        st.one_of(st.none(), st.integers(0, 6)),
        st.integers(0, 60),
        route=st.sampled_from((INFO, BOOK, LIST, CARDS)),
        content=st.sampled_from((WEB, API)),
        line=st.integers(1, 30),
        part=st.integers(0, 1),
        unsure=st.sampled_from((0, 0, UNSURE_SPELLED, MAYBE_TWIN, UNSURE_PERSON)),
        held=st.booleans(),
    ),
    max_size=30,
)
PLACES = pa.table({"person": pa.array([5, 1, 9], pa.int32()), "name": pa.array(["KR", "KE", "KR"])})


class Cut:
    """Hands that count the rows in so many cuts."""

    def __init__(self, rows: pa.Table, many: int) -> None:
        size = max(1, -(-len(rows) // many))
        self.parts = [rows.slice(at, size) for at in range(0, max(1, len(rows)), size)]

    def of_views(self, work: OfViews) -> Iterator[pa.Table]:
        raise NotImplementedError

    def keep(self, work: OfViews | None, others: Iterator[pa.RecordBatch]) -> Sequence[Path]:
        raise NotImplementedError

    def of_rows(self, work: OfRows) -> Iterator[Mapping[str, pa.Table]]:
        return (work.told(each) for each in self.parts)


def counted(rows: pa.Table, told: Facts, many: int) -> Tallies:
    session = Ledger().session
    session.register("scope_views", rows)
    session.execute("CREATE TEMP TABLE scope_clients AS SELECT 7 AS client, 0 AS part, true AS all_views")
    session.execute(
        "CREATE TEMP TABLE views AS SELECT *, time AS micros, true AS duplicate FROM scope_views LIMIT 2"
    )
    try:
        return tally(session, told, Cut(rows, many) if many else None)
    finally:
        session.close()


@settings(max_examples=examples(60), deadline=None)
@given(rows=ROWS, many=st.integers(1, 5), several=st.booleans(), places=st.booleans())
def test_however_rows_are_cut_they_come_to_the_same(
    rows: list[dict[str, Any]], many: int, several: bool, places: bool
) -> None:
    told = facts(several=several, jurisdictions=PLACES if places else None)
    table = pa.Table.from_pylist(
        [{**each, "held": each["held"] and not each["unsure"]} for each in rows], schema=SCHEMA
    )
    whole, cut = (counted(table, told, each) for each in (0, many))
    for each in fields(Tallies):
        assert getattr(cut, each.name) == getattr(whole, each.name), each.name


@settings(max_examples=examples(60), deadline=None)
@given(
    views=st.lists(st.tuples(st.integers(0, 5), st.integers(-9, 9), st.sampled_from((0, 4))), max_size=20),
    clients=st.lists(st.tuples(st.sampled_from((0, 3, NOT_HERE)), st.booleans()), min_size=6, max_size=6),
    cut=st.integers(1, 20),
)
def test_views_of_clients_are_theirs_however_they_are_cut(
    views: list[tuple[int, int, int]], clients: list[tuple[int, bool]], cut: int
) -> None:
    """Against a loop over the views."""
    part, held = (pa.array(each).to_numpy(zero_copy_only=False) for each in zip(*clients, strict=True))
    batch = pa.RecordBatch.from_pylist(
        [
            {"client": client, "time": time, "unsure": unsure, "line": at}
            for at, (client, time, unsure) in enumerate(views)
        ],
        schema=pa.schema([each for each in SCHEMA if each.name not in ("part", "held")]),
    )
    batches = [batch.slice(at, cut) for at in range(0, len(views), cut)]
    rows = ScopeRows(part=part.astype("uint8"), held=held)
    assert [
        (each["line"], each["part"], each["held"], each["unsure"])
        for some in rows.of(batches)
        for each in some.to_pylist()
    ] == [
        (at, clients[client][0], clients[client][1] and not unsure, unsure if clients[client][1] else 0)
        for at, (client, _, unsure) in enumerate(views)
        if clients[client][0] != NOT_HERE
    ]
    acts = Acts(programs=2, program=(pa.array(range(6)).to_numpy() % 2).astype("int32"), held=held)
    (told,) = acts.of(batches)
    times = {
        program: [time for client, time, _ in views if client % 2 == program and clients[client][1]]
        for program in (0, 1)
    }
    assert told.to_pylist() == [
        {"program": program, "first": min(own), "last": max(own)} for program, own in times.items() if own
    ]
