"""Which fields stand in lines that nobody understood: names, never values, whatever the bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.ingest.seen_fields import SeenFields, seen_fields


def test_names_are_paths_in_the_order_in_which_they_stand() -> None:
    told = {"at": "2025-11-24T01:02:03Z", "a": {"b": [1], "c.d": 2}, "list": [{"x": 1}]}
    assert seen_fields(json.dumps(told).encode()) == SeenFields(
        kind="json", names=("at", "a.b", 'a."c.d"', "list"), times=("at",)
    )


def test_times_are_what_a_time_could_be() -> None:
    told = {
        "n": 7,
        "ms": 1763946123250,
        "local": "2025-11-24 10:00:00",
        "day": "soon",
        "year": 2025,
        "id": "1763946123",
    }
    assert seen_fields(json.dumps(told).encode()).times == ("ms", "local", "id")


def test_a_table_names_its_columns() -> None:
    assert seen_fields(b"When,Who\r\n2025-11-24T01:02:03Z,ann\r\n") == SeenFields(
        kind="csv", names=("When", "Who"), times=("When",)
    )


@pytest.mark.parametrize(
    "data", [b"", b"x", b"a,b\n1\n", b"Dear reader,\nhow are you\n", b"a" * 300_000, b'"' * 9, b"a\rb,c\nd\n"]
)
def test_other_lines_have_no_fields(data: bytes) -> None:
    assert seen_fields(data).kind == ""


@settings(max_examples=examples(80), deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    seen_fields(data)
    seen_fields(b'{"a":1}\n' + data)


def test_the_keys_of_key_value_lines_are_told() -> None:
    seen = seen_fields(b'at=2025-11-24T01:02:03Z who=ann note="a b"\nat=2025-11-24T01:02:04Z who=ben rec=7\n')
    assert (seen.kind, seen.names, seen.times) == ("pairs", ("at", "who", "note", "rec"), ("at",))
    assert seen_fields(b"at=2025-11-24T01:02:03Z who=ann\nout of memory\n").kind != "pairs"
