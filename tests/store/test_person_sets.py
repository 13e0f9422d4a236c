"""Sets of numbers as bytes: what goes in comes out, in one spelling, and unions and numbers are those of plain sets."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from whosaw.store import person_sets
from whosaw.store.person_sets import (
    FEWEST,
    LISTED,
    count,
    counts,
    counts_at_most,
    pack,
    pack_ascending,
    pack_runs,
    union_by,
    united,
    unpack,
    unpack_rows,
)

NARROW = st.sets(st.one_of(st.integers(0, 300), st.integers(0, (1 << 32) - 1)), max_size=60)
WIDE = st.sets(st.one_of(st.integers(0, 300), st.integers(0, (1 << 63) - 1)), max_size=60)


@pytest.mark.parametrize(
    ("size", "step", "tag"),
    [
        (0, 1, None), (2, 1, None), (3, 1, 1), (1_999, 1, 1), (2_000, 1, 2), (50_000, 1, 2),
        (2_000, 7, 1), (50_000, 7, 2), (50_000, 9, 1), (50_000, 1 << 10, 1),
    ],
)  # fmt: skip
def test_a_large_set_is_written_as_it_takes_fewer_bytes(size: int, step: int, tag: int | None) -> None:
    packed = pack(np.arange(size) * step + 5)
    assert (packed[0] if packed else None) == tag
    assert unpack(packed).tolist() == ([*range(5, 5 + step * size, step)] if size >= FEWEST else [])
    assert count(packed) == (size if size >= FEWEST else 0)


@pytest.mark.parametrize("most", [3_000, 9_000, 70_000, 1 << 20, (1 << 32) - 1])
@pytest.mark.parametrize("run", [1, 3, 700])
def test_of_the_two_spellings_the_shorter_one_is_written(most: int, run: int) -> None:
    begin = np.unique(np.random.default_rng(run).integers(0, most - run, 60_000 // run))
    numbers = np.unique(begin[:, None] + np.arange(run))
    bitmap = BitMap(numbers.tolist())
    bitmap.run_optimize()
    differences = np.diff(numbers, prepend=0)
    listed = 1 + sum(max(1, -(-int(each).bit_length() // 7)) for each in differences.tolist())
    packed = pack_ascending(numbers)
    assert len(numbers) >= LISTED
    assert len(packed) == min(listed, 1 + len(bitmap.serialize()))
    assert unpack(packed).tolist() == numbers.tolist()


def test_a_list_holds_seven_bits_of_each_difference_a_byte() -> None:
    assert pack([5, 5 + 127, 5 + 127 + 128]) == bytes([1, 5, 127, 0x80, 1])


def test_numbers_that_roaring_cannot_hold_stay_in_a_list() -> None:
    numbers = np.arange(LISTED + 5, dtype=np.int64) + (1 << 40)
    packed = pack(numbers)
    assert packed is not None
    assert packed[0] == 1
    assert unpack(packed).tolist() == numbers.tolist()


def test_nothing_below_0_is_packed() -> None:
    with pytest.raises(ValueError, match="below 0"):
        pack([-1, 2, 3])


@given(WIDE)
def test_what_is_packed_comes_out(numbers: set[int]) -> None:
    packed = pack(sorted(numbers, reverse=True))
    if len(numbers) < FEWEST:
        assert packed is None
        return
    assert unpack(packed).tolist() == sorted(numbers)
    assert count(packed) == len(numbers)


@given(st.lists(st.one_of(WIDE, st.integers(0, 50).map(lambda n: set(range(n, n + LISTED)))), max_size=8))
def test_a_column_is_packed_as_its_sets_are_one_by_one(sets: list[set[int]]) -> None:
    borders = np.concatenate([[0], np.cumsum([len(each) for each in sets])]).astype(np.int64)
    column = pack_runs(np.asarray([n for each in sets for n in sorted(each)], np.int64), borders)
    assert column.to_pylist() == [pack(sorted(each)) for each in sets]
    numbers, rows = unpack_rows(column)
    kept = [(n, row) for row, each in enumerate(sets) if len(each) >= FEWEST for n in sorted(each)]
    assert list(zip(numbers.tolist(), rows.tolist(), strict=True)) == kept
    assert counts(pa.chunked_array([column])).tolist() == [
        len(each) if len(each) >= FEWEST else 0 for each in sets
    ]


@given(
    st.lists(st.lists(NARROW, max_size=5), max_size=4),
    st.integers(0, 50),
    st.data(),
    st.sampled_from([1, 30, 1 << 20]),
)
def test_groups_hold_what_their_sets_do_however_many_are_read_at_once(
    days: list[list[set[int]]], start: int, data: st.DataObject, at_once: int
) -> None:
    days.append([set(range(start, start + LISTED)), set()])
    sets = [each for of in days for each in of]
    places = st.lists(st.tuples(st.integers(0, len(sets) - 1), st.integers(0, 3)), max_size=12)
    pairs = sorted(data.draw(places))
    wanted = [
        set[int]().union(*(sets[row] for row, of in pairs if of == group and len(sets[row]) >= FEWEST))
        for group in range(4)
    ]
    columns = [pa.chunked_array([pa.array([pack(sorted(each)) for each in of], pa.binary())]) for of in days]
    rows, groups = np.array(pairs, np.int64).reshape(-1, 2).T
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(person_sets, "_IN_HAND", at_once)
        assert [set(each) for each in union_by(columns, rows, groups, 4)] == wanted


def test_a_column_holds_no_more_numbers_than_is_told_without_reading_it() -> None:
    """A list may hold fewer, of roaring, whose bytes may say much more, it is told exactly."""
    sizes = [0, 1, 4, LISTED, 3 * LISTED, 2, 5]
    sets = [np.arange(size) * (300 if size == 5 else 1) for size in sizes]
    column = pack_runs(np.concatenate(sets), np.cumsum([0, *sizes]))
    assert counts_at_most(column).tolist() == [0, 0, 4, LISTED, 3 * LISTED, 0, 9]
    assert counts_at_most(column[2:]).tolist() == [4, LISTED, 3 * LISTED, 0, 9]
    assert counts_at_most(column[:2]).tolist() == [0, 0]


def test_sets_of_all_spellings_stand_together_in_a_column() -> None:
    """Also where the column is a part of another one, in pieces, or holds nothing."""
    sizes = [0, 1, 4, LISTED - 1, LISTED, 2, 3 * LISTED, 5]
    sets = [np.arange(size) * (at + 1) + at for at, size in enumerate(sizes)]
    column = pack_runs(np.concatenate(sets), np.cumsum([0, *sizes]), fewest=1)
    assert [unpack(each).tolist() for each in column.to_pylist()] == [each.tolist() for each in sets]
    assert column.to_pylist()[3:] == [
        pack(each) if len(each) > 2 else column[at].as_py() for at, each in enumerate(sets[3:], 3)
    ]
    for some in (
        column,
        column[2:7],
        pa.chunked_array([column[:5], column[5:]]),
        column[:1],
        pa.chunked_array([], pa.binary()),
    ):
        told = [
            (row, number) for row, each in enumerate(some.to_pylist()) for number in unpack(each).tolist()
        ]
        numbers, rows = unpack_rows(some)
        assert list(zip(rows.tolist(), numbers.tolist(), strict=True)) == told


@given(
    st.lists(st.sets(st.integers(0, 1 << 40), min_size=3, max_size=60), max_size=8),
    st.lists(st.tuples(st.integers(0, 9_000), st.integers(2_000, 4_000)), max_size=3),
    st.integers(1, 200),
)
def test_sets_hold_together_what_each_holds_however_many_are_read_at_once(
    few: list[set[int]], many: list[tuple[int, int]], at_once: int
) -> None:
    sets = [*few, *(set(range(start, start + size)) for start, size in many)]
    packed = [pack(sorted(each)) for each in sets]
    wanted = sorted(set().union(*sets))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(person_sets, "_IN_HAND", at_once)
        assert united(each for each in packed if each is not None).tolist() == wanted
    assert united(each for each in packed if each is not None).tolist() == wanted
