"""The signs that look at requests which showed nobody: what else a session did, and which numbers were tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.unit.actors.tables import row

from whosaw.actors.cases import Case, Row
from whosaw.actors.explanation import prepare
from whosaw.actors.signs import Sign, make_views
from whosaw.store.sql import Session


def told(sign: str, views: Sequence[Row], events: Sequence[Row]) -> list[bool | None]:
    """What the sign says of each view, in order."""
    made = Case(
        title="", expect="", views=tuple(views), events=tuple(events), context={},
        sessions_last=0, raised_at=None, persons_before=None, persons=None,
    ).tables()  # fmt: skip
    one = Sign(name=sign)
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        prepare(session, made.context)
        make_views(session, made.context, [], [one])
        rows = session.query(f"SELECT {one.column} AS sign FROM detect_all ORDER BY line")
    signs: list[bool | None] = rows["sign"].to_pylist()
    return signs


def test_a_token_or_session_is_hollow_where_it_did_nothing_but_carry_people() -> None:
    views = (
        row(0, person="c1", token="read", agent="app"), row(1, person="c2", token="read", agent="app"),
        row(0, person="c1", session="read", agent="app"), row(0, person="c1", token="shop", agent="app"),
        row(0, person="c1", session="shop", agent="app"),
    )  # fmt: skip
    events = (row(5, token="shop", agent="app"), row(5, session="shop", agent="app"))
    assert told("hollow", views, events) == [True, True, True, False, False]


def test_what_a_session_did_through_another_address_counts_too() -> None:
    view = row(0, person="c1", token="t", agent="app", address="home")
    assert told("hollow", [view], [row(9999, token="t", agent="app", address="hotel")]) == [False]
    assert told("hollow", [view], [row(0, token="other", agent="app", address="home")]) == [True]


def test_without_a_user_agent_or_without_a_session_it_cannot_be_told_whether_it_is_hollow() -> None:
    views = (
        row(0, person="c1", session="db"),
        row(0, person="c1", token="t"),
        row(0, person="c1", agent="app"),
    )
    assert told("hollow", views, []) == [None, None, None]


def asked(minute: float, status: int = 404, *, person: str = "nobody", agent: str | None = "app") -> Row:
    """A request from home for a person's page, and what was answered."""
    texts = {"person": person, "address": "home", **({"agent": agent} if agent else {})}
    return replace(row(minute), texts=texts, status=status)


HOME = row(70, person="c1", address="home", agent="app")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (asked(65), True), (asked(65, 410), True), (asked(75), True),
        (asked(65, 401), False), (asked(65, 500), False), (asked(65, person="c1"), False),
        (asked(65, agent="other"), False), (asked(65, agent=None), False),
    ],
)  # fmt: skip
def test_a_view_is_guessed_where_a_page_of_nobody_was_asked_for_and_not_found(
    request_: Row, expected: bool
) -> None:
    assert told("guessed", [HOME], [request_]) == [expected]


@pytest.mark.parametrize(
    ("minute", "expected"), [(-1, False), (0, True), (70, True), (179, True), (180, False)]
)
def test_a_guess_reaches_into_the_hours_of_the_clock_before_and_after(minute: float, expected: bool) -> None:
    assert told("guessed", [HOME], [asked(minute)]) == [expected]


def test_a_guess_says_nothing_of_other_addresses_nor_of_views_without_one() -> None:
    views = (row(70, person="c1", address="hotel", agent="app"), row(70, person="c1", agent="app"))
    assert told("guessed", views, [asked(70)]) == [False, None]


def test_a_person_whom_a_view_shows_elsewhere_is_nobody_s_guess() -> None:
    seen = row(9999, person="gone", address="hotel", agent="x")
    assert told("guessed", [HOME, seen], [asked(70, person="gone")]) == [False, False]


def test_a_guess_without_a_user_agent_reaches_views_without_one() -> None:
    assert told("guessed", [row(70, person="c1", address="home")], [asked(70, agent=None)]) == [True]


@pytest.mark.parametrize(("misses", "expected"), [(1, False), (2, True)])
def test_a_user_agent_guesses_anywhere_where_it_meets_as_many_of_nobody_as_people(
    misses: int, expected: bool
) -> None:
    views = (HOME, row(80, person="c2", address="hotel", agent="app"))
    missed = [asked(65 + at, person=f"nobody-{at}") for at in range(misses)]
    assert told("guessed-anywhere", views, missed) == [expected, expected]


def test_without_a_user_agent_it_cannot_be_told_whether_it_guesses_anywhere() -> None:
    view = row(70, person="c1", address="home")
    assert told("guessed-anywhere", [view], [asked(65, agent=None)]) == [None]


def test_a_client_that_did_anything_else_does_not_guess_anywhere() -> None:
    browsed = row(71, address="home", agent="app")
    assert told("guessed-anywhere", [HOME], [asked(65)]) == [True]
    assert told("guessed-anywhere", [HOME], [asked(65), browsed]) == [False]
    assert told("guessed", [HOME], [asked(65), browsed]) == [True]
