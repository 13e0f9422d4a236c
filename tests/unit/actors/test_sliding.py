"""Distinct persons in a sliding window are exact, however the views are cut into slices."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.actors import sliding as module
from whosaw.actors.sliding import Peak, SlidingPersons, SlidingSigned

VIEWS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 6), st.booleans()), min_size=1, max_size=60
).map(sorted)


def by_hand(views: list[tuple[int, int]], length: int, threshold: int) -> Peak:
    """The definition, said slowly: at each view, the distinct persons of the window that ends with it."""
    inside = [
        (at, len({p for t, p in views if at - length < t <= at})) for at in sorted({t for t, _ in views})
    ]
    most = max(count for _, count in inside)
    return Peak(
        most=most,
        most_at=next(at for at, count in inside if count == most),
        reached_at=next((at for at, count in inside if count >= threshold), None),
    )


def add(sliding: SlidingPersons, views: list[tuple[int, int]]) -> None:
    sliding.add(np.array([t for t, _ in views], np.int64), np.array([p for _, p in views], np.uint32))


@given(
    views=VIEWS,
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=3),
    threshold=st.integers(1, 7),
    cuts=st.lists(st.integers(0, 60), max_size=4),
)
@settings(max_examples=examples(150), deadline=None)
def test_any_slicing_gives_what_the_definition_gives(
    views: list[tuple[int, int, bool]], lengths: list[int], threshold: int, cuts: list[int]
) -> None:
    plain = [(t, p) for t, p, _ in views]
    sliding = SlidingPersons([(length, threshold) for length in lengths])
    borders = [0, *sorted(min(cut, len(plain)) for cut in cuts), len(plain)]
    for start, stop in pairwise(borders):
        add(sliding, plain[start:stop])
    assert list(sliding.peaks) == [by_hand(plain, length, threshold) for length in lengths]


@given(views=VIEWS, threshold=st.integers(1, 4), percent=st.integers(1, 100), cut=st.integers(0, 60))
@settings(max_examples=examples(150), deadline=None)
def test_a_share_is_asked_of_everything_seen_in_the_same_window(
    views: list[tuple[int, int, bool]], threshold: int, percent: int, cut: int
) -> None:
    length, step = 130, 2  # a sixtieth of the length, rounded down
    views = [(13 * t + p, p, c) for t, p, c in views]
    views.sort()
    sliding = SlidingPersons([(length, threshold)], least_share=percent / 100)
    # slices end between instants, as days do
    cut = next(
        (at for at in range(min(cut, len(views)), len(views)) if views[at][0] != views[at - 1][0]), len(views)
    )
    for part in (views[:cut], views[cut:]):
        times = np.array([t for t, _, _ in part], np.int64)
        persons = np.array([p for _, p, _ in part], np.uint32)
        sliding.add(times, persons, np.array([c for _, _, c in part], np.bool_))
    counted = [(t, p) for t, p, c in views if c]
    # the number in a window only grows when a person enters it, so only these instants are asked
    entering = [t for t, p in counted if not any(q == p and t - length < u < t for u, q in counted)]

    def share_is_met(at: int) -> bool:
        start = (at - length) // step * step
        every = sum(start <= t <= at for t, _, _ in views)
        return sum(start <= t <= at for t, _ in counted) >= percent / 100 * every

    expected = next(
        (
            at
            for at in entering
            if len({p for t, p in counted if at - length < t <= at}) >= threshold and share_is_met(at)
        ),
        None,
    )
    assert sliding.peaks[0].reached_at == expected


@given(
    views=VIEWS,
    threshold=st.integers(1, 4),
    cuts=st.lists(st.integers(0, 60), max_size=6),
    slack=st.integers(0, 3),
)
@settings(
    max_examples=examples(200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_signed_people_are_weighed_against_all_that_are_inside_at_the_same_instant(
    views: list[tuple[int, int, bool]],
    threshold: int,
    cuts: list[int],
    slack: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_SLACK", slack)  # views that count no longer are taken out early
    lengths = [25, 4]
    # those who are not named are numbered from 2**31 on
    views = [(t, p if p < 4 else 2**31 + p, s) for t, p, s in views]

    def half(signed: np.ndarray, people: np.ndarray) -> np.ndarray:
        return 2 * signed >= people

    signing = SlidingSigned([(length, threshold) for length in lengths], half)
    borders = [0, *sorted(min(cut, len(views)) for cut in cuts), len(views)]
    # slices end between instants
    borders = [at for at in borders if at in (0, len(views)) or views[at][0] != views[at - 1][0]]
    for start, stop in pairwise(borders):
        part = views[start:stop]
        signing.add(
            np.array([t for t, _, _ in part], np.int64),
            np.array([p for _, p, _ in part], np.uint32),
            np.array([s for _, _, s in part], np.bool_),
        )
    for peak, length in zip(signing.peaks, lengths, strict=True):
        signed = [(t, p) for t, p, s in views if s]
        if not signed:
            assert peak == Peak()
            continue
        expected = by_hand(signed, length, threshold)
        assert (peak.most, peak.most_at) == (expected.most, expected.most_at)
        inside = [
            (
                t,
                len({p for u, p in signed if t - length < u <= t}),
                len({p for u, p, _ in views if t - length < u <= t}),
            )
            for t, p in signed
            if not any(q == p and t - length < u < t for u, q in signed)
        ]
        assert peak.reached_at == next(
            (t for t, some, every in inside if some >= threshold and 2 * some >= every), None
        )


def test_a_view_is_over_when_the_window_has_passed() -> None:
    sliding = SlidingPersons([(10, 2)])
    add(sliding, [(0, 1), (10, 2)])
    assert sliding.peaks == (Peak(most=1, most_at=0, reached_at=None),)


def test_no_more_is_kept_between_slices_than_persons_in_the_longest_window() -> None:
    sliding = SlidingPersons([(10, 99)])
    add(sliding, [(t, t % 3) for t in range(1_000)])
    assert len(sliding._crowd._times) == 3


def test_views_that_later_ones_took_the_place_of_are_not_kept_for_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_SLACK", 10)
    sliding = SlidingPersons([(10_000, 99)])
    for start in range(0, 9_000, 3):
        add(sliding, [(t, t % 3) for t in range(start, start + 3)])
        assert len(sliding._crowd._times) <= 2 * 3 + 10 + 3
    assert sliding.peaks[0].most == 3


def test_the_first_remarkable_instant_is_found_wherever_it_stands() -> None:
    # one new person at each instant, so that from the second on each window of two instants holds two
    times = np.arange(10_000, dtype=np.int64)
    for wanted in (1, 2, 1_030, 9_999):
        asked: list[int] = []

        def remarkable(
            signed: np.ndarray, people: np.ndarray, wanted: int = wanted, asked: list[int] = asked
        ) -> np.ndarray:
            assert set(signed.tolist()) == set(people.tolist()) == {2}
            start = len(asked)
            asked.extend(signed.tolist())
            return np.arange(start, len(asked)) >= wanted - 1

        sliding = SlidingSigned([(2, 2)], remarkable)
        sliding.add(times, times.astype(np.uint32), np.ones(10_000, np.bool_))
        assert sliding.peaks == (Peak(most=2, most_at=1, reached_at=wanted),)
