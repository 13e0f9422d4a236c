"""Steps of a day, looked for once, are those that a look at all rows until the end of that day finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.actors.flagging.question import DAY
from whosaw.actors.flagging.walk_steps import Comers
from whosaw.actors.walks import Walk, WalkRows

HOUR = 3_600_000_000
VIEWS = st.lists(
    st.tuples(st.integers(0, 6 * 48 - 1), st.integers(0, 1), st.integers(0, 25)), min_size=1, max_size=60
)


def places(known: np.ndarray, day: int) -> np.ndarray:
    """By person, how many before them were known by the end of the day; below zero for who was not."""
    there = known <= day
    return np.where(there, np.cumsum(there), -1)


@settings(deadline=None, max_examples=examples(150))
@given(VIEWS, st.sampled_from([HOUR, 5 * HOUR, DAY]), st.integers(1, 4), st.integers(0, 1))
def test_a_day_has_the_steps_of_all_rows_until_its_end(
    views: list[tuple[int, int, int]], within: int, recent: int, before: int
) -> None:
    walk = Walk(recent=recent, near=2, within=within, chain=2)
    entity, half, person = np.array(sorted((entity, half, person) for half, entity, person in views)).T
    time = half * HOUR // 2
    known = np.full(26, 99)
    np.minimum.at(known, person, time // DAY)
    known[::5] = np.minimum(known[::5], before)  # whose number was known although nobody saw them
    comers = Comers(walk, entity, time, person, lambda day, people: places(known, day)[people])
    for day in range(6):
        came = np.flatnonzero(comers.time // DAY == day)
        for its in (0, 1):
            own = came[comers.entity[came] == its]
            mine = np.flatnonzero((entity == its) & (time < (day + 1) * DAY))
            if not len(mine):
                assert not len(own)
                continue
            place = places(known, day)[person[mine]]
            rows = WalkRows(walk, 99)
            new = rows._fresh(time[mine], place)
            before = rows._goes_on(time[mine][new], place[new])
            of_day = np.flatnonzero(time[mine][new] >= day * DAY)
            assert comers.at[own].tolist() == mine[new][of_day].tolist()
            theirs = [mine[new][each] if each >= 0 else -1 for each in before[of_day].tolist()]
            assert [comers.at[each] if each >= 0 else -1 for each in comers.before[own].tolist()] == theirs


def test_a_step_that_only_a_row_of_the_next_day_shows_is_none() -> None:
    """Three people, each as far from the one before: the second is a step once the third comes."""
    walk = Walk(recent=1, near=1, within=DAY, chain=2)
    person = np.array([2, 9, 16])
    for hours, steps in (((1, 2, 3), [False, True, True]), ((22, 23, 25), [False, False, True])):
        time = np.array(hours) * HOUR
        comers = Comers(walk, np.zeros(3, np.int64), time, person, lambda _day, people: people)
        assert (comers.before >= 0).tolist() == steps
