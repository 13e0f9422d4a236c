"""Runs that lie together are what they were, and a month's file is the same whatever order its days came in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whosaw.store.days.months import (
    SMALL,
    Place,
    by_day,
    first_of_month,
    moves,
    put_runs,
    put_together,
    read_run,
    with_day,
)
from whosaw.store.files import ROW_GROUP, ContentStore
from whosaw.store.kinds import kind


def day_number(year: int, month: int, day: int) -> int:
    return (date(year, month, day) - date(1970, 1, 1)).days


def repeats(start: int, count: int) -> pa.Table:
    columns = kind("repeats").columns
    return pa.table(
        [pa.array([1] * count), pa.array(range(start, start + count)), pa.array([None] * count), pa.array([start] * count)],
        names=columns.names,
    ).cast(columns)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "files")


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (day_number(2025, 3, 31), day_number(2025, 3, 1)),
        (day_number(2024, 2, 29), day_number(2024, 2, 1)),
        (day_number(1970, 1, 1), 0),
        (-1, -31),
    ],
)
def test_first_of_month(day: int, first: int) -> None:
    assert first_of_month(day) == first


def test_a_run_is_read_as_it_was_written(store: ContentStore) -> None:
    tables = {3: repeats(7, ROW_GROUP + 5), 1: repeats(50, 3), 2: repeats(0, 0), 4: repeats(90, 2)}
    places = put_runs(
        store, "repeats", {(day, ""): lambda table=table: table for day, table in tables.items()}
    )
    assert [(each.day, each.first, each.rows) for each in places] == [
        (1, 0, 3), (3, 3, ROW_GROUP + 5), (4, ROW_GROUP + 8, 2),
    ]  # fmt: skip
    assert len({each.file for each in places}) == 1
    for each in places:
        assert read_run(store, each).equals(tables[each.day])
        assert read_run(store, each, ["line"]).equals(tables[each.day].select(["line"]))
    assert put_runs(store, "repeats", {(5, ""): lambda: repeats(0, 0)}) == []


@settings(max_examples=20)
@given(st.permutations(range(6)), st.lists(st.integers(1, 6), max_size=3))
def test_the_same_bytes_whatever_order_days_came_in(order: list[int], steps: list[int]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = ContentStore(Path(folder))
        places: list[Place] = []
        for at, day in enumerate(order):
            places += put_runs(store, "repeats", {(day, ""): lambda day=day: repeats(10 * day, day + 1)})
            if at in steps:  # put together again and again
                places = put_together(store, places)
        at_once = put_runs(
            store, "repeats", {(day, ""): lambda day=day: repeats(10 * day, day + 1) for day in range(6)}
        )
        assert put_together(store, places) == at_once


def place(day: int, file: str, *, rows: int = 1, of: str = "views") -> Place:
    return Place(kind=of, day=day, file=file, first=0, rows=rows)


def test_which_runs_are_put_together() -> None:
    march, april = day_number(2025, 3, 1), day_number(2025, 4, 1)
    old = [
        place(march, "a"),
        place(march + 1, "b"),
        place(march + 2, "b"),
        place(march + 3, "large", rows=SMALL + 1),
    ]
    new = [place(april + at, f"c{at}") for at in range(8)]
    other = [
        place(march, "t", of="tries"),
        place(march, "e", of="exposures"),
        place(march + 1, "e2", of="exposures"),
    ]
    assert moves([*old, *new[:7], *other], april + 7) == [tuple(old[:3])]
    # the open day stays, and with eight files even a month that is not over is put together
    assert moves([*new, place(april + 8, "d")], april + 8) == [tuple(new)]
    assert moves(new, april + 7) == []
    assert moves([place(march + at, "one") for at in range(9)], april) == []


def test_rows_in_hand_are_a_run_for_each_day() -> None:
    one, two = repeats(1, 2), repeats(5, 1)
    found = by_day(pa.concat_tables([with_day(one, -1), with_day(two, 3)]))
    assert list(found) == [-1, 3]
    assert found[-1].equals(one)
    assert found[3].equals(two)
    assert by_day(with_day(repeats(0, 0), 1)) == {}
