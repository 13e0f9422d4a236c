"""A day is read from the segments and the row groups that can hold it, and from no others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whosaw.build.step import Span
from whosaw.store.days.events import DAY_MICROS, NumberedSegment, events_of
from whosaw.store.kinds import CLIENT_COLUMNS

TIMES = [-1, 0, 5, DAY_MICROS - 1, DAY_MICROS, DAY_MICROS + 7]


@pytest.fixture
def segment(tmp_path: Path) -> NumberedSegment:
    count = len(TIMES)
    table = pa.table({
        "line": pa.array(range(1, count + 1), pa.int64()), "time": pa.array(TIMES, pa.int64()),
        "client": pa.array([0] * count, pa.int32()), "person": pa.array([0, None, 1, 0, 0, 0], pa.int32()),
        "route": pa.array([1, 1, 0, 1, -1, 1], pa.int16()), "view": pa.array([True] * count),
        "unknown": pa.array([False] * count), "extra": pa.array([None] * count, pa.int32()),
        "undecided": pa.array([False] * count), "status": pa.array([200] * count, pa.int16()),
        "duplicate": pa.array([False] * count), "hash": pa.array(range(count), pa.uint64()),
        "page_key": pa.array([1] * count, pa.uint64()),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "events", row_group_size=2)
    pq.write_table(
        pa.table({"line": pa.array([2, 5], pa.int64()), "person": pa.array([1, 1], pa.int32())}),
        tmp_path / "more",
    )
    traits = [pa.array([40 if each.name == "address" else None], each.type) for each in CLIENT_COLUMNS]
    return NumberedSegment(
        content=1, first_time=TIMES[0], last_time=TIMES[-1], events=tmp_path / "events", more=tmp_path / "more",
        identities=np.array([10, 11], np.int32), clients=np.array([1 << 41], np.int64),
        traits=pa.table(traits, names=[each.name for each in CLIENT_COLUMNS]), routes=np.array([5, 6], np.int16),
    )  # fmt: skip


def lines(segments: list[NumberedSegment], span: Span, margin: int = 0) -> list[int]:
    return events_of(segments, span, {1: b""}, margin=margin).rows["line"].to_pylist()


def test_numbers_stand_for_local_codes(segment: NumberedSegment) -> None:
    found = events_of([segment], Span(0, 0), {1: b""})
    columns = [
        "day",
        "content",
        "line",
        "client",
        "person",
        "route",
        "position",
        "unsure",
        "act",
        "address",
        "agent",
    ]
    assert found.rows.select(columns).to_pylist() == [
        dict(zip(columns, (0, 1, line, 1 << 41, person, route, at, 0, None, 40, None), strict=True))
        for line, person, route, at in ((2, None, 6, 1), (3, 11, 5, 0), (4, 10, 6, 1))
    ]
    assert found.more.to_pylist() == [{"content": 1, "line": 2, "person": 11}]
    (last, *_) = events_of([segment], Span(1, 1), {1: b""}).rows.select(["route", "position"]).to_pylist()
    assert last == {"route": None, "position": -1}


def test_no_more_is_read_than_can_be_of_the_day(
    segment: NumberedSegment, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    plainly = pq.ParquetFile.read_row_group

    def counted(self: pq.ParquetFile, group: int, **named: object) -> pa.Table:
        read.append(group)
        return plainly(self, group, **named)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", counted)
    for span, expected, groups in (
        (Span(-1, -1), [1], [0]),
        (Span(0, 0), [2, 3, 4], [0, 1]),
        (Span(1, 1), [5, 6], [2]),
        (Span(0, 1), [2, 3, 4, 5, 6], [0, 1, 2]),
    ):
        assert lines([segment], span) == expected
        assert read == groups
        read.clear()
    gone = replace(segment, events=Path("/nowhere"))
    assert lines([gone], Span(2, 9)) == lines([gone], Span(-9, -2)) == []
    assert lines([replace(gone, first_time=None, last_time=None)], Span(0, 0)) == []


def test_what_stands_near_the_day_is_read_of_twin_sources_alone(segment: NumberedSegment) -> None:
    assert lines([segment], Span(0, 0), 1) == [2, 3, 4]
    twin = replace(segment, key="page_key")
    assert lines([twin], Span(0, 0), 1) == [1, 2, 3, 4, 5]
    assert lines([twin], Span(0, 0), 8) == [1, 2, 3, 4, 5, 6]
    assert set(events_of([twin], Span(0, 0), {1: b""}).rows["act"].to_pylist()) == {1}
