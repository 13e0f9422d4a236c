"""Visits: what belongs together, where it ends, and that midnight is no matter."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.actors.signing.world import MINUTE, SECOND, World, at
from tests.wide import examples

from whosaw.actors.signing.belonging import visit_of, whole
from whosaw.actors.signing.columns import HOUR, ONE_DAY


def told(world: World, *names: str) -> list[tuple[object, ...]]:
    """The whole visits in order of their start, by these columns; ways as texts."""
    rows = sorted(whole(world.visits().visits).to_pylist(), key=lambda row: row["start"])
    for row in rows:
        row["way"] = world.way(row["way"])
    return [tuple(row[name] for name in names) for row in rows]


@pytest.mark.parametrize(("pause", "visits"), [(4 * HOUR, 1), (4 * HOUR + 1, 2)])
def test_a_pause_over_four_hours_ends_a_visit(pause: int, visits: int) -> None:
    world = World().add(at(0, 9), person="a", token="t").add(at(0, 9) + pause, person="b", token="t")
    assert len(told(world, "start")) == visits


@pytest.mark.parametrize(("length", "visits"), [(ONE_DAY, 1), (ONE_DAY + 1, 2)])
def test_a_visit_is_cut_after_a_day(length: int, visits: int) -> None:
    world = World()
    for hour in range(0, 24, 3):
        world.add(at(0, 9 + hour), person="a", token="t")
    world.add(at(0, 9) + length, person="b", token="t")
    assert len(told(world, "start")) == visits


def test_after_a_cut_the_next_visit_has_a_day_of_its_own() -> None:
    world = World()
    for hour in range(0, 60, 2):
        world.add(at(0, 1 + hour), person="a", token="t")
    assert told(world, "start", "end") == [
        (at(0, 1), at(1, 1)), (at(1, 3), at(2, 3)), (at(2, 5), at(2, 11)),
    ]  # fmt: skip


def test_a_visit_goes_by_token_else_session_else_client() -> None:
    world = World()
    for minute, texts in enumerate(
        [
            {"token": "t", "agent": "one"}, {"token": "t", "session": "s", "agent": "two"},
            {"session": "s", "agent": "one"}, {"session": "s", "agent": "two"},
            {"agent": "one"}, {"agent": "two"},
        ]
    ):  # fmt: skip
        world.add(at(0, 9) + minute * MINUTE, person="a", **texts)
    assert told(world, "kind", "events", "agents") == [(0, 2, 2), (1, 2, 2), (2, 1, 1), (2, 1, 1)]


def test_what_a_visit_did_is_counted() -> None:
    world = World()
    world.add(at(0, 9), view=False, route="cart", token="t", agent="x", network="n")
    world.add(at(0, 9.1), person="a", token="t", agent="x", network="m")
    world.add(at(0, 9.2), asked="b", status=404, token="t", agent="x")
    world.add(at(0, 9.3), view=False, token="t")
    world.add(at(0, 9.4), person=["a", "c"], token="t", agent="y", network="m")
    (row,) = told(world, "events", "others", "tries", "views", "agents", "networks")
    assert row == (5, 2, 1, 2, 2, 2)


def test_visits_without_a_view_or_a_try_are_not_kept_but_may_get_one_next_day() -> None:
    world = World().add(at(0, 23.5), view=False, token="t", agent="x").add(at(0, 12), view=False, token="u")
    assert told(world, "start") == []
    world.add(at(1, 0.5), person="a", token="t", agent="x")
    assert told(world, "start", "events", "others", "views") == [(at(0, 23.5), 2, 1, 1)]


def test_least_and_most_are_one_where_one_person_was_read() -> None:
    world = (
        World()
        .add(at(0, 9), person="a", token="t")
        .add(at(0, 23), person="a", token="u")
        .add(at(1, 1), person="b", token="u")
    )
    rows = told(world, "least", "most")
    a, b = (world.number("person", each) for each in "ab")
    assert rows[0] == (a, a)
    assert set(rows[1]) == {a, b}


def test_of_nobody_who_is_named_there_is_neither_least_nor_page() -> None:
    world = World().add(at(0, 9), view=True, token="t", route="orders")
    assert told(world, "least", "most", "page", "pages", "way") == [(None, None, None, 1, "orders")]


@pytest.mark.parametrize(
    ("opened", "pause", "way"),
    [
        (["orders"], 0, "orders"),
        (["orders", "orders"], SECOND - 1, "orders, less than 1 s apart"),
        (["orders", "orders"], SECOND, "orders, 1 s to 4 s apart"),
        (["orders", "address"], 4 * SECOND, "orders > address, 4 s to 16 s apart"),
        (["b", "a", "b", "c", "d"], 70 * SECOND, "b > a > c > d, 64 s to 256 s apart"),
        (["b", "a", "c"], 0, "a > b > c, less than 1 s apart"),
    ],
)
def test_the_way_of_reading_is_pages_in_order_and_their_pace(opened: list[str], pause: int, way: str) -> None:
    world = World()
    for number, route in enumerate(opened):
        world.add(at(0, 23.99) + number * pause, person="a", route=route, token="t")
    assert told(world, "way") == [(way,)]


def test_the_first_page_of_two_in_one_instant_is_the_one_whose_id_is_first() -> None:
    world = (
        World()
        .add(at(0, 9), person="a", route="b", token="t")
        .add(at(0, 9), person="a", route="a", token="t")
    )
    assert told(world, "page") == [(world.number("route", "a"),)]


def test_a_view_finds_its_visit_also_where_that_ends_next_day() -> None:
    world = World()
    for hour in (1, 9, 23, 26, 35):
        world.add(at(0, hour), person=f"p{hour}", token="t")
    visits = whole(world.visits().visits)
    starts = visits["start"].to_pylist()
    views = world.views()
    of = [starts[each] for each in visit_of(views, visits).tolist()]
    assert dict(zip(views["time"].to_pylist(), of, strict=True)) == {
        at(0, 1): at(0, 1), at(0, 9): at(0, 9), at(0, 23): at(0, 23), at(0, 26): at(0, 23), at(0, 35): at(0, 35),
    }  # fmt: skip


REQUESTS = st.lists(
    st.tuples(
        st.integers(0, 70 * 60),  # minutes
        st.sampled_from("abc"),  # tokens
        st.sampled_from(["one", "two", None]),  # agents
        st.sampled_from(["view", "page", "try"]),
        st.sampled_from("pqrs"),  # pages, people
    ),
    min_size=1,
    max_size=40,
)
FACTS = (
    "kind",
    "start",
    "end",
    "events",
    "others",
    "tries",
    "views",
    "page",
    "pages",
    "way",
    "agents",
    "networks",
)


def world_of(requests: list[tuple[int, str, str | None, str, str]], shift: int = 0) -> World:
    world = World()
    for minute, token, agent, what, page in requests:
        texts = {"token": token, "network": f"n{minute % 3}", **({"agent": agent} if agent else {})}
        time = at(0) + minute * MINUTE + shift
        if what == "view":
            world.add(time, person=page, route=page, **texts)
        elif what == "try":
            world.add(time, asked=page, status=404, **texts)
        else:
            world.add(time, view=False, **texts)
    return world


@settings(deadline=None, max_examples=examples(25))
@given(REQUESTS, st.integers(0, 30))
def test_a_shift_by_hours_gives_the_same_visits(
    requests: list[tuple[int, str, str | None, str, str]], hours: int
) -> None:
    def facts(shift: int) -> list[tuple[object, ...]]:
        rows = told(world_of(requests, shift), *FACTS)
        return sorted((row[0], row[1] - shift, row[2] - shift, *row[3:]) for row in rows)

    assert facts(hours * HOUR) == facts(0)


@settings(deadline=None, max_examples=examples(25))
@given(REQUESTS)
def test_a_span_gives_what_its_days_give(requests: list[tuple[int, str, str | None, str, str]]) -> None:
    world = world_of(requests)
    at_once, by_day = world.visits(), world.visits(by_day=True)
    assert at_once.visits.to_pylist() == by_day.visits.to_pylist()
    assert at_once.open.to_pylist() == by_day.open.to_pylist()


@settings(deadline=None, max_examples=examples(25))
@given(REQUESTS, st.randoms())
def test_the_order_of_arrival_changes_nothing(
    requests: list[tuple[int, str, str | None, str, str]], random: object
) -> None:
    world = world_of(requests)
    world.visits()  # gives ways their numbers
    first = world.visits()
    shuffled = list(world.rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    world.rows = shuffled
    again = world.visits()
    assert first.visits.to_pylist() == again.visits.to_pylist()
    assert first.open.to_pylist() == again.open.to_pylist()


def test_every_request_is_in_one_visit() -> None:
    world = world_of([(minute * 37, "abc"[minute % 3], "one", "view", "p") for minute in range(100)])
    assert sum(row[0] for row in told(world, "events")) == 100


def test_a_view_without_its_event_is_an_error() -> None:
    world = World().add(at(0, 9), person="a", token="t")
    with pytest.raises(ValueError, match="not among the events"):
        world._visits(
            world.events().slice(0, 0), world.views(), pa.concat_tables([world.visits().open]), world.span
        )
