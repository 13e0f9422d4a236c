"""Lines that hold several events: each event comes with what stands around it, and a number goes back to its line."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ingest.structured.test_json_records import cut
from tests.wide import examples

from whosaw.app.reading.lines import open_line
from whosaw.app.scan import scan
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.ingest.structured.json_records import OBJECTS, WHOLE, as_records, holds_records, records_of
from whosaw.ingest.structured.parser import item_from_text
from whosaw.ingest.structured.unfolding import MANY_LISTS, TOO_MUCH_AROUND, paths_in, unfold
from whosaw.store.workspace import Workspace

NAMES = ("a[].b[]", WHOLE, OBJECTS)
PATHS = paths_in(NAMES)


def events(value: object) -> list[object]:
    """What an object holds, taken apart by the standard library: lists give way to one member each."""
    assert isinstance(value, dict)
    if not isinstance(value.get("a"), list):
        return [value]
    return [
        {**value, "a": {**outer, "b": inner}}
        for outer in value["a"]
        if isinstance(outer.get("b"), list)
        for inner in outer["b"]
    ]


scalars = st.none() | st.booleans() | st.integers() | st.text('a}]{["\\\\, é', max_size=6)
inner = (
    scalars
    | st.dictionaries(st.sampled_from(["x", "y"]), scalars, max_size=2)
    | st.lists(scalars, max_size=2)
)
outer = st.fixed_dictionaries({"b": st.lists(inner, max_size=3)}, optional={"c": inner, "d": scalars})
objects = st.fixed_dictionaries({}, optional={"z": inner, "a": st.lists(outer, max_size=3), "q": scalars})


@settings(max_examples=examples(150), deadline=None)
@given(
    st.lists(objects, min_size=1, max_size=5),
    st.sampled_from([(1, None), (40, None), (10_000, None), (10_000, 2)]),
)
def test_every_event_comes_once_with_what_stands_around_it(
    values: list[dict[str, object]], shape: tuple[int, int | None]
) -> None:
    """In lines, wherever a chunk ends, and in documents over many lines, of which the first chunk shows that they are such."""
    size, indent = shape
    values = [{"z": [0]}, *values]  # the first object shows whether lines are objects
    data = "".join(json.dumps(value, indent=indent, ensure_ascii=False) + "\n" for value in values).encode()
    wanted = [each for value in values for each in events(value)]
    if not holds_records(data, NAMES):
        return
    chunks = list(as_records(cut(data, size), NAMES))
    lines = b"".join(chunk.data for chunk in chunks).splitlines()
    assert [json.loads(line) for line in lines if line] == wanted
    assert lines.count(b"") == sum(isinstance(value.get("a"), list) and not events(value) for value in values)


@pytest.mark.parametrize("end", range(1, 86))
def test_of_a_line_that_breaks_off_the_whole_events_are_told_and_that_it_breaks_off(end: int) -> None:
    line = b'{"z":1,"a":[{"c":"u","b":[{"x":1},{"x":2}],"d":3},{"b":[7]},{"b":[]}],"q":{"k":"v"}} '
    whole = [
        {"z": 1, "a": {"c": "u", "b": {"x": 1}}},
        {"z": 1, "a": {"c": "u", "b": {"x": 2}}},
        {"a": {"b": 7}},
    ]
    found = unfold(line[:end], PATHS)
    if end >= 84:
        assert found is not None
        assert [json.loads(each.line)["a"]["b"] for each in found] == [{"x": 1}, {"x": 2}, 7]
        return
    if found is None:  # the list is not there yet
        assert end < len(b'{"z":1,"a":[')
        return
    *told, last = found
    assert last.why == "a list of events breaks off"
    for event, want in zip([json.loads(each.line) for each in told], whole, strict=False):
        assert event["a"]["b"] == want["a"]["b"]  # type: ignore[index]


def test_what_cannot_be_taken_apart_safely_says_why() -> None:
    around = "x" * 40_000
    line = json.dumps({"z": around, "a": [{"b": list(range(2_000))}]}).encode()
    assert [each.why for each in unfold(line, PATHS) or ()] == [TOO_MUCH_AROUND]
    both = paths_in(("a[]", "b[]"))
    assert [each.why for each in unfold(b'{"a":[1],"b":[2]}', both) or ()] == [MANY_LISTS]
    assert [each.why for each in unfold(b'{"a":[1],"a":[2]}', both) or ()] == [MANY_LISTS]
    assert unfold(b'{"a":[1]} and more', both) is None


@pytest.mark.parametrize("name", ["[].a[]", "a[0].b[]", "a..b[]", 'a"[]', "a[]b[]"])
def test_a_path_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        paths_in((name,))


@pytest.mark.parametrize("most", [500_000, 2])
def test_the_number_of_an_event_goes_down_to_its_line(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the events of one piece of the file are worked on a few at a time."""
    monkeypatch.setattr("whosaw.ingest.structured.json_records.CHUNK_LINES", most)
    rows = [
        {"ts": f"2025-11-24T10:00:0{n}Z", "user": f"u{n}", "ip": "192.0.2.7", "seen": [{"id": f"C-{n}{k}"} for k in range(n)]}
        for n in range(4)
    ]  # fmt: skip
    log = tmp_path / "seen.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    forced = item_from_text(
        "json:records=seen[],time=ts,principal=user,address=ip,object=seen.id",
        load_formats([shipped_formats()]),
    )
    told = scan([str(log)], tmp_path / "ws", now=datetime(2026, 1, 1, tzinfo=UTC), format_name=forced.id)
    assert (told.contents[0].events, told.contents[0].rejects, told.contents[0].comments) == (6, 0, 1)
    space = Workspace.open(tmp_path / "ws")
    try:
        digest = hashlib.sha256(log.read_bytes()).hexdigest()
        opened = [open_line(space, f"{digest}:{number}") for number in range(1, 8)]
    finally:
        space.close()
    assert [each.line_of_file for each in opened] == [1, 2, 3, 3, 4, 4, 4]
    assert [json.loads(each.text)["seen"] for each in opened[1:]] == [
        {"id": f"C-{n}{k}"} for n in range(4) for k in range(n)
    ]
    assert [record.place for record in records_of(log.read_bytes(), ("seen[]", WHOLE, OBJECTS))] == [
        1,
        2,
        3,
        3,
        4,
        4,
        4,
    ]
