"""Runs of minutes without an event, told from bitmaps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whosaw.logs.coverage.silences import Silences, has_silence

MINUTES = st.integers(0, (1 << 60) - 1)


def longest(minutes: int) -> int:
    return max(len(run) for run in f"{minutes:060b}".split("1"))


@given(
    MINUTES | MINUTES.map(lambda each: each & each >> 1) | MINUTES.map(lambda each: each | each >> 1),
    st.integers(1, 61),
)
def test_a_silence_of_so_many_minutes_is_seen(minutes: int, most: int) -> None:
    assert has_silence(minutes, most) == (longest(minutes) >= most)


@given(st.lists(st.tuples(st.integers(0, 5000), MINUTES), max_size=40))
def test_all_that_is_longer_than_the_least_unlikely_is_unlikely(hours: list[tuple[int, int]]) -> None:
    silences = Silences.of(hours)
    told = [silences.unlikely(minutes) for minutes in range(1, 61)]
    least = silences.least_unlikely()
    assert told == [minutes >= least for minutes in range(1, 61)]
