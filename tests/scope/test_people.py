"""What a stream of views says of persons is what counting them one by one says, however the stream is cut and ordered."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.scope.counting.people import COLUMNS, People, category_sets, groups_of_people

HOUR = 3_600_000_000
START = 483_000 * HOUR
CATEGORIES = {1: ("name", "mail"), 2: ("name",), 3: ("orders",), 9: ("never",)}
SCHEMA = pa.schema(
    [
        ("person", pa.int32()),
        ("route", pa.int16()),
        ("part", pa.int32()),
        ("source", pa.int16()),
        ("time", pa.int64()),
        ("extra", pa.int32()),
        ("held", pa.bool_()),
    ]
)
ROWS = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.integers(1, 3),
        st.integers(0, 1),
        st.integers(0, 2),
        st.integers(0, 90).map(lambda hours: START + hours * HOUR),
        st.sampled_from((None, 0, 0, 3, 20)),
        st.booleans(),
    ),
    max_size=40,
)
Row = dict[str, Any]


def fed(rows: list[tuple[Any, ...]], cut: int, places: dict[int, str] | None) -> People:
    table = None
    if places is not None:
        table = pa.table(
            {"person": pa.array(list(places), pa.int32()), "name": pa.array(list(places.values()))}
        )
    people = People(max((row[0] for row in rows), default=-1) + 1, table)
    for at in range(0, len(rows), cut):
        columns = list(zip(*rows[at : at + cut], strict=True))
        arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
        people.add(pa.record_batch(arrays, schema=SCHEMA))
    return people


def by(rows: list[Row], *names: str) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return found


def accounts(rows: list[Row]) -> dict[str, int]:
    held = {row["person"] for row in rows if row["held"]}
    return {"accounts": len(held), "possible": len({row["person"] for row in rows} - held)}


def route_row(route: int, rows: list[Row]) -> Row:
    told = {"route": route, **accounts(rows), "others": 0, "every_other": 0, "open_held": 0, "open_every": 0}
    for own in by(rows, "person").values():
        most = max((row["extra"] or 0 for row in own), default=0)
        unbounded = sum(row["extra"] is None for row in own)
        for name, number in (("other", most), ("open", unbounded)):
            every, some = ("every_other", "others") if name == "other" else ("open_every", "open_held")
            told[every] += number
            told[some] += number if any(row["held"] for row in own) else 0
    return {**told, "most": max(row["extra"] or 0 for row in rows)}


@settings(max_examples=examples(200), deadline=None)
@given(
    rows=ROWS,
    cut=st.integers(1, 40),
    places=st.dictionaries(st.integers(0, 9), st.sampled_from(("KR", "KE"))),
)
def test_a_stream_says_what_counting_one_by_one_says(
    rows: list[tuple[Any, ...]], cut: int, places: dict[int, str]
) -> None:
    people = fed(rows, cut, places)
    told = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    held = {row["person"] for row in told if row["held"]}
    every = {row["person"] for row in told}
    assert set(people.held()) == held
    assert set(people.possible()) == every - held
    assert people.routes() == {route: route_row(route, own) for (route,), own in by(told, "route").items()}
    assert people.accounts_by("part") == {part: accounts(own) for (part,), own in by(told, "part").items()}
    days = by([{**row, "day": row["time"] // (24 * HOUR)} for row in told], "day")
    assert people.accounts_by("day") == {day: accounts(own) for (day,), own in days.items()}

    within: Counter[tuple[int, int, int]] = Counter()
    for own in by([row for row in told if row["held"]], "person").values():
        hours = [row["time"] // HOUR for row in own]
        sources = {row["source"] for row in own}
        if len(sources) == 1 and max(hours) - min(hours) < 48:
            within[min(sources), min(hours), max(hours)] += 1
    names = ("source", "first", "last", "persons")
    assert people.only_within().to_pylist() == [
        dict(zip(names, (*key, many), strict=True)) for key, many in sorted(within.items())
    ]

    living = by([{**row, "name": places.get(row["person"], "unknown")} for row in told], "name")
    assert people.jurisdictions() == tuple(
        {
            "name": name,
            **accounts(own),
            "views": sum(row["held"] for row in own),
            "possible_views": sum(not row["held"] for row in own),
            "first": min(row["time"] for row in own),
            "last": max(row["time"] for row in own),
        }
        for (name,), own in sorted(living.items())
    )

    seen = {person: set() for person in held}
    for row in told:
        if row["held"]:
            seen[row["person"]] |= set(CATEGORIES[row["route"]])
    by_route = people.held_by_route()
    assert groups_of_people(by_route, CATEGORIES) == tuple(
        sorted(Counter(tuple(sorted(each)) for each in seen.values()).items())
    )
    assert {name: set(own) for name, own in category_sets(by_route, CATEGORIES).items()} == {
        name: {person for person, each in seen.items() if name in each}
        for name in ("mail", "name", "never", "orders")
    }


def test_without_views_there_is_nobody() -> None:
    people = People(0)
    assert people.routes() == {}
    assert people.only_within().num_rows == 0
    assert people.jurisdictions() == ()
    assert groups_of_people({}, CATEGORIES) == ()


def test_more_days_than_two_bytes_count_are_told_apart() -> None:
    rows = [(0, 1, 0, 0, day * 24 * HOUR, 0, True) for day in (0, 70_000, 3)]
    assert list(fed(rows, 3, None).accounts_by("day")) == [0, 3, 70_000]


@pytest.mark.parametrize("hour", [-5, 0, 483_000])
def test_hours_before_1970_are_hours(hour: int) -> None:
    people = fed([(0, 1, 0, 2, hour * HOUR, 0, True)], 1, None)
    assert people.only_within().to_pylist() == [{"source": 2, "first": hour, "last": hour, "persons": 1}]
    assert np.array_equal(people.held().to_array(), [0])
