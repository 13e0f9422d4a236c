"""What a lax server may have taken for a mapped page is a possible view; what no server would is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from whosaw.core.errors import FaultsError
from whosaw.mapping.apply import Mapper
from whosaw.mapping.data_map import DataMap
from whosaw.mapping.possible import Unsure
from whosaw.mapping.squeezed import readings
from whosaw.store.sql import Session

AsMap = Callable[[str], DataMap]
AsEvents = Callable[..., pa.Table]


def page(match: str, subject: str = '{ from = "principal" }') -> str:
    return (
        f'[[route]]\nid = "r"\nmatch = {{ {match} }}\nsubject = {subject}\ncategories = ["identity.name"]\n'
    )


def one(data_map: DataMap, events: pa.Table, session: Session) -> dict[str, Any]:
    (row,) = Mapper(data_map).apply(events, session).rows.to_pylist()
    return dict(row)


SPELLINGS = [
    "/MY/INFO",
    "/my%2Finfo",
    "/%2Fmy%2Finfo",
    "/a/..%2fmy/info",
    "/my%252finfo",
    "/my%5cinfo",
    "/my\\info",
    "/my%c0%afinfo",
    "/\uff4d\uff59/info",
    "/my/%69nfo%0a",
    "/my/info%20",
    "/my/info%00.css",
    "/my/info%3bx",
    "/my/info%3fx",
    "/my/info%23x",
    "/my/info.",
    "/my/info+",
    "/my/info::$DATA",
    "http:\\\\h\\my\\info",
    "/my/info.css",
    "/my/info/x.css",
    "/my/info/a/b.png",
    "/index.php/my/info",
    "//h/my/info",
    "http:/my/info",
    "http:my/info",
    "mailto:/my/info",
    "x://h/MY/info",
    "shop.example.org/my/info",
    "/m%u0079/info",
    "/MY;x=1/./info/",
    # what is no segment in one reading is one in another, and `..` takes it away
    "/my/;/../info",
    "/my/;a=b/%2E%2E/info",
    "/my%2f%20/../info",
    "/my/...%2F../info",
    "/my%2f.%2e;/../info",
    "/my%2Fx;/.%2e/info",
    "/my%5cx/%2e./info",
    # ? is a letter of the name, or ends the path
    "/my%2fa%3f/../info",
    "/my/info%2fa%3f%2f%2e%2e",
    "/%5c/my/a%3f;x/%2E./info",
]


@pytest.mark.parametrize("path", SPELLINGS)
def test_a_page_in_another_spelling_is_a_possible_view(
    as_map: AsMap, as_events: AsEvents, session: Session, path: str
) -> None:
    row = one(
        as_map(page('method = "GET", path = "/my/info"')),
        as_events({"path": path, "principal": "7"}),
        session,
    )
    assert (row["route"], row["view"], row["person"], row["unsure"]) == (
        0,
        True,
        "customer\x1f7",
        Unsure.SPELLING,
    )


@pytest.mark.parametrize("path", SPELLINGS)
def test_one_that_failed_is_none(as_map: AsMap, as_events: AsEvents, session: Session, path: str) -> None:
    data_map = as_map(page('path = "/my/info"'))
    for failed in ({"status": 404, "ok": False}, {"status": 302, "ok": False}, {"status": 204, "ok": True}):
        row = one(data_map, as_events({"path": path, **failed}), session)
        assert (row["route"], row["view"]) == (-1, False)
    row = one(data_map, as_events({"path": path, "status": None, "ok": None}), session)
    assert (row["view"], row["undecided"]) == (False, True)


@pytest.mark.parametrize(
    "path",
    ["/my/info/edit", "/my/information", "/my", "/info", "/my/infox.css", "/other/my/info", "/x.css", "/my/info/.well-known"],
)  # fmt: skip
def test_another_page_is_none(as_map: AsMap, as_events: AsEvents, session: Session, path: str) -> None:
    assert one(as_map(page('path = "/my/info"')), as_events({"path": path}), session)["route"] == -1


@pytest.mark.parametrize("path", ["/info.php/x", "/info.php/x/y.css", "/INFO.php", "//h/info.php/a"])
def test_what_follows_a_script_is_its_own(
    as_map: AsMap, as_events: AsEvents, session: Session, path: str
) -> None:
    row = one(as_map(page('path = "/info.php"')), as_events({"path": path}), session)
    assert (row["view"], row["unsure"]) == (True, Unsure.SPELLING)


def test_a_mapped_root_does_not_take_every_file(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    for match in ('path = "/"', 'path = "/{shop}"'):
        events = as_events({"path": "/img/x.css"})
        assert one(as_map(page(match)), events, session)["route"] == -1


@pytest.mark.parametrize(
    ("given", "possible"),
    [
        ({"method": "get"}, True),
        ({"method": "FOO"}, True),
        ({"method": "POST", "query": "_method=GET"}, True),
        ({"method": "HEAD"}, False),
        ({"method": "HEAD", "bytes": 3000}, False),
        ({"method": "head", "bytes": 0}, False),
        ({"method": "Head", "bytes": 23}, True),
        ({"method": "TRACE"}, True),
        ({"method": "CONNECT"}, True),
        ({"method": "OPTIONS", "bytes": 8}, False),
        ({"method": "OPTIONS"}, False),
        ({"method": "OPTIONS", "bytes": 3000}, True),
    ],
)
def test_methods(
    as_map: AsMap, as_events: AsEvents, session: Session, given: dict[str, Any], possible: bool
) -> None:
    row = one(as_map(page('method = "GET", path = "/p"')), as_events({"path": "/p", **given}), session)
    assert (row["view"], row["unsure"]) == (possible, Unsure.METHOD if possible else 0)


def test_a_method_without_an_answer_is_no_surer_where_the_route_names_none(
    as_map: AsMap, as_events: AsEvents, session: Session
) -> None:
    data_map = as_map(page('path = "/p"'))
    for given, mark in (({"method": "TRACE", "bytes": 23}, Unsure.METHOD), ({"method": "DELETE"}, 0)):
        row = one(data_map, as_events({"path": "/p", **given}), session)
        assert (row["view"], row["unsure"]) == (True, mark)


@pytest.mark.parametrize(
    ("given", "mark"),
    [
        ({"method": "GET"}, 0),
        ({"method": "FOO"}, 0),
        ({"method": "OPTIONS", "bytes": 3000}, Unsure.METHOD),
        ({"method": "TRACE"}, Unsure.METHOD),
        ({"method": "OPTIONS"}, None),
        ({"method": "HEAD"}, None),
        ({"method": "TRACE", "status": 404, "ok": False}, None),
    ],
)
def test_methods_of_a_route_that_names_none(
    as_map: AsMap, as_events: AsEvents, session: Session, given: dict[str, Any], mark: int | None
) -> None:
    row = one(as_map(page('path = "/p"')), as_events({"path": "/p", **given}), session)
    assert (row["route"], row["view"], row["unsure"]) == (0, mark is not None, mark or 0)


@pytest.mark.parametrize(
    ("host", "mark"),
    [
        ("shop.example.org", 0),
        ("SHOP.example.org.:443", 0),
        ("shop.example.org:", Unsure.PLACE),
        ("ann@shop.example.org", Unsure.PLACE),
        ("shop%2eexample.org", Unsure.PLACE),
        ("192.0.2.1", Unsure.PLACE),
        ("[2001:db8::1]:80", Unsure.PLACE),
        ("", Unsure.PLACE),
        ("other.example.org", None),
    ],
)
def test_hosts(as_map: AsMap, as_events: AsEvents, session: Session, host: str, mark: int | None) -> None:
    row = one(
        as_map(page('path = "/p", host = "shop.example.org"')),
        as_events({"path": "/p", "host": host}),
        session,
    )
    assert (row["view"], row["unsure"]) == (mark is not None, mark or 0)


@pytest.mark.parametrize(
    ("query", "mark"),
    [
        ("view=full", 0),
        ("VIEW=Full", Unsure.PLACE),
        ("a=1;view=full", Unsure.PLACE),
        ("view[]=full", Unsure.PLACE),
        ("view=full&view=short", 0),
        ("view=short", None),
    ],
)
def test_query_fields(
    as_map: AsMap, as_events: AsEvents, session: Session, query: str, mark: int | None
) -> None:
    data_map = as_map(page('path = "/p", query = { view = "full" }'))
    row = one(data_map, as_events({"path": "/p", "query": query}), session)
    assert (row["view"], row["unsure"]) == (mark is not None, mark or 0)


def test_a_text_that_is_no_request_line(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    texts = ['"GET" /MY/info?x HTTP/1.1', "\x16\x03 nothing", '"GET" /other HTTP/1.1']
    fields = [{"method": None, "path": None, "fields": f'{{"request": {_json(text)}}}'} for text in texts]
    rows = (
        Mapper(as_map(page('method = "GET", path = "/my/info"')))
        .apply(as_events(*fields), session)
        .rows.to_pylist()
    )
    assert [(row["view"], row["unsure"]) for row in rows] == [(True, Unsure.TEXT), (False, 0), (False, 0)]


def _json(text: str) -> str:
    import json

    return json.dumps(text)


@pytest.mark.parametrize(
    ("option", "path", "mark"),
    [
        ("ignore_case = true", "/MY/info", 0),
        ("encoded_slash = true", "/my%2finfo", 0),
        ("encoded_slash = true", "/MY%2finfo", Unsure.SPELLING),
        ("encoded_slash = true, ignore_case = true", "/MY%2finfo", 0),
        ("matrix = true", "/my;x/info", 0),
        ("matrix = false", "/my;x/info", Unsure.SPELLING),
        ("matrix = false", "/my/info", 0),
        ("tail = true", "/my/info/edit", 0),
        ("tail = true", "/my/info", 0),
        ("tail = false", "/my/info/x.css", None),
    ],
)
def test_an_option_says_what_the_server_does(
    as_map: AsMap, as_events: AsEvents, session: Session, option: str, path: str, mark: int | None
) -> None:
    row = one(as_map(page(f'path = "/my/info", {option}')), as_events({"path": path}), session)
    assert (row["view"], row["unsure"]) == (mark is not None, mark or 0)


@pytest.mark.parametrize(
    ("path", "person"),
    [
        ("/c/7/x.css", "7"),
        ("/c/0a1b2c3d-0000-4000-8000-00000000000f/x.css", "0a1b2c3d-0000-4000-8000-00000000000f"),
        ("/c/pictures/x.png", None),  # a folder of files
        ("/c/talk-2012/pictures/x.png", None),
    ],
)
def test_files_below_a_name_are_files(
    as_map: AsMap, as_events: AsEvents, session: Session, path: str, person: str | None
) -> None:
    row = one(
        as_map(page('path = "/c/{id}"', '{ from = "path", name = "id" }')), as_events({"path": path}), session
    )
    assert row["person"] == (person and f"customer\x1f{person}")


def test_the_subject_keeps_its_spelling(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    data_map = as_map(page('path = "/c/{id}/info"', '{ from = "path", name = "id" }'))
    row = one(data_map, as_events({"path": "/C/AbC/INFO.json"}), session)
    assert (row["person"], row["unsure"]) == ("customer\x1fAbC", Unsure.SPELLING)


@pytest.mark.parametrize(
    ("given", "subject"),
    [
        ({"path": "/Customers/37;%2F<"}, "37"),
        ({"path": "/Customers/29%2f!a"}, "29/!a"),
        ({"path": "/customers/33\\:1", "method": "LOCK"}, "33\\:1"),
        ({"path": "/customers/3%225%fe", "method": "PATCH"}, "3%225%fe"),
        ({"path": "/customers%2f5\\x"}, "5\\x"),
        ({"path": "/customers%2fx;/.%2e/5"}, "5"),
    ],
)
def test_an_id_is_kept_as_the_nearest_reading_has_it(
    as_map: AsMap, as_events: AsEvents, session: Session, given: dict[str, Any], subject: str
) -> None:
    data_map = as_map(page('method = "GET", path = "/customers/{id}"', '{ from = "path", name = "id" }'))
    row = one(data_map, as_events(given), session)
    assert (row["view"], row["person"], row["unsure"] > 0) == (True, f"customer\x1f{subject}", True)


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/p%2f/.%252e", ("p", ".%2e")),  # decoded once
        ("/p%2f/.%252e", ()),  # and twice
        ("/\account", ("account",)),  # a log that escapes nothing: a backslash and an a
        ("/customers%5c36.\\xa0", ("customers", "36.\ufffd")),  # a byte of no UTF-8 is no backslash
    ],
)
def test_a_reading_for_each_way_of_decoding(path: str, segments: tuple[str, ...]) -> None:
    assert segments in [found for found, _ in readings(path)]


@pytest.mark.parametrize(
    ("given", "possible"),
    [
        ({"method": "POST"}, False),
        ({"method": "POST", "path": "/P"}, False),
        ({"method": "PUT"}, False),
        # what asks the server to take another method, what is spelled otherwise, and all that is not named
        ({"method": "POST", "query": "_method=GET"}, True),
        ({"method": "POST", "fields": '{"X-HTTP-Method-Override":"GET"}'}, True),
        ({"method": "post"}, True),
        ({"method": "PATCH"}, True),
        ({"method": "GET", "path": "/P"}, True),
    ],
)
def test_other_methods_are_no_views_where_the_map_says_so(
    as_map: AsMap, as_events: AsEvents, session: Session, given: dict[str, Any], possible: bool
) -> None:
    data_map = as_map(page('method = "GET", other_methods = ["POST", "PUT"], path = "/p"'))
    row = one(data_map, as_events({"path": "/p", **given}), session)
    assert (row["view"], row["route"]) == (possible, 0 if possible else -1)


def test_other_methods_are_not_the_routes_own(as_map: AsMap) -> None:
    for match in ('method = "GET", other_methods = ["GET"]', 'other_methods = ["POST"]'):
        with pytest.raises(FaultsError, match="is a method of this route"):
            as_map(page(f'{match}, path = "/p"'))
