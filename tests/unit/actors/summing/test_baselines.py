"""What is usual as of a day: from which days, in which unit, and how it is rounded."""

from __future__ import annotations

from collections import defaultdict
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.actors.summing import baselines
from whosaw.actors.summing.alike import alike_as_of
from whosaw.actors.summing.baselines import (
    Learnt,
    actors_as_of,
    eighth,
    learnt,
    of_days,
    of_month,
    power_of_two,
)
from whosaw.actors.summing.known_days import Known, known_days
from whosaw.actors.surprise import usual_of
from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs

Row = tuple[int, int, list[int], list[int], int, int]


def pack(people: list[int]) -> bytes | None:
    packed: bytes | None = pack_runs(
        np.asarray(sorted(people), np.int64), np.array([0, len(people)]), fewest=1
    )[0].as_py()
    return packed


def places(rows: list[tuple[int, int, list[int], list[int]]], pair: int = 0) -> pa.Table:
    """(day, address, who bears the sign, who does not)"""
    return pa.Table.from_pylist(
        [
            {
                "day": day, "pair": pair, "address": address, "signed": len(signed), "others": len(others),
                "signed_people": pack(signed), "other_people": pack(others),
            }
            for day, address, signed, others in rows
        ],
        kind("places").in_hand,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("known", "day", "expected"),
    [
        (range(100, 140), 139, Known(tuple(range(111, 139)), hindsight=False)),
        (range(100, 140), 128, Known(tuple(range(100, 128)), hindsight=False)),
        (range(100, 140), 127, Known(tuple(range(100, 128)), hindsight=True)),
        (range(100, 140), 100, Known(tuple(range(100, 128)), hindsight=True)),
        (range(100, 110), 105, Known(tuple(range(100, 110)), hindsight=True)),
        # every tenth day is known: 28 of them reach 280 days back
        (range(0, 1000, 10), 500, Known(tuple(range(220, 500, 10)), hindsight=False)),
        # every 20th: of 28 in 540 days only 20 are young enough, so it is the first there are
        (range(0, 2000, 20), 1000, Known(tuple(range(0, 560, 20)), hindsight=True)),
        # after more than 400 days of silence it begins anew
        ([*range(100, 130), *range(531, 540)], 531, Known(tuple(range(531, 540)), hindsight=True)),
        ([*range(100, 130), *range(529, 540)], 529, Known(tuple(range(100, 128)), hindsight=True)),
        ([*range(100, 130), 900], 125, Known(tuple(range(100, 128)), hindsight=True)),
        ([5], 500, Known((), hindsight=True)),
        ([], 3, Known((), hindsight=True)),
    ],
)
def test_from_which_days_a_fact_is_learnt(known: list[int], day: int, expected: Known) -> None:
    assert known_days(list(known), day) == expected


def test_a_person_who_comes_each_day_is_one_of_a_month_and_one_of_each_day() -> None:
    rows = places([(day, 1, [], [1, 2, 3]) for day in range(4)])
    assert (of_days(rows).signed, of_days(rows).people) == (0, 12)
    assert (of_month(rows).signed, of_month(rows).people) == (0, 3)


def test_where_no_day_shows_what_is_usual_of_a_day_it_is_no_less_than_of_the_month() -> None:
    alone = learnt(places([(day, 1, [], [day]) for day in range(5)]), 0, [5])[5]
    assert alone.anybody == (False, True)
    assert alone.share(month=False) == alone.share(month=True) == eighth(1 / 7)
    nobody = learnt(places([(0, 1, [], [1])]), 0, [5])[5]
    assert nobody.share(month=False) is None


def test_who_bears_it_on_one_day_bears_it_in_the_month() -> None:
    """Each of four people bears it on one day of four, and on the others does not: one in four a day, all of them in a month."""
    rows = places([(day, 1, [day], [who for who in range(8) if who != day]) for day in range(4)])
    assert (of_days(rows).signed, of_days(rows).people) == (4, 32)
    assert (of_month(rows).signed, of_month(rows).people) == (
        4,
        4,
    )  # four of eight are not fewer than the others by two


def test_a_month_has_more_who_bear_a_sign_than_a_day() -> None:
    """Ten of a thousand a day, others each day, of the same thousand: 280 of a thousand in 28 days."""
    everybody = set(range(1000))
    rows = places(
        [
            (day, 1, list(bears), sorted(everybody - bears))
            for day in range(28)
            if (bears := set(range(10 * day, 10 * day + 10)))
        ]
    )
    assert of_days(rows).share == pytest.approx(281 / 28_002)
    assert of_month(rows).share == pytest.approx(281 / 1_002)


def test_one_address_where_many_bear_it_does_not_raise_what_is_usual_at_most() -> None:
    honest = [
        (day, address, [], [10 * address + who for who in range(5)])
        for day in range(3)
        for address in range(1, 7)
    ]
    walker = [(day, 99, list(range(1000, 1004)), list(range(2000, 2005))) for day in range(3)]
    usual = of_days(places([*honest, *walker]))
    assert usual.signed == 12
    assert usual.share == pytest.approx(1 / 17)  # of an address with fifteen who do not: not 13 of 104


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3), st.integers(1, 3), st.sets(st.integers(0, 6)), st.sets(st.integers(0, 6))
        ),
        max_size=10,
        unique_by=lambda row: row[:2],
    )
)
def test_months_are_unions_of_people_by_address(rows: list[tuple[int, int, set[int], set[int]]]) -> None:
    signed, every = defaultdict(set), defaultdict(set)
    for _, address, bears, others in rows:
        signed[address] |= bears
        every[address] |= bears | others
    got = of_month(places([(day, at, sorted(bears), sorted(others)) for day, at, bears, others in rows]))
    addresses = sorted(every)
    assert got == usual_of(
        np.array([len(signed[at]) for at in addresses], np.int64),
        np.array([len(every[at] - signed[at]) for at in addresses], np.int64),
    )


@given(
    st.lists(
        st.tuples(st.sampled_from([*range(60), 480, 481]), st.integers(1, 3), st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9))),
        max_size=80,
        unique_by=lambda row: row[:2],
    ),
    st.sets(st.sampled_from([*range(62), 481, 490]), min_size=1),
    st.sampled_from([1, 60]),
)  # fmt: skip
def test_what_is_learnt_is_the_same_however_many_people_are_in_hand(
    rows: list[tuple[int, int, set[int], set[int]]], days: set[int], at_once: int
) -> None:
    table = places([(day, at, sorted(bears), sorted(others)) for day, at, bears, others in sorted(rows, key=lambda row: row[:2])])  # fmt: skip
    whole = learnt(table, 0, days)
    with patch.object(baselines, "_PEOPLE", at_once):
        assert learnt(table, 0, days) == whole
    assert list(whole) == sorted(days)
    assert whole == {day: learnt(table, 0, [day])[day] for day in days}


def test_what_is_learnt_is_of_the_pair_and_of_days_before_and_rounded() -> None:
    rows = pa.concat_tables(
        [
            places([(day, 1, [0] if day == 40 else [], list(range(1, 1001))) for day in range(41)]),
            places([(day, 1, [1, 2], [3, 4, 5, 6]) for day in range(41)], pair=1),
        ]
    )
    before = learnt(rows, 0, [40])[40]
    assert before == Learnt(
        of_day=eighth(1 / 28_002), of_month=eighth(1 / 1_002), anybody=(True, True), nobody_bears=1_000, hindsight=False,
    )  # fmt: skip
    assert learnt(rows, 0, [41])[41].nobody_bears == 0
    assert learnt(rows, 2, [40])[40] == Learnt(
        of_day=eighth(1 / 2), of_month=eighth(1 / 2), anybody=(False, False), nobody_bears=0, hindsight=True,
    )  # fmt: skip
    assert learnt(rows, 2, [40])[40].share(month=True) is None


def test_shares_are_rounded_to_an_eighth_of_an_octave() -> None:
    assert eighth(0.0277) == 0.028656  # two to the -41st eighth
    assert eighth(0.25) == 0.25
    assert eighth(0.24) == 0.25
    assert eighth(0.001) == eighth(0.00101) == 0.000977


@pytest.mark.parametrize(("number", "rounded"), [(0, 0), (1, 1), (2, 2), (3, 4), (64, 64), (65, 128)])
def test_actors_are_counted_up_to_a_power_of_two(number: int, rounded: int) -> None:
    assert power_of_two(number) == rounded


def test_actors_of_28_days_each_count_once() -> None:
    rows = pa.Table.from_pylist(
        [
            {"day": day, "kind": 0, "pair": 1, "entities": pack([1, 2, 3 + day % 2])} for day in range(30)
        ] + [{"day": 29, "kind": 0, "pair": 2, "entities": pack(list(range(50)))}],
        kind("tellable").in_hand,
    )  # fmt: skip
    assert actors_as_of(rows, 0, 1, [28, 29]) == {28: 4, 29: 4}
    assert actors_as_of(rows, 0, 2, [29]) == {29: 64}
    assert actors_as_of(rows, 1, 1, [29]) == {29: 0}


@given(st.integers(1_025, 10**9))
def test_how_many_are_known_not_to_bear_a_sign_is_no_more_than_they_are(people: int) -> None:
    from whosaw.actors.summing.baselines import _to_the_eighth

    assert people * 7 / 8 < _to_the_eighth(people) <= people


def test_what_is_usual_of_a_way_of_reading_is_added_up_over_days() -> None:
    rows = pa.Table.from_pylist(
        [{"day": day, "pair": 0, "way": 3, "signed": 1, "people": 4} for day in range(3)]
        + [{"day": 0, "pair": 1, "way": 3, "signed": 9, "people": 9}],
        kind("alike").in_hand,
    )
    assert alike_as_of(rows, 0, [2]) == {2: {3: eighth(4 / 14)}}
    assert alike_as_of(rows, 2, [2]) == {2: {}}
