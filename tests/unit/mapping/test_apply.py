"""Which route, whose data, how many further persons at most."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from whosaw.mapping.apply import Mapper
from whosaw.mapping.data_map import DataMap
from whosaw.mapping.possible import Unsure
from whosaw.store.sql import Session

AsMap = Callable[[str], DataMap]
AsEvents = Callable[..., pa.Table]
ADDRESSES = """
[[route]]
id = "addresses"
match = { method = "GET", path = "/customers/{id}/addresses" }
subject = { from = "path", name = "id" }
categories = ["contact.address"]
"""


def mapped(data_map: DataMap, events: pa.Table, session: Session) -> list[dict[str, Any]]:
    result = Mapper(data_map).apply(events, session)
    rows = result.rows.to_pylist()
    for row in rows:
        row["more"] = []
    for pair in result.more.to_pylist():
        rows[pair["row"]]["more"].append(pair["person"])
    return rows


def route_of(subject: str, rest: str = "", match: str = 'path = "/p"') -> str:
    head = f'[[route]]\nid = "r"\nmatch = {{ {match} }}\nsubject = {subject}\n'
    return f'{head}categories = ["identity.name"]\n{rest}\n'


def persons(rows: list[dict[str, Any]]) -> list[list[str]]:
    """Raw ids of each row, without the kind."""
    return [[p.split("\x1f")[1] for p in [row["person"], *row["more"]] if p] for row in rows]


def test_path_names_the_person(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    events = as_events({"path": "/customers/42/addresses"}, {"path": "/customers/42/orders"}, {"path": None})
    first, other, bare = mapped(as_map(ADDRESSES), events, session)
    assert (first["route"], first["person"], first["view"]) == (0, "customer\x1f42", True)
    assert (first["subject_unknown"], first["extra_at_most"], first["unknown_why"]) == (False, 0, "")
    for row in (other, bare):
        assert (row["route"], row["person"], row["view"], row["subject_unknown"]) == (-1, None, False, False)


def test_a_fragment_is_no_part_of_a_query(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    data_map = as_map(route_of('{ from = "query", name = "id" }'))
    events = as_events({"path": "/p", "query": "id=7#x&id=8"}, {"path": "/p", "query": "a#id=7"})
    assert persons(mapped(data_map, events, session)) == [["7"], []]


@pytest.mark.parametrize(
    ("path", "person"),
    [
        ("/customers/a%40example.org/addresses", "a@example.org"),
        ("/customers/%34%32/addresses", "42"),
        ("/c%75stomers/42/addresses", "42"),
        ("//customers///42/addresses/", "42"),
        ("/x/../customers/./42/addresses", "42"),
        ("/x/%2e%2e/customers/42/addresses", "42"),
        ("/customers/42;jsessionid=9/addresses", "42"),
        ("/customers/42;/addresses;", "42"),
        ("/x/..;/customers/42/addresses;x", "42"),
        ("/customers/42/addresses#top", "42"),
        ("http://shop.example.org/customers/42/addresses", "42"),
        ("/customers/a%2Fb/addresses", "a/b"),
        ("/customers/a%01b/addresses", "a%01b"),
        ("/customers/%EC%9D%B4/addresses", "이"),
        ("/customers/%B1%E8/addresses", "%B1%E8"),
        ("/customers/a+b/addresses", "a+b"),
        ("/customers/AbC/addresses", "AbC"),
        ("/customers/007/addresses", "007"),
        ("/customers/%00/addresses", "\0"),
    ],
)
def test_other_spellings_of_a_path_find_the_same_route(
    as_map: AsMap, as_events: AsEvents, session: Session, path: str, person: str
) -> None:
    assert persons(mapped(as_map(ADDRESSES), as_events({"path": path}), session)) == [[person]]


@pytest.mark.parametrize(
    "path",
    [
        "/customers//addresses",
        "/customers/1/2/addresses",
        "/customers/1/addressesx",
        "/customers/1/addresses/edit",
    ],
)
def test_paths_that_are_no_such_request(
    as_map: AsMap, as_events: AsEvents, session: Session, path: str
) -> None:
    assert mapped(as_map(ADDRESSES), as_events({"path": path}), session)[0]["route"] == -1


def test_first_route_in_file_order_wins(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    text = route_of('{ from = "unknown" }', match='path = "/customers/all"').replace('"r"', '"all"')
    text += route_of('{ from = "path", name = "id" }', match='path = "/customers/{id}"')
    rows = mapped(as_map(text), as_events({"path": "/customers/all"}, {"path": "/customers/1"}), session)
    assert [row["route"] for row in rows] == [0, 1]


def test_a_route_holds_from_since_to_before_until(
    as_map: AsMap, as_events: AsEvents, session: Session
) -> None:
    text = (
        ADDRESSES + "until = 2025-01-01\n" + ADDRESSES + "since = 2025-01-01T00:00:00Z\nuntil = 2025-02-01\n"
    )
    times = [datetime(2024, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)]
    times.append(datetime(2025, 2, 1, tzinfo=UTC))
    events = as_events(*({"path": "/customers/1/addresses", "time": time} for time in times))
    assert [row["route"] for row in mapped(as_map(text), events, session)] == [0, 1, -1]


def test_dates_are_read_in_the_zone_of_the_map(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    data_map = as_map('zone = "Asia/Seoul"\n' + ADDRESSES + "since = 2025-01-01\n")
    assert data_map.routes[0].since == datetime(2024, 12, 31, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "view", "undecided"),
    [
        ({"status": 200, "ok": True}, True, False),
        ({"status": 404, "ok": False}, False, False),
        ({"status": 204, "ok": True}, False, False),
        ({"method": "HEAD"}, False, False),
        ({"rows": 0}, False, False),
        ({"rows": 1}, True, False),
        ({"status": 206, "ok": None}, True, False),
        ({"status": None, "ok": None}, False, True),
    ],
)
def test_a_view_is_an_answer_that_can_have_carried_data(
    as_map: AsMap, as_events: AsEvents, session: Session, event: dict[str, Any], view: bool, undecided: bool
) -> None:
    data_map = as_map(ADDRESSES.replace('method = "GET", ', ""))
    row = mapped(data_map, as_events({"path": "/customers/1/addresses", **event}), session)[0]
    assert (row["view"], row["undecided"]) == (view, undecided)
    # a request that failed still tells whom it was after
    assert row["person"] == "customer\x1f1"


def test_principal(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    data_map = as_map(route_of('{ from = "principal", kind = "member" }'))
    named, bare = mapped(data_map, as_events({"path": "/p", "principal": "u1"}, {"path": "/p"}), session)
    assert named["person"] == "member\x1fu1"
    assert (bare["person"], bare["view"], bare["subject_unknown"]) == (None, True, True)
    assert (bare["unknown_why"], bare["extra_at_most"]) == ("absent", 1)


@pytest.mark.parametrize(
    ("query", "found", "why", "extra"),
    [
        ("id=42", ["42"], "", 0),
        ("a=1&id=42&b=2", ["42"], "", 0),
        ("xid=7&id=42", ["42"], "", 0),
        ("id=a%40example.org", ["a@example.org"], "", 0),
        ("id=a+b", ["a b"], "", 0),
        ("%69d=42", ["42"], "", 0),
        ("id=42&id=42", ["42"], "", 0),
        ("id=1&id=2", ["1", "2"], "", 0),
        ("id=1&%69d=2", ["1", "2"], "", 0),
        ("id=", [], "empty", 1),
        ("id", [], "empty", 1),
        ("idx=3", [], "absent", 1),
        ("x=&id=3", ["3"], "", 0),
        ("id=1,2", ["1,2"], "", 0),
        (None, [], "absent", 1),
        ("id=" + "x" * 256, ["x" * 256], "", 0),
        ("id=" + "x" * 257, [], "too-long", 1),
        ("id=" + "%EC%9D%B4" * 86, [], "too-long", 1),
    ],
)
def test_query_parameter(
    as_map: AsMap,
    as_events: AsEvents,
    session: Session,
    query: str | None,
    found: list[str],
    why: str,
    extra: int,
) -> None:
    data_map = as_map(route_of('{ from = "query", name = "id" }'))
    rows = mapped(data_map, as_events({"path": "/p", "query": query}), session)
    assert persons(rows) == [found]
    assert (rows[0]["unknown_why"], rows[0]["extra_at_most"], rows[0]["subject_unknown"]) == (
        why,
        extra,
        why != "",
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ids=1,2,3", ["1", "2", "3"]),
        ("ids=1%2C2", ["1", "2"]),
        ("ids=1&ids=2", ["1", "2"]),
        ("ids=1,2&ids=2,1,4", ["1", "2", "4"]),
        ("ids=1,,1, ", ["1"]),
        ("ids=7", ["7"]),
    ],
)
def test_several_persons_in_one_answer(
    as_map: AsMap, as_events: AsEvents, session: Session, query: str, found: list[str]
) -> None:
    rest = 'secondary = { at_most = 5, categories = ["identity.name"] }'
    data_map = as_map(route_of('{ from = "query", name = "ids", many = true }', rest))
    events = as_events({"path": "/other"}, {"path": "/p", "query": query}, {"path": "/p", "query": "ids=,"})
    _, row, empty = mapped(data_map, events, session)
    assert persons([row]) == [found]
    assert row["extra_at_most"] == 5 * len(found)
    # how many an answer to an empty list held cannot be told
    assert (empty["unknown_why"], empty["extra_at_most"]) == ("empty", None)


def test_ids_too_long_in_a_list_stay_in_the_bound(
    as_map: AsMap, as_events: AsEvents, session: Session
) -> None:
    data_map = as_map(route_of('{ from = "query", name = "ids", many = true }'))
    rows = mapped(data_map, as_events({"path": "/p", "query": f"ids=1,{'x' * 300},2"}), session)
    assert (persons(rows), rows[0]["extra_at_most"], rows[0]["subject_unknown"]) == ([["1", "2"]], 1, False)


@pytest.mark.parametrize(
    ("query", "rows", "extra"),
    [
        ("size=50", None, 50), ("size=500", None, 100), ("size=0", None, 100), ("size=-1", None, 100),
        ("size=x", None, 100), (None, None, 100), ("size=10&size=20", None, 20), ("size=50", 7, 7),
        ("size=5", 9, 9),
    ],
)  # fmt: skip
def test_a_list_is_bounded_by_its_page_size(
    as_map: AsMap, as_events: AsEvents, session: Session, query: str | None, rows: int | None, extra: int
) -> None:
    rest = 'records = { from = "query", name = "size", at_most = 100 }'
    data_map = as_map(route_of('{ from = "unknown" }', rest))
    row = mapped(data_map, as_events({"path": "/p", "query": query, "rows": rows}), session)[0]
    assert (row["subject_unknown"], row["unknown_why"], row["extra_at_most"]) == (True, "not-in-log", extra)


def test_a_list_without_a_bound_has_none(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    rows = mapped(as_map(route_of('{ from = "unknown" }')), as_events({"path": "/p"}), session)
    assert (rows[0]["view"], rows[0]["extra_at_most"]) == (True, None)
    rest = 'records = { from = "query", name = "size" }'
    rows = mapped(
        as_map(route_of('{ from = "unknown" }', rest)), as_events({"path": "/p", "query": "size=9"}), session
    )
    assert rows[0]["extra_at_most"] == 9


def test_each_record_may_bring_secondary_subjects(
    as_map: AsMap, as_events: AsEvents, session: Session
) -> None:
    rest = 'records = { at_most = 10 }\nsecondary = { at_most = 3, categories = ["contact.phone"] }'
    row = mapped(as_map(route_of('{ from = "unknown" }', rest)), as_events({"path": "/p"}), session)[0]
    assert row["extra_at_most"] == 40
    unbounded = 'secondary = { categories = ["contact.phone"] }'
    row = mapped(
        as_map(route_of('{ from = "principal" }', unbounded)),
        as_events({"path": "/p", "principal": "1"}),
        session,
    )[0]
    assert (row["person"], row["extra_at_most"]) == ("customer\x1f1", None)


def test_header_field_and_canonical_column(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    events = as_events(
        {"path": "/p", "fields": '{"http_x_customer": "1", "a/b": "2", "object": "3"}', "object": "4"},
        {"path": "/p", "fields": "{broken", "object": None},
    )
    for subject, expected in [
        ('{ from = "header", name = "X-Customer" }', [["1"], []]),
        ('{ from = "field", name = "a/b" }', [["2"], []]),
        ('{ from = "field", name = "object" }', [["4"], []]),
    ]:
        assert persons(mapped(as_map(route_of(subject)), events, session)) == expected


def test_body_pointer(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    bodies = ['{"c": {"ids": [1, "2"]}}', '{"c": {"ids": 3}}', "{broken", '{"c": {}}', '{"c": {"ids": [{}]}}']
    import json

    events = as_events(
        *({"path": "/p", "fields": json.dumps({"body": body})} for body in bodies), {"path": "/p"}
    )
    data_map = as_map(route_of('{ from = "body", name = "/c/ids", many = true }'))
    rows = mapped(data_map, events, session)
    assert persons(rows) == [["1", "2"], ["3"], [], [], [], []]
    assert [row["unknown_why"] for row in rows] == ["", "", "unreadable", "absent", "unreadable", "absent"]


def test_objects_of_other_services(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    match = 'action = ["s3:Get*"], object = "invoices/*/{id}.pdf"'
    data_map = as_map(route_of('{ from = "object", name = "id" }', match=match))
    events = as_events(
        {"action": "s3:GetObject", "object": "invoices/2024/05/i-7.pdf", "ok": True},
        {"action": "s3:PutObject", "object": "invoices/2024/i-7.pdf", "ok": True},
        {"action": "s3:GetObject", "object": "logs/2024/i-7.pdf", "ok": True},
    )
    rows = mapped(data_map, events, session)
    assert [row["route"] for row in rows] == [0, -1, -1]
    assert persons(rows)[0] == ["i-7"]


def test_statements(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    match = 'action = "SELECT", object = "public.customers"'
    data_map = as_map(route_of('{ from = "statement", name = "customer_id" }', match=match))
    base = {"action": "SELECT", "object": "public.customers", "ok": True}
    select = "SELECT * FROM customers WHERE "
    events = as_events(
        {**base, "statement": select + "customer_id = 42", "rows": 1},
        {**base, "statement": select + "customer_id IN (1, 2)", "rows": 5},
        {**base, "statement": select + "customer_id IN (1, 2)", "rows": 1},
        {**base, "statement": select + "city = 'Seoul'", "rows": 812},
        {**base, "statement": select + "city = 'Seoul'", "rows": None},
        {**base, "statement": None, "rows": None},
    )
    rows = mapped(data_map, events, session)
    assert persons(rows) == [["42"], ["1", "2"], [], [], [], []]
    assert [row["unknown_why"] for row in rows] == ["", "", "ambiguous", "unreadable", "unreadable", "absent"]
    assert [row["extra_at_most"] for row in rows] == [0, 0, 1, 812, None, None]


def test_words_that_mean_the_principal(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    subject = '{ from = "path", name = "id", self = ["me"], strip_prefix = "u" }'
    data_map = as_map(route_of(subject, match='path = "/users/{id}"'))
    events = as_events(
        {"path": "/users/me", "principal": "u42"},
        {"path": "/users/42"},
        {"path": "/users/u42"},
        {"path": "/users/me"},
    )
    assert persons(mapped(data_map, events, session)) == [["42"], ["42"], ["42"], []]


def test_match_asks_for_host_and_query(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    match = 'path = "/p", host = "*.example.org", query = { view = "full detail", id = "*" }'
    data_map = as_map(route_of('{ from = "query", name = "id" }', match=match))
    events = as_events(
        {"path": "/p", "host": "SHOP.example.org:8443", "query": "view=full+detail&id=1"},
        {"path": "/p", "host": "shop.example.org.", "query": "id=1&vi%65w=full%20detail"},
        {"path": "/p", "host": "example.org", "query": "view=full+detail&id=1"},
        {"path": "/p", "host": "shop.example.org", "query": "view=full+detail"},
        {"path": "/p", "host": "shop.example.org", "query": "view=full&id=1"},
        {"path": "/p", "host": None, "query": "view=full+detail&id=1"},
    )
    assert [row["route"] for row in mapped(data_map, events, session)] == [0, 0, -1, -1, -1, -1]


def test_ignore_case(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    match = 'path = "/Customers/{id}/Addresses", ignore_case = true'
    data_map = as_map(route_of('{ from = "path", name = "id" }', match=match))
    assert persons(mapped(data_map, as_events({"path": "/CUSTOMERS/AbC/addresses"}), session)) == [["AbC"]]


def test_kinds_keep_namespaces_apart(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    text = route_of('{ from = "path", name = "id", kind = "driver" }', match='path = "/d/{id}"')
    text += route_of('{ from = "path", name = "id" }', match='path = "/c/{id}"').replace('"r"', '"c"')
    rows = mapped(as_map(text), as_events({"path": "/d/1"}, {"path": "/c/1"}, {"path": "/x"}), session)
    assert [row["person"] for row in rows] == ["driver\x1f1", "customer\x1f1", None]


def test_text_columns_may_be_dictionaries(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    events = as_events(
        {"path": "/p", "query": "id=1"}, {"path": "/p", "query": "id=2"}, {"path": None, "query": None}
    )
    coded = events
    for name in ("path", "query", "method"):
        coded = coded.set_column(coded.column_names.index(name), name, coded[name].dictionary_encode())
    mapper = Mapper(as_map(route_of('{ from = "query", name = "id" }')))
    assert mapper.apply(coded, session).rows.equals(mapper.apply(events, session).rows)


def test_no_events_and_no_routes(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    empty = as_events({"path": "/p"}).slice(0, 0)
    assert Mapper(as_map(ADDRESSES)).apply(empty, session).rows.num_rows == 0
    result = Mapper(DataMap.of(())).apply(as_events({"path": "/p"}), session)
    assert result.rows["route"].to_pylist() == [-1]


@pytest.mark.parametrize(
    ("query", "found", "why", "unsure"),
    [
        # what one server reads and another does not: the first, the last, the name in another case, as a list, between other signs
        ("id=7&id=8", ["7", "8"], "", True),
        ("id=7&ID=8", ["7", "8"], "", True),
        ("ID=7", ["7"], "absent", True),
        ("Id=7&x=1", ["7"], "absent", True),
        ("id[]=7", ["7"], "absent", True),
        ("%49D=7", ["7"], "absent", True),
        ("+id=7", ["7"], "absent", True),
        ("x=1;id=7", ["7"], "absent", True),
        ("id=&ID=7", ["7"], "empty", True),
        ("id=7&ID=7", ["7"], "", False),
        ("id=7&width=8&idx=9&x=id", ["7"], "", False),
        ("width=8&idx=9", [], "absent", False),
        ("&".join(f"ID={each}" for each in range(17)), [], "absent", False),
    ],
)
def test_a_parameter_that_servers_read_in_several_ways(
    as_map: AsMap,
    as_events: AsEvents,
    session: Session,
    query: str,
    found: list[str],
    why: str,
    unsure: bool,
) -> None:
    """Each reading is a person of the upper bound; where the plain name is not there, it may also be somebody else."""
    data_map = as_map(route_of('{ from = "query", name = "id" }'))
    (row,) = mapped(data_map, as_events({"path": "/p", "query": query}), session)
    assert (persons([row]), row["unknown_why"]) == ([found], why)
    assert (row["unsure"], row["view"]) == (Unsure.PERSON if unsure else 0, True)
    assert row["extra_at_most"] == (1 if why else 0)


def test_other_readings_are_spelled_as_the_form_says(
    as_map: AsMap, as_events: AsEvents, session: Session
) -> None:
    data_map = as_map(route_of('{ from = "query", name = "id", strip_prefix = "u", form = "integer" }'))
    events = as_events({"path": "/p", "query": "ID=u007"}, {"path": "/p", "query": "id=7&ID=u007"})
    rows = mapped(data_map, events, session)
    assert persons(rows) == [["7"], ["7"]]
    assert [(row["unknown_why"], row["unsure"]) for row in rows] == [("absent", Unsure.PERSON), ("", 0)]


@pytest.mark.parametrize(
    ("body", "found", "why", "unsure"),
    [
        ('{"customer":{"id":7}}', ["7"], "", False),
        ('{"customer":{"id":7,"id":8}}', ["8", "7"], "", True),
        ('{"customer":{"ID":7}}', ["7"], "absent", True),
        ('{"Customer":{"Id":"7"}}', ["7"], "absent", True),
        ('{"customer":{"id":1},"customer":{"id":7}}', ["7", "1"], "", True),
        ('{"customer":{"id":7,"ID":7}}', ["7"], "", False),
    ],
)
def test_a_body_that_servers_read_in_several_ways(
    as_map: AsMap, as_events: AsEvents, session: Session, body: str, found: list[str], why: str, unsure: bool
) -> None:
    data_map = as_map(route_of('{ from = "body", name = "/customer/id" }'))
    events = as_events({"path": "/p", "fields": json.dumps({"body": body})})
    (row,) = mapped(data_map, events, session)
    assert (persons([row]), row["unknown_why"]) == ([found], why)
    assert row["unsure"] == (Unsure.PERSON if unsure else 0)
