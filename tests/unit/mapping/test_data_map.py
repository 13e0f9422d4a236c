"""A map is read whole or not at all, and every fault in it is told at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.errors import FaultsError
from whosaw.mapping.categories import load_categories, unknown_category
from whosaw.mapping.data_map import DataMap, load_map

AsMap = Callable[[str], DataMap]
GOOD = """
[[route]]
id = "addresses"
match = { method = "GET", path = "/customers/{id}/addresses" }
subject = { from = "path", name = "id" }
categories = ["contact.address"]
"""


def faults(text: str, tmp_path: Path) -> list[tuple[str, int | None, str | None, str, str]]:
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_map(path)
    assert all(fault.where.file == str(path) for fault in caught.value.faults)
    return [(f.code, f.where.line, f.where.item, f.message, f.hint) for f in caught.value.faults]


def test_the_map_of_the_blueprint(as_map: AsMap) -> None:
    data_map = as_map(
        """
        [[route]]
        id = "my-info"
        match = { method = "GET", path = "/my/info/edit" }
        subject = { from = "principal" }
        categories = ["identity.name", "contact.email"]
        since = 2024-01-01

        [[route]]
        id = "customer-address-list"
        match = { method = "GET", path = "/api/v2/customers/{id}/addresses" }
        subject = { from = "path", name = "id" }
        categories = ["identity.name", "contact.phone", "contact.address"]
        secondary = { at_most = 20, categories = ["identity.name", "contact.phone", "contact.address"] }

        [[route]]
        id = "partner-orders"
        match = { path = "/partner/orders" }
        subject = { from = "unknown" }
        records = { from = "query", name = "size", at_most = 100 }
        categories = ["commerce.orders"]
        """
    )
    assert [route.id for route in data_map.routes] == ["my-info", "customer-address-list", "partner-orders"]
    _, addresses, orders = data_map.routes
    assert addresses.secondary is not None
    assert addresses.secondary.at_most == 20
    assert orders.records is not None
    assert (orders.records.source, orders.records.name, orders.records.at_most) == ("query", "size", 100)


def test_all_faults_at_once(tmp_path: Path) -> None:
    text = """colour = "red"
[[route]]
id = "a b"
match = { method = "GET", paht = "/x/{id}" }
subject = { from = "pth" }
categories = ["contact.adress", "contact.emial"]
since = "2024-01-01"

[[route]]
match = { path = "/x/{id}" }
subject = { from = "path", name = "customer" }
categories = []
secondary = { at_most = -1, categories = ["identity.name"] }
records = { from = "query", at_most = 10 }
until = 2024-01-01
since = 2024-02-01
"""
    found = faults(text, tmp_path)
    told = {(line, message, hint) for _, line, _, message, hint in found}
    assert told == {
        (1, "colour is not known here", "Known: apart, caller, principal, route, twins, zone"),
        (3, "'a b' is no id: letters, digits, dot, - and _, at most 128", ""),
        (4, "route.0.match.paht is not known here", "Did you mean path?"),
        (4, "path is missing; method, host and query go with it", 'Use path = "/*" for any'),
        (
            5,
            "route.0.subject.from is 'pth'",
            "Did you mean path? It must be one of principal, path, query, header, field, body, object, statement, unknown",
        ),
        (6, "'contact.adress' is not a category", "Did you mean contact.address?"),
        (6, "'contact.emial' is not a category", "Did you mean contact.email?"),
        (
            7,
            "route.0.since must be a day or time without quotes, such as 2024-01-31, and is '2024-01-01'",
            "",
        ),
        (9, "route.1.id is missing", "It must be a text"),
        (11, "{customer} does not stand in '/x/{id}'", "Its open places: id"),
        (12, "route.1.categories is an empty list", "Name at least one"),
        (13, "route.1.secondary.at_most must be a whole number from 0 on, and is -1", ""),
        (14, "name is missing: which query holds the number of records", ""),
        (15, "until is not after since", ""),
    }
    assert {item for _, _, item, _, _ in found} == {None, "a b", "route 2"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"/customers/{id}/addresses"', '"customers/{id}"', "a path starts with /"),
        ('"/customers/{id}/addresses"', '"/c/{id"', "without its partner"),
        ('"path", name = "id"', '"path"', "name is missing"),
        ('"path", name = "id"', '"principal", name = "id"', "has no name"),
        ('"path", name = "id"', '"object", name = "id"', "match has no object"),
        ('"path", name = "id"', '"body", name = "customer.id"', "no JSON pointer"),
        ('"path", name = "id"', '"path", name = "id", kind = "Big One"', "no kind"),
        ('"path", name = "id"', '"path", name = "id", separator = ";"', "goes with many"),
        ('"path", name = "id"', '"path", name = "id", many = true, separator = "ab"', "one sign"),
        ('"path", name = "id"', '"path", name = "id", many = 1', "true or false"),
        ('"path", name = "id"', '"principal", many = true', "many does not go"),
        ('"GET"', '"GE T"', "no HTTP method"),
        ('"GET"', "[]", "empty list"),
        ('{ method = "GET", path', '{ host = "a b", path', "no host name"),
        ('{ method = "GET", path', '{ action = "SELECT", path', "not both"),
        ('{ method = "GET", path = "/customers/{id}/addresses" }', "{}", "match is empty"),
        (
            '{ method = "GET", path = "/customers/{id}/addresses" }',
            '{ action = "s3:*Get" }',
            "only at the end",
        ),
        ('["contact.address"]', '["contact.address", "contact.address"]', "twice"),
        ('["contact.address"]', '"contact.address"', "list of texts"),
        ('["contact.address"]', '["contact.address"]\ndraft = "yes"', "true or false"),
        ('["contact.address"]', '["contact.address"]\nsecondary = 3', "must be a table"),
        ('["contact.address"]', '["contact.address"]\nsince = 0001-01-01T00:00:00+23:00', "out of range"),
        ("[[route]]", 'zone = "Seoul"\n[[route]]', "not a time zone"),
    ],
)
def test_one_fault_each(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert any(message in fault[3] for fault in faults(GOOD.replace(old, new), tmp_path))


@pytest.mark.parametrize("text", ["", "route = 3", "route = [1]", "x = 1"])
def test_a_map_without_routes_is_refused(text: str, tmp_path: Path) -> None:
    assert "map.no-routes" in [fault[0] for fault in faults(text, tmp_path)]


def test_versions_of_one_route_must_not_overlap(tmp_path: Path, as_map: AsMap) -> None:
    later = GOOD + "since = 2025-01-01\n"
    assert len(as_map(GOOD + "until = 2025-01-01\n" + later).routes) == 2
    code, line, item, message, _ = faults(GOOD + "until = 2025-01-02\n" + later, tmp_path)[0]
    assert (code, line, item) == ("map.overlap", 14, "addresses")
    assert message == "overlaps in time with the addresses on line 3"


def test_a_route_that_an_earlier_one_hides_is_a_fault(tmp_path: Path, as_map: AsMap) -> None:
    hidden = GOOD.replace('"addresses"', '"again"')
    assert [fault[0] for fault in faults(GOOD + hidden, tmp_path)] == ["map.hidden"]
    assert len(as_map(GOOD + "until = 2025-01-01\n" + hidden).routes) == 2


def test_the_digest_follows_the_meaning(as_map: AsMap) -> None:
    digest = as_map(GOOD).digest
    assert as_map("# a comment\n" + GOOD + 'why = "seen in the code"\n').digest == digest
    for change in ("since = 2025-01-01\n", "draft = true\n", "records = { at_most = 3 }\n"):
        assert as_map(GOOD + change).digest != digest


CATEGORIES = load_categories()
JUNK = st.recursive(
    st.one_of(
        st.booleans().map(lambda b: str(b).lower()),
        st.integers(-5, 10**12).map(str),
        st.sampled_from(
            ['"id"', '"path"', '"/x/{id}"', '""', '"GET"', "2024-01-01", "nan", "12:00:00", '"unknown"']
        ),
        st.sampled_from(['"identity.name"', '"a\\u0000b"', '"*"', '"{"']),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: "[" + ", ".join(parts) + "]"),
        st.dictionaries(
            st.sampled_from(["from", "name", "path", "method", "at_most", "categories", "query", "x"]),
            inner,
            max_size=3,
        ).map(lambda table: "{" + ", ".join(f"{name} = {value}" for name, value in table.items()) + "}"),
    ),
    max_leaves=6,
)
ROUTES = st.lists(
    st.dictionaries(
        st.sampled_from(
            [
                "id",
                "match",
                "subject",
                "categories",
                "secondary",
                "records",
                "since",
                "until",
                "draft",
                "why",
                "x",
            ]
        ),
        JUNK,
    ).map(lambda table: "[[route]]\n" + "\n".join(f"{name} = {value}" for name, value in table.items())),
    max_size=3,
).map("\n".join)


@settings(max_examples=examples(150), deadline=None)
@given(
    text=st.one_of(ROUTES, st.text(max_size=80), JUNK.map(lambda value: f"route = {value}\nzone = {value}"))
)
def test_garbage_is_loaded_or_faulted(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    with suppress(FaultsError):
        load_map(path, categories=CATEGORIES)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("identity.national-id", "Did you mean government.ke-national-id?"),
        ("contact.telephone", "Did you mean contact.phone?"),
        ("qqqqq", "whosaw map categories lists all"),
    ],
)
def test_a_category_that_is_none_is_answered_with_the_nearest(key: str, hint: str) -> None:
    assert unknown_category(key, load_categories()) == (f"{key!r} is not a category", hint)
