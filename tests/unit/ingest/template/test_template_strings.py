"""Formats that users give as the log_format of nginx or the LogFormat of Apache."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from whosaw.core.errors import FaultsError, WhosawError
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Piece

AT = datetime(2025, 11, 24, 10, tzinfo=UTC)


def read(form: str, line: str) -> dict[str, Any]:
    data = line.encode() + b"\n"
    chunk = Piece(data=data, lines=count_lines(data))
    parsed = build_parser(choose_format(form, {}), None, None).parse(chunk).check(chunk)
    assert parsed.rejects["reason"].to_pylist() == []
    (row,) = parsed.events.to_pylist()
    return {name: value for name, value in row.items() if value is not None}


def test_nginx_main_format_with_a_forwarded_address() -> None:
    form = (
        'nginx:$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
        '"$http_referer" "$http_user_agent" "$http_x_forwarded_for"'
    )
    row = read(
        form,
        '192.0.2.1 - ann [24/Nov/2025:10:00:00 +0000] "GET /a?b HTTP/2.0" 200 9 "-" "curl" '
        '"203.0.113.5, 192.0.2.9"',
    )
    assert (row["address"], row["principal"], row["time"], row["path"], row["query"]) == (
        "192.0.2.1",
        "ann",
        AT,
        "/a",
        "b",
    )
    assert json.loads(row["fields"]) == {"http_x_forwarded_for": "203.0.113.5, 192.0.2.9"}


def test_nginx_quotes_inside_columns_use_the_slow_path() -> None:
    form = (
        'nginx:$msec rt=$request_time ua="$http_user_agent" host=$host '
        "$request_method $uri?$args $status ${request_id}"
    )
    row = read(form, '1763978400.250 rt=0.012 ua="a b" host=shop.example.org GET /a?b=1 204 abc')
    assert row["time"] == AT.replace(microsecond=250_000)
    assert (row["duration_us"], row["agent"], row["host"], row["method"]) == (
        12_000,
        "a b",
        "shop.example.org",
        "GET",
    )
    assert (row["path"], row["query"], row["status"], row["request_id"]) == ("/a", "b=1", 204, "abc")


def test_nginx_iso_time_and_an_unknown_variable() -> None:
    row = read(
        'nginx:[$time_iso8601] $remote_addr "$request_uri" $upstream_addr',
        '[2025-11-24T19:00:00+09:00] 192.0.2.1 "/a b?c" 198.51.100.1:80',
    )
    assert (row["time"], row["offset"], row["path"], row["query"]) == (AT, 540, "/a b", "c")
    assert json.loads(row["fields"]) == {"upstream_addr": "198.51.100.1:80"}


def test_a_second_variable_of_a_column_is_a_field() -> None:
    row = read(
        "nginx:$time_iso8601 $host $server_name $bytes_sent $body_bytes_sent",
        "2025-11-24T10:00:00Z a.example.org b.example.org 500 400",
    )
    assert (row["host"], row["bytes"]) == ("a.example.org", 400)
    assert json.loads(row["fields"]) == {"server_name": "b.example.org", "bytes_sent": "500"}


def test_apache_directives() -> None:
    form = (
        r"apache:%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" "
        r"%D %{SSL_PROTOCOL}x %{sid}C %L"
    )
    row = read(
        form,
        r'shop.example.org:443 192.0.2.1 - Ann Lee [24/Nov/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 512 '
        r'"-" "a \"b\"" 1500 TLSv1.3 s-1 -',
    )
    assert (row["host"], row["principal"], row["agent"], row["duration_us"]) == (
        "shop.example.org",
        "Ann Lee",
        'a "b"',
        1500,
    )
    assert json.loads(row["fields"]) == {
        "port": "443",
        "sid": "s-1",
        "ssl_protocol": "TLSv1.3",
    }


@pytest.mark.parametrize(
    ("form", "line"),
    [
        (
            r"apache:%{%Y-%m-%dT%H:%M:%S%z}t %a %m %U%q %H %s",
            "2025-11-24T10:00:00+0000 192.0.2.1 GET /a?b=1 HTTP/1.1 200",
        ),
        (r"apache:%{sec}t %a %m %U %q %H %s", "1763978400 192.0.2.1 GET /a ?b=1 HTTP/1.1 200"),
        (r"apache:%{usec}t %a %m %U %q %H %s", "1763978400000000 192.0.2.1 GET /a ?b=1 HTTP/1.1 200"),
        (
            r"apache:%t\t%a\t%m %U %q %H %s",
            "[24/Nov/2025:10:00:00 +0000]\t192.0.2.1\tGET /a ?b=1 HTTP/1.1 200",
        ),
    ],
)
def test_apache_times_and_parts_of_the_request(form: str, line: str) -> None:
    row = read(form, line)
    assert (row["time"], row["address"], row["method"], row["path"]) == (AT, "192.0.2.1", "GET", "/a")
    assert (row["query"], row["protocol"], row["status"]) == ("b=1", "HTTP/1.1", 200)


def test_the_final_status_is_the_status() -> None:
    row = read("apache:%t %s %>s", "[24/Nov/2025:10:00:00 +0000] 301 200")
    assert (row["status"], json.loads(row["fields"])) == (200, {"first_status": "301"})


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("nginx:$remote_addr $status", "no time"),
        ("nginx:$time_local$status", "nothing between"),
        ("nginx:", "no format string"),
        ("apache:%h %y %t", "%y"),
        ("apache:%h %{x}q %t", "%{x}q"),
        ("apache:%h %>s", "no time"),
        ("envoy:%START_TIME% 100%", "starts no operator"),
        ("combinde", "no format"),
        ("syslog:nonsense", "no format"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(form: str, words: str) -> None:
    with pytest.raises(WhosawError) as caught:
        choose_format(form, {})
    text = (
        str(caught.value)
        if isinstance(caught.value, FaultsError)
        else f"{caught.value.message} {caught.value.hint}"
    )
    assert words in text
