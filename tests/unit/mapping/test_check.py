"""What a map matches and misses adds up, and shows nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.mapping.check import MapCheck, MapChecker
from whosaw.mapping.data_map import DataMap, load_map
from whosaw.store.sql import Session

AsMap = Callable[[str], DataMap]
AsEvents = Callable[..., pa.Table]
MAP = """
[[route]]
id = "addresses"
match = { path = "/customers/{id}/addresses" }
subject = { from = "path", name = "id" }
categories = ["contact.address"]
until = 2025-01-01

[[route]]
id = "addresses"
match = { path = "/customers/{id}/addresses" }
subject = { from = "path", name = "id" }
categories = ["contact.address"]
since = 2025-03-01

[[route]]
id = "me"
match = { path = "/me" }
subject = { from = "principal" }
categories = ["identity.name"]

[[route]]
id = "never"
match = { path = "/never" }
subject = { from = "principal" }
categories = ["identity.name"]
draft = true
"""

OBJECTS = """
[[route]]
id = "objects"
match = { action = "s3:GetObject", object = "b/{id}/*" }
subject = { from = "object", name = "id" }
categories = ["identity.picture"]
"""


def check(data_map: DataMap, session: Session, *tables: pa.Table) -> MapCheck:
    checker = MapChecker(data_map)
    for table in tables:
        checker.add(table, session)
    return checker.result()


def test_routes_gaps_and_what_is_missed(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    early, gap = datetime(2024, 5, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)
    events = as_events(
        {"path": "/customers/1234567/addresses", "time": early},
        {"path": "/customers/1234567/addresses"},
        {"path": "/customers/7654321/addresses"},
        {"path": "/customers/7654321/addresses", "status": 404, "ok": False},
        {"path": "/customers/7654321/addresses", "status": None, "ok": None},
        {"path": "/customers/1234567/addresses", "time": gap},
        {"path": "/me", "principal": "u1"},
        {"path": "/me"},
        {"path": "/orders/881234"},
        {"path": "/orders/881235", "status": 500, "ok": False},
        {"path": "/orders/881235"},
        {"path": "/users/someone%40example.org"},
        {"path": "/about"},
        {"path": "/img/12345.jpg"},
    )
    result = check(as_map(MAP), session, events)
    assert (result.events, result.matched, result.in_gaps, result.uncovered) == (14, 7, 1, 6)
    old, new, me, never = result.routes
    assert (old.matched, old.views, old.persons) == (1, 1, 1)
    assert (new.matched, new.views, new.undecided, new.persons) == (4, 2, 1, 2)
    assert new.examples == ("GET /customers/1***7/addresses", "GET /customers/7***1/addresses")
    assert (me.matched, me.views, me.persons, me.subject_unknown) == (2, 2, 1, (("absent", 1),))
    assert result.never_matched == (never,)
    assert never.draft
    (only,) = result.gaps
    assert (only.id, only.start, only.end) == (
        "addresses", datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    assert only.events == 1
    orders, users, image = result.busy
    assert (orders.shape, orders.events, orders.succeeded, orders.distinct) == ("/orders/{number}", 3, 2, 2)
    assert (orders.parts, orders.distinct_exact, orders.example) == (("number",), True, "/orders/8***4")
    assert (users.shape, users.parts, users.example) == ("/users/{mail}", ("mail",), "/users/s***g")
    assert image.asset


def test_nothing_shown_holds_an_id(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    text = MAP + OBJECTS
    events = as_events(
        {"path": "/customers/홍길동님/addresses", "query": "token=abcdefgh"},
        {"path": "/customers/wanjiku/addresses/"},
        {"path": "/customers/wanjiku/addresses", "query": "wanjiku@example.org"},
        {"action": "s3:GetObject", "object": "b/wanjiku/passport.png", "ok": True, "principal": "x"},
    )
    result = check(as_map(text), session, events)
    shown = " ".join(example for route in result.routes for example in route.examples)
    assert "wanjiku" not in shown
    assert "홍길동" not in shown
    assert "abcdefgh" not in shown
    assert result.routes[-1].examples == ("s3:GetObject b/w***u/p***g",)


def test_several_persons_of_one_answer_all_count(
    as_map: AsMap, as_events: AsEvents, session: Session
) -> None:
    text = """
    [[route]]
    id = "batch"
    match = { path = "/batch" }
    subject = { from = "query", name = "ids", many = true }
    categories = ["identity.name"]
    """
    events = as_events({"path": "/batch", "query": "ids=1,2,3"}, {"path": "/batch", "query": "ids=3,4"})
    (route,) = check(as_map(text), session, events).routes
    assert (route.views, route.persons) == (2, 4)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(
            ["/customers/1/addresses", "/customers/2/addresses", "/me", "/orders/3", "/orders/44", "/x"]
        ),
        st.sampled_from([None, "id=5", "id=66&page=1"]),
        st.booleans(),
        st.sampled_from([datetime(2024, 5, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)]),
    ),
    max_size=10,
)


@settings(max_examples=examples(25), deadline=None)
@given(rows=ROWS, cut=st.integers(0, 10))
def test_cuts_and_order_do_not_matter(
    rows: list[tuple[object, ...]], cut: int, session: Session, tmp_path_factory
) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.getbasetemp() / "check.toml"
    path.write_text(MAP, encoding="utf-8")
    data_map = load_map(path)

    def table(part: list[tuple[object, ...]]) -> pa.Table:
        kinds = [pa.string(), pa.string(), pa.bool_(), pa.timestamp("us", tz="UTC")]
        names = ["path", "query", "ok", "time"]
        return pa.table(
            {
                n: pa.array([row[i] for row in part], k)
                for i, (n, k) in enumerate(zip(names, kinds, strict=True))
            }
        )

    whole = check(data_map, session, table(rows))
    assert whole == check(data_map, session, table(rows[cut:]), table(rows[:cut]))
    assert whole.matched + whole.in_gaps + whole.uncovered == whole.events == len(rows)
    assert sum(route.matched for route in whole.routes) == whole.matched


def test_possible_views_are_told_by_route_with_the_option_that_makes_them_sure(
    as_map: AsMap, as_events: AsEvents, session: Session
) -> None:
    events = as_events(
        {"path": "/me"},
        {"path": "/ME"},
        {"path": "/Me"},
        {"path": "/customers%2Fann%2Faddresses", "time": datetime(2024, 6, 1, tzinfo=UTC)},
        {"path": "/me/edit"},
        {"path": "/me.css", "ok": False, "status": 404},
    )
    result = check(as_map(MAP), session, events)
    old, _, me, never = result.routes
    assert (me.views, me.possible, me.options) == (1, 2, (("ignore_case = true", 2),))
    assert me.possible_examples == ("GET /ME", "GET /Me")
    assert (old.views, old.possible, old.options) == (0, 1, (("encoded_slash = true", 1),))
    assert "ann" not in "".join(old.possible_examples)
    assert (never.possible, never.options) == (0, ())
    assert (result.views, result.matched, result.uncovered) == (1, 4, 2)


def test_a_form_is_proposed_where_ids_collapse(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    paths = [*(f"/customers/{number}/addresses" for number in range(1, 20)), "/customers/7x/addresses"]
    late = datetime(2025, 6, 1, tzinfo=UTC)
    result = check(as_map(MAP), session, as_events(*({"path": path, "time": late} for path in paths)))
    assert [(route.form, route.collapsed) for route in result.routes][1] == ("integer", 1)
    assert {route.form for route in result.routes if route.id != "addresses"} == {""}
