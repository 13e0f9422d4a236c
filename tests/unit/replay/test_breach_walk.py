"""Walks: whom a step reads, in which order, piece by piece; and choices that are exact at every size."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.replay.breach_world import MEMBERS, breach_of, people_of, setting_of, step_of

from whosaw.replay.means.walk import Walk, spaced, walk_of


def walk(members: tuple[int, ...] = MEMBERS, **fields: Any) -> Walk:
    step = step_of(**fields)
    return walk_of(setting_of(breach_of(step)), step, people_of(members))


def numbers(of: Walk) -> list[int]:
    return of.piece(0, of.requests).number.tolist()


def test_every_number_is_tried_and_holes_meet_nobody() -> None:
    piece = walk(walk="every-number").piece(0, 9)
    assert piece.number.tolist() == [100, 101, 102, 103, 104, 105, 106, 107, 108]
    assert np.flatnonzero(piece.exists).tolist() == [0, 1, 3, 4, 8]
    assert piece.position[piece.exists].tolist() == [0, 1, 2, 3, 4]


def test_later_rounds_keep_to_members_and_the_last_is_made_in_part() -> None:
    made = walk(walk="every-number", rounds=2.4)
    # 9 numbers, then 5 members, then 2 of 5
    assert numbers(made)[9:] == [100, 101, 103, 104, 108, 100, 101]
    assert (made.requests, made.hits, made.misses) == (16, 12, 4)


def test_at_most_counts_members_not_numbers() -> None:
    assert numbers(walk(walk="every-number", at_most=3)) == [100, 101, 102, 103]
    assert numbers(walk(walk="customers", at_most=3)) == [100, 101, 103]


def test_a_walk_begins_at_a_place_of_the_range() -> None:
    # the range holds 9 numbers; a third of it is the number 103
    assert numbers(walk(walk="every-number", start=0.34)) == [103, 104, 105, 106, 107, 108]
    assert numbers(walk(walk="customers", start=0.34)) == [103, 104, 108]


def test_a_share_is_of_all_customers() -> None:
    assert numbers(walk(walk="customers", share=0.6)) == [100, 101, 103]
    assert numbers(walk(walk="every-number", share=0.4)) == [100, 101]


def test_scattered_reads_everybody_once_in_no_order() -> None:
    members = tuple(range(500, 600))
    made = numbers(walk(members, walk="scattered"))
    assert sorted(made) == list(members)
    assert made != sorted(made)
    steps = {(after - before) % 100 for before, after in pairwise(made)}
    assert len(steps) > 20


def test_a_list_is_walked_by_its_pages_and_ranges_by_their_first_number() -> None:
    assert numbers(walk(walk="pages", means="partner", records=2)) == [0, 1, 2]
    assert numbers(walk(walk="pages", means="partner", records=2, share=0.4)) == [0]
    assert numbers(walk(walk="ranges", means="staff", records=4)) == [100, 104, 108]
    assert numbers(walk(walk="ranges", means="staff", records=4, start=0.5)) == [104, 108]
    assert numbers(walk(walk="ranges", means="staff")) == [100]


def test_hits_are_counted_without_making_the_walk() -> None:
    made = walk(walk="every-number", rounds=2)
    assert [made.hits_before(at) for at in (0, 1, 2, 3, 4, 5, 8, 9, 10, 14)] == [
        0,
        1,
        2,
        2,
        3,
        4,
        4,
        5,
        6,
        10,
    ]
    assert [made.after_hits(hits) for hits in (0, 1, 2, 3, 4, 5, 6, 10)] == [0, 1, 2, 4, 5, 9, 10, 14]


@pytest.mark.parametrize("kind", ["every-number", "customers", "scattered"])
@given(cuts=st.lists(st.integers(1, 15), max_size=5, unique=True))
def test_pieces_of_a_walk_are_the_walk(kind: str, cuts: list[int]) -> None:
    made = walk(walk=kind, rounds=2.4)
    edges = [0, *sorted(cut for cut in cuts if cut < made.requests), made.requests]
    pieces = [made.piece(low, high) for low, high in pairwise(edges)]
    whole = made.piece(0, made.requests)
    assert np.concatenate([piece.number for piece in pieces]).tolist() == whole.number.tolist()
    assert np.concatenate([piece.exists for piece in pieces]).tolist() == whole.exists.tolist()
    before = np.cumsum([0, *(int(piece.exists.sum()) for piece in pieces)])[:-1]
    assert [piece.first_hit for piece in pieces] == before.tolist()


@given(
    total=st.integers(1, 400), share=st.floats(0, 1), cut=st.integers(0, 400), salt=st.integers(0, 2**32 - 1)
)
def test_exactly_so_many_places_are_chosen_however_they_are_asked_for(
    total: int, share: float, cut: int, salt: int
) -> None:
    chosen, cut = round(share * total), min(cut, total)
    whole = spaced(0, total, chosen, total, salt)
    assert len(set(whole.tolist())) == chosen
    assert whole.tolist() == sorted(whole.tolist())
    assert all(0 <= place < total for place in whole.tolist())
    parts = np.concatenate([spaced(0, cut, chosen, total, salt), spaced(cut, total, chosen, total, salt)])
    assert parts.tolist() == whole.tolist()
