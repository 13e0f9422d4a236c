"""Documents of JSON in every shape an export has: which unit a content has, and every record found once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.instants import parse_zone
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.files.content import Chunk
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Parsed, Piece
from whosaw.ingest.structured.json_records import OBJECTS, WHOLE, as_records, holds_records, records_of

ITEMS = load_formats([shipped_formats()])
ALL = ("Records", WHOLE, OBJECTS)
EVENTS = [
    {"time": f"2025-11-24T01:02:0{n}Z", "user": {"id": f"u{n}"}, "path": f"/member/{n}", "tags": ["}{", '"']}
    for n in range(4)
]


def shapes(events: list[dict[str, object]]) -> dict[str, str]:
    """The same events as exports write them."""
    compact = [json.dumps(event) for event in events]
    pretty = [json.dumps(event, indent=2) for event in events]
    return {
        "list": json.dumps(events),
        "pretty list": json.dumps(events, indent=4),
        "list, one a line": "[\n" + ",\n".join(compact) + "\n]\n",
        "pretty objects": "\n".join(pretty) + "\n",
        "pretty objects, no line end between": "".join(pretty),
        "objects without line ends": "".join(compact),
        "objects and commas": ",\n".join(compact),
        "lists one after the other": json.dumps(events[:1]) + "\n" + json.dumps(events[1:]),
        "windows": "\ufeff" + json.dumps(events, indent=2).replace("\n", "\r\n"),
    }


def parse(text: str | bytes, name: str = "jsonl") -> Parsed:
    data = text.encode() if isinstance(text, str) else text
    piece = Piece(data=data, lines=count_lines(data))
    return build_parser(ITEMS[name], parse_zone("UTC"), None).parse(piece).check(piece)


def cut(data: bytes, size: int) -> Iterator[Chunk]:
    """As a reader gives it: whole lines, at least `size` bytes."""
    at, line = 0, 1
    while at < len(data):
        end = data.find(b"\n", at + size - 1) + 1 or len(data)
        lines = count_lines(data[at:end])
        yield Chunk(
            data=data[at:end], offset=at, end=end, first_line=line, lines=lines, prefix_digest=f"{end}"
        )
        at, line = end, line + lines


@pytest.mark.parametrize("shape", sorted(shapes(EVENTS)))
def test_events_are_read_in_every_shape_of_an_export(shape: str) -> None:
    parsed = parse(shapes(EVENTS)[shape])
    assert (parsed.records, parsed.rejects.num_rows, parsed.comments) == (4, 0, 0)
    assert parsed.events["line"].to_pylist() == [1, 2, 3, 4]
    assert parsed.events["principal"].to_pylist() == ["u0", "u1", "u2", "u3"]
    assert parsed.events["path"].to_pylist() == ["/member/0", "/member/1", "/member/2", "/member/3"]


@pytest.mark.parametrize("shape", sorted(shapes(EVENTS)))
@pytest.mark.parametrize("size", [1, 40, 4096])
def test_chunks_hold_the_records_that_end_in_them(shape: str, size: int) -> None:
    data = shapes(EVENTS)[shape].encode()
    chunks = list(as_records(cut(data, size), ALL))
    lines = b"".join(chunk.data for chunk in chunks).splitlines()
    assert [json.loads(line) for line in lines] == EVENTS
    assert [chunk.first_line for chunk in chunks] == [
        1 + sum(other.lines for other in chunks[:at]) for at in range(len(chunks))
    ]
    assert chunks[0].offset == 0
    assert [chunk.offset for chunk in chunks[1:]] == [chunk.end for chunk in chunks[:-1]]
    assert not any(chunk.terminated for chunk in chunks)
    for chunk in chunks:  # a locator is found again in the bytes up to the end of its chunk
        again = records_of(data[: chunk.end], ALL)
        for number, line in enumerate(chunk.data.splitlines(), start=chunk.first_line):
            assert json.loads(again[number - 1].text) == json.loads(line)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1}\n{"a":2}\n',
        '{"a":1}',
        '{"a":1\n{"a":2}\n{"a":3}\n',  # the first line broke off
        '{"a":"1\n{"a":2}\n{"a":3}\n',
        '{"a":[{\n{"a":2}\n',
        "started\n{\n}\n",
        "[info] x\n",
        "[1, 2]\n",
        '"x"\n',
        "{",
        "",
    ],
)
def test_lines_stay_lines(text: str) -> None:
    assert not holds_records(text.encode(), ALL)


def test_what_stands_between_records_is_one_reject_and_the_next_record_is_read() -> None:
    pretty = [json.dumps(event, indent=2) for event in EVENTS]
    parsed = parse("\n".join([pretty[0], pretty[1], "out of memory", pretty[2][:30], pretty[3]]) + "\n")
    assert (parsed.records, parsed.events["line"].to_pylist()) == (5, [1, 2, 5])
    assert parsed.rejects["reason"].to_pylist() == ["not a JSON object", "a record is not JSON or breaks off"]


@pytest.mark.parametrize("tail", ["[\n", '[{"time":', '{"time":"2025', '[{"a":1},', '[{"a":1}'])
def test_an_end_that_is_not_there_is_said(tail: str) -> None:
    text = json.dumps(EVENTS) + "\n" + tail
    parsed = parse(text)
    assert parsed.events.num_rows == 4
    assert parsed.rejects["reason"].to_pylist()[-1] in (
        "the document breaks off",
        "a record is not JSON or breaks off",
    )


def test_a_record_that_is_no_object_is_a_reject() -> None:
    parsed = parse('[{"time":"2025-11-24T01:02:03Z"}, 7, "x", null, [1]]')
    assert (parsed.records, parsed.events.num_rows) == (5, 1)
    assert set(parsed.rejects["reason"].to_pylist()) == {"not a JSON object"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=examples(80), deadline=None)
@given(
    st.lists(st.dictionaries(st.text(max_size=4), JSON, min_size=1, max_size=3), min_size=2, max_size=6),
    st.integers(1, 60),
    st.sampled_from(
        ["list", "pretty list", "list, one a line", "pretty objects", "objects without line ends"]
    ),
)
def test_records_are_the_same_however_the_bytes_are_cut(
    events: list[dict[str, object]], size: int, shape: str
) -> None:
    data = shapes(events)[shape].encode()
    assert holds_records(data, ALL)
    lines = b"".join(chunk.data for chunk in as_records(cut(data, size), ALL)).splitlines()
    assert [json.loads(line) for line in lines] == events
    assert [json.loads(record.text) for record in records_of(data, ALL)] == events


@settings(max_examples=examples(100), deadline=None)
@given(st.text(alphabet='{}[]",:\\ \n1a', max_size=60), st.integers(1, 20))
def test_any_text_ends_and_every_cut_gives_as_many_records(text: str, size: int) -> None:
    data = text.encode()
    whole = records_of(data, ALL)
    chunks = list(as_records(cut(data, size), ALL))
    assert sum(chunk.lines for chunk in chunks) == len(whole)
    assert sum(len(chunk.broken or ()) for chunk in chunks) == sum(bool(record.why) for record in whole)
    for chunk in chunks:
        build_parser(ITEMS["jsonl"], None, None).parse(chunk).check(chunk)


BUNDLE = (
    b'{"resourceType":"Bundle","meta":{"a":[1,{"entry":[]}]},"total":2,"entry":[{"n":1},{"n":2}],"link":[]}'
)


def test_a_list_may_stand_behind_other_members() -> None:
    assert holds_records(BUNDLE, ("entry",))
    assert [record.text for record in records_of(BUNDLE, ("entry",))] == [b'{"n":1}', b'{"n":2}']
    wide = json.dumps(json.loads(BUNDLE), indent=1).encode()
    assert [json.loads(record.text) for record in records_of(wide, ("entry",))] == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_it_is_found_however_its_bytes_come(size: int) -> None:
    chunks = [
        Chunk(data=BUNDLE[at : at + size], offset=at, end=at + size, first_line=1, lines=0, prefix_digest="")
        for at in range(0, len(BUNDLE), size)
    ]
    found = b"".join(chunk.data for chunk in as_records(iter(chunks), ("entry",)))
    assert found == b'{"n":1}\n{"n":2}\n'


def test_events_that_hold_such_a_list_are_events_where_there_are_several() -> None:
    lines = b'{"id":1,"entry":[{"n":1}]}\n{"id":2,"entry":[{"n":2}]}\n'
    assert not holds_records(lines, ("entry",))
    assert not holds_records(b'{"id":1,"other":[{"n":1}]}', ("entry",))
    assert not holds_records(b'{"id":1,"entry":{"n":1}}', ("entry",))
