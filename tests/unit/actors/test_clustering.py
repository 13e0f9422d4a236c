"""What is put together because it overlaps, in which order, and what stays apart."""

from __future__ import annotations

import random
from itertools import combinations

from hypothesis import example, given
from hypothesis import strategies as st

from whosaw.actors.clustering import clusters

HALF, NEARLY_ALL = 0.5, 0.9


def test_what_lies_in_several_things_together_is_found_once_these_are_one() -> None:
    # 0, 1 and 2 are addresses under one agent (3); account 4 read 30 of its 90 views through each, none of them half of it
    parts = [([0, 3], 60), ([1, 3], 60), ([2, 3], 60), ([0, 3, 4], 30), ([1, 3, 4], 30), ([2, 3, 4], 30)]
    assert clusters(parts, [], ranks=range(5), enough=HALF, nearly_all=NEARLY_ALL) == [[0, 1, 2, 3, 4]]
    without_agent = [([each for each in hits if each != 3], views) for hits, views in parts]
    # address by address, a third of the account is no half of it; nothing says that the addresses are one party
    assert clusters(without_agent, [], ranks=range(5), enough=HALF, nearly_all=NEARLY_ALL) == [
        [0],
        [1],
        [2],
        [4],
    ]


def test_accounts_that_take_addresses_in_turns_are_one_party() -> None:
    accounts, addresses = range(12), range(12, 22)
    parts = [([one, through], 8) for one in accounts for through in addresses]
    assert clusters(parts, [], ranks=range(22), enough=HALF, nearly_all=NEARLY_ALL) == [list(range(22))]
    # each with ten of its own in a row of addresses, the next one beginning one further
    parts = [([one, 12 + one + each], 8) for one in accounts for each in range(10)]
    assert clusters(parts, [], ranks=range(40), enough=HALF, nearly_all=NEARLY_ALL) == [list(range(33))]


def test_two_parties_with_one_address_in_common_stay_two() -> None:
    ours = [([one, through], 8) for one in range(4) for through in range(10, 20)]
    theirs = [([one, through], 8) for one in range(4, 8) for through in range(19, 29)]  # 19 is used by both
    told = clusters([*ours, *theirs], [], ranks=range(29), enough=HALF, nearly_all=NEARLY_ALL)
    assert len(told) == 2
    assert {0, 1, 2, 3} <= set(told[0])
    assert {4, 5, 6, 7} <= set(told[1])


def test_who_comes_half_through_the_same_others_is_not_one_of_them() -> None:
    ours = [([one, through], 8) for one in range(4) for through in range(10, 20)]
    half = [([8, through], 8) for through in range(10, 15)]
    told = clusters([*ours, *half, ([8], 41)], [], ranks=range(29), enough=HALF, nearly_all=NEARLY_ALL)
    assert [8] in told
    told = clusters([*ours, *half, ([8], 40)], [], ranks=range(29), enough=HALF, nearly_all=NEARLY_ALL)
    assert [8] not in told


def test_a_small_thing_between_two_large_ones_does_not_glue_them() -> None:
    parts = [([0], 100), ([0, 1], 5), ([1, 2], 5), ([2], 100)]
    assert clusters(parts, [], ranks=[0, 1, 2], enough=HALF, nearly_all=NEARLY_ALL) == [[0, 1], [2]]
    assert clusters(parts, [], ranks=[2, 1, 0], enough=HALF, nearly_all=NEARLY_ALL) == [
        [0],
        [1, 2],
    ]  # the tie goes by rank


def test_the_largest_overlap_goes_first() -> None:
    parts = [([0], 100), ([0, 1], 5), ([1, 2], 6), ([2], 100)]
    assert clusters(parts, [], ranks=[0, 1, 2], enough=HALF, nearly_all=NEARLY_ALL) == [[0], [1, 2]]


def test_what_belongs_together_for_another_reason_does_so_whatever_it_shares() -> None:
    parts = [([0], 100), ([1], 100), ([2], 100)]
    assert clusters(parts, [(0, 2, 0.9)], ranks=range(3), enough=HALF, nearly_all=NEARLY_ALL) == [[0, 2], [1]]


def test_what_counts_nothing_is_no_party() -> None:
    assert clusters([([0], 1)], [(0, 1, 1.0)], ranks=range(2), enough=HALF, nearly_all=NEARLY_ALL) == [[0]]


def plain(parts: list[tuple[frozenset[int], int]], ranks: list[int]) -> list[list[int]]:
    """The same from its definition, with nothing remembered."""
    groups = [{each} for each in {one for hits, _ in parts for one in hits}]

    def size(group: set[int]) -> int:
        return sum(views for hits, views in parts if hits & group)

    def share(one: set[int], other: set[int]) -> int:
        both = sum(views for hits, views in parts if hits & one and hits & other)
        return both * 1_000_000 // min(size(one), size(other))

    def first(one: set[int], other: set[int]) -> list[int]:
        return sorted([min(ranks[each] for each in one), min(ranks[each] for each in other)])

    def beside(group: set[int]) -> list[int]:
        return [at for at, other in enumerate(groups) if other is not group and share(group, other)]

    def inside(group: set[int], others: list[int]) -> int:
        within = sum(
            views for hits, views in parts if hits & group and any(hits & groups[each] for each in others)
        )
        return within * 1_000_000 // size(group)

    def alike(one: set[int], other: set[int]) -> int:
        both = [each for each in beside(one) if each in beside(other)]
        least, most = sorted((inside(one, both), inside(other, both)))
        return least if least >= 500_000 and most >= 900_000 else 0

    while True:
        pairs = [
            (-share(one, other), first(one, other), at, under)
            for at, one in enumerate(groups)
            for under, other in enumerate(groups[:at])
            if share(one, other) >= 500_000
        ]
        if pairs:
            _, _, at, under = min(pairs)
            groups[under] |= groups.pop(at)
            continue
        same = [(alike(one, other), set(one), set(other)) for one, other in combinations(groups, 2)]
        largest = max((each for each, _, _ in same), default=0)
        if not largest:
            return sorted(sorted(each) for each in groups)
        for one, other in [(one, other) for each, one, other in same if each == largest]:
            mine, yours = (next(each for each in groups if each >= group) for group in (one, other))
            if mine is not yours:
                groups.remove(yours)
                mine |= yours


# 1 and 2 become one, whose tie with 3 is then decided by the rank of 2
@example(
    {frozenset({0}): 2, frozenset({0, 1, 3}): 1, frozenset({1, 2}): 2},
    [1, 2, 0, 3, 4, 5, 6, 7],
    random.Random(0),
)
@given(
    st.dictionaries(st.frozensets(st.integers(0, 7), min_size=1), st.integers(1, 9), max_size=12),
    st.permutations(range(8)),
    st.randoms(use_true_random=False),
)
def test_it_is_what_comparing_everything_again_gives_in_whatever_order_it_is_told(
    counted: dict[frozenset[int], int], ranks: list[int], chance: random.Random
) -> None:
    parts = list(counted.items())
    shuffled = [(chance.sample(sorted(hits), len(hits)), views) for hits, views in parts]
    chance.shuffle(shuffled)
    assert clusters(shuffled, [], ranks=ranks, enough=HALF, nearly_all=NEARLY_ALL) == plain(parts, ranks)
