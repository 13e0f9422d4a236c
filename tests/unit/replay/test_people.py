"""Customers: numbers with holes, positions, homes, address books, canaries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.errors import WhosawError
from whosaw.replay.items import load_shop
from whosaw.replay.people import V6_BASE, People, hosts_of, make_people
from whosaw.replay.setting import make_setting


def people_of(scale: float = 0.2, seed: int = 1, **overrides: object) -> People:
    shop = load_shop({key.replace("__", "."): value for key, value in overrides.items()})
    return make_people(make_setting(shop, None, seed, scale))


@pytest.fixture(scope="module")
def people() -> People:
    return people_of()


@settings(max_examples=examples(60), deadline=None)
@given(
    seed=st.integers(0, 2**63 - 1),
    scale=st.sampled_from([0.001, 0.004, 0.05]),
    holes=st.sampled_from([0.0, 0.01, 1.3067, 40.0]),
)
def test_numbers_rise_from_first_to_last_with_exactly_so_many_holes(
    seed: int, scale: float, holes: float
) -> None:
    people = people_of(scale, seed, customers__holes_per_customer=holes)
    count = max(20, round(20_000 * scale))
    assert len(people) == count
    assert people.first_number == 10_000_001
    assert people.last_number - people.first_number + 1 == count + round(count * holes)
    assert (np.diff(people.numbers) >= 1).all()


def test_holes_lie_as_if_strewn_at_random() -> None:
    gaps = np.diff(people_of(1.0).numbers) - 1
    # with 1.3067 holes for each customer, no hole follows with a chance of 1 / 2.3067
    assert (gaps == 0).mean() == pytest.approx(1 / 2.3067, abs=0.015)
    assert (gaps >= 2).mean() == pytest.approx((1.3067 / 2.3067) ** 2, abs=0.015)


def test_a_position_is_found_where_there_is_a_member_and_only_there(people: People) -> None:
    position, exists = people.position_of(people.numbers)
    assert position.tolist() == list(range(len(people)))
    assert exists.all()
    span = np.arange(people.first_number - 3, people.last_number + 4)
    position, exists = people.position_of(span)
    assert exists.sum() == len(people)
    assert span[exists].tolist() == people.numbers.tolist()
    assert set(position[~exists].tolist()) == {0}
    _, far = people.position_of(np.asarray([-1, 0, 2**62]))
    assert not far.any()


def test_members_of_lists_and_ranges(people: People) -> None:
    assert people.members_of_list(2, 100).tolist() == list(range(200, 300))
    assert people.members_of_list(39, 103).tolist() == []
    assert people.members_of_list(38, 103).tolist() == list(range(3914, 4000))
    assert people.members_of_list(400, 100).tolist() == []
    inside = people.members_in_range(int(people.numbers[5]), int(people.numbers[9]) - 1)
    assert inside.tolist() == [5, 6, 7, 8]


def test_households_share_an_address_and_neighbours_live_next_to_one_another(people: People) -> None:
    by_house = people.home[people.by_house]
    assert sorted(people.by_house.tolist()) == list(range(len(people)))
    _, sizes = np.unique(people.home, return_counts=True)
    assert set(sizes.tolist()) == {1, 2, 3, 4, 5}
    assert (sizes == 1).mean() == pytest.approx(0.42, abs=0.03)
    v4 = by_house[by_house < V6_BASE]
    assert (np.diff(v4) >= 0).all()
    assert (np.diff(v4) <= 1).all()
    assert (by_house >= V6_BASE).mean() == pytest.approx(0.25, abs=0.03)
    near = people.neighbours(10, 3).tolist()
    assert near == people.by_house[[7, 8, 9, 11, 12, 13]].tolist()
    assert len(people.neighbours(0, 3)) == 3


def test_homes_lie_in_their_network(people: People) -> None:
    v4 = people.home[people.home < V6_BASE]
    assert v4.min() >= (198 << 24) + (18 << 16) + 1
    assert v4.max() < (198 << 24) + (19 << 16)


def test_too_many_households_for_the_network_are_refused() -> None:
    with pytest.raises(WhosawError, match=r"do not fit in 198\.18\.0\.0/24") as caught:
        people_of(network__homes="198.18.0.0/24")
    assert caught.value.code == "replay.bad-scale"


def test_canaries_are_customers_but_no_visitors(people: People) -> None:
    assert len(people.canaries) == 5
    assert sorted([*people.visitors.tolist(), *people.canaries.tolist()]) == list(range(len(people)))
    assert len(people_of(0.001).canaries) == 5
    assert len(people_of(0.001, customers__canaries=900).canaries) == 20 // 4


def test_books_and_places_follow_their_shares() -> None:
    people = people_of(1.0)
    others = people.others_in_book
    assert (others == 0).mean() == pytest.approx(0.905, abs=0.01)
    assert others.mean() == pytest.approx(0.07 + 2 * 0.015 + 3 * 0.01, abs=0.01)
    assert (people.jurisdiction == 0).mean() == pytest.approx(0.97, abs=0.01)


def test_entries_of_a_book_belong_to_its_owner(people: People) -> None:
    who = np.arange(len(people))
    setting = make_setting(load_shop(), None, 1, 0.2)
    ids = people.address_ids(who, setting.dice("ids"))
    assert ((ids - people.first_address_id) // people.books).tolist() == who.tolist()


def test_shared_addresses_grow_with_the_scale() -> None:
    small, large = people_of(0.01), people_of(3.0)
    assert (len(small.carrier), len(large.carrier)) == (1, 6)
    assert (len(small.offices), len(large.offices)) == (1, 62)  # all that fit in a /26
    assert hosts_of("192.0.2.0/30", 9).tolist() == [(192 << 24) + 513, (192 << 24) + 514]


def test_same_seed_same_people_and_another_seed_others(people: People) -> None:
    again, other = people_of(), people_of(seed=2)
    for name in ("numbers", "home", "others_in_book", "visitors", "canaries"):
        assert (getattr(people, name) == getattr(again, name)).all()
    assert (people.numbers != other.numbers).any()
