"""Which days a fact is learnt from."""

from __future__ import annotations

import pytest

from whosaw.build.fact import known_days

KNOWN = [*range(10), *range(20, 30), *range(500, 503)]


@pytest.mark.parametrize(
    ("day", "days"),
    [
        (0, [0, 1, 2, 3]),  # hindsight: the first four, itself among them
        (3, [0, 1, 2, 3]),
        (4, [0, 1, 2, 3]),  # four lie before it
        (5, [1, 2, 3, 4]),
        (15, [6, 7, 8, 9]),  # a day that is not known itself
        (21, [7, 8, 9, 20]),
        (30, [26, 27, 28, 29]),
        (119, [26, 27, 28, 29]),  # no further back than a hundred days
        (128, [28, 29]),
        (129, [29]),
        (130, []),
        (500, [500, 501, 502]),  # after a gap it begins anew
        (502, [500, 501, 502]),
        (700, []),
    ],
)
def test_a_fact_is_learnt_from_the_last_known_days_before_it(day: int, days: list[int]) -> None:
    assert list(known_days(KNOWN, day, many=4, reach=100)) == days


def test_nothing_is_known_of_nothing() -> None:
    assert list(known_days([], 5)) == []
