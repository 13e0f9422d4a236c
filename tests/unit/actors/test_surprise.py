"""What is usual, and what is remarkable: by hand, and against exact binomial sums."""

from __future__ import annotations

from math import comb, exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.actors.tables import row, tables

from whosaw.actors.cases import CaseTables
from whosaw.actors.explanation import prepare
from whosaw.actors.signs import Sign, make_views
from whosaw.actors.surprise import Usual, bar, learn_usual, nats, usual_of
from whosaw.store.sql import Session


def tail(k: int, n: int, p: float) -> float:
    return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


@given(n=st.integers(1, 60), k=st.integers(0, 60), p=st.floats(0.001, 0.9))
def test_the_bound_is_never_below_the_exact_chance(n: int, k: int, p: float) -> None:
    k = min(k, n)
    bound = exp(-float(nats(np.asarray([k]), np.asarray([n]), p)[0]))
    assert tail(k, n, p) <= bound * (1 + 1e-9)


def test_all_of_three_at_one_in_a_hundred_is_one_in_a_million() -> None:
    assert nats(np.asarray([3]), np.asarray([3]), 0.01)[0] == pytest.approx(log(10**6))


def test_no_more_than_usual_is_no_surprise() -> None:
    assert nats(np.asarray([1, 0, 10]), np.asarray([100, 5, 100]), 0.1).tolist() == [0.0, 0.0, 0.0]


def test_the_bar_asks_for_more_proof_where_more_actors_could_pass_it() -> None:
    few = bar(0.01, least_share=0, least_times=0, chance=0.001, actors=1)
    many = bar(0.01, least_share=0, least_times=0, chance=0.001, actors=10_000)
    signed, people = np.asarray([2, 3, 4]), np.asarray([2, 3, 4])
    assert few.passed(signed, people).tolist() == [True, True, True]
    assert many.passed(signed, people).tolist() == [False, False, True]


def test_a_share_and_a_multiple_of_the_usual_are_floors_of_their_own() -> None:
    loose = bar(0.1, least_share=0.5, least_times=0, chance=0, actors=1)
    assert loose.passed(np.asarray([4, 5]), np.asarray([10, 10])).tolist() == [False, True]
    times = bar(0.1, least_share=0, least_times=3, chance=0, actors=1)
    assert times.passed(np.asarray([29, 31]), np.asarray([100, 100])).tolist() == [False, True]


def test_usual_is_learnt_where_most_others_at_the_address_do_not_bear_the_sign() -> None:
    # 3 of 5 alike, one of ten different, alone: only the second says what is usual
    found = usual_of(np.asarray([3, 1, 1, 0]), np.asarray([0, 9, 0, 1]))
    assert found == Usual(signed=1, people=10, middle=2 / 12)


def test_a_pool_of_addresses_of_one_party_does_not_make_itself_usual() -> None:
    pool = usual_of(np.full(2_000, 8), np.full(2_000, 0))
    assert (pool.signed, pool.people) == (0, 0)
    one_miss_each = usual_of(np.full(2_000, 7), np.full(2_000, 1))
    assert (one_miss_each.signed, one_miss_each.people) == (0, 0)


def test_who_walks_through_the_homes_of_others_does_not_teach_what_is_usual() -> None:
    # 40 in 10,000 bear the sign at a hundred carriers; then somebody sees 25 more people at each of 40 of them
    honest, visited = np.full(60, 0), np.full(40, 1)
    quiet = usual_of(np.concatenate([honest, visited]), np.full(100, 99))
    assert quiet.share == pytest.approx(41 / 9_942)
    walked = usual_of(np.concatenate([honest, visited + 25]), np.full(100, 99))
    assert walked.signed == 40 * 26
    assert walked.share == pytest.approx(1 / 101)


def test_at_small_addresses_the_middle_says_little_and_all_of_them_say_more() -> None:
    homes = usual_of(np.full(1_000, 0), np.full(1_000, 3))
    assert homes.middle == pytest.approx(1 / 5)
    assert homes.share == pytest.approx(1 / 3_002)


def test_what_was_never_seen_is_not_held_to_be_impossible() -> None:
    assert Usual(signed=0, people=998).share == pytest.approx(0.001)


def usual_of_sign(name: str, made: CaseTables) -> Usual:
    sign = Sign(name=name)
    with Session() as session:
        for each, table in made.relations.items():
            session.register(each, table)
        prepare(session, made.context)
        make_views(session, made.context, [], [sign])
        session.execute("CREATE TEMP VIEW detect_views AS SELECT *, 2 AS answer FROM detect_all")
        return learn_usual(session, sign)


def test_the_many_whom_one_session_read_are_one_party_and_do_not_thin_out_what_is_usual() -> None:
    home = {"address": "carrier", "agent": "app"}
    made = tables(
        row(0, person="h", token="h", **home), row(0, person="c{n}", token="c{n}", count=5, **home),
        row(0, person="v{n}", token="own", address="rented", agent="app", count=200),
        row(0, person="w{n}", token="own-2", address="rented", agent="app", count=200),
        events=(row(0, token="c{n}", count=5, **home), row(0, token="own", agent="app"), row(0, token="own-2", agent="app")),
    )  # fmt: skip
    assert usual_of_sign("hollow", made) == Usual(signed=1, people=8, middle=2 / 8)


def test_where_the_log_names_no_session_each_person_is_a_party() -> None:
    made = tables(row(0, person="c{n}", address="office", agent="app", count=10))
    assert usual_of_sign("guessed", made) == Usual(signed=0, people=10, middle=1 / 12)
