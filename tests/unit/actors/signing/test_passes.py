"""Passes: a row for each device of a token or session on a day."""

from __future__ import annotations

import pyarrow as pa
from tests.unit.actors.signing.world import World, at, digest_of

from whosaw.actors.signing.passes import passes
from whosaw.store.kinds import kind


def told(world: World, *names: str) -> list[tuple[object, ...]]:
    return [
        tuple(row[name] for name in names) for row in passes(world.events(), digests=digest_of).to_pylist()
    ]


def test_a_pass_has_a_row_for_each_device_and_day() -> None:
    world = World()
    world.add(at(0, 9), person="a", token="t", agent="x", network="n", address="1")
    world.add(at(0, 11), view=False, token="t", agent="x", network="n", address="1")
    world.add(at(0, 8), view=False, token="t", agent="x", network="n", address="1")
    world.add(at(0, 10), view=False, token="t", agent="y", network="n", address="1")
    world.add(at(1, 10), person="a", token="t", agent="x", network="n", address="1")
    rows = told(world, "agent", "first", "last", "viewed", "events", "views")
    x, y = (world.number("agent", each) for each in "xy")
    assert sorted(rows) == sorted([
        (x, at(0, 8), at(0, 11), at(0, 9), 3, 1), (y, at(0, 10), at(0, 10), None, 1, 0),
        (x, at(1, 10), at(1, 10), at(1, 10), 1, 1),
    ])  # fmt: skip


def test_a_session_is_a_pass_where_there_is_no_token_and_a_client_is_none() -> None:
    world = World()
    world.add(at(0, 9), person="a", token="t", session="s").add(at(0, 9), person="a", session="s")
    world.add(at(0, 9), person="a", agent="x")
    assert told(world, "kind", "pass") == [(0, 1), (1, 1)]


def test_what_a_device_does_not_say_is_null_and_stands_first() -> None:
    world = World().add(at(0, 9), person="a", token="t", agent="x").add(at(0, 9), person="a", token="t")
    assert told(world, "agent", "network", "address") == [(None, None, None), (1, None, None)]


def test_rows_stand_in_order_of_digests_whatever_their_order_was() -> None:
    world = World()
    for number in range(20):
        world.add(at(0, 9), person="a", token=f"t{number % 7}", agent=f"x{number}")
    first = passes(world.events(), digests=digest_of)
    world.rows.reverse()
    assert passes(world.events(), digests=digest_of) == first
    asked = digest_of("token", first["pass"]).to_pylist()
    assert asked == sorted(asked)


def test_of_no_events_there_are_no_passes() -> None:
    world = World().add(at(0, 9), person="a", token="t")
    none = passes(world.events().slice(0, 0), digests=digest_of)
    assert none.num_rows == 0
    assert none.schema == kind("passes").in_hand
    assert pa.concat_tables([none, passes(world.events(), digests=digest_of)]).num_rows == 1
