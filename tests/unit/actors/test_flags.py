"""Who is flagged by a sign, a walk or by lists, and when: however the views of one actor are sliced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.actors.tables import micros, row, tables

from whosaw.actors import Clause, Detector, Window, load_detectors, load_explanations
from whosaw.actors import actor_views as flagging
from whosaw.actors.actor_views import Flag, Memory
from whosaw.actors.cases import CaseTables
from whosaw.actors.explanation import prepare
from whosaw.actors.flags import flags
from whosaw.actors.run import drop_tables
from whosaw.actors.signs import Sign, make_views
from whosaw.actors.walks import Walk
from whosaw.store.sql import Session

EXPLANATIONS = load_explanations()
DETECTORS = load_detectors(EXPLANATIONS)
HOUR = 3_600_000_000


def clause(threshold: int, **more: Any) -> Clause:
    made = Clause(
        id="c", why="because", group_by=("address",), counted="any", windows=(Window(length="1h", persons=threshold),),
        confidence="medium", least_share=0.0, agent_matches=None, lacks=(),
    )  # fmt: skip
    return replace(made, **more)


def detector(like: str, one: Clause) -> Detector:
    return replace(DETECTORS[like], clauses=(one,), cases=(), explanations=("own-session",), needs=())


def found(asked: Detector, made: CaseTables) -> list[Flag]:
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        prepare(session, made.context)
        signs = [each.sign for each in asked.clauses if each.sign]
        make_views(session, made.context, [EXPLANATIONS["own-session"]], signs)
        told = flags(session, asked, [EXPLANATIONS["own-session"]], Memory())
        drop_tables(session)
    return told


@contextmanager
def slices_of(views: int) -> Iterator[None]:
    """So many views at once are held, and twice as many put in order: fewer than any real log needs."""
    before = flagging.SLICE, flagging.SORTED
    flagging.SLICE, flagging.SORTED = views, 2 * views  # type: ignore[misc]
    try:
        yield
    finally:
        flagging.SLICE, flagging.SORTED = before  # type: ignore[misc]


LOGINS = [row(time=0, subject="c0", token="t0"), row(time=99_999, subject="c0", token="t0")]
NEVER = Sign(name="never-issued")


def moments(told: list[Flag]) -> list[tuple[int, int]]:
    """The actor, and the minute at which it was flagged, of each flag."""
    return [(flag.actor, (flag.raised_at - micros(0)) // 60_000_000) for flag in told]


def test_people_who_bear_a_sign_are_counted_and_others_are_not() -> None:
    views = (
        row(1, person="c0", token="t0", address="a"),
        row(2, person="v{n}", token="x{n}", address="a", count=3),
    )
    asked = detector("token-never-issued", clause(3, sign=NEVER))
    assert moments(found(asked, tables(*views, logins=LOGINS))) == [(1, 4)]
    assert found(detector("token-never-issued", clause(4, sign=NEVER)), tables(*views, logins=LOGINS)) == []


def test_a_share_is_of_all_people_of_whom_the_sign_can_be_told() -> None:
    views = (
        row(1, person="c0", token="t0", address="a"), row(2, person="v{n}", token="x{n}", address="a", count=3),
        row(6, person="w{n}", address="a", count=50),  # no token: nothing can be told of them
    )  # fmt: skip
    made = tables(*views, logins=LOGINS)
    assert moments(found(detector("token-never-issued", clause(2, sign=NEVER, least_share=0.7)), made)) == [
        (1, 4)
    ]
    assert found(detector("token-never-issued", clause(2, sign=NEVER, least_share=0.8)), made) == []


def test_lists_of_people_not_named_are_one_person_of_their_client() -> None:
    asked = detector("token-never-issued", clause(2, sign=NEVER))
    seen = (row(0, person="c0", token="t0", address="b"), row(1, token="x", address="a", count=9))
    assert found(asked, tables(*seen, logins=LOGINS)) == []
    assert found(asked, tables(*seen, row(2, person="v", token="x", address="a"), logins=LOGINS)) == []
    assert moments(found(asked, tables(*seen, row(12, token="y", address="a"), logins=LOGINS))) == [(2, 12)]


def test_where_nothing_is_known_of_what_is_usual_nothing_is_remarkable() -> None:
    views = (
        row(0, person="c0", token="t0", address="b"),
        row(1, person="v{n}", token="x{n}", address="a", count=50),
    )
    asked = detector("token-never-issued", clause(2, sign=NEVER, chance=0.001))
    assert found(asked, tables(*views, logins=LOGINS)) == []


def crowd(signed: int, honest: int) -> CaseTables:
    """An address of one party, and one that honest people share."""
    issued = [*LOGINS, row(time=0, subject="h{n}", token="h{n}", count=honest)]
    return tables(
        row(1, person="v{n}", token="x{n}", address="a", count=signed),
        row(honest + 1, person="h{n}", token="h{n}", address="b", count=honest),
        row(0, person="c0", token="t0", address="c"), logins=issued,
    )  # fmt: skip


@pytest.mark.parametrize(("never_among", "expected"), [(40, [(1, 1)]), (41, [])])
def test_one_is_enough_only_among_enough_others(never_among: int, expected: list[tuple[int, int]]) -> None:
    asked = detector("token-never-issued", clause(1, sign=NEVER, never_among=never_among))
    assert moments(found(asked, crowd(1, 40))) == expected


def test_the_chance_decides_how_many_are_remarkable() -> None:
    # usual is 1 in 42, three addresses could be flagged: two of two have 7.5 nats, three of three 11.2, asked are 8.0
    asked = detector("token-never-issued", clause(1, sign=NEVER, chance=0.001))
    assert found(asked, crowd(2, 40)) == []
    assert moments(found(asked, crowd(3, 40))) == [(1, 3)]


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_an_actor_in_several_slices_is_flagged_at_the_same_moment(size: int) -> None:
    day = 1440
    views = [row(at * day, person=f"v{at}", token=f"x{at}", address="a") for at in range(6)]
    window = (Window(length="30d", persons=5),)
    asked = detector("token-never-issued", clause(5, sign=NEVER, windows=window))
    with slices_of(size):
        told = found(asked, tables(row(0, person="c0", token="t0", address="b"), *views, logins=LOGINS))
    assert moments(told) == [(2, 4 * day)]
    assert told[0].peaks[0].most == 6


WALK = Walk(recent=4, near=1, within=24 * HOUR, chain=3)
# 2,003 people behind one address, in no order
PEOPLE = replace(row(0, person="c{n}", address="carrier", agent="app", count=2003), mixed=True)


@pytest.mark.parametrize("size", [2, 3, 1000])
def test_a_walk_in_several_slices_is_one_walk(size: int) -> None:
    views = [row(at * 720, person=f"c{100 + at}", address="a", agent="script") for at in range(7)]
    window = (Window(length="30d", persons=4),)
    asked = detector("number-walk", clause(4, walk=WALK, windows=window, chance=0.001, members="signed"))
    with slices_of(size):
        told = [flag for flag in found(asked, tables(PEOPLE, *views)) if flag.actor == 2]
    assert moments(told) == [(2, 4 * 720)]
    assert told[0].clients is not None
    assert len(told[0].clients) == 1


def test_lists_add_up_within_the_window_and_one_without_a_bound_counts_once() -> None:
    asked = detector("bulk-records", clause(250))
    views = (
        row(0, extra=100, address="a"),
        row(30, extra=None, address="a"),
        row(59, extra=149, address="a"),
    )
    assert moments(found(asked, tables(*views))) == [(1, 59)]
    assert found(asked, tables(*views[:2], row(60, extra=149, address="a"))) == []
    assert found(asked, tables(*views[:2], row(59, extra=148, address="a"))) == []


def test_pages_of_people_named_are_no_lists() -> None:
    views = (row(0, person="c1", extra=500, address="a"), row(1, extra=10, address="a"))
    assert found(detector("bulk-records", clause(11)), tables(*views)) == []


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_lists_in_several_slices_are_the_same_sum(size: int) -> None:
    views = [row(at * 1440, extra=100, address="a") for at in range(6)]
    with slices_of(size):
        told = found(
            detector("bulk-records", clause(500, windows=(Window(length="30d", persons=500),))),
            tables(*views),
        )
    assert moments(told) == [(1, 4 * 1440)]
    assert told[0].peaks[0].most == 600
