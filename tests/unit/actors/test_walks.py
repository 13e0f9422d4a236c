"""Steps of a walk: near places, equal strides, chains, and the same answer however the views are sliced."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whosaw.actors.walks import Walk, WalkRows

WALK = Walk(recent=4, near=2, within=100, chain=3)


def steps(
    rows: list[tuple[int, int]], walk: Walk = WALK, *, cuts: tuple[int, ...] = ()
) -> list[tuple[int, bool]]:
    """(place, is a step) of the rows that count, fed in slices that end at `cuts`."""
    walker = WalkRows(walk, 10_000)
    out: list[tuple[int, bool]] = []
    borders = [0, *sorted(cut for cut in cuts if 0 < cut < len(rows)), len(rows)]
    for start, stop in pairwise(borders):
        part = rows[start:stop]
        if part:
            times, places = (np.asarray(each, dtype=np.int64) for each in zip(*part, strict=True))
            position, step, _ = walker.add(times, places)
            out += [(int(places[at]), bool(is_step)) for at, is_step in zip(position, step, strict=True)]
    return out


def test_people_in_no_order_are_no_steps() -> None:
    assert [step for _, step in steps([(0, 5), (1, 900), (2, 77), (3, 3000)])] == [False] * 4


def test_neighbours_are_steps_even_when_others_come_between() -> None:
    assert steps([(0, 5), (1, 900), (2, 6), (3, 3000), (4, 8)]) == [
        (5, False), (900, False), (6, True), (3000, False), (8, True),
    ]  # fmt: skip


def test_the_same_place_again_is_no_step_and_does_not_count() -> None:
    assert steps([(0, 5), (1, 5), (2, 5)]) == [(5, False)]
    assert steps([(0, 5), (100, 5)]) == [
        (5, False),
        (5, False),
    ]  # a while later it counts again, from itself it is none


def test_neighbours_long_after_are_no_steps() -> None:
    assert steps([(0, 5), (101, 6)]) == [(5, False), (6, False)]


def test_a_fixed_stride_is_a_walk_however_long_it_is() -> None:
    assert steps([(0, 100), (1, 600), (2, 1100), (3, 1600)]) == [
        (100, False), (600, True), (1100, True), (1600, True),
    ]  # fmt: skip


def test_chains_hang_together_and_are_counted_across_slices() -> None:
    walker = WalkRows(WALK, 10_000)
    chains = []
    for part in ([(0, 5), (1, 900)], [(2, 6), (3, 2000)], [(4, 7), (5, 4000)]):
        times, places = (np.asarray(each, dtype=np.int64) for each in zip(*part, strict=True))
        chains += walker.add(times, places)[2].tolist()
    assert chains[0] == chains[2] == chains[4]
    assert len({chains[1], chains[3], chains[5], chains[0]}) == 4
    standing = walker.in_chains_of(3, np.array(chains)).tolist()
    assert standing == [each == chains[0] for each in chains]


@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), max_size=40),
    cuts=st.lists(st.integers(0, 40), max_size=5),
)
def test_how_views_are_sliced_changes_no_near_step(rows: list[tuple[int, int]], cuts: list[int]) -> None:
    time, timed = 0, []
    for pause, place in rows:
        time += pause
        timed.append((time, place))
    # a stride looks at what comes next, which a slice may not hold yet: near places alone must agree
    whole, sliced = steps(timed), steps(timed, cuts=tuple(cuts))
    assert [place for place, _ in whole] == [place for place, _ in sliced]
    near = [step for _, step in whole]
    assert sum(a != b for a, b in zip(near, [step for _, step in sliced], strict=True)) <= len(cuts)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), min_size=1, max_size=30), st.integers(0, 200)
)
def test_a_step_is_shown_by_its_row_or_by_the_next_one(rows: list[tuple[int, int]], since: int) -> None:
    times = np.cumsum([wait for wait, _ in rows])
    places = np.array([100 * place if place % 3 else place for _, place in rows])
    actors = np.zeros(len(rows), np.int64)
    _, step, shown = WalkRows(WALK, 10_000).steps(actors, times, places, times >= since)
    before = int(np.searchsorted(times, since))
    told = [
        sum(each for _, each in steps(list(zip(times[:many].tolist(), places[:many].tolist(), strict=True))))
        for many in (len(rows), before)
    ]
    assert int(step.sum()) == told[0] - told[1]
    assert (times[shown[step]] >= since).all()
