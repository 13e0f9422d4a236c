"""Steps as of a day, from pairs that were looked for once, are those that a look at all rows of that day's window finds."""

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
def test_a_day_has_the_steps_of_all_rows_of_its_window(
    views: list[tuple[int, int, int]], within: int, recent: int, before: int
) -> None:
    walk = Walk(recent=recent, near=2, within=within, chain=2)
    entity, half, person = np.array(sorted((entity, half, person) for half, entity, person in views)).T
    time = half * HOUR // 2
    known = np.full(26, 99)
    np.minimum.at(known, person, time // DAY)
    known[::5] = np.minimum(known[::5], before)  # whose number was known although nobody saw them
    comers = Comers(walk, entity, time, person, lambda day: places(known, day))
    for judged in range(6):
        since = judged - 2
        came = comers.as_of(judged, since, np.array([True, True]))
        rows = comers.at[came.at]
        for its in (0, 1):
            mine = np.flatnonzero((entity == its) & (time >= since * DAY) & (time < (judged + 1) * DAY))
            if not len(mine):
                assert not (entity[rows] == its).any()
                continue
            place = places(known, judged)[person[mine]]
            position, step, chain = WalkRows(walk, 99).add(time[mine], place)
            own = entity[rows] == its
            assert rows[own].tolist() == mine[position].tolist()
            assert (came.before[own] >= 0).tolist() == step.tolist()
            first = int(np.flatnonzero(own)[0])
            again = WalkRows(walk, 0).hang_together(
                np.where(came.before[own] >= 0, came.before[own] - first, -1)
            )
            assert again.tolist() == chain.tolist()
