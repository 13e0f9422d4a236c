"""Findings: one per party, exact, stable in bytes and in id, and honest about what could not be told."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.actors import (
    Clause,
    Context,
    ContextTable,
    Detected,
    Detector,
    Window,
    load_detectors,
    load_explanations,
    run,
)  # fmt: skip
from whosaw.actors import actor_views as flagging
from whosaw.actors import hits as marking
from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import document
from whosaw.core.instants import to_micros
from whosaw.store.sql import Session

pytestmark = pytest.mark.usefixtures("told_anew_too")
EXPLANATIONS = load_explanations()
DETECTORS = load_detectors(EXPLANATIONS)
START = datetime(2025, 5, 1, tzinfo=UTC)
NUMBERS = pa.schema([("person", pa.int32()), ("kind", pa.string()), ("value", pa.int64())])
CLAIMS = pa.schema([("principal", pa.int32()), ("person", pa.int32())])
TRIES = pa.schema(
    [("client", pa.int32()), ("time", pa.int64()), ("person", pa.int32()), ("status", pa.int16())]
)
ACTIVITY = pa.schema([("client", pa.int32()), ("events", pa.int64()), ("views", pa.int64())])
CLIENT = ("address", "agent", "principal", "session", "token", "key", "tls")


def micros(minute: float) -> int:
    return to_micros(START + timedelta(minutes=minute))


def small(threshold: int, *, group_by: tuple[str, ...] = ("address",), **more: Any) -> Detector:
    """The shipped detector with one clause and a threshold that fits on a page."""
    clause = Clause(
        id="c", why="because", group_by=group_by, counted="not-explained",
        windows=(Window(length="1h", persons=threshold),),
        confidence="medium", least_share=0.0, agent_matches=None, lacks=(),
    )  # fmt: skip
    return replace(DETECTORS["persons-per-client"], clauses=(replace(clause, **more),), cases=())


def view(
    minute: float,
    person: int | None,
    *,
    client: int = 1,
    route: int = 1,
    extra: int | None = 0,
    duplicate: bool = False,
) -> dict[str, Any]:
    return {
        "minute": minute,
        "person": person,
        "client": client,
        "route": route,
        "extra": extra,
        "duplicate": duplicate,
    }


def detect(
    views: list[dict[str, Any]],
    *detectors: Detector,
    clients: dict[int, dict[str, Any]] | None = None,
    context: Context | None = None,
) -> Detected:
    clients = clients or {number: {"address": number} for number in {each["client"] for each in views}}
    with Session() as session:
        session.register("views", pa.table({
            "time": pa.array([micros(each["minute"]) for each in views], pa.int64()).cast(pa.timestamp("us")),
            "content": pa.array([1] * len(views), pa.int32()),
            "line": pa.array([each.get("line", at + 1) for at, each in enumerate(views)], pa.int64()),
            "client": pa.array([each["client"] for each in views], pa.int32()),
            "person": pa.array([each["person"] for each in views], pa.int32()),
            "route": pa.array([each["route"] for each in views], pa.int16()),
            "extra_at_most": pa.array([each["extra"] for each in views], pa.int32()),
            "duplicate": pa.array([each["duplicate"] for each in views], pa.bool_()),
            "unsure": pa.array([each.get("unsure", 0) for each in views], pa.int8()),
        }))  # fmt: skip
        columns = (*CLIENT, "network")
        kinds = {name: pa.string() if name in ("agent", "key", "tls") else pa.int32() for name in columns}
        session.register("clients", pa.table({
            "client": pa.array(list(clients), pa.int32()),
            **{name: pa.array([each.get(name) for each in clients.values()], kinds[name]) for name in columns},
        }))  # fmt: skip
        session.register("numbers", NUMBERS.empty_table())
        session.register("claims", CLAIMS.empty_table())
        session.register("tries", TRIES.empty_table())
        session.register("activity", ACTIVITY.empty_table())
        session.register("routes", pa.table({
            "route": pa.array([1, 2], pa.int16()), "id": ["info", "book"],
            "categories": [["identity.name", "contact.email"], ["contact.address", "identity.name"]],
        }))  # fmt: skip
        detected = run(
            session, context or Context.none(), {each.id: each for each in detectors}, EXPLANATIONS
        )
        left = session.query(
            "SELECT count(*) AS n FROM duckdb_tables() WHERE starts_with(table_name, 'detect_')"
        )
        assert left["n"].to_pylist() == [0]
    return detected


def test_a_finding_counts_in_three_units_and_names_what_was_seen() -> None:
    views = [
        view(0, 1), view(1, 1), view(2, 2, route=2, extra=20), view(3, 2, route=2, extra=18), view(4, 3),
        view(5, None, route=2, extra=100), view(6, 9, duplicate=True), view(7, 7, client=2),
    ]  # fmt: skip
    (finding,) = detect(views, small(3)).findings
    assert (finding.views.lower, finding.views.exact) == (6, True)
    assert (finding.accounts.lower, finding.accounts.upper) == (3, 103)
    assert (finding.persons.lower, finding.persons.upper) == (3, 123)
    assert [(reason.code, reason.adds_upper) for reason in finding.persons.reasons] == [
        ("secondary-subjects-not-named", 20), ("subject-unknown", 100),
    ]  # fmt: skip
    assert finding.raised_at == START + timedelta(minutes=4)
    assert finding.persons_before == 3
    assert (finding.first_view, finding.last_view) == (START, START + timedelta(minutes=5))
    assert [each.category for each in finding.categories] == [
        "contact.address",
        "contact.email",
        "identity.name",
    ]
    assert [place.line for place in finding.places] == [1, 2, 3, 4, 5, 6]
    assert finding.title == "One address saw at least 3 people, 3 within 1 hour"
    assert finding.facts == (
        "Seen between 2025-05-01T00:00:00Z and 2025-05-01T00:05:00Z.",
        "By 2025-05-01T00:04:00Z it had seen 3 people within 1 hour.",
        "Up to 100 more people whom the log does not name.",
        "For 6 views it cannot be told whether they are explained.",
    )


def test_what_is_only_possible_counts_above_and_not_below() -> None:
    views = [
        view(0, 1), {**view(1, 1), "unsure": 1}, {**view(2, 2), "unsure": 1}, {**view(3, 3, route=2), "unsure": 64},
        {**view(4, 4), "unsure": 65}, view(5, 3, route=2), {**view(6, 5), "unsure": 64},
    ]  # fmt: skip
    (finding,) = detect(views, small(3)).findings
    assert (finding.views.lower, finding.views.upper) == (4, 7)
    assert (finding.accounts.lower, finding.accounts.upper) == (2, 5)
    assert (finding.persons.lower, finding.persons.upper) == (2, 5)
    assert [(reason.code, reason.adds_upper) for reason in finding.persons.reasons] == [
        ("unsure-spelling", 2), ("unsure-identifier", 1),
    ]  # fmt: skip
    assert finding.persons_before == 3
    assert [(each.category, each.persons, each.possible_persons, each.views, each.possible_views) for each in finding.categories] == [
        ("contact.address", 1, 0, 2, 0), ("contact.email", 1, 3, 2, 3), ("identity.name", 2, 3, 4, 3),
    ]  # fmt: skip
    assert finding.title == "One address saw at least 2 people, 3 within 1 hour"
    assert "2 people for sure, possibly 3 others." in finding.facts


def test_a_list_without_a_bound_leaves_the_count_open() -> None:
    (finding,) = detect([view(0, 1), view(1, None, extra=None)], small(1)).findings
    assert (finding.persons.lower, finding.persons.upper) == (1, None)


def test_what_could_not_be_told_is_said_with_its_reason() -> None:
    (finding,) = detect([view(0, 1), view(1, 2)], small(2)).findings
    own = finding.tried[0]
    assert (own.explanation, own.explained, own.unexplained, own.cannot_tell) == ("own-session", 0, 0, 2)
    assert own.why_not == "no logins given"
    assert (
        "cannot tell for 2 views whether own-session explains them: no logins given"
        in finding.confidence.reasons
    )


def test_no_more_than_twenty_locators_and_the_earliest() -> None:
    (finding,) = detect([view(at / 10, at) for at in range(50)], small(50)).findings
    assert [place.line for place in finding.places] == list(range(1, 21))


def test_the_same_views_in_another_order_give_the_same_bytes() -> None:
    views = [view(at / 7, at % 30, client=1 + at % 3, route=1 + at % 2) | {"line": at} for at in range(200)]
    shuffled = random.Random(5).sample(views, len(views))
    one, other = detect(views, small(5)), detect(shuffled, small(5))
    assert len(one.findings) == 3
    assert canonical_json(document(one.findings)) == canonical_json(document(other.findings))
    assert one.findings == other.findings


def test_a_finding_that_grows_keeps_its_id_and_its_moment() -> None:
    views = [view(at, at) for at in range(40)]
    clauses = (*small(5).clauses, replace(small(9).clauses[0], id="wide", group_by=("agent",)))
    clients = {1: {"address": 1, "agent": "x"}, 2: {"address": 2, "agent": "x"}}
    detector = replace(small(5), clauses=clauses)
    (early,) = detect(views[:6], detector, clients=clients).findings
    (late,) = detect(
        views + [view(50 + at, 100 + at, client=2) for at in range(3)], detector, clients=clients
    ).findings
    assert (early.id, early.raised_at, early.persons_before) == (late.id, late.raised_at, late.persons_before)
    assert (early.persons.lower, late.persons.lower) == (6, 43)
    assert late.title == "2 addresses saw 43 people, 5 within 1 hour"
    assert late.facts[0] == "One actor, joined from what detectors named: one address and 1 user agent."


def test_actors_that_share_little_stay_apart() -> None:
    clients = {
        1: {"address": 1, "agent": "x"},
        2: {"address": 1, "agent": "y"},
        3: {"address": 2, "agent": "y"},
    }
    views = [view(at, at, client=1 + at % 3) for at in range(30)]
    by_both = replace(small(8), clauses=(replace(small(8).clauses[0], group_by=("address", "agent")),))
    assert len(detect(views, by_both, clients=clients).findings) == 3


def test_more_people_come_first_and_then_surer() -> None:
    views = [view(at, at, client=1) for at in range(5)] + [view(at, at, client=2) for at in range(9)]
    found = detect(views, small(5)).findings
    assert [finding.persons.lower for finding in found] == [9, 5]


@pytest.mark.parametrize(("pattern", "expected"), [("^curl/", 1), ("wget", 0)])
def test_a_pattern_limits_a_clause_to_some_agents(pattern: str, expected: int) -> None:
    clients = {1: {"address": 1, "agent": "curl/8"}}
    assert len(detect([view(0, 1)], small(1, agent_matches=pattern), clients=clients).findings) == expected


def test_grouping_by_the_whole_client_keeps_clients_with_gaps() -> None:
    detector = small(2, group_by=CLIENT)
    found = detect([view(0, 1), view(1, 2), view(1, 3, client=2)], detector).findings
    assert [finding.actor.values[0] for finding in found] == [1]


def test_no_views_is_no_finding_and_a_missing_table_is_cannot_tell() -> None:
    detected = detect([], *DETECTORS.values(), clients={1: {}})
    assert detected.findings == ()
    assert {untold.detector: untold.why for untold in detected.untold} == {
        "account-of-leaver": "no staff given",
        "bulk-records": "no services given",
        "canary-hit": "no canaries given",
        "colleague-record": "no staff given; no tickets given",
        "contract-ended": "no services given",
        "key-of-leaver": "no keys given; no staff given",
        "key-out-of-use": "no keys given",
        "list-to-its-end": "no services given",
        "own-record": "no staff given and no subjects given",
        "public-figure": "no staff given; no tickets given; no subjects given",
        "relative-record": "no staff given; no tickets given; no subjects given",
        "staff-without-reason": "no staff given; no tickets given",
        "token-never-issued": "no logins given",
        "token-of-another": "no logins given",
        "token-out-of-time": "no logins given",
    }


def logins(rows: list[tuple[int, int, int]], **stated: Any) -> Context:
    """Rows of minute, subject, token."""
    at = [micros(minute) for minute, _, _ in rows]
    nothing = [None] * len(rows)
    table = pa.table({
        "time": pa.array(at, pa.int64()), "subject": pa.array([s for _, s, _ in rows], pa.int64()),
        "token": pa.array([t for _, _, t in rows], pa.int64()), "session": pa.array(nothing, pa.int64()),
        "key": pa.array(nothing, pa.string()), "address": pa.array(nothing, pa.int64()),
        "ended": pa.array(nothing, pa.int64()),
    })  # fmt: skip
    entry = ContextTable(
        name="logins", files=(), rows=table, filled={"token": len(rows)}, matched={"token": len(rows)}
    )
    return Context(tables={"logins": entry}, **stated)


CLIENTS = {at: {"address": 1, "token": at} for at in range(1, 9)}


def unexplained(context: Context, minute: float = 120) -> int:
    """Views of a token nobody was issued that are unexplained, beside one of an issued token."""
    views = [view(0, 1, client=1), view(minute, 2, client=2)]
    found = detect(views, small(1, counted="unexplained"), clients=CLIENTS, context=context).findings
    return sum(finding.views.lower for finding in found)


def test_an_unissued_token_is_unexplained_only_where_logins_reach() -> None:
    rows = [(0, 1, 1), (300, 5, 5)]
    assert unexplained(logins(rows, sessions_last=0)) == 1
    assert unexplained(logins(rows, sessions_last=3 * 3_600_000_000)) == 0  # it may be older than logins
    assert unexplained(logins(rows, sessions_last=0), minute=1_000) == 0  # logins had ended by then
    assert unexplained(logins([(0, 1, 1)], sessions_last=0)) == 0
    assert unexplained(logins([(0, 1, 1)], sessions_last=0, logins_until=10**18)) == 1


def test_how_long_sessions_last_is_learnt_from_those_on_record() -> None:
    views = [view(0, 1, client=1), view(60, 1, client=1), view(30, 2, client=2), view(90, 3, client=3)]
    context = logins([(0, 1, 1), (300, 5, 5)])
    (finding,) = detect(views, small(1, counted="unexplained"), clients=CLIENTS, context=context).findings
    assert [place.line for place in finding.places] == [4]  # at 30 minutes a session of 60 could be older


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 12), st.integers(1, 3)), min_size=1, max_size=60),
    st.integers(1, 6),
    st.integers(1, 20),
)
@settings(max_examples=examples(25), deadline=None)
def test_findings_are_those_of_the_definition_however_views_are_sliced(
    rows: list[tuple[int, int, int]], threshold: int, slice_size: int
) -> None:
    views = [view(minute, person, client=client) for minute, person, client in rows]
    before = flagging.SLICE, flagging.SORTED, marking.MARKED
    # smaller than any real log needs
    flagging.SLICE, flagging.SORTED, marking.MARKED = slice_size, 2 * slice_size, slice_size  # type: ignore[misc]
    try:
        found = detect(views, small(threshold)).findings
    finally:
        flagging.SLICE, flagging.SORTED, marking.MARKED = before  # type: ignore[misc]
    expected = {}
    for client in {client for _, _, client in rows}:
        own = [(minute, person) for minute, person, other in rows if other == client]
        for at in sorted({minute for minute, _ in own}):
            if len({person for minute, person in own if at - 60 < minute <= at}) >= threshold:
                before_it = len({person for minute, person in own if minute <= at})
                expected[client] = (
                    START + timedelta(minutes=at),
                    before_it,
                    len({person for _, person in own}),
                )
                break
    assert {
        finding.actor.values[0]: (finding.raised_at, finding.persons_before, finding.persons.lower)
        for finding in found
    } == expected


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 6), st.integers(1, 2), st.integers(0, 3)),
        min_size=1,
        max_size=40,
    )
)
@settings(max_examples=examples(25), deadline=None)
def test_a_line_that_shows_several_people_is_one_view_and_a_person_on_several_pages_is_one(
    rows: list[tuple[int, int, int, int]],
) -> None:
    views = [
        {**view(minute, person), "route": route, "line": minute * 10 + line}
        for minute, person, route, line in rows
    ]
    (finding,) = detect(views, small(1)).findings
    shown = {(each["line"], each["person"], each["route"]) for each in views}
    assert finding.views.lower == len({line for line, _, _ in shown})
    assert finding.accounts.lower == len({person for _, person, _ in shown})
    told = {each.category: (each.persons, each.views) for each in finding.categories}
    pages = {"identity.name": {1, 2}, "contact.email": {1}, "contact.address": {2}}
    assert told == {
        name: (
            len({person for _, person, route in shown if route in held}),
            len({line for line, _, route in shown if route in held}),
        )
        for name, held in pages.items()
        if held & {route for _, _, route in shown}
    }
