"""How many people a group holds day by day is what a plain count of each day says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whosaw.actors.summing.people_in_days import people_in_days

_GROUPS = 3
_ROWS = st.lists(
    st.tuples(st.integers(0, _GROUPS - 1), st.integers(0, 3), st.integers(-4, 12), st.integers(-2, 6)),
    max_size=25,
)


@given(rows=_ROWS, days=st.lists(st.integers(-6, 20), unique=True).map(sorted))
def test_as_a_count_of_each_day(rows: list[tuple[int, int, int, int]], days: list[int]) -> None:
    group, person, first, length = np.array(rows, np.int64).reshape(-1, 4).T
    found = {
        day: many.tolist()
        for day, many in people_in_days(_GROUPS, group, person, first, first + length, days)
    }
    assert found == {
        day: [
            len({who for at, who, since, on in rows if at == each and since <= day <= since + on})
            for each in range(_GROUPS)
        ]
        for day in days
    }
