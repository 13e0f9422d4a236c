"""What a condition matches, value by value. Expected values follow the Sigma specification, not a run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.actors.sigma.load_pack import load_pack
from whosaw.actors.sigma.matching import match_events
from whosaw.actors.sigma.narrowing import one_test
from whosaw.ingest.canonical import CANONICAL
from whosaw.store.sql import Session, quote_text

SESSION = Session(threads=1)


def no_digests(texts: pa.Array) -> npt.NDArray[np.uint8]:
    """A digest that shows the text, cut to its width."""
    rows = [text.encode()[:16].ljust(16, b"\0") for text in texts.to_pylist()]
    return np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 16)


def events(rows: Sequence[dict[str, Any]]) -> pa.Table:
    names = {name for row in rows for name in row}
    columns = {name: pa.array([row.get(name) for row in rows], CANONICAL[name]) for name in sorted(names)}
    return pa.table({"line": pa.array(range(1, len(rows) + 1), pa.int64()), **columns})


def lines(
    text: str, rows: Sequence[dict[str, Any]], format_name: str = "combined", **files: str
) -> list[int]:
    pack = load_pack({"a.yml": text, **files})
    assert not pack.not_run
    found = match_events(pack, events(rows), format_name, SESSION, no_digests)
    return [int(line) for line in found.matches["line"].to_pylist()]


def web(detection: str, condition: str = "s") -> str:
    return (
        f"title: T\nlogsource: {{category: webserver}}\ndetection:\n{detection}\n  condition: {condition}\n"
    )


def hits(selection: str, values: Sequence[Any], column: str = "path") -> list[Any]:
    """Those of the values for which a rule with this one selection matches."""
    rows = [{"method": "GET", column: value} for value in values]
    found = lines(web(f"  s:\n    {selection}"), rows)
    return [values[line - 1] for line in found]


@pytest.mark.parametrize(
    ("selection", "values", "expected"),
    [
        ("cs-uri-stem: /Admin", ["/admin", "/ADMIN", "/admin/", None], ["/admin", "/ADMIN"]),
        ("cs-uri-stem|cased: /Admin", ["/admin", "/Admin"], ["/Admin"]),
        ("cs-uri-stem|contains: ad", ["/AD/x", "/x"], ["/AD/x"]),
        ("cs-uri-stem|startswith: /ad", ["/admin", "/x/ad"], ["/admin"]),
        ("cs-uri-stem|endswith: .php", ["/a.PHP", "/a.php/"], ["/a.PHP"]),
        ("cs-uri-stem: '/a*z'", ["/abcz", "/az", "/azb"], ["/abcz", "/az"]),
        ("cs-uri-stem: '/a?z'", ["/abz", "/az"], ["/abz"]),
        (r"cs-uri-stem: '/a\*z'", ["/a*z", "/abz"], ["/a*z"]),
        ("cs-uri-stem|contains: '100%_'", ["/100%_", "/100ab"], ["/100%_"]),
        ("cs-uri-stem|contains: \"it's\"", ["/it's", "/its"], ["/it's"]),
        ("cs-uri-stem|contains|all: [aa, bb]", ["/aabb", "/aa", "/bb"], ["/aabb"]),
        ("cs-uri-stem|contains: [aa, bb]", ["/aabb", "/aa", "/cc"], ["/aabb", "/aa"]),
        (r"cs-uri-stem|re: '^/a\d+$'", ["/a1", "/A1", "/a"], ["/a1"]),
        (r"cs-uri-stem|re|i: '^/a\d+$'", ["/a1", "/A1", "/a"], ["/a1", "/A1"]),
        ("cs-uri-stem|exists: true", ["/a", None], ["/a"]),
        ("cs-uri-stem|exists: false", ["/a", None], [None]),
        ("cs-uri-stem: null", ["/a", None], [None]),
        ("cs-uri-stem: '-'", ["/a", None], [None]),
        ("cs-uri-stem: ''", ["/a", None, ""], [None, ""]),
        ("cs-uri-stem: '*'", ["/a", None], ["/a"]),
        ("cs-uri-stem|base64|contains: abc", ["/YWJj", "/abc"], ["/YWJj"]),
        ("cs-uri-stem|windash|contains: ' -x'", ["/a -x", "/a /x", "/a x"], ["/a -x", "/a /x"]),
    ],
)  # fmt: skip
def test_text(selection: str, values: list[Any], expected: list[Any]) -> None:
    assert hits(selection, values) == expected


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("sc-status: 404", [404]),
        ("sc-status: '404'", [404]),
        ("sc-status|gte: 404", [404, 500]),
        ("sc-status|lt: 404", [200]),
        ("sc-status: [200, 500]", [200, 500]),
        ("sc-status|startswith: '4'", [404]),
    ],
)
def test_numbers(selection: str, expected: list[int]) -> None:
    assert hits(selection, [200, 404, 500, None], "status") == expected


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("192.0.2.0/25", ["192.0.2.1"]),
        ("2001:db8::/33", ["2001:db8::7"]),
        ("0.0.0.0/0", ["192.0.2.1", "192.0.2.200"]),
    ],
)
def test_networks(network: str, expected: list[str]) -> None:
    values = ["192.0.2.1", "192.0.2.200", "2001:db8::7", "2001:db8:8000::7", "unknown", None]
    assert hits(f"c-ip|cidr: '{network}'", values, "address") == expected


def test_times_of_iis_are_in_milliseconds() -> None:
    assert hits("time-taken|gt: 1000", [999_000, 1_001_000], "duration_us") == [1_001_000]


def test_one_field_against_another() -> None:
    rows = [
        {"method": "GET", "path": "/ann", "principal": "/ANN"},
        {"method": "GET", "path": "/a", "principal": "b"},
    ]
    assert lines(web("  s:\n    cs-uri-stem|fieldref: cs-username"), rows) == [1]


def test_not_of_what_is_absent_is_true() -> None:
    rows = [{"method": "GET", "path": "/a", "agent": agent} for agent in ("Mozilla/5.0", None, "curl/8")]
    rule = web("  s:\n    cs-uri-stem: /a\n  f:\n    cs-user-agent|startswith: Mozilla", "s and not f")
    assert lines(rule, rows) == [2, 3]


def test_not_of_several_spellings_is_not_of_each() -> None:
    rows = [{"method": "GET", "path": path} for path in ("/a -x", "/a /x", "/a x")]
    assert lines(web("  s:\n    cs-uri-stem|windash|contains: ' -x'", "not s"), rows) == [3]


def test_keywords_stand_in_any_field() -> None:
    rows = [
        {"method": "GET", "path": "/x", "agent": "SqlMap/1"},
        {"method": "GET", "query": "a=sqlmap"},
        {"method": "GET", "path": "/nik/to"},
        {"method": "GET", "path": "/y"},
    ]
    assert lines(web("  s: [sqlmap, 'nik*to']"), rows) == [1, 2, 3]


def test_events_of_another_log_source_do_not_match() -> None:
    rows: list[dict[str, Any]] = [{"path": "/a"}, {"path": "/a", "method": "GET"}]
    assert lines(web("  s:\n    cs-uri-stem: /a"), rows) == [2]
    rule = "title: T\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: GetObject}, condition: s}\n"
    event = [{"action": "s3:GetObject"}]
    assert lines(rule, event, "cloudtrail") == [1]
    assert lines(rule, event, "ocsf-api") == []


def test_what_a_source_calls_a_field_is_found_in_its_column() -> None:
    rule = (
        "title: T\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s:\n"
        "    eventSource: secretsmanager.amazonaws.com\n    eventName: GetSecretValue\n    userIdentity.arn|endswith: :user/ann\n"
        "    requestParameters.secretId: prod/db\n    errorCode: null\n  condition: s\n"
    )
    good = {
        "action": "secretsmanager:GetSecretValue", "principal": "arn:aws:iam::1:user/ann", "object": "prod/db",
        "fields": '{"service":"secretsmanager.amazonaws.com"}',
    }  # fmt: skip
    rows = [
        good,
        {**good, "action": "ssm:GetSecretValue", "fields": '{"service":"ssm.amazonaws.com"}'},
        {**good, "object": "prod/other"},
        {**good, "fields": '{"error":"AccessDenied","service":"secretsmanager.amazonaws.com"}'},
    ]
    assert lines(rule, rows, "cloudtrail") == [1]


def test_a_login_of_sshd_is_put_together_again() -> None:
    rule = (
        "title: T\nlogsource: {product: linux, service: sshd}\ndetection:\n  s: ['{words}']\n  condition: s\n"
    )
    rows = [
        {
            "action": "ssh.accepted", "principal": "ann", "address": "192.0.2.7",
            "fields": '{"method":"publickey","port":"54259","detail":": RSA SHA256:abc"}',
        },
        {"action": "ssh.other", "fields": '{"message":"Failed password for invalid user bob from 192.0.2.8 port 1 ssh2"}'},
        {"action": "syslog.other", "fields": '{"message":"Failed password of another program"}'},
    ]  # fmt: skip
    accepted = "Accepted publickey for ann from 192.0.2.7 port 54259 ssh2: RSA SHA256:abc"
    assert lines(rule.replace("{words}", accepted), rows, "sshd") == [1]
    assert lines(rule.replace("{words}", "Failed password"), rows, "sshd") == [2]


def test_placeholders_have_the_values_of_the_folder() -> None:
    rows = [{"method": "GET", "path": path} for path in ("/members/7", "/my", "/x")]
    values = {"placeholders.toml": 'pages = ["/members/*", "/my"]\n'}
    assert lines(web("  s:\n    cs-uri-stem|expand: '%pages%'"), rows, **values) == [1, 2]


def test_a_filter_takes_lines_out() -> None:
    rule = web("  s:\n    cs-uri-stem: /a").replace("title: T\n", "title: T\nname: base\n")
    taken = "title: F\nlogsource: {category: webserver}\nfilter:\n  rules: [base]\n  out:\n    c-ip: 192.0.2.1\n  condition: not out\n"
    rows = [{"method": "GET", "path": "/a", "address": address} for address in ("192.0.2.1", "192.0.2.2")]
    assert lines(rule, rows, **{"f.yml": taken}) == [2]


def test_values_that_a_correlation_needs_are_kept_with_the_match() -> None:
    rule = web("  s:\n    sc-status: 200").replace("title: T\n", "title: T\nname: page\n")
    many = (
        "title: C\ncorrelation: {type: value_count, rules: [page], group-by: [cs-host], timespan: 1h, "
        "condition: {gte: 2, field: cs-uri-stem}}\n"
    )
    rows = [
        {"method": "GET", "status": 200, "path": "/a", "host": "x"},
        {"method": "GET", "status": 404, "path": "/b", "host": "x"},
        {"method": "GET", "status": 200, "path": "/c"},
    ]
    found = match_events(
        load_pack({"a.yml": rule, "b.yml": many}), events(rows), "combined", SESSION, no_digests
    )
    values = [
        [None if each is None else each.rstrip(b"\0") for each in row]
        for row in found.matches["values"].to_pylist()
    ]
    assert (found.matches["line"].to_pylist(), values) == ([1, 3], [[b"x", b"/a"], [None, b"/c"]])
    assert found.asked.to_pylist() == [{"source": "webserver", "events": 3, "rule": None, "lacks": None}]


def test_many_rules_over_many_lines_match_what_each_matches_alone() -> None:
    words = ["../", "sqlmap", "union select", "%PDF", "ÄRGER", "Kelvin", "it"]
    paths = [
        f"/{a}/{b}" for a in (*words, "x") for b in ("Y", "SQLMAP", "/..", "\u212aelvin", "\u0130t", "ärger")
    ] * 3
    rows = [{"method": "GET", "path": path, "agent": "Mozilla"} for path in paths]
    texts = {
        f"{at}.yml": web(f"  s:\n    cs-uri-stem|contains: '{word}'\n    cs-method: GET").replace(
            "title: T", f"title: T{at}"
        )
        for at, word in enumerate(words)
    }
    table = events(rows)
    together = match_events(load_pack(texts), table, "combined", SESSION, no_digests).matches
    found = {(row["rule"], row["line"]) for row in together.to_pylist()}
    lower = SESSION.query("SELECT line, lower(path) AS path FROM t", t=table).to_pylist()
    assert found == {
        (at, row["line"]) for at, word in enumerate(words) for row in lower if word.lower() in row["path"]
    }


@settings(max_examples=examples(60), deadline=None)
@given(text=st.text(st.sampled_from("aIiKk%_*.\\[(|'\u0130\u212aß ä"), min_size=1, max_size=5), line=st.text(st.sampled_from("aIiKk%_*.\\[(|'\u0130\u212aß ä"), max_size=8))  # fmt: skip
def test_no_line_is_narrowed_away_that_holds_the_text(text: str, line: str) -> None:
    ascii_text = "".join(letter for letter in text if letter.isascii()).lower()
    if not ascii_text:
        return
    sql = f"SELECT contains(lower(c), lower({quote_text(ascii_text)})) AS has, {one_test('c', [ascii_text])} AS left FROM t"
    row = SESSION.query(sql, t=pa.table({"c": pa.array([line], pa.string())})).to_pylist()[0]
    assert row["left"] or not row["has"]


def test_pysigma_is_not_loaded_without_rules() -> None:
    import subprocess

    code = (
        "import sys, whosaw.app.scan; sys.exit('sigma' in sys.modules or 'sigma.collection' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


LACKS = [{"method": "GET", "path": "/a", "status": 200}, {"method": "GET", "path": "/b", "status": 404}]
EMPTY = [{**row, "agent": None} for row in LACKS]


@pytest.mark.parametrize(
    ("detection", "condition", "there"),
    [
        ("  s:\n    cs-user-agent: ''", "s", [1, 2]),
        ("  s:\n    cs-user-agent: '-'", "s", [1, 2]),
        ("  s:\n    cs-user-agent: null", "s", [1, 2]),
        ("  s:\n    cs-user-agent|exists: false", "s", [1, 2]),
        ("  s:\n    cs-user-agent|contains: curl", "not s", [1, 2]),
        ("  s:\n    sc-status: 200\n  f:\n    cs-user-agent|contains: curl", "s and not f", [1]),
    ],
)
def test_of_a_field_that_a_log_does_not_have_nothing_is_told(
    detection: str, condition: str, there: list[int]
) -> None:
    """A log that has an agent and wrote none is another thing than one that has no agent."""
    pack = load_pack({"a.yml": web(detection, condition)})
    assert lines(web(detection, condition), EMPTY) == there
    found = match_events(pack, events(LACKS), "common", SESSION, no_digests)
    assert found.matches.num_rows == 0
    assert found.asked.to_pylist() == [
        {"source": "webserver", "events": 2, "rule": None, "lacks": None},
        {"source": "webserver", "events": 2, "rule": 0, "lacks": "agent"},
    ]
    # names that are only tried, or that a header gives, may all be of no log
    guessed = match_events(pack, events(EMPTY), "jsonl", SESSION, no_digests, guessed=True)
    assert (guessed.matches.num_rows, guessed.asked.num_rows) == (0, 2)


def test_what_other_fields_tell_stays_told() -> None:
    either = web("  s:\n    cs-user-agent: ''\n  t:\n    sc-status: 404", "s or t")
    assert lines(either, LACKS) == [2]
    assert lines(web("  s:\n    sc-status: 404"), LACKS) == [2]
    text = "cs-uri-stem|contains: 'CASE WHEN has[agent] THEN'"
    assert lines(web(f"  s:\n    {text}"), [{"method": "GET", "path": "/CASE WHEN has[agent] THEN"}]) == [1]
