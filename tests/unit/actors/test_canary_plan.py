"""Canaries: placed at free numbers, evenly, and with chances that hold."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest
from tests.unit.actors.tables import row, tables

from whosaw.actors import load_detectors, load_explanations, run
from whosaw.actors.canary_plan import chance_in_any_order, chance_in_order, plan_canaries
from whosaw.store.sql import Session


def test_the_chance_in_any_order_is_the_share_of_draws_that_hold_one() -> None:
    people, canaries, read = range(7), {1, 4}, 3
    draws = list(combinations(people, read))
    met = sum(bool(canaries & set(draw)) for draw in draws)
    assert chance_in_any_order(read, 7, 2) == pytest.approx(met / len(draws))
    assert chance_in_any_order(6, 7, 2) == 1.0


def test_the_chance_in_order_is_the_share_of_starting_places_that_meet_one() -> None:
    people, canaries, read = 10, (2, 7), 3
    met = sum(any((start + step) % people in canaries for step in range(read)) for start in range(people))
    assert chance_in_order(read, np.asarray([5, 5])) == pytest.approx(met / people)


def test_canaries_stand_at_free_numbers_one_in_each_part() -> None:
    taken = np.asarray(range(1000, 3000, 2), dtype=np.int64)
    planned = plan_canaries(taken, 10, random.Random(5).randrange)
    assert len(planned.numbers) == 10
    assert all(number % 2 == 1 and 1000 < number < 2998 for number in planned.numbers)
    assert [int((number - 1000) // 200) for number in planned.numbers] == list(range(10))
    assert planned.chances[-1].in_order == planned.chances[-1].in_any_order == 1.0


def test_a_part_without_a_free_number_gets_the_nearest_one() -> None:
    planned = plan_canaries(np.asarray([*range(10), 11, 12], dtype=np.int64), 1, lambda _: 0)
    assert planned.numbers == (10,)


def test_more_canaries_than_free_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="1 numbers are free between 1 and 3, 2 canaries"):
        plan_canaries(np.asarray([1, 3], dtype=np.int64), 2, lambda _: 0)


def test_walks_from_every_place_are_found_as_often_as_the_stated_chance_says() -> None:
    people, read = np.arange(1000, 1120, 2, dtype=np.int64), 7
    planned = plan_canaries(people, 4, random.Random(8).randrange, sizes=(read,))
    everyone = sorted([*people.tolist(), *planned.numbers])
    walks = [
        row(start, person=str(everyone[(start + step) % len(everyone)]), address=f"from-{start}")
        for start in range(len(everyone))
        for step in range(read)
    ]
    made = tables(*walks, canaries=[row(person=str(number)) for number in planned.numbers])
    explanations = load_explanations()
    canary = load_detectors(explanations)["canary-hit"]
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        found = run(session, made.context, {canary.id: canary}, explanations).findings
    assert len(found) / len(everyone) == pytest.approx(planned.chances[0].in_order)
    assert all(finding.persons.lower <= read for finding in found)
    assert 0.3 < planned.chances[0].in_order < 0.6
