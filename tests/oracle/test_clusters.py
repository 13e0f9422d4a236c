"""What is put together, and one digest of all flags."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle.canon import canon, flag_rows
from tests.oracle.cases import case_log
from tests.oracle.clusters import clusters, merged, things_of
from tests.oracle.detect import Oracle
from tests.oracle.test_items import CHANGED, DETECTORS, EXPLANATIONS, views_of
from tests.oracle.worlds import World, cuts, worlds
from tests.wide import examples

from whosaw.actors.clustering import clusters as of_the_program

SMALL = 2_500


def test_the_largest_overlap_comes_first_and_halves_are_enough() -> None:
    # 1 and 2 share two of three; then what both hold, four, shares two of four with 0, and 3 one of four with it
    held = [frozenset(each) for each in ((1, 2, 8, 9), (1, 3, 4), (2, 3, 4), (9, 20, 21, 22))]
    assert merged(held, [], range(4)) == [[0, 1, 2], [3]]
    assert merged([frozenset((1, 2)), frozenset((2, 3)), frozenset()], [], range(3)) == [[0, 1]]
    assert merged([frozenset((1, 2, 3)), frozenset((3, 4, 5))], [], range(2)) == [[0], [1]]
    assert merged([frozenset((1, 2, 3)), frozenset((3, 4, 5))], [(0, 1, 900_000)], range(2)) == [[0, 1]]


def test_two_that_lie_in_the_same_others_are_one() -> None:
    # ten addresses that twelve accounts take in turns: each account shares a tenth with each address
    accounts = [frozenset(range(12 * at, 12 * at + 10)) for at in range(12)]
    addresses = [frozenset(12 * account + at for account in range(12)) for at in range(10)]
    assert merged([*accounts, *addresses], [], range(22)) == [list(range(22))]


@st.composite
def sums(draw: st.DrawFn) -> tuple[list[frozenset[int]], list[int]]:
    """Things that hold some of thirty views each, and whose turn it is."""
    held = draw(st.lists(st.frozensets(st.integers(0, 30), min_size=1, max_size=12), min_size=1, max_size=7))
    return held, draw(st.permutations(range(len(held))))


@settings(max_examples=examples(300), deadline=None)
@given(sums())
def test_the_program_puts_the_same_together(given_sums: tuple[list[frozenset[int]], Sequence[int]]) -> None:
    held, ranks = given_sums
    parts: dict[tuple[int, ...], int] = {}
    for view in frozenset().union(*held):
        holders = tuple(at for at, each in enumerate(held) if view in each)
        parts[holders] = parts.get(holders, 0) + 1
    theirs = of_the_program(parts.items(), [], ranks=ranks, enough=0.5, nearly_all=0.9)
    assert merged(held, [], ranks) == theirs


def test_what_a_case_expects_to_be_one_finding_is_one_party() -> None:
    asked = [
        (item, case)
        for item in DETECTORS.values()
        for case in item["case"]
        if case["expect"] == "finding"
        and views_of(case) <= SMALL
        and (item["id"], case["title"]) not in CHANGED
    ]
    several = [
        f"{item['id']}: {case['title']}"
        for item, case in asked
        if len(clusters(oracle := Oracle(case_log(case), EXPLANATIONS), things_of(oracle, [item]))) != 1
    ]
    assert several == []


@settings(max_examples=examples(15), deadline=None)
@given(st.data())
def test_one_digest_for_one_world_however_it_was_cut(data: st.DataObject) -> None:
    world: World = data.draw(worlds())
    detectors = list(DETECTORS.values())
    rows = [
        {**row, "lines": len(row["lines"])} for row in flag_rows(Oracle(world.log(), EXPLANATIONS), detectors)
    ]
    cut = Oracle(data.draw(cuts(world)), EXPLANATIONS)
    assert [{**row, "lines": len(row["lines"])} for row in flag_rows(cut, detectors)] == rows
    assert canon(cut, detectors) == canon(cut, detectors[::-1])
