"""Columns of numbers as text, against Python's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from whosaw.replay.traffic import NOBODY, staff_code
from whosaw.replay.write.columns import (
    Same,
    by_status,
    claimed,
    first_second,
    fixed,
    joined,
    numbers,
    pick,
    utc_seconds,
)

NUMBERS = [
    [],
    [0],
    [7, -1, 123_456_789_012],
    [9_999, 1_000],
    [10_000, 99_999, 10_001],
    [99_999, 100_000],
    [100_000, 999_999, 123_456],
    [1_000_000, 9_999_999, 1_020_304],
    [10_000_000, 99_999_999, 10_000_001, 50_060_007],
    [99_999_999, 100_000_000],
    [-10_000, -20_000],
]


@pytest.mark.parametrize("values", NUMBERS)
@pytest.mark.parametrize("kind", [np.int64, np.uint64])
def test_numbers_are_written_in_decimal_digits_whatever_their_width(values: list[int], kind: type) -> None:
    if kind is np.uint64 and any(value < 0 for value in values):
        values = [abs(value) for value in values]
    assert numbers(np.asarray(values, dtype=kind)).to_pylist() == [str(value) for value in values]


def test_claimants_are_named_and_members_numbered() -> None:
    principal = np.asarray([10_000_001, staff_code(1), NOBODY, 10_000_999, staff_code(0)])
    told = claimed(principal, fixed(["s-1", "s-2"])).to_pylist()
    assert [told[at] for at in (0, 1, 3, 4)] == ["10000001", "s-2", "10000999", "s-1"]
    nobody = claimed(np.asarray([staff_code(0), NOBODY]), fixed(["s-1"])).to_pylist()
    assert nobody[0] == "s-1"


def test_pieces_stand_in_their_order_and_texts_of_all_lines_may_stand_side_by_side() -> None:
    table = fixed(["a", "b"])
    pieces = [Same("<"), Same("("), pick(table, np.asarray([1, 0, 1])), Same(")"), Same(">"), Same("\n")]
    assert joined(pieces, 3).to_pylist() == ["<(b)>\n", "<(a)>\n", "<(b)>\n"]
    assert joined([Same("x"), Same("y")], 2).to_pylist() == ["xy", "xy"]


def test_a_status_stands_in_its_place() -> None:
    assert by_status("{0} {0} end")[404].as_py() == "404 404 end"
    assert len(by_status("{0} ")) == 600


@pytest.mark.parametrize("offset_minutes", [540, 0, -210, 330])
def test_seconds_of_a_shops_day_in_utc(offset_minutes: int) -> None:
    first = datetime(2025, 3, 3, tzinfo=UTC) - timedelta(minutes=offset_minutes)
    start = int(first.timestamp()) * 1000
    second = np.asarray([0, 1, 32_399, 32_400, 54_000, 86_399], dtype=np.int32)
    pieces = utc_seconds(start, "T", second)
    told = joined(list(pieces), len(second))
    assert isinstance(told, pa.StringArray)
    expected = [(first + timedelta(seconds=int(at))).strftime("%Y-%m-%dT%H:%M:%S") for at in second]
    assert told.to_pylist() == expected
    assert first_second(start, " ") == first.strftime("%Y-%m-%d %H:%M:%S")
