"""Elements of XML as events: on lines, over lines, inside syslog, and wherever a chunk ends."""

from __future__ import annotations

import json
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ingest.structured.test_json_records import cut
from tests.wide import examples

from whosaw.ingest.structured.documents import as_records, holds_records, record_at, records_of
from whosaw.ingest.structured.field_rules import Member, parse_path
from whosaw.ingest.structured.json_lines import read_values
from whosaw.ingest.structured.xml_records import line_as_json, name_of

NAMES = (name_of("Audit"),)
LISTS = frozenset({"Who"})
HEADER = "<85>1 2025-11-24T01:02:03Z host app 1 ID - "


def element(row: tuple[str, list[str]], shape: str) -> str:
    """One event: its number, and who took part."""
    number, people = row
    end = "" if shape == "flat" else "\n  "
    who = "".join(f"{end}<Who id={quoteattr(each)}/>" for each in people)
    declared = "" if shape == "bare" else '<?xml version="1.0"?>' + ("" if shape == "flat" else "\n")
    return f"{declared}<a:Audit xmlns:a='urn:x' n={quoteattr(number)}>{who}{end}</a:Audit>"


rows = st.tuples(
    st.text("0123456789<&>\"'é/", max_size=4), st.lists(st.text("ab <>&", max_size=3), max_size=3)
)


@settings(max_examples=examples(120), deadline=None)
@given(
    st.lists(rows, min_size=1, max_size=5),
    st.sampled_from(["flat", "lines", "bare"]),
    st.booleans(),
    st.sampled_from([1, 30, 9_999]),
)
def test_every_element_comes_once(
    events: list[tuple[str, list[str]]], shape: str, header: bool, size: int
) -> None:
    before = HEADER if header else ""
    text = "".join(before + element(row, shape) + "\n" for row in events) + "something else\n"
    data = text.encode()
    split = holds_records(data, NAMES)
    assert split == (shape != "flat")
    chunks = list(as_records(cut(data, size), NAMES)) if split else list(cut(data, size))
    lines = b"".join(chunk.data for chunk in chunks).splitlines()
    found = [json.loads(text) for line in lines if (text := line_as_json(line, "Audit", LISTS)[0])]
    wanted = [
        {"n": number, **({"Who": [{"id": each} for each in people]} if people else {})}
        for number, people in events
    ]
    assert found == wanted
    if split:
        whole = records_of(data, NAMES)
        assert [record.why for record in whole] == [""] * len(events) + ["no Audit in it"]
        assert sum(chunk.lines for chunk in chunks) == len(events) + 1
        assert record_at(data, len(events) + 1, NAMES).text == b"something else"


def test_one_that_does_not_end_takes_no_other_with_it() -> None:
    data = b'<Audit n="1">\n<Audit n="2"></Audit>\n<Audit n="3">\n'
    assert [(record.text, record.why) for record in records_of(data, NAMES)] == [
        (b'<Audit n="1">\n', "the Audit breaks off"),
        (b'<Audit n="2"></Audit>', ""),
        (b'<Audit n="3">\n', "the Audit breaks off"),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"<Audit><!DOCTYPE a [<!ENTITY b 'c'>]></Audit>", "it declares a document type"),
        (b"<Audit><b></Audit>", "not XML"),
        (b"<Audit>&growing;</Audit>", "not XML"),
        (b"<Audit>" + b"<a>" * 40 + b"</a>" * 40 + b"</Audit>", "nested too deeply"),
        (b"<Auditor></Auditor>", "no Audit in it"),
        (b"<Audit>", "the Audit breaks off"),
    ],
)
def test_what_is_no_element_says_why(line: bytes, why: str) -> None:
    assert line_as_json(line, "Audit", LISTS) == ("", why)


def test_ends_of_lines_that_syslog_escaped_are_space() -> None:
    text, why = line_as_json(b"<Audit#012 n='1'>#012#011<b>x</b>#012</Audit>", "Audit", LISTS)
    assert (json.loads(text), why) == ({"n": "1", "b": "x"}, "")


def test_a_member_is_picked_by_what_it_is_not() -> None:
    path = parse_path("who[role.code!=1,2].id")
    assert path[1] == Member(("role", "code"), "1,2", other=True)
    line = '{"who":[{"id":"none"},{"id":"one","role":{"code":"1"}},{"id":"three","role":{"code":3}}]}'
    assert read_values(line, [path, parse_path("who[role.code=2].id")]) == ["three", None]
