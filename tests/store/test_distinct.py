"""Numbers and pairs without repeats are those that a plain set has, in their order."""

from __future__ import annotations

import numpy as np
import pytest

from whosaw.store.distinct import distinct, distinct_pairs


@pytest.mark.parametrize(("least", "most"), [(0, 9), (-1, 5), (0, 1 << 45), ((1 << 62) - 3, 1 << 62)])
@pytest.mark.parametrize("many", [0, 1, 2, 300])
def test_pairs_are_each_once_in_order(least: int, most: int, many: int) -> None:
    rng = np.random.default_rng(many)
    first, second = rng.integers(least, most, many), rng.integers(-1, 4, many)
    assert distinct(first).tolist() == sorted(set(first.tolist()))
    told = distinct_pairs(first, second)
    expected = sorted(set(zip(first.tolist(), second.tolist(), strict=True)))
    assert list(zip(*(each.tolist() for each in told), strict=True)) == expected
