"""A window of days that moves holds what is in it, wherever it was before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.actors.summing.known_days import ByDay, Sliding, known_days


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), max_size=8),
)
def test_sums_are_of_the_days_of_the_window(days: list[int], moves: list[tuple[int, int]]) -> None:
    day = np.sort(np.array(days))
    by_day = ByDay(day)
    there = np.zeros(len(day), np.int64)

    def add(rows: slice, times: int) -> None:
        there[rows] += times

    window = Sliding(by_day, add)
    for one, other in moves:
        first, end = sorted(min(each, len(by_day.days)) for each in (one, other))
        window.move((first, end))
        assert there.tolist() == np.isin(day, by_day.days[first:end]).tolist()


@given(st.sets(st.integers(0, 900), min_size=1, max_size=60), st.lists(st.integers(0, 1_000), max_size=5))
def test_windows_are_the_known_days(days: set[int], asked: list[int]) -> None:
    by_day = ByDay(np.array(sorted(days)))
    told = list(by_day.windows(asked))
    assert [day for day, _, _ in told] == sorted(asked)
    for day, known, (first, end) in told:
        assert known == known_days(sorted(days), day)
        assert by_day.days[first:end].tolist() == list(known.days)


def test_rows_are_in_the_order_of_their_days() -> None:
    with pytest.raises(ValueError, match="ascend"):
        ByDay(np.array([2, 1]))
