"""Runs that lie together are what they were, and a month's file is the same whatever order its days came in."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.store.days.months import SMALL, first_of_month, moves, put_together
from whosaw.store.files import ROW_GROUP, ContentStore
from whosaw.store.kinds import kind
from whosaw.store.parts import Part
from whosaw.store.run_files import RunWriter, read_parts

COLUMNS = kind("repeats").columns


def day_number(year: int, month: int, day: int) -> int:
    return (date(year, month, day) - date(1970, 1, 1)).days


def repeats(start: int, count: int) -> pa.Table:
    return pa.table(
        [pa.array([1] * count), pa.array(range(start, start + count)), pa.array([None] * count), pa.array([start] * count)],
        names=COLUMNS.names,
    ).cast(COLUMNS)  # fmt: skip


def put(store: ContentStore, runs: dict[int, pa.Table]) -> list[Part]:
    writer = RunWriter(store, "repeats", COLUMNS)
    for day in sorted(runs):
        writer.add(day, "", runs[day])
    return [
        part(each.day, each.file, first=each.first, rows=each.rows, of="repeats") for each in writer.close()
    ]


def part(day: int, file: str, *, first: int = 0, rows: int = 1, of: str = "views", range_: str = "") -> Part:
    return Part(
        kind=of,
        day=day,
        range=range_,
        file=file,
        first=first,
        rows=rows,
        digest=f"{day}",
        edges={"1": ["", f"{day}"]},
    )


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


@settings(max_examples=examples(20))
@given(st.permutations(range(6)), st.lists(st.integers(1, 6), max_size=3))
def test_the_same_bytes_whatever_order_days_came_in(order: list[int], steps: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = ContentStore(Path(folder))
        tables = {day: repeats(10 * day, day + 1) for day in range(5)}
        tables[5] = repeats(7, ROW_GROUP + 5)
        parts: list[Part] = []
        for at, day in enumerate(order):
            parts += put(store, {day: tables[day]})
            if at in steps:  # put together again and again
                parts = put_together(store, COLUMNS, parts)
        at_once = put(store, tables)
        assert put_together(store, COLUMNS, parts) == at_once
        assert [each.first for each in at_once] == [0, 1, 3, 6, 10, 15]
        for each, table in zip(at_once, read_parts(store, at_once, COLUMNS.names), strict=True):
            assert table.equals(tables[each.day])


def test_which_runs_are_put_together() -> None:
    march, april = day_number(2025, 3, 1), day_number(2025, 4, 1)
    old = [
        part(march, "a"),
        part(march + 1, "b"),
        part(march + 2, "b"),
        part(march + 3, "large", rows=SMALL + 1),
        part(march + 4, "half", range_="0"),
        part(march + 4, "other", range_="1"),
    ]
    new = [part(april + at, f"c{at}") for at in range(8)]
    other = [part(march, "t", of="tries")]
    assert moves([*old, *new[:7], *other], april + 7) == [tuple(old[:3])]
    # the open day stays, and with eight files even a month that is not over is put together
    assert moves([*new, part(april + 8, "d")], april + 8) == [tuple(new)]
    assert moves(new, april + 7) == []
    assert moves([part(march + at, "one") for at in range(9)], april) == []
