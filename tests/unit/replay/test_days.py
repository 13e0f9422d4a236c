"""Days in order of time, and what runs past midnight."""

from __future__ import annotations

import numpy as np

from whosaw.replay.days import merged
from whosaw.replay.traffic import Traffic


def part(times: list[int], first: int) -> Traffic:
    numbers = first + np.arange(len(times))
    return Traffic.of(len(times), time=np.asarray(times), address=9, agent=0, page=0, size=1, number=numbers)


def test_requests_are_in_order_and_those_of_one_moment_keep_theirs() -> None:
    today, later = merged([part([30, 10, 10], 0), part([], 0), part([10, 20], 100)], 1000)
    assert today.time.tolist() == [10, 10, 10, 20, 30]
    assert today.number.tolist() == [1, 2, 100, 101, 0]
    assert today.address.tolist() == [9] * 5
    assert len(later) == 0


def test_what_runs_past_midnight_comes_with_the_next_day() -> None:
    today, later = merged([part([5, 99, 100, 250], 0)], 100)
    assert (today.time.tolist(), later.time.tolist()) == ([5, 99], [100, 250])
    next_day, last = merged([later, part([120], 50)], 200)
    assert (next_day.number.tolist(), last.number.tolist()) == ([2, 50], [3])


def test_a_day_on_which_nothing_happens() -> None:
    today, later = merged([part([], 0)], 100)
    assert (len(today), len(later)) == (0, 0)
