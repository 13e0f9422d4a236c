"""Places as of a day, and how many steps an entity made on it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.actors.signing.world import DAY_ZERO, MINUTE, World, at, digest_of
from tests.wide import examples

from whosaw.actors.signing.columns import HOUR, ONE_DAY
from whosaw.actors.signing.places import NUMBERS, DayPlaces, placed
from whosaw.actors.signing.walking import Asked, days_back, walk
from whosaw.actors.walks import Walk, WalkRows
from whosaw.build.step import Span
from whosaw.store.kinds import kind

ADDRESS, AGENT = 0, 1
BY_ADDRESS = Asked(kind=ADDRESS, trait="address", walk=Walk(recent=16, near=2, within=HOUR, chain=5))


def numbers(*rows: tuple[int, str, int]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([], [], [])
    return pa.table([pa.array(list(each)) for each in columns], names=NUMBERS.names).cast(NUMBERS)


def places_of(lists: list[list[tuple[int, str, int]]]) -> dict[int, int]:
    """As of the last of the days of which these are the lists."""
    everybody = numbers(*(row for each in lists for row in each))
    days = [day for day, each in enumerate(lists) for _ in each]
    made = DayPlaces(placed(everybody, digest_of).append_column("known", pa.array(days, pa.int32())))
    people = everybody["person"].to_pylist()
    for day in range(len(lists)):
        told, most = made(day, np.array(people))
        known = [each for each, of_day in zip(told.tolist(), days, strict=True) if of_day <= day]
        assert (min([*known, 1]) > 0, most) == (True, max([0, *known]))
        assert all(each < 0 for each, of_day in zip(told.tolist(), days, strict=True) if of_day > day)
    return dict(zip(people, told.tolist(), strict=True))


def test_places_are_ranks_and_kinds_lie_apart() -> None:
    assert places_of([[(1, "a#", 70), (2, "a#", 5), (3, "b#", 5), (4, "b#", 6)]]) == {
        2: 1001,
        1: 1002,
        3: 2003,
        4: 2004,
    }


def test_of_two_with_one_number_the_smaller_digest_is_first() -> None:
    first, second = sorted((1, 2), key=lambda each: digest_of("person", pa.array([each]))[0].as_py())
    assert places_of([[(1, "#", 7), (2, "#", 7), (3, "#", 8)]]) == {first: 1001, second: 1002, 3: 1003}


ROWS = st.lists(
    st.tuples(st.sampled_from(["#", "a#", "b#"]), st.integers(0, 9), st.integers(0, 3)),
    min_size=1,
    max_size=30,
)


@given(ROWS)
def test_ranks_in_lists_of_days_add_up_to_those_in_one(rows: list[tuple[str, int, int]]) -> None:
    everybody = [(person, each, value) for person, (each, value, _) in enumerate(rows, 1)]
    lists = [[everybody[at] for at, row in enumerate(rows) if row[2] == day] for day in range(4)]
    assert places_of(lists) == places_of([everybody])


def steps(
    world: World, asked: Asked = BY_ADDRESS, *, by_day: bool = False, known: dict[str, int] | None = None
) -> list[dict[str, int]]:
    """The steps of all days. Everybody's number stands in their name, and is known from the first day on but for those of `known`."""
    views = world.views()
    people = world.numbers["person"]
    values = placed(numbers(*((number, "#", int(each)) for each, number in people.items())), digest_of)
    days = pa.array([DAY_ZERO + (known or {}).get(each, 0) for each in people], pa.int32())
    values = values.append_column("known", days)
    rules = pa.table(
        {"rules": pa.array([1 if row["unsure"] == 0 else 0 for row in views.to_pylist()], pa.uint8())}
    )
    spans = (
        [world.span]
        if not by_day
        else [Span(day, day) for day in range(world.span.first, world.span.last + 1)]
    )
    parts = []
    for span in spans:
        mine = np.flatnonzero(
            (views["day"].to_numpy() >= span.first - days_back(asked.walk))
            & (views["day"].to_numpy() <= span.last)
        )
        parts.append(
            walk(views.take(mine), rules.take(mine), values, span=span, asked=[asked], digests=digest_of)
        )
    return pa.concat_tables(parts).to_pylist()


def row(day: int, fresh: int, made: int, *, entity: int = 1) -> dict[str, int]:
    return {
        "day": DAY_ZERO + day,
        "kind": ADDRESS,
        "rule": -1,
        "entity": entity,
        "fresh": fresh,
        "steps": made,
    }


def walked(world: World, start: int, people: list[int], apart: int = MINUTE, address: str = "home") -> World:
    for number, person in enumerate(people):
        world.add(start + number * apart, person=str(person), address=address)
    return world


def test_a_walk_through_new_numbers_is_one_as_of_the_day_they_are_met() -> None:
    world = World()
    for person in range(0, 6000, 1000):
        world.add(at(0, 1), person=str(person), address=f"home of {person}")
    walked(world, at(3, 9), list(range(141, 161)))
    known = {str(person): 3 for person in range(141, 161)}
    assert steps(world, known=known) == [row(3, 20, 19, entity=7)]


def test_numbers_that_are_met_later_stand_between_from_then_on() -> None:
    world = walked(World(), at(0, 9), [1, 4, 9])
    for person in (2, 3, 5, 6, 7, 8):
        world.add(at(2, 1), person=str(person), address=f"home of {person}")
    walked(world, at(3, 9), [1, 4, 9], address="cafe")
    known = {str(person): 2 for person in (2, 3, 5, 6, 7, 8)}
    assert steps(world, known=known) == [row(0, 3, 2), row(3, 3, 0, entity=8)]


def test_somebody_between_strides_ends_the_walk() -> None:
    world = walked(World(), at(0, 9), [1, 11, 40])
    for person in range(2, 10):
        world.add(at(0, 1), person=str(person), address=f"home of {person}")
    for person in range(12, 16):
        world.add(at(0, 1), person=str(person), address=f"home of {person}")
    assert steps(world) == [row(0, 3, 0)]


@pytest.mark.parametrize("hour", [9, 23.9])
def test_midnight_in_a_walk_is_no_matter(hour: float) -> None:
    world = walked(World(), at(0, hour), list(range(1, 21)))
    found = steps(world)
    assert sum(each["fresh"] for each in found) == 20
    assert sum(each["steps"] for each in found) == 19


def test_only_counted_views_count_under_a_rule_and_two_people_are_asked_for() -> None:
    world = walked(World(), at(0, 9), [1, 2, 3])
    views = world.views()
    values = placed(numbers((1, "#", 1), (2, "#", 2), (3, "#", 3)), digest_of)
    values = values.append_column("known", pa.array([DAY_ZERO] * 3, pa.int32()))

    def told(rules: list[int], rule: int) -> list[tuple[int, int, int]]:
        asked = Asked(kind=ADDRESS, trait="address", walk=BY_ADDRESS.walk, rule=rule)
        answers = pa.table({"rules": pa.array(rules, pa.uint8())})
        made = walk(views, answers, values, span=world.span, asked=[asked], digests=digest_of)
        assert made.schema == kind("steps").in_hand
        return [(each["rule"], each["fresh"], each["steps"]) for each in made.to_pylist()]

    assert told([0b10, 0b11, 0b01], 1) == [(1, 2, 1)]
    assert told([0b10, 0b01, 0b01], 1) == []
    assert told([0, 0, 0], -1) == [(-1, 3, 2)]
    with pytest.raises(ValueError, match="beside their views"):
        told([0], -1)


@pytest.mark.parametrize(("within", "days"), [(HOUR, 1), (8 * HOUR, 1), (9 * HOUR, 2), (ONE_DAY, 3)])
def test_how_far_back_steps_reach(within: int, days: int) -> None:
    assert days_back(Walk(recent=16, near=2, within=within, chain=5)) == days


VIEWS = st.lists(
    st.tuples(st.integers(0, 4 * 24 * 4), st.integers(1, 12), st.sampled_from(["home", "cafe"])),
    min_size=2,
    max_size=40,
)


def world_of(views: list[tuple[int, int, str]], shift: int = 0) -> World:
    world = World()
    for person in range(1, 30):
        world.number("person", str(person * 10))  # known, and never seen
    for quarter, person, address in views:
        world.add(at(0) + quarter * 15 * MINUTE + shift, person=str(person), address=address)
    return world


@settings(deadline=None, max_examples=examples(50))
@given(VIEWS, st.sampled_from([HOUR, 7 * HOUR, ONE_DAY]))
@example(
    [(96, 1, "home"), (96, 2, "home"), (288, 3, "home")], ONE_DAY
)  # a stride from the day before yesterday
def test_days_add_up_to_the_walk_as_a_whole(views: list[tuple[int, int, str]], within: int) -> None:
    asked = Asked(kind=ADDRESS, trait="address", walk=Walk(recent=16, near=2, within=within, chain=5))
    world = world_of(views)
    by_day = steps(world, asked)
    assert by_day == steps(world, asked, by_day=True)
    rank = {
        person: at for at, person in enumerate(sorted(int(each) for each in world.numbers["person"]), 1001)
    }
    for address, number in world.numbers["address"].items():
        seen = sorted(
            (time, line, person) for line, (time, person, where) in enumerate(views) if where == address
        )
        times = np.array([at(0) + time * 15 * MINUTE for time, _, _ in seen])
        position, step, _ = WalkRows(asked.walk, 2000).add(times, np.array([rank[each[2]] for each in seen]))
        mine = [each for each in by_day if each["entity"] == number]
        assert sum(each["steps"] for each in mine) == int(step.sum())
        assert sum(each["fresh"] for each in mine) <= len(position)


@settings(deadline=None, max_examples=examples(25))
@given(VIEWS, st.integers(1, 23))
def test_a_walk_shifted_by_hours_makes_as_many_steps(views: list[tuple[int, int, str]], hours: int) -> None:
    def made(shift: int) -> dict[int, int]:
        found: dict[int, int] = {}
        for each in steps(world_of(views, shift)):
            found[each["entity"]] = found.get(each["entity"], 0) + each["steps"]
        return {entity: count for entity, count in found.items() if count}

    assert made(hours * HOUR) == made(0)
