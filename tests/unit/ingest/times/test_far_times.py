"""A time far from its neighbours: the rule by hand, and that neither pieces nor days change what it says."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.ingest.times.far import FarTimes

DAY = 86_400_000_000


def at(year: int, month: int = 4, day: int = 14) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1_000_000


def found(times: list[int], cuts: list[int] | None = None) -> list[int]:
    """Positions of the far ones; pieces end before each of `cuts`."""
    edges = sorted({0, *(cuts or []), len(times)})
    far = FarTimes()
    for piece, (start, end) in enumerate(pairwise(edges)):
        far.take(piece, np.array(times[start:end], dtype=np.int64))
    far.end()
    return sorted(edges[piece] + row for piece, rows in far.far.items() for row in rows)


def busy(year: int, count: int = 20, month: int = 4) -> list[int]:
    return [at(year, month) + n * 1_000_000 for n in range(count)]


WRONG = [at(2077), at(1999), at(2015), at(2028)]


@pytest.mark.parametrize("wrong", WRONG)
def test_one_line_of_another_year_is_far(wrong: int) -> None:
    assert found([*busy(2025), wrong, *busy(2025)]) == [20]


def test_two_wrong_lines_ten_lines_apart_are_both_far() -> None:
    assert found([*busy(2025), at(2077), *busy(2025, 10), at(1999), *busy(2025)]) == [20, 31]


@pytest.mark.parametrize("years", [1, 2, 3, 4])
def test_a_log_that_pauses_is_honest(years: int) -> None:
    assert found([*busy(2020), *busy(2020 + years)]) == []
    assert found([*busy(2020, 2), *busy(2020 + years)]) == []
    assert found([*busy(2020), at(2020 + years)]) == []


def test_logs_put_one_after_the_other_are_honest() -> None:
    assert found([*busy(2025), *busy(1999), *busy(2012)]) == []
    assert found([*busy(2012), *busy(2025), *busy(1999, 16)]) == []


def test_at_the_ends_only_what_is_very_far_is_far() -> None:
    assert found([at(2077), *busy(2025)]) == [0]
    assert found([at(1999), *busy(2025)]) == [0]
    assert found([*busy(2025), at(2077)]) == [20]
    assert found([*busy(2025), at(1999)]) == [20]


def test_in_a_small_file_most_lines_are_right() -> None:
    assert found([at(2077), at(2025), at(2025)]) == [0]
    assert found([at(2025), at(2077), at(2025)]) == [1]
    assert found([at(2025), at(2077)]) == []
    assert found([at(2025)]) == []


def test_a_log_in_another_order_than_time_is_left_alone() -> None:
    assert found([at(2000 + 7 * (n % 4)) for n in range(400)]) == []
    assert found([*busy(2025), *[at(2000 + 7 * (n % 2)) for n in range(17)], *busy(2025)]) == []


YEARS = st.sampled_from([1999, 2015, 2020, 2021, 2023, 2025, 2077])
LOGS = st.lists(st.tuples(YEARS, st.integers(1, 20)), max_size=9).map(
    lambda runs: [at(year) + n * DAY for year, count in runs for n in range(count)]
)


@given(LOGS, st.lists(st.integers(0, 180), max_size=30))
def test_pieces_do_not_change_what_is_far(times: list[int], cuts: list[int]) -> None:
    cuts = [cut for cut in cuts if cut <= len(times)]
    assert found(times, cuts) == found(times) == found(times, list(range(len(times))))


@given(LOGS, st.integers(0, 180))
def test_going_on_later_finds_the_same_or_asks_to_read_anew(times: list[int], cut: int) -> None:
    early, late = np.array(times[:cut], dtype=np.int64), np.array(times[cut:], dtype=np.int64)
    first = FarTimes()
    known = first.take(0, early)
    first.end()
    second = FarTimes(known.text(first.far))
    second.take(0, late)
    second.end()
    if not second.revised:
        told = [*first.far.get(0, []), *(len(early) + row for row in second.far.get(0, []))]
        assert sorted(told) == found(times)


@given(LOGS)
def test_what_is_no_longer_open_is_decided(times: list[int]) -> None:
    far, decided = FarTimes(), dict[int, list[int]]()
    for piece, time in enumerate(times):
        far.take(piece, np.array([time], dtype=np.int64))
        for done in range(piece + 1 if far.open_from is None else far.open_from):
            decided.setdefault(done, far.far.get(done, []))
    far.end()
    assert all(rows == far.far.get(piece, []) for piece, rows in decided.items())


def test_a_time_of_no_log_is_refused_wherever_it_stands() -> None:
    far = FarTimes()
    far.take(0, np.array([at(1970), *busy(2025), at(9999), at(1979, 12, 31), at(1980, 1, 1)], dtype=np.int64))
    far.end()
    assert (far.never, far.far) == ({0: [0, 21, 22]}, {0: [23]})
