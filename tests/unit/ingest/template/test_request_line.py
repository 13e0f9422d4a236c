"""Request lines are read as servers read them."""

from __future__ import annotations

import pyarrow as pa
import pytest

from whosaw.ingest.template.request_line import RequestParts, split_requests

NAMES = ("method", "host", "path", "query", "protocol", "other")


def rows(parts: RequestParts) -> list[tuple[str | None, ...]]:
    return list(zip(*(getattr(parts, name).to_pylist() for name in NAMES), strict=True))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("GET /a?b=1 HTTP/1.1", ("GET", None, "/a", "b=1", "HTTP/1.1", None)),
        ("GET  /a HTTP/1.1", ("GET", None, "/a", None, "HTTP/1.1", None)),
        ("GET /a  HTTP/1.1", ("GET", None, "/a", None, "HTTP/1.1", None)),
        ("GET /a HTTP/1.1  ", ("GET", None, "/a", None, "HTTP/1.1", None)),
        (" GET /a HTTP/1.1", ("GET", None, "/a", None, "HTTP/1.1", None)),
        ("GET\t/a\t HTTP/1.1", ("GET", None, "/a", None, "HTTP/1.1", None)),
        ("GET /a\t HTTP/1.1", ("GET", None, "/a", None, "HTTP/1.1", None)),
        ("GET /a b  HTTP/1.1", ("GET", None, "/a b", None, "HTTP/1.1", None)),
        ("GET /a HTTP/1.01", ("GET", None, "/a", None, "HTTP/1.01", None)),
        ("GET /a HTTP/11.1", ("GET", None, "/a", None, "HTTP/11.1", None)),
        ("get /a http/1.1", ("get", None, "/a", None, "http/1.1", None)),
        ("GET /a", ("GET", None, "/a", None, None, None)),
        ("GET  /a", ("GET", None, "/a", None, None, None)),
        ("get /a", ("get", None, "/a", None, None, None)),
        ("GET https://h:1/a?b HTTP/1.1", ("GET", "h:1", "/a", "b", "HTTP/1.1", None)),
        ("GET https://h?b HTTP/1.1", ("GET", "h", "/", "b", "HTTP/1.1", None)),
        # a fragment stays to be read; a question mark behind it begins no query
        ("GET /a#f HTTP/1.1", ("GET", None, "/a#f", None, "HTTP/1.1", None)),
        ("GET /a#f?b=1 HTTP/1.1", ("GET", None, "/a#f?b=1", None, "HTTP/1.1", None)),
        ("GET /a?b=1#f HTTP/1.1", ("GET", None, "/a", "b=1#f", "HTTP/1.1", None)),
        ("GET http:/a HTTP/1.1", ("GET", None, "http:/a", None, "HTTP/1.1", None)),
        ("CONNECT h:443 HTTP/1.1", ("CONNECT", None, "h:443", None, "HTTP/1.1", None)),
        ("CONNECT /a?b HTTP/1.1", ("CONNECT", None, "/a", "b", "HTTP/1.1", None)),
        ("CONNECT %2fa?b HTTP/1.1", ("CONNECT", None, "%2fa", "b", "HTTP/1.1", None)),
        ("- - HTTP/1.1", (None, None, None, None, "HTTP/1.1", None)),
        ("- /a HTTP/1.1", ("-", None, "/a", None, "HTTP/1.1", None)),
        ("GET  HTTP/1.1", (None, None, None, None, None, "GET  HTTP/1.1")),
        ("\x16\x03\x01", (None, None, None, None, None, "\x16\x03\x01")),
        ("-", (None,) * 6),
        ("", (None,) * 6),
    ],
)
def test_a_line_is_taken_apart(text: str, wanted: tuple[str | None, ...]) -> None:
    usual = "GET /usual HTTP/1.1"
    found = rows(split_requests(pa.array([usual, text, usual])))
    assert found[1] == wanted
    assert found[0] == found[2] == ("GET", None, "/usual", None, "HTTP/1.1", None)


def test_a_run_of_blanks_costs_no_more_than_its_length() -> None:
    text = "GET" + " " * 2_000_000 + "/a" + " " * 2_000_000 + "HTTP/1.1"
    assert rows(split_requests(pa.array([text]))) == [("GET", None, "/a", None, "HTTP/1.1", None)]
