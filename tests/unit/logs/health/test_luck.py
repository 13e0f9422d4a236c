"""Chernoff's bound against values worked out by hand."""

from __future__ import annotations

from math import exp, factorial, log10

import pytest

from whosaw.logs.health.luck import digits_of_so_few


def test_none_where_some_are_expected_is_exactly_what_poisson_gives() -> None:
    assert digits_of_so_few(0, 23.02585092994046) == pytest.approx(10)  # exp(-10 ln 10)


def test_no_fewer_than_expected_is_no_surprise() -> None:
    assert digits_of_so_few(5, 5) == digits_of_so_few(9, 5) == digits_of_so_few(0, 0) == 0


def test_half_of_a_hundred() -> None:
    assert digits_of_so_few(50, 100) == pytest.approx(6.6632, abs=1e-4)  # (100 - 50 + 50 ln 0.5) / ln 10


@pytest.mark.parametrize(("events", "expected"), [(0, 3.0), (2, 9.0), (5, 20.0), (10, 40.5)])
def test_the_bound_is_never_below_the_true_chance(events: int, expected: float) -> None:
    truth = sum(exp(-expected) * expected**k / factorial(k) for k in range(events + 1))
    assert digits_of_so_few(events, expected) <= -log10(truth) + 1e-9
