"""Twins are declared whole or not at all, and every fault of a declaration is told at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from tests.unit.mapping.test_data_map import GOOD, faults

from whosaw.mapping.data_map import DataMap
from whosaw.mapping.twins import Twins, key_texts
from whosaw.store.index.twin_rules import TwinRule
from whosaw.store.sql import Session

AsMap = Callable[[str], DataMap]


@pytest.mark.parametrize(
    ("text", "rule", "fields"),
    [
        ('by = "request_id"', TwinRule(sources=("edge", "app"), by="request", within=300_000_000), ("request_id",)),
        (
            'by = "request_id"\nwithin = "1h"\nfield = ["rid", "trace"]',
            TwinRule(sources=("edge", "app"), by="request", within=3_600_000_000),
            ("rid", "trace"),
        ),
        ('by = "client-path-time"', TwinRule(sources=("edge", "app"), by="page", within=2_000_000), ("request_id",)),
        (
            'by = "client-path-time"\nwithin = "500ms"',
            TwinRule(sources=("edge", "app"), by="page", within=500_000),
            ("request_id",),
        ),
    ],
)  # fmt: skip
def test_a_declaration(as_map: AsMap, text: str, rule: TwinRule, fields: tuple[str, ...]) -> None:
    (twins,) = as_map(f'[[twins]]\nsources = ["edge", "app"]\n{text}\n{GOOD}').twins
    assert (twins.rule, twins.fields) == (rule, fields)


def test_all_faults_at_once(tmp_path: Path) -> None:
    text = """
[[twins]]
sources = ["a", "b", "c"]
by = "request"
[[twins]]
sources = ["d", "d"]
by = "client-path-time"
within = "2h"
field = "rid"
[[twins]]
sources = ["d", "e"]
slack = "1s"
by = "request_id"
within = "soon"
"""
    found = faults(text + GOOD, tmp_path)
    assert [(code, line, message) for code, line, _, message, _ in found] == [
        ("map.invalid", 3, "names 3 sources; twins are always two"),
        ("map.invalid", 4, "twins.0.by is 'request'"),
        ("map.invalid", 6, "twins.1.sources names 'd' twice"),
        ("map.invalid", 8, "2h is not between 1ms and 60s"),
        ("map.invalid", 9, "field names where the request id stands, and these twins are joined without it"),
        ("map.invalid", 11, "'d' has a twin already"),
        ("map.unknown-key", 12, "twins.2.slack is not known here"),
        ("map.invalid", 14, "'soon' is no length of time"),
    ]


def test_twins_change_the_digest_and_nothing_else_does(as_map: AsMap) -> None:
    plain = as_map(GOOD)
    one = as_map('[[twins]]\nsources = ["a", "b"]\nby = "request_id"\n' + GOOD)
    other = as_map('[[twins]]\nsources = ["a", "b"]\nby = "request_id"\nwithin = "1s"\n' + GOOD)
    assert len({plain.digest, one.digest, other.digest}) == 3
    assert plain.digest == DataMap.of(plain.routes).digest


def twins(by: str) -> Twins:
    return Twins(
        rule=TwinRule(sources=("a", "b"), by="request" if by == "request" else "page", within=1),
        fields=("rid",),
    )


def test_the_request_id_is_the_servers_own_or_else_the_named_field() -> None:
    events = pa.table(
        {
            "request_id": pa.array(["r1", None, None, None, "-"]),
            "fields": pa.array(['{"rid":"x"}', '{"rid":"r2"}', '{"other":"r3"}', None, None]),
        }
    )
    with Session(threads=1) as session:
        found = key_texts(events, [twins("request")], session)
    assert found["request_key"].to_pylist() == ["r1", "r2", None, None, None]


def test_the_page_is_client_method_and_path_in_one_spelling() -> None:
    events = pa.table(
        {
            "address": pa.array(["192.0.2.1"] * 4 + [None]),
            "method": pa.array(["GET", "get", "GET", "POST", "GET"]),
            "path": pa.array(["/members/7", "/members/%37", "//members/7/", "/members/7", "/members/7"]),
        }
    )
    with Session(threads=1) as session:
        found = key_texts(events, [twins("page")], session)["page_key"].to_pylist()
    assert len(set(found[:3])) == 1
    assert found[3] not in (found[0], None)
    assert found[4] is None
