"""Every sign: when it is true of a view, when it is not, and when it cannot be told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.actors.tables import row, tables

from whosaw.actors import load_explanations
from whosaw.actors.cases import Row
from whosaw.actors.context_schema import table_schemas
from whosaw.actors.explanation import prepare
from whosaw.actors.signs import SIGNS, Sign, make_views
from whosaw.store.sql import Session

EXPLANATIONS = list(load_explanations().values())
SLACK = 5 * 60_000_000


def told(sign: str, *views: Row, events: tuple[Row, ...] = (), **context: list[Row]) -> list[bool | None]:
    """What the sign says of each view, in order."""
    made = tables(*views, events=events, **context)
    one = Sign(name=sign, clock_slack=SLACK)
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        prepare(session, made.context)
        make_views(session, made.context, EXPLANATIONS, [one])
        rows = session.query(f"SELECT {one.column} AS sign FROM detect_all ORDER BY line")
    signs: list[bool | None] = rows["sign"].to_pylist()
    return signs


LOGINS = [
    row(time=0, subject="c1", token="t1", ended=100),
    row(time=0, subject="c2", session="s2"),
    row(time=0, subject="kim", token="tk"),
    row(time=900, subject="c1", token="t9"),
]
C1, KIM = row(10, person="c1", token="t1"), row(10, person="c1", principal="kim", token="tk")


def test_a_token_that_no_login_issued_was_never_issued() -> None:
    views = (
        C1, row(10, person="c2", session="s2"), row(10, person="c3", token="x"), row(10, person="c3", session="x"),
        row(10, person="c3"), row(-9, person="c3", token="x"), row(999_999, person="c3", token="x"), row(10, token="x"),
    )  # fmt: skip
    assert told("never-issued", *views, logins=LOGINS) == [
        False, False, True, True, None, None, None, True,
    ]  # fmt: skip


def test_a_token_issued_to_another_or_used_after_its_end_was_issued() -> None:
    views = (C1, row(10, person="c3", token="t1"), row(300, person="c1", token="t1"))
    assert told("never-issued", *views, logins=LOGINS) == [False, False, False]


def test_of_staff_and_jobs_it_is_not_asked_whether_their_token_was_issued() -> None:
    views = (
        C1,
        row(10, person="c1", principal="kim", token="x"),
        row(10, person="c1", principal="job", token="x"),
    )
    context = {"logins": LOGINS, "staff": [row(staff="kim")], "services": [row(principal="job")]}
    assert told("never-issued", *views, **context) == [False, None, None]


def test_a_token_is_one_of_another_where_it_was_issued_and_never_to_this_person() -> None:
    views = (
        C1, row(10, person="c3", token="t1"), row(10, person="c1", session="s2"), row(300, person="c1", token="t1"),
        row(10, person="c3", token="x"), row(10, token="t1"), row(10, person="c3"), row(10, person="c2", session="s2"),
    )  # fmt: skip
    assert told("issued-to-another", *views, logins=LOGINS) == [
        False, True, True, False, None, None, None, False,
    ]  # fmt: skip


def test_a_token_of_somebody_whose_data_nobody_holds_is_of_another_only_where_staff_are_on_record() -> None:
    assert told("issued-to-another", C1, KIM, logins=LOGINS) == [False, None]
    assert told("issued-to-another", C1, KIM, logins=LOGINS, staff=[row(staff="kim")]) == [False, None]
    assert told("issued-to-another", C1, KIM, logins=LOGINS, staff=[row(staff="lee")]) == [False, True]


KEYS = [
    row(key="old", retired=100),
    row(key="new", made=100),
    row(key="both", retired=10),
    row(key="both", made=50),
]


@pytest.mark.parametrize(
    ("key", "minute", "expected"),
    [
        ("old", 99, False), ("old", 104, False), ("old", 105, True), ("new", 94, True), ("new", 95, False),
        ("both", 30, True), ("both", 60, False), ("other", 0, None),
    ],
)  # fmt: skip
def test_a_key_is_retired_outside_every_span_of_its_use(key: str, minute: int, expected: bool | None) -> None:
    assert told("key-retired", row(minute, person="c1", key=key), keys=KEYS) == [expected]


def test_a_key_is_unknown_where_the_table_knows_others_of_this_log() -> None:
    views = (row(0, person="c1", key="old"), row(0, person="c1", key="own"), row(0, person="c1"))
    assert told("key-unknown", *views, keys=KEYS) == [False, True, None]
    assert told("key-unknown", *views[1:], keys=KEYS) == [None, None]


@pytest.mark.parametrize(
    ("minute", "expected"), [(-6, True), (-5, False), (50, False), (104, False), (105, True)]
)
def test_a_principal_has_left_outside_the_time_they_work_here(minute: int, expected: bool) -> None:
    views = (row(minute, person="c1", principal="kim"), row(minute, person="c1", principal="c1"))
    assert told("principal-left", *views, staff=[row(staff="kim", joined=0, gone=100)]) == [expected, None]


@pytest.mark.parametrize(
    ("minute", "expected"), [(-6, True), (-5, False), (50, False), (104, False), (105, True)]
)
def test_a_contract_is_over_by_the_name_or_by_the_key(minute: int, expected: bool) -> None:
    views = (
        row(minute, person="c1", principal="partner"), row(minute, person="c1", key="k"),
        row(minute, person="c1", principal="driver", key="k"), row(minute, person="c1", principal="c1"),
    )  # fmt: skip
    services = [row(principal="partner", key="k", since=0, until=100)]
    assert told("service-ended", *views, services=services) == [expected, expected, expected, None]


def test_an_agent_has_no_reason_without_a_ticket_of_this_person() -> None:
    views = (
        row(10, person="c1", principal="kim"), row(10, person="c2", principal="kim"), row(10, principal="kim"),
        row(10, person="c1", principal="c1"), row(10, person="c1"),
    )  # fmt: skip
    tickets = [row(agent="kim", subject="c1", opened=0)]
    assert told("no-reason", *views, staff=[row(staff="kim")], tickets=tickets) == [
        False,
        True,
        None,
        None,
        None,
    ]


def test_a_request_that_names_one_person_and_reads_another() -> None:
    views = (
        row(0, person="c1", principal="c1"), row(0, person="c2", principal="c1"), row(0, person="c2", principal="x"),
        row(0, person="c2"), row(0, principal="c1"), row(0, person="c2", principal="c3"), row(0, person="c3"),
    )  # fmt: skip
    assert told("another-person", *views, staff=[row(staff="c3")]) == [
        False,
        True,
        None,
        None,
        None,
        None,
        None,
    ]


def device(minute: float, agent: str | None, network: str | None, **more: str) -> Row:
    """A view of one session (or of what `more` says) with a user agent and a network, where the log has them."""
    texts = {"agent": agent, "network": network, **(more or {"session": "s"})}
    told = {name: text for name, text in texts.items() if text is not None}
    return replace(row(minute, person="c1"), texts={"person": "c1", **told})


def test_a_session_is_in_a_second_device_where_both_agent_and_network_are_others() -> None:
    views = (
        device(0, "app", "home"), device(1, "app", "hotel"), device(2, "app/2", "home"), device(3, "x", "hotel"),
        device(4, None, "hotel"), device(5, "x", None), row(6, person="c1", agent="x", network="hotel"),
    )  # fmt: skip
    assert told("second-device", *views) == [False, False, False, True, None, None, None]


def test_what_came_first_is_told_by_time_and_not_by_place_in_the_log() -> None:
    assert told("second-device", device(5, "x", "hotel"), device(0, "app", "home")) == [True, False]
    assert told("second-device", device(0, "b", "2"), device(0, "a", "1")) == [
        True,
        False,
    ]  # at once: by name
    assert told("second-device", device(0, None, "home"), device(1, "x", "hotel")) == [None, None]


def test_a_token_and_a_session_of_one_number_are_two() -> None:
    one, other = device(0, "app", "home", token="a"), device(1, "x", "hotel", session="a")
    assert told("second-device", one, other) == [False, False]


def test_a_device_that_only_reads_people_in_a_session_that_visits_elsewhere_is_the_second_one() -> None:
    views = (device(0, "x", "hotel"), device(1, "app", "home"), device(2, "x", "home"))
    visit = device(3, "app", "home")
    made = told("second-device", views[0], views[1], events=(visit,))
    assert made == [True, False]
    assert told("second-device", *views, events=(visit,)) == [True, False, False]
    assert told("second-device", *views[:2], events=(visit, device(4, "x", "hotel"))) == [
        False,
        True,
    ]  # both visit


WORKS = [row(staff="kim", subject="c-kim"), row(staff="lee", subject="c-lee")]
LIVES = [
    row(subject="c-kim", home="Elm 5"),
    row(subject="c1", home="elm  5"),
    row(subject="c2", home="Elm 6"),
]


def by(principal: str, person: str | None) -> Row:
    return row(0, principal=principal, **({"person": person} if person else {}))


def test_whose_record_a_member_of_staff_opened() -> None:
    views = by("kim", "c-kim"), by("kim", "c-lee"), by("kim", "c1"), by("c1", "c-kim"), by("kim", None)
    assert told("own-record", *views, staff=WORKS) == [True, False, False, None, None]
    assert told("colleague", *views, staff=WORKS) == [False, True, False, None, None]
    linked = [row(subject="c-kim", staff="kim"), row(subject="c-lee", staff="gone")]
    assert told("own-record", *views, subjects=linked) == [True, False, False, None, None]
    assert told("colleague", *views, subjects=linked) == [False, True, False, None, None]


def test_who_lives_with_a_member_of_staff() -> None:
    views = by("kim", "c1"), by("kim", "c2"), by("kim", "c-kim"), by("lee", "c1"), by("kim", None)
    assert told("relative", *views, staff=WORKS, subjects=LIVES) == [True, False, False, None, None]


def test_an_employee_who_was_never_seen_as_a_customer_has_a_home_all_the_same() -> None:
    assert told("relative", by("kim", "c1"), by("kim", "c2"), staff=WORKS, subjects=LIVES) == [True, False]


def test_public_figures_are_whom_the_table_marks() -> None:
    marks = [row(subject="c1", public="yes"), row(subject="c2", public="no"), row(subject="c3")]
    views = by("kim", "c1"), by("kim", "c2"), by("kim", "c3"), by("c1", "c1")
    assert told("public-figure", *views, staff=WORKS, subjects=marks) == [True, False, False, None]


@pytest.mark.parametrize("sign", SIGNS)
def test_without_its_tables_a_sign_cannot_be_told(sign: str) -> None:
    if needs := Sign(name=sign).needs:
        assert told(sign, row(0, person="c1", principal="kim", token="t", key="k")) == [None]
        assert {part.split(".")[0] for need in needs for part in need.split(" or ")} <= set(table_schemas())


def test_who_is_not_named_counts_as_one_person_of_the_client() -> None:
    made = tables(
        row(0, token="a", count=3),
        row(0, token="b"),
        row(1, token="b", person="c1"),
        row(0, token="d", person="c2"),
    )
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        prepare(session, made.context)
        make_views(session, made.context, EXPLANATIONS, [])
        rows = session.query("SELECT client, person FROM detect_unnamed ORDER BY client").to_pylist()
    assert rows == [{"client": 1, "person": 2**31 + 1}, {"client": 2, "person": 1}]
