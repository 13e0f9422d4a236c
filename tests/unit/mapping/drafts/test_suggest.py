"""Drafts from documents and logs load as maps, say why, and never hold a value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.errors import WhosawError
from whosaw.mapping.check import MapChecker
from whosaw.mapping.data_map import load_map
from whosaw.mapping.drafts.from_logs import PathCounts
from whosaw.mapping.drafts.suggest import Suggestion, suggest_from_documents, suggest_from_logs, suggest_map
from whosaw.mapping.route import Records, Route, Secondary
from whosaw.store.sql import Session

AsEvents = Callable[..., pa.Table]
OPENAPI: dict[str, Any] = {
    "openapi": "3.0.3",
    "servers": [
        {"url": "https://shop.example.org/api/{version}/", "variables": {"version": {"default": "v2"}}}
    ],
    "paths": {
        "/customers/{customerId}": {
            "parameters": [
                {"name": "customerId", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "get": {"responses": {"200": {"$ref": "#/components/responses/Customer"}}},
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
        "/customers/{customerId}/addresses": {
            "get": {
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "array",
                                    "maxItems": 20,
                                    "items": {"$ref": "#/components/schemas/Address"},
                                }
                            }
                        }
                    }
                }
            }
        },
        "/customers": {
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}
                ],
                "responses": {
                    "200": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}
                    }
                },
            }
        },
        "/orders/{orderId}": {
            "get": {
                "responses": {
                    "200": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
                    }
                }
            }
        },
        "/me": {"get": {"responses": {"200": {"$ref": "#/components/responses/Customer"}}}},
        "/products/{id}": {
            "get": {
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "properties": {"product": {"properties": {"name": {"type": "string"}}}}
                                }
                            }
                        }
                    }
                }
            }
        },
        "/elsewhere/{id}": {
            "get": {
                "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "other.json#/X"}}}}}
            }
        },
    },
    "components": {
        "responses": {
            "Customer": {
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Customer"}}}
            }
        },
        "schemas": {
            "Person": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "phone": {"type": "string"}},
            },
            "Customer": {
                "allOf": [
                    {"$ref": "#/components/schemas/Person"},
                    {
                        "properties": {
                            "contact": {"type": "string", "format": "email"},
                            "friends": {
                                "type": "object",
                                "properties": {"best": {"$ref": "#/components/schemas/Customer"}},
                            },
                            "secret": {"type": "string", "format": "password", "writeOnly": True},
                        }
                    },
                ]
            },
            "Address": {
                "properties": {
                    "receiver": {"type": "string"},
                    "street": {"type": "string"},
                    "entranceCode": {"type": "string"},
                }
            },
            "Page": {
                "properties": {
                    "total": {"type": "integer"},
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}},
                }
            },
            "Order": {"properties": {"orderNo": {"type": "string"}, "shippingAddress": {"type": "string"}}},
        },
    },
}


def document(tmp_path: Path, content: Any, name: str = "api.json") -> Path:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def loaded(suggestion: Suggestion, tmp_path: Path) -> dict[str, Route]:
    path = tmp_path / "draft.toml"
    path.write_text(suggestion.text, encoding="utf-8")
    routes = load_map(path).routes
    assert all(route.draft and route.why for route in routes)
    return {
        f"{route.match.methods[0]} {route.match.path.text if route.match.path else ''}": route
        for route in routes
    }


def test_openapi(tmp_path: Path) -> None:
    suggestion = suggest_map(suggest_from_documents([document(tmp_path, OPENAPI)]))
    routes = loaded(suggestion, tmp_path)
    assert list(routes) == [
        "GET /api/v2/customers", "GET /api/v2/customers/{customerId}",
        "GET /api/v2/customers/{customerId}/addresses",
        "GET /api/v2/me", "GET /api/v2/orders/{orderId}",
    ]  # fmt: skip
    one = routes["GET /api/v2/customers/{customerId}"]
    assert one.categories == ("contact.email", "contact.phone", "identity.name")
    assert (one.subject.source, one.subject.name, one.secondary) == ("path", "customerId", None)
    addresses = routes["GET /api/v2/customers/{customerId}/addresses"]
    assert addresses.categories == ("access.entrance-code", "contact.address", "identity.name")
    assert addresses.secondary == Secondary(at_most=20, categories=("contact.address", "identity.name"))
    page = routes["GET /api/v2/customers"]
    assert (page.subject.source, page.records) == (
        "unknown",
        Records(source="query", name="limit", at_most=100),
    )
    order = routes["GET /api/v2/orders/{orderId}"]
    assert (order.subject.source, order.records) == ("unknown", Records(source="log", at_most=1))
    assert routes["GET /api/v2/me"].subject.source == "principal"
    assert "access.entrance-code from entranceCode" in addresses.why
    assert {entry.path for entry in suggestion.left_out} == {
        "/api/v2/customers/{customerId}", "/api/v2/products/{id}", "/api/v2/elsewhere/{id}",
    }  # fmt: skip


def test_openapi_in_yaml_says_the_same(tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    from_yaml = document(tmp_path, yaml.safe_dump(OPENAPI, sort_keys=False), "api.yaml")
    both = [suggest_map(suggest_from_documents([p])).text for p in (document(tmp_path, OPENAPI), from_yaml)]
    assert both[0] == both[1]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "suggest.unreadable"),
        ("a: [", "suggest.unreadable"),
        ("[]", "suggest.unknown-document"),
        ('{"swagger": "1.2"}', "suggest.not-openapi"),
        ('{"openapi": 3}', "suggest.not-openapi"),
        ('{"log": {}}', "suggest.not-har"),
        ("[" * 100_000, "suggest.unreadable"),
        ("a: !!python/object/apply:os.system [ls]", "suggest.unreadable"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, content: str, code: str) -> None:
    with pytest.raises(WhosawError) as caught:
        suggest_from_documents([document(tmp_path, content, "x")])
    assert caught.value.code == code
    assert caught.value.where is not None


def test_a_missing_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WhosawError, match="cannot be read"):
        suggest_from_documents([tmp_path / "none.json"])


NODES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.just({"$ref": "#/a"})),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                re.findall(
                    r"\S+",
                    "paths /x/{id} get responses 200 content application/json schema properties name"
                    " allOf items type parameters in a servers url email $ref",
                )
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=20,
)


@settings(max_examples=examples(80), deadline=None)
@given(paths=NODES, a=NODES, servers=NODES)
def test_odd_documents_never_break_it(
    paths: Any, a: Any, servers: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = {
        "openapi": "3.1.0",
        "paths": {"/x/{id}": paths, "/y": {"get": paths}},
        "a": a,
        "servers": servers,
    }
    folder = tmp_path_factory.getbasetemp()
    suggestion = suggest_map(suggest_from_documents([document(folder, content, "odd.json")]))
    if suggestion.drafts:
        loaded(suggestion, folder)


def har(*entries: tuple[str, str, Any]) -> dict[str, Any]:
    return {
        "log": {
            "entries": [
                {
                    "request": {"method": method, "url": url},
                    "response": {
                        "status": 200,
                        "content": {"text": body if isinstance(body, str) else json.dumps(body)},
                    },
                }
                for method, url, body in entries
            ]
        }
    }


def test_har(tmp_path: Path) -> None:
    content = har(
        ("GET", "https://shop.example.org/api/members/8812345", {"memberNm": "x", "tel": "+254700000001"}),
        ("GET", "https://shop.example.org/api/members/8812346", {"hint": "wanjiku@example.org"}),
        ("GET", "https://shop.example.org/api/find?email=wanjiku%40example.org", [{"fullName": "Wanjiku"}]),
        ("GET", "https://shop.example.org/api/products", {"items": [{"price": 3}]}),
        ("GET", "https://shop.example.org/app.js", "function () {}"),
        ("GET", "https://shop.example.org/broken", '{"email": '),
    )
    content["log"]["entries"].append({"request": None})
    suggestion = suggest_map(suggest_from_documents([document(tmp_path, content, "s.har")]))
    routes = loaded(suggestion, tmp_path)
    assert list(routes) == ["GET /api/find", "GET /api/members/{id}"]
    member = routes["GET /api/members/{id}"]
    assert (member.subject.source, member.subject.name) == ("path", "id")
    assert member.categories == ("contact.email", "contact.phone", "identity.name")
    find = routes["GET /api/find"]
    assert (find.subject.source, find.subject.name, find.categories) == ("query", "email", ("identity.name",))
    for value in ("8812345", "wanjiku", "Wanjiku", "254700"):
        assert value not in suggestion.text
        assert value not in repr(suggestion)


def test_logs_alone(as_events: AsEvents, tmp_path: Path, session: Session) -> None:
    rows = [{"path": f"/api/v1/customers/{n}/addresses"} for n in range(30)]
    rows += [{"path": f"/api/v1/orders/{n}"} for n in range(20)]
    rows += [{"path": f"/products/{n}"} for n in range(20)]
    rows += [{"path": f"/users/{'abcdefghij'[n % 10]}{'klmnopq'[n // 10]}x/profile"} for n in range(60)]
    rows += [{"path": "/my/info/edit", "principal": "u1"}] * 3
    rows += [{"path": "/api/v1/customers", "query": "page=1&size=20"}] * 4
    rows += [{"path": "/search", "query": f"memberNo={n}&page=2"} for n in range(100, 110)]
    rows += [{"path": "/about"}, {"path": "/img/1.jpg"}, {"path": "/secret/9", "ok": False, "status": 404}]
    counts = PathCounts()
    events = as_events(*rows)
    counts.add(events.slice(0, 50), session)
    counts.add(events.slice(50), session)
    suggestion = suggest_map(suggest_from_logs(counts))
    routes = loaded(suggestion, tmp_path)
    told = {name: (route.subject.source, route.subject.name) for name, route in routes.items()}
    assert told == {
        "GET /api/v1/customers": ("unknown", None),
        "GET /api/v1/customers/{id}/addresses": ("path", "id"),
        "GET /api/v1/orders/{id}": ("unknown", None),
        "GET /my/info/edit": ("principal", None),
        "GET /search": ("query", "memberNo"),
        "GET /users/{word}/profile": ("path", "word"),
    }
    assert routes["GET /api/v1/customers"].records == Records(source="query", name="size")
    assert routes["GET /api/v1/orders/{id}"].records == Records(source="log", at_most=1)
    assert "30 requests succeeded" in routes["GET /api/v1/customers/{id}/addresses"].why
    assert [(entry.path, entry.requests) for entry in suggestion.left_out] == [("/products/{id}", 20)]
    turned = PathCounts()
    turned.add(events.slice(50), session)
    turned.add(events.slice(0, 50), session)
    assert suggest_map(suggest_from_logs(turned)).text == suggestion.text


def objects(*rows: tuple[str | None, str | None, bool | None]) -> pa.Table:
    """Events without a path: action, object, whether it succeeded."""
    names, kinds = ("action", "object", "ok"), (pa.string(), pa.string(), pa.bool_())
    columns = zip(*rows, strict=True)
    return pa.table(
        {name: pa.array(column, kind) for name, column, kind in zip(names, columns, kinds, strict=True)}
    )


def test_events_without_a_path_draft_routes_by_what_was_done_to_what(session: Session) -> None:
    counts = PathCounts()
    read = [("read:R", f"Patient/{n}", True) for n in range(3)]
    counts.add(
        objects(*read, ("read:R", "Patient/9", False), ("read:R", "Device/4", None), ("x", None, True)),
        session,
    )
    counts.add(
        objects(("view_balance", "0100200301", None), ("ACCOUNT_OVERVIEW", "0100200302", True)),
        session,
        "acct",
    )
    counts.add(objects(("view_balance", "0100200301", True)), session)  # a product's: its names say nothing
    counts.add(objects(("GetObject", "i-0abc", True), ("SELECT", "public.customer", True)), session, "key")
    suggestion = suggest_map(suggest_from_logs(counts), counts.notes())
    told = {
        (each.action, each.object): (each.subject.source, each.categories, each.requests)
        for each in suggestion.drafts
    }
    assert told == {
        ("", "Patient/{id}"): ("object", ("identity.name",), 3),
        ("view_balance", "{id}"): ("object", ("identity.number",), 1),
        ("ACCOUNT_OVERVIEW", "{id}"): ("object", ("identity.name",), 1),
    }
    assert 'id = "patient"' in suggestion.text
    assert "have no path" in suggestion.text  # the two of which no object was known


def test_a_draft_of_objects_matches_what_it_was_drafted_from(tmp_path: Path, session: Session) -> None:
    from whosaw.mapping.apply import Mapper

    events = objects(
        ("read:R", "Patient/7", True), ("read:R", "Patient/8", True), ("read:R", "Device/9", True)
    )
    counts = PathCounts()
    counts.add(events, session)
    path = tmp_path / "draft.toml"
    path.write_text(suggest_map(suggest_from_logs(counts)).text, encoding="utf-8")
    table = events.append_column("line", pa.array([1, 2, 3], pa.int64()))
    rows = Mapper(load_map(path)).apply(table, session).rows.to_pylist()
    assert [row["person"] for row in rows] == ["patient\x1f7", "patient\x1f8", None]


def test_a_draft_matches_what_it_was_drafted_from(
    as_events: AsEvents, tmp_path: Path, session: Session
) -> None:
    from whosaw.mapping.apply import Mapper

    events = as_events(*({"path": f"/members/{n}/orders"} for n in range(5)), {"path": "/members/all/orders"})
    counts = PathCounts()
    counts.add(events, session)
    path = tmp_path / "draft.toml"
    path.write_text(suggest_map(suggest_from_logs(counts)).text, encoding="utf-8")
    rows = Mapper(load_map(path)).apply(events, session).rows.to_pylist()
    assert [row["person"] for row in rows] == [*(f"customer\x1f{n}" for n in range(5)), None]


def test_a_site_without_persons_gives_no_draft(as_events: AsEvents, session: Session) -> None:
    counts = PathCounts()
    counts.add(as_events({"path": "/blog/2041"}, {"path": "/blog/hello"}, {"path": "/about"}), session)
    suggestion = suggest_map(suggest_from_logs(counts))
    assert suggestion.drafts == ()
    assert [entry.path for entry in suggestion.left_out] == ["/blog/{id}"]


def test_documents_and_logs_meet(as_events: AsEvents, tmp_path: Path, session: Session) -> None:
    counts = PathCounts()
    counts.add(as_events(*({"path": f"/api/v2/customers/{n}"} for n in range(5))), session)
    found = [*suggest_from_documents([document(tmp_path, OPENAPI)]), *suggest_from_logs(counts)]
    routes = loaded(suggest_map(found), tmp_path)
    assert "GET /api/v2/customers/{id}" not in routes
    assert "5 requests succeeded" in routes["GET /api/v2/customers/{customerId}"].why


def test_no_drafts_is_said_and_is_no_map(tmp_path: Path) -> None:
    suggestion = suggest_map([])
    assert suggestion.drafts == ()
    assert suggestion.text.startswith("# A draft of a data map")


def test_logs_that_could_not_be_used_say_so(as_events: AsEvents, session: Session) -> None:
    counts = PathCounts()
    counts.add(
        as_events(
            {"path": "/customers/1?full=1", "query": None}, {"path": "/customers/2?full=1", "query": None},
            {"path": "/customers/3", "ok": None}, {"path": None},
        ),
        session,
    )  # fmt: skip
    suggestion = suggest_map(suggest_from_logs(counts), counts.notes())
    assert [draft.path for draft in suggestion.drafts] == ["/customers/{id}"]
    assert "# Note: of 1 of 4 events it is not known whether they succeeded" in suggestion.text
    assert "# Note: 1 of 4 events have no path" in suggestion.text
    assert "# Note: 2 paths hold the query as well" in suggestion.text


def test_few_names_behind_a_word_for_people_are_values_too_and_no_comment_holds_one(
    as_events: AsEvents, tmp_path: Path, session: Session
) -> None:
    names = ("anna", "ben", "chris", "dora", "emil")
    few = [{"path": f"/users/{name}/orders"} for name in names[:4]]
    asked = [{"path": "/users/search"}, {"path": "/users/export"}]
    others = [{"path": f"/blog/{name}"} for name in names] + [
        {"path": "/user/zara/notes/7"},
        {"path": "/claims/7"},
    ]
    counts = PathCounts()
    counts.add(as_events(*few, *asked, *others), session)
    assert [draft.path for draft in suggest_map(suggest_from_logs(counts)).drafts] == []
    counts.add(as_events({"path": f"/users/{names[4]}/orders"}), session)
    suggestion = suggest_map(suggest_from_logs(counts))
    assert list(loaded(suggestion, tmp_path)) == ["GET /users/{word}/orders"]
    assert "anna" not in suggestion.text
    assert "/user/z***a/notes/{id}, 1 request:" in suggestion.text


def test_names_at_the_root_are_values_and_no_comment_holds_one(
    as_events: AsEvents, tmp_path: Path, session: Session
) -> None:
    names = ("alice", "ben", "chris", "dora", "emil")
    of_a_site = [{"path": "/portal/profile"}, {"path": "/alice/basket"}]
    counts = PathCounts()
    counts.add(as_events(*of_a_site, *({"path": f"/{name}/profile"} for name in names[:2])), session)
    suggestion = suggest_map(suggest_from_logs(counts))
    assert [draft.path for draft in suggestion.drafts] == ["/portal/profile"]
    assert "/a***e/profile, 1 request:" in suggestion.text
    assert "alice" not in suggestion.text
    counts.add(as_events(*({"path": f"/{name}/profile"} for name in names[2:])), session)
    suggestion = suggest_map(suggest_from_logs(counts))
    assert list(loaded(suggestion, tmp_path)) == ["GET /portal/profile", "GET /{word}/profile"]
    (_, draft) = suggestion.drafts
    assert (draft.subject.source, draft.subject.name) == ("path", "word")
    assert "subject: {word} stands before 'profile'" in draft.why


def test_what_stands_behind_a_word_for_people_is_their_number_whatever_it_is_called(tmp_path: Path) -> None:
    answer = {
        "200": {
            "content": {"application/json": {"schema": {"properties": {"birthDate": {"type": "string"}}}}}
        }
    }
    paths = (
        "/policyholders/{policyNo}",
        "/patients/{mrn}",
        "/policies/{policyNo}/holder",
        "/members/{page}",
        "/users/{productId}",
    )
    content = {"openapi": "3.0.3", "paths": {path: {"get": {"responses": answer}} for path in paths}}
    routes = loaded(suggest_map(suggest_from_documents([document(tmp_path, content)])), tmp_path)
    assert {name: route.subject.name for name, route in routes.items() if route.subject.source == "path"} == {
        "GET /policyholders/{policyNo}": "policyNo", "GET /patients/{mrn}": "mrn",
    }  # fmt: skip
    assert len(routes) == len(paths)


def test_an_action_on_a_thing_with_a_word_for_people_in_its_name_is_about_nobody(
    as_events: AsEvents, session: Session
) -> None:
    counts = PathCounts()
    rows = [("iam:AddRoleToInstanceProfile", "web-1"), ("iam:GetUser", "u-1001"), ("GetProfile", "u-1002")]
    counts.add(
        as_events(*({"path": None, "action": action, "object": named} for action, named in rows)), session
    )
    assert [each.action for each in suggest_map(suggest_from_logs(counts)).drafts] == [
        "GetProfile",
        "iam:GetUser",
    ]


def test_a_route_drafted_from_logs_matches_them(
    as_events: AsEvents, tmp_path: Path, session: Session
) -> None:
    events = as_events(
        *({"path": f"/customers/{n}", "query": "full=1"} for n in range(5)),
        *({"path": "/find", "query": f"email=a{n}%40example.org"} for n in range(5)),
    )
    counts = PathCounts()
    counts.add(events, session)
    path = tmp_path / "map.toml"
    path.write_text(suggest_map(suggest_from_logs(counts)).text, encoding="utf-8")
    checker = MapChecker(load_map(path))
    checker.add(events, session)
    checked = checker.result()
    assert (checked.events, checked.matched, checked.views) == (10, 10, 10)


def test_an_id_in_the_query_of_a_program_is_whose_the_program_is_about(
    as_events: AsEvents, tmp_path: Path, session: Session
) -> None:
    """PHP, ASP, JSP and CGI: the page is a program, and whose data it shows stands in its query."""
    people = {
        "/customer.php": "id={n}", "/shop/showCustomer.asp": "ID={n}&tab=2", "/customers/edit.php": "no={n}",
        "/patient/index.jsp": "id={n}", "/user_profile.php": "user=anna{n}x", "/cgi-bin/member.cgi": "member_id={n}",
    }  # fmt: skip
    things = {
        "/news.php": "id={n}", "/product.aspx": "id={n}", "/client_news.php": "id={n}", "/view.php": "id={n}",
        "/customer.php5.bak": "id={n}", "/login.php": "id={n}",
    }  # fmt: skip
    pages = ["page=customer&id={n}", "route=account/customer/view&customer_no={n}", "page=news&id={n}", "page=anna&id={n}"]  # fmt: skip
    every = [
        *people.items(),
        *things.items(),
        ("/order.php", "id={n}"),
        *(("/index.php", page) for page in pages),
    ]
    events = as_events(
        *({"path": path, "query": query.format(n=n)} for path, query in every for n in range(70, 76))
    )
    counts = PathCounts()
    counts.add(events, session)
    suggestion = suggest_map(suggest_from_logs(counts))
    path = tmp_path / "map.toml"
    path.write_text(suggestion.text, encoding="utf-8")
    data_map = load_map(path)
    assert {
        (str(draft.path), *(value for _, value in draft.query)): (draft.subject.source, draft.subject.name)
        for draft in suggestion.drafts
    } == {
        ("/customer.php",): ("query", "id"), ("/shop/showCustomer.asp",): ("query", "ID"), ("/customers/edit.php",): ("query", "no"),
        ("/patient/index.jsp",): ("query", "id"), ("/user_profile.php",): ("query", "user"),
        ("/cgi-bin/member.cgi",): ("query", "member_id"), ("/order.php",): ("unknown", None),
        ("/index.php", "customer"): ("query", "id"), ("/index.php", "account/customer/view"): ("query", "customer_no"),
    }  # fmt: skip
    assert "the query parameter 'id' of a page about 'customer'" in suggestion.text
    assert "anna" not in suggestion.text
    assert {each.path for each in suggestion.left_out} >= {"/news.php?id", "/product.aspx?id", "/view.php?id"}
    checker = MapChecker(data_map)
    checker.add(events, session)
    assert checker.result().views == 6 * 9


def test_swagger_and_openapi_3_1(tmp_path: Path) -> None:
    swagger = {
        "swagger": "2.0", "basePath": "/v1",
        "paths": {"/users/{username}": {"get": {
            "parameters": [{"name": "username", "in": "path", "type": "string", "required": True}],
            "responses": {"200": {"schema": {"$ref": "#/definitions/User"}}},
        }}},
        "definitions": {"User": {"properties": {"name": {"properties": {"family": {"type": "string"}}}}}},
    }  # fmt: skip
    late = {
        "openapi": "3.1.0",
        "paths": {"/me": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {
            "type": ["object", "null"], "properties": {"email": {"type": ["string", "null"]}},
        }}}}}}}},
    }  # fmt: skip
    found = suggest_from_documents([document(tmp_path, swagger), document(tmp_path, late, "late.json")])
    routes = loaded(suggest_map(found), tmp_path)
    user = routes["GET /v1/users/{username}"]
    assert (user.subject.source, user.subject.name, user.categories) == (
        "path",
        "username",
        ("identity.name",),
    )
    assert (routes["GET /me"].subject.source, routes["GET /me"].categories) == (
        "principal",
        ("contact.email",),
    )


def test_fhir_graphql_and_tables(tmp_path: Path) -> None:
    fhir = {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/1"},
        "code": {"coding": [{"code": "1"}]},
    }
    graphql = (
        'type Query { "of one" user(login: String!): User  products: [Product!] }\n'
        "type User { email: String friends: [User] }\ntype Product { name: String }"
    )
    tables = (
        "-- a comment, with a comma\nCREATE TABLE shop.customer (customer_id integer NOT NULL, email varchar(50) DEFAULT 'a,b',\n"
        "  PRIMARY KEY (customer_id));\nCREATE TABLE product (id int, name text);"
    )
    paths = [
        document(tmp_path, content, name)
        for content, name in ((fhir, "c.json"), (graphql, "s.graphql"), (tables, "t.sql"))
    ]
    suggestion = suggest_map(suggest_from_documents(paths))
    path = tmp_path / "draft.toml"
    path.write_text(suggestion.text, encoding="utf-8")
    routes = {route.id: route for route in load_map(path).routes}
    assert {name: (route.subject.source, route.subject.name) for name, route in routes.items()} == {
        "condition": ("unknown", None), "user": ("field", "login"), "customer-select": ("statement", "customer_id"),
    }  # fmt: skip
    assert routes["condition"].categories == ("health.diagnosis", "identity.number")
    assert routes["user"].match.actions == ("user",)
    assert routes["customer-select"].match.object is not None
    assert routes["customer-select"].match.object.text == "shop.customer"
    assert {entry.path for entry in suggestion.left_out} == {"products", "product"}
    assert [each.confidence for each in routes["user"].fields] == ["high"]


def test_a_har_of_graphql_is_one_route_for_each_operation(tmp_path: Path) -> None:
    content = har(
        ("POST", "https://shop.example.org/graphql", {"data": {"customer": {"email": "x"}}}),
        ("POST", "https://shop.example.org/graphql", {"data": {"products": [{"name": "x"}]}}),
        ("POST", "https://shop.example.org/graphql", {"data": {"me": {"phone": "x"}}}),
    )
    sent = (
        {
            "operationName": "CustomerById",
            "query": "query CustomerById($customerId: ID!) { x }",
            "variables": {"customerId": "7"},
        },
        {"query": "query Products { products { name } }"},
        {"query": "{ me { phone } }"},
    )
    for entry, call in zip(content["log"]["entries"], sent, strict=True):
        entry["request"]["postData"] = {"mimeType": "application/json", "text": json.dumps(call)}
    suggestion = suggest_map(suggest_from_documents([document(tmp_path, content, "g.har")]))
    told = {
        draft.action: (draft.subject.source, draft.subject.name, draft.categories)
        for draft in suggestion.drafts
    }
    assert told == {
        "CustomerById": ("field", "customerId", ("contact.email",)), "me": ("principal", None, ("contact.phone",)),
    }  # fmt: skip
    assert [entry.path for entry in suggestion.left_out] == ["Products"]
    path = tmp_path / "draft.toml"
    path.write_text(suggestion.text, encoding="utf-8")
    assert [route.match.actions for route in load_map(path).routes] == [("CustomerById",), ("me",)]
