"""One line is the twin of one line, as many as can be, and only what is sure is said to be."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whosaw.store.index.twin_pairs import ALIKE, MAYBE, ROW, SURE, pair_rows
from whosaw.store.index.twin_rules import TwinRule

REQUEST = TwinRule(sources=("edge", "app"), by="request", within=10)
PAGE = TwinRule(sources=("edge", "app"), by="page", within=2)
Line = tuple[int, int, int, int, int]  # side, time, key, person, client


def table(lines: list[Line]) -> npt.NDArray[Any]:
    rows = np.zeros(len(lines), ROW)
    for at, (side, time, key, person, client) in enumerate(lines):
        row = rows[at]
        row["side"], row["time"], row["key"], row["person"], row["client"] = side, time, key, person, client
        row["line"], row["segment"], row["view"] = at, side + 1, True
    return rows


def paired(lines: list[Line], rule: TwinRule) -> list[tuple[int, int, int]]:
    """(time of the outer line, time of the inner one, kind), in order."""
    rows = table(lines)
    found = pair_rows(rows, [rule])
    outer, inner = rows["time"][found.outer].tolist(), rows["time"][found.inner].tolist()
    return sorted(zip(outer, inner, found.kind.tolist(), strict=True))


@pytest.mark.parametrize(
    ("rule", "lines", "expected"),
    [
        (REQUEST, [(0, 0, 1, 7, 1), (1, 9, 1, 7, 2)], [(0, 9, SURE)]),
        (REQUEST, [(0, 0, 1, 7, 1), (1, 9, 1, -1, 2)], [(0, 9, SURE)]),  # the one names nobody
        (REQUEST, [(0, 0, 1, 7, 1), (1, 9, 1, 8, 2)], [(0, 9, MAYBE)]),  # two people
        (REQUEST, [(0, 0, 1, 7, 1), (1, 11, 1, 7, 2)], []),  # too far apart
        (REQUEST, [(0, 0, 1, 7, 1), (1, 9, 2, 7, 2)], []),  # another request
        # tried again: the earlier with the earlier
        (REQUEST, [(0, 0, 1, 7, 1), (0, 4, 1, 7, 1), (1, 1, 1, 7, 2)], [(0, 1, SURE)]),
        (PAGE, [(0, 0, 1, 7, 1), (1, 2, 1, 7, 2)], [(0, 2, SURE)]),
        (PAGE, [(0, 0, 1, 7, 1), (1, 4, 1, 7, 2)], [(0, 4, MAYBE)]),  # just outside
        (PAGE, [(0, 0, 1, 7, 1), (1, 5, 1, 7, 2)], []),
        (PAGE, [(0, 0, 1, 7, 1), (1, 1, 1, 8, 2)], []),
        # one is left over: which of the two has the partner?
        (PAGE, [(0, 0, 1, 7, 1), (0, 2, 1, 7, 1), (1, 2, 1, 7, 2)], [(0, 2, MAYBE)]),
        (PAGE, [(0, 0, 1, 7, 1), (0, 2, 1, 7, 1), (1, 1, 1, 7, 2), (1, 3, 1, 7, 2)], [(0, 1, SURE), (2, 3, SURE)]),
        # two agents of one address at once: two acts, but who is which of the two names?
        (PAGE, [(0, 0, 1, 7, 1), (0, 0, 1, 7, 3), (1, 1, 1, 7, 2), (1, 1, 1, 7, 4)], [(0, 1, ALIKE), (0, 1, ALIKE)]),
        # people apart
        (PAGE, [(0, 0, 1, 7, 1), (0, 1, 1, 8, 1), (1, 0, 1, 8, 2), (1, 1, 1, 7, 2)], [(0, 1, SURE), (1, 0, SURE)]),
    ],
)  # fmt: skip
def test_by_hand(rule: TwinRule, lines: list[Line], expected: list[tuple[int, int, int]]) -> None:
    assert paired(lines, rule) == expected


ACTS = st.lists(
    st.tuples(
        st.integers(0, 20),  # when
        st.integers(0, 1),  # key
        st.integers(0, 1),  # person
        st.integers(-2, 2),  # how much later the inner line is written
        st.sampled_from(["both", "both", "outer"]),
        st.booleans(),  # whether the outer line names the person
        st.booleans(),
    ),
    max_size=14,
)


@settings(deadline=None)
@given(ACTS, st.permutations(range(28)))
def test_the_truth_lies_between_all_pairs_and_the_sure_ones(
    acts: list[tuple[int, int, int, int, str, bool, bool]], shuffled: list[int]
) -> None:
    """Where the outer source is whole and no partner stands outside of the slack."""
    lines: list[Line] = []
    for time, key, person, late, where, outer_names, inner_names in acts:
        lines.append((0, time, key, person if outer_names else -1, 1))
        if where == "both":
            lines.append((1, time + late, key, person if inner_names else -1, 2))
    lines = [lines[at] for at in shuffled if at < len(lines)]
    found = paired(lines, PAGE)
    sure = sum(kind != MAYBE for _, _, kind in found)
    assert len(lines) - len(found) <= len(acts) <= len(lines) - sure


@settings(deadline=None)
@given(ACTS, st.permutations(range(28)))
def test_each_line_has_one_partner_whatever_the_order(
    acts: list[tuple[int, int, int, int, str, bool, bool]], shuffled: list[int]
) -> None:
    lines: list[Line] = [
        (at % 2, time, key, person, at % 3) for at, (time, key, person, *_) in enumerate(acts)
    ]
    other = [lines[at] for at in shuffled if at < len(lines)]
    for rule in (REQUEST, PAGE):
        rows = table(lines)
        found = pair_rows(rows, [rule])
        assert len(set(found.outer.tolist())) == len(found.outer)
        assert len(set(found.inner.tolist())) == len(found.inner)
        assert (rows["side"][found.outer] == 0).all()
        assert (rows["side"][found.inner] == 1).all()
        assert paired(lines, rule) == paired(other, rule)
