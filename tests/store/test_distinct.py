"""Numbers and rows without repeats are those that a plain set has, in their order; and rows are ordered as Python orders them."""

from __future__ import annotations

import numpy as np
import pytest

from whosaw.store.distinct import (
    alike,
    distinct,
    distinct_pairs,
    distinct_rows,
    numbered_from_0,
    order_by_first,
    order_of,
    repeated,
)


@pytest.mark.parametrize(("least", "most"), [(0, 9), (-1, 5), (0, 1 << 45), ((1 << 62) - 3, 1 << 62)])
@pytest.mark.parametrize("many", [0, 1, 2, 300])
def test_pairs_are_each_once_in_order(least: int, most: int, many: int) -> None:
    rng = np.random.default_rng(many)
    first, second = rng.integers(least, most, many), rng.integers(-1, 4, many)
    assert distinct(first).tolist() == sorted(set(first.tolist()))
    told = distinct_pairs(first, second)
    expected = sorted(set(zip(first.tolist(), second.tolist(), strict=True)))
    assert list(zip(*(each.tolist() for each in told), strict=True)) == expected


# of three columns their least and most, and how many of the numbers between there are: some fit one number of 64 bits, some only once
# they are numbered anew, and some not even then
RANGES = {
    "narrow": [(0, 30), (-1, 9), (0, 2)],
    "close": [(-120, 119), (5, 6), (0, 40_000)],
    "wide": [(0, 1 << 45), (-(1 << 45), 1 << 45), (-1, 3)],
    "all bits": [(-(1 << 63), (1 << 63) - 1), (-(1 << 63), (1 << 63) - 1), (5, 6)],
}


@pytest.mark.parametrize("ranges", RANGES.values(), ids=RANGES)
@pytest.mark.parametrize("many", [0, 1, 2, 300])
def test_rows_are_ordered_and_numbered_as_tuples_are(ranges: list[tuple[int, int]], many: int) -> None:
    rng = np.random.default_rng(many)
    columns = [rng.choice(rng.integers(*each, 6, dtype=np.int64), many) for each in ranges]
    rows = list(zip(*(each.tolist() for each in columns), strict=True))
    expected = sorted(set(rows))
    assert list(zip(*(each.tolist() for each in distinct_rows(*columns)), strict=True)) == expected
    assert order_of(*columns).tolist() == sorted(range(many), key=rows.__getitem__)
    assert order_by_first(*columns).tolist() == order_of(*columns).tolist()
    place, first = alike(*columns)
    assert place.tolist() == [expected.index(each) for each in rows]
    assert first.tolist() == [rows.index(each) for each in expected]
    known, at = numbered_from_0(columns[0])
    assert known[at].tolist() == columns[0].tolist()
    assert known.tolist() == sorted({each for each, *_ in rows})


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32, np.uint32])
def test_a_table_of_close_numbers_keeps_their_type_and_all_of_them(kind: type[np.integer]) -> None:
    info = np.iinfo(kind)
    most = min(int(info.max), int(info.min) + 60_000)
    numbers = np.random.default_rng(2).integers(info.min, most, 9_000, dtype=kind)
    own, (known, at) = distinct(numbers), numbered_from_0(numbers)
    assert own.dtype == known.dtype == kind
    assert own.tolist() == known.tolist() == sorted(set(numbers.tolist()))
    assert known[at].tolist() == numbers.tolist()


def test_many_wide_columns_are_ordered_where_no_number_holds_them() -> None:
    rng = np.random.default_rng(1)
    columns = [rng.integers(0, 1 << 40, 5_000) for _ in range(6)]
    assert order_of(*columns).tolist() == np.lexsort(columns[::-1]).tolist()
    assert alike(*columns)[0].tolist() == np.argsort(np.lexsort(columns[::-1])).tolist()
    assert [each.tolist() for each in distinct_rows(*columns)] == [
        each[np.lexsort(columns[::-1])].tolist() for each in columns
    ]


def test_what_is_there_more_than_once_is_told_and_never_missed() -> None:
    numbers = np.array([-3, 7, 7, 0, -3, 5])
    assert repeated(numbers).tolist() == [True, True, True, False, True, False]
    far = np.append(numbers, 1 << 60)
    assert repeated(far)[[0, 1, 2, 4]].all()
    assert repeated(numbers[:0]).tolist() == []


def test_rows_whose_number_leaves_no_room_for_places_are_ordered_by_its_last_bits_too() -> None:
    rng = np.random.default_rng(7)
    first = rng.integers(0, 3, 400)
    second = rng.choice(rng.integers(0, 1 << 56, 9), 400) + rng.integers(0, 4, 400)
    rows = list(zip(first.tolist(), second.tolist(), strict=True))
    assert order_of(first, second).tolist() == sorted(range(400), key=rows.__getitem__)
