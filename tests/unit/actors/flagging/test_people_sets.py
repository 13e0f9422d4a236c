"""People of entities over some days, told from packed sets: as plain sets have them, however many people are in hand at once."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.actors.flagging.bounds import PeopleSets
from whosaw.actors.summing import people_in_days
from whosaw.store.person_sets import pack_runs

ENTITIES, DAYS = 6, 8
SETS = st.dictionaries(
    st.tuples(st.integers(0, ENTITIES - 1), st.integers(0, DAYS - 1)), st.sets(st.integers(0, 40), min_size=3, max_size=12), max_size=20
)  # fmt: skip
ASKED = st.lists(
    st.tuples(st.integers(0, ENTITIES - 1), st.integers(0, DAYS - 1)), max_size=12, unique=True
).map(sorted)


@pytest.mark.parametrize("at_once", [1, 15, 1 << 19])
@given(SETS, ASKED, st.integers(0, 7), st.integers(0, 1))
def test_people_of_days_are_counted_once_and_added_up(
    at_once: int,
    sets: dict[tuple[int, int], set[int]],
    asked: list[tuple[int, int]],
    since: int,
    until: int,
) -> None:
    rows = sorted(sets, key=lambda each: (each[1], each[0]))  # by day, as runs are
    people = [sorted(sets[each]) for each in rows]
    borders = np.cumsum([0, *map(len, people)])
    column = pack_runs(np.array([each for its in people for each in its], np.int64), borders)
    entity, day = (np.array([each[at] for each in rows], np.int64) for at in range(2))
    whose, on = (np.array([each[at] for each in asked], np.int64) for at in range(2))
    with patch.object(people_in_days, "_AT_ONCE", at_once):
        together, added = PeopleSets(entity, day, pa.chunked_array([column])).together(
            whose, on, since, until
        )
    inside = [
        [its for (of, when), its in sets.items() if of == each and last - since <= when <= last - until]
        for each, last in asked
    ]
    assert together.tolist() == [len(set().union(*each)) for each in inside]
    assert added.tolist() == [sum(map(len, each)) for each in inside]
