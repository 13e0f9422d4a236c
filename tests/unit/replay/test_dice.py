"""Draws: the same everywhere, and in the shares asked for."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.replay.dice import Dice, at_quantiles


def test_the_stream_is_that_of_pcg64() -> None:
    bits = np.random.PCG64(np.random.SeedSequence([5, 672_557_606]))  # CRC-32 of "people"
    assert Dice(5, "people").raw(3).tolist() == bits.random_raw(3).tolist()


def test_streams_of_other_names_differ() -> None:
    assert Dice(5, "people").raw(4).tolist() != Dice(5, "pages").raw(4).tolist()


def test_quantiles_are_joined_by_straight_lines() -> None:
    places = np.asarray([0.0, 0.25, 0.5, 0.75, 0.999])
    assert at_quantiles(places, [0, 10, 100]).tolist() == [0, 5, 10, 55, 99]
    assert at_quantiles(places, [7]).tolist() == [7] * 5


def test_pick_never_takes_what_has_no_weight() -> None:
    assert set(Dice(1, "x").pick(2000, [0, 3, 0, 1, 0]).tolist()) == {1, 3}


def test_yes_keeps_its_share() -> None:
    share = Dice(1, "share").yes(20_000, 0.2).mean()
    assert 0.19 < share < 0.21


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 2**63 - 1), count=st.integers(0, 200))
def test_order_holds_each_number_once(seed: int, count: int) -> None:
    assert sorted(Dice(seed, "order").order(count).tolist()) == list(range(count))


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 2**63 - 1), end=st.integers(1, 10**9))
def test_below_stays_below(seed: int, end: int) -> None:
    drawn = Dice(seed, "below").below(50, end)
    assert drawn.min() >= 0
    assert drawn.max() < end
