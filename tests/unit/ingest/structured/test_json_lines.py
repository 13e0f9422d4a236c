"""JSON lines and documents: hard input, the two ways of reading, and what must hold for any bytes."""

import json
import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import WIDE, examples

from whosaw.core.errors import FaultsError, WhosawError
from whosaw.core.instants import parse_zone
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_item import FormatItem, load_format, load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Parsed, Parser, Piece
from whosaw.ingest.structured import json_lines
from whosaw.ingest.structured.field_rules import parse_path
from whosaw.ingest.structured.json_lines import read_values
from whosaw.ingest.structured.json_records import records_of

TIME = '"t":"2025-11-24T01:02:03Z"'


def item(**table: object) -> FormatItem:
    columns = {
        "time": "t",
        "principal": "who",
        "object": "what.id",
        "status": "status",
        "duration_us": "took",
    }
    whole: dict[str, object] = {"columns": columns} | table
    return FormatItem(id="mine", title="Mine", kind="json", source="-", table=whole)


def built(zone: str | None = None, **table: object) -> Parser:
    return build_parser(item(**table), parse_zone(zone) if zone else None, None)


MINE = built()
RECORD = '{"eventTime":"2025-11-24T01:02:03Z","eventSource":"s3.amazonaws.com","eventName":"GetObject"'
TRAIL = build_parser(load_format(shipped_formats() / "cloudtrail.toml"), None, None)


def record(number: int) -> str:
    return f'{RECORD},"eventID":"{number}"}}'


def parse(data: bytes, parser: Parser = MINE, *, first_line: int = 1, state: str | None = None) -> Parsed:
    piece = Piece(data=data, first_line=first_line, lines=count_lines(data))
    return parser.parse(piece, state).check(piece)


def principals(parsed: Parsed) -> list[str | None]:
    return parsed.events["principal"].to_pylist() if "principal" in parsed.events.column_names else []


def reasons(parsed: Parsed) -> list[str]:
    return parsed.rejects["reason"].to_pylist()


def test_a_line_of_ten_megabytes_is_an_event() -> None:
    who = "x" * 10_000_000
    assert principals(parse(f'{{{TIME},"who":"{who}"}}\n'.encode())) == [who]


def test_nul_bytes_in_a_text_are_kept_and_a_line_of_nul_bytes_is_a_reject() -> None:
    parsed = parse(
        f'{{{TIME},"who":"a\0b"}}\n'.encode()
        + b"\0" * 64
        + b'\n{"t":"2025-11-24T01:02:03Z","who":"a\\u0000"}\n'
    )
    assert principals(parsed) == ["a\0b", "a\0"]
    assert parsed.rejects.to_pylist() == [{"line": 2, "reason": "not a JSON object"}]


def test_bytes_that_are_not_utf8_are_shown_as_escapes_and_the_line_stays() -> None:
    assert principals(parse(b"{" + TIME.encode() + b',"who":"caf\xe9"}\n')) == ["caf\\xe9"]


def test_half_a_surrogate_pair_is_shown_as_an_escape() -> None:
    assert principals(parse(f'{{{TIME},"who":"\\ud83d"}}\n'.encode())) == ["\\ud83d"]


@pytest.mark.parametrize("more", ["", ',"x":"\t"'])  # the fast way, and the slow one
def test_two_equal_names_with_one_value_are_one(more: str) -> None:
    assert principals(parse(f'{{{TIME},"who":"ann","who":"ann"{more}}}\n'.encode())) == ["ann"]
    assert principals(parse(f'{{{TIME},"y":1,"y":2,"who":"ann"{more}}}\n'.encode())) == ["ann"]


@pytest.mark.parametrize("more", ["", ',"x":"\t"'])
def test_two_equal_names_with_two_values_are_a_reject_where_nothing_was_asked_for(more: str) -> None:
    line = f'{{{TIME},"who":"first","who":"second"{more}}}\n'
    nested = f'{{{TIME},"what":{{"id":"1"}},"what":{{"id":"2"}}{more}}}\n'
    whole = f'{{{TIME},"who":"ann"}}\n'
    parsed = parse((line + nested + whole).encode())
    assert principals(parsed) == ["ann"]
    assert reasons(parsed) == ["a name stands twice with different values"] * 2


WEB = built(
    columns={
        "time": "t", "method": "m", "path": "{uri|path}", "query": "{uri|query}", "status": "s", "host": "h",
        "principal": "who",
    }
)  # fmt: skip


@pytest.mark.parametrize("more", ["", ',"x":"\t"'])
@pytest.mark.parametrize(
    ("members", "request_", "told"),
    [
        # whoever writes into an unescaped agent writes names of his own before or behind those of the server
        (
            '"m":"GET","uri":"/my/info?id=7","s":200,"uri":"/health"',
            "GET /my/info?id=7 /health",
            {"method": "GET", "status": 200},
        ),
        (
            '"uri":"/health","m":"GET","uri":"/my/info","s":200',
            "GET /health /my/info",
            {"method": "GET", "status": 200},
        ),
        (
            '"m":"GET","m":"OPTIONS","uri":"/my/info","s":200',
            "GET OPTIONS /my/info",
            {"method": None, "status": 200},
        ),
        ('"m":"GET","uri":"/my/info","s":200,"s":404', "GET /my/info", {"ok": True, "status": 200}),
        ('"m":"GET","uri":"/my/info","s":404,"s":200', "GET /my/info", {"ok": True, "status": 200}),
        (
            '"m":"GET","uri":"/my/info","s":200,"h":"a.example.org","h":"b.example.org"',
            "GET /my/info",
            {"host": "-"},
        ),
        ('"m":"GET","uri":"/my/info","s":200,"who":"ann","who":"bob"', "GET /my/info", {"principal": None}),
    ],
)
def test_a_request_that_is_written_twice_is_kept_as_text(
    members: str, request_: str, told: dict[str, object], more: str
) -> None:
    parsed = parse(f"{{{TIME},{members}{more}}}\n".encode(), WEB)
    (event,) = parsed.events.to_pylist()
    assert (event.get("path"), event.get("query")) == (None, None)
    assert json.loads(event["fields"])["request"] == request_
    assert {name: event.get(name) for name in told} == told


def test_ten_thousand_brackets_do_no_harm() -> None:
    deep, cut = "[" * 10_000 + "]" * 10_000, "[" * 10_000
    parsed = parse(f'{{{TIME},"who":"ann","x":{deep}}}\n{{{TIME},"x":{cut}\n{cut}\n'.encode())
    assert principals(parsed) == []
    assert reasons(parsed) == ["nested more than 256 deep"] * 3


def test_numbers_keep_every_digit_and_those_beyond_a_column_are_rejects() -> None:
    lines = [
        f'{{{TIME},"who":123456789012345678901234567890}}',
        f'{{{TIME},"status":70000}}',
        f'{{{TIME},"took":1e999}}',
        f'{{{TIME},"took":NaN}}',
        f'{{{TIME},"x":NaN,"who":"ann"}}',
        '{"t":99999999999999999999999999}',
    ]
    parsed = parse("\n".join(lines).encode())
    assert principals(parsed) == ["123456789012345678901234567890", "ann"]
    assert reasons(parsed) == [
        "status is not a number",
        "duration is not a number",
        "duration is not a number",
        "the time is not understood",
    ]


@pytest.mark.parametrize("odd", ["", "\x01", "\\ud800"], ids=["plain", "control", "surrogate"])
def test_a_number_in_a_value_of_several_is_no_text(odd: str) -> None:
    """Whichever way a line is read: SQL refuses the control character and half of a pair."""
    inner = '{"n":1,"f":2.5,"s":"1","deep":[{"k":-2},null,true,"\u00e9"]}'
    line = f'{{"t":"2025-11-24T01:02:03Z","u":"a{odd}","d":{inner}}}'
    parsed = parse(line.encode(), built(columns={"time": "t", "object": "d"}))
    assert parsed.events["object"].to_pylist() == [inner]


def test_a_value_that_is_nested_beyond_what_can_be_written_is_a_reject() -> None:
    deep = "[" * 600 + "1" + "]" * 600
    line = f'{{"t":"2025-11-24T01:02:03Z","u":"\x01","d":{deep}}}'
    parsed = parse(line.encode(), built(columns={"time": "t", "object": "d"}))
    assert parsed.events.num_rows + parsed.rejects.num_rows == 1


def test_a_list_a_text_and_broken_json_are_rejects() -> None:
    parsed = parse(b'[{"t":1}]\n"t"\n{"t":1763946123\n{"t":1763946123}{"t":1}\nplain\n')
    assert reasons(parsed) == [
        "not a JSON object",
        "not a JSON object",
        "not JSON",
        "not JSON",
        "not a JSON object",
    ]


def test_a_reason_never_quotes_the_line() -> None:
    parsed = parse(b'{"who":"ann@example.org"\nann@example.org\n{"t":"ann@example.org"}\n')
    assert parsed.rejects.num_rows == 3
    assert not any("ann" in reason for reason in reasons(parsed))


def test_a_byte_order_mark_and_blank_lines_and_crlf() -> None:
    parsed = parse(b"\xef\xbb\xbf{" + TIME.encode() + b',"who":"ann"}\r\n\r\n  \t\n')
    assert (principals(parsed), parsed.comments, parsed.rejects.num_rows) == (["ann"], 2, 0)


def test_a_mark_in_the_middle_is_no_mark() -> None:
    assert parse(b"\xef\xbb\xbf{" + TIME.encode() + b"}\n", first_line=2).rejects.num_rows == 1


def test_an_oversized_line_is_a_reject() -> None:
    data = f'{{{TIME},"who":"cut\n{{{TIME},"who":"ann"}}\n'.encode()
    piece = Piece(data=data, first_line=5, lines=2, oversized_lines=(5,))
    parsed = MINE.parse(piece).check(piece)
    assert parsed.rejects.to_pylist() == [{"line": 5, "reason": "longer than a line may be"}]
    assert principals(parsed) == ["ann"]


def test_times_without_an_offset_need_a_zone() -> None:
    line = b'{"t":"2025-11-24 10:02:03","who":"ann"}\n'
    with pytest.raises(WhosawError) as caught:
        parse(line)
    assert caught.value.code == "time.no-zone"
    mixed = parse(line + b'{"t":"2025-11-24T01:02:03Z"}\n')
    assert reasons(mixed) == ["the time has no offset, and no zone was given"]
    assert reasons(parse(line, first_line=2)) == reasons(mixed)
    event = parse(line, built("Asia/Seoul")).events.to_pylist()[0]
    assert (event["time"], event.get("offset")) == (datetime(2025, 11, 24, 1, 2, 3, tzinfo=UTC), None)
    own = parse(line, build_parser(item(zone="UTC"), None, None)).events.to_pylist()[0]
    assert (own["time"].hour, own["offset"]) == (10, 0)


def test_an_hour_that_comes_twice_goes_on_into_the_next_chunk() -> None:
    parser = built("America/New_York")
    first = parse(b'{"t":"2025-11-02 01:50:00"}\n', parser)
    second = parse(b'{"t":"2025-11-02 01:10:00"}\n', parser, first_line=2, state=first.state)
    whole = parse(b'{"t":"2025-11-02 01:50:00"}\n{"t":"2025-11-02 01:10:00"}\n', parser)
    split = first.events["time"].to_pylist() + second.events["time"].to_pylist()
    assert split == whole.events["time"].to_pylist()
    assert split[1] > split[0]


def test_a_document_gives_one_event_for_each_record() -> None:
    text = json.dumps({"Records": [json.loads(record(n)) for n in range(3)]}, indent=1)
    parsed = parse(text.encode(), TRAIL)
    assert parsed.records == 3
    assert parsed.events["line"].to_pylist() == [1, 2, 3]
    assert [json.loads(each.text)["eventID"] for each in records_of(text.encode())] == ["0", "1", "2"]


def test_documents_one_after_the_other_are_all_read() -> None:
    one, two, three = record(1), record(2), record(3)
    text = f'{{"Records":[{one},{two}]}}{{"Records":[]}}\n{{"Records":[{three}]}}'
    parsed = parse(text.encode(), TRAIL)
    assert (parsed.records, parsed.events["request_id"].to_pylist()) == (3, ["1", "2", "3"])


def test_a_document_that_breaks_off_keeps_the_records_before_the_break() -> None:
    parsed = parse(f'{{"Records":[{record(1)},{record(2)},{{"eventTi'.encode(), TRAIL)
    assert (parsed.records, parsed.events.num_rows) == (3, 2)
    assert parsed.rejects.to_pylist() == [{"line": 3, "reason": "a record is not JSON or breaks off"}]


def test_a_record_that_is_no_json_takes_no_other_with_it() -> None:
    text = f'{{"Records":[{record(1)},{{"eventTime": oh no}},{record(3)}]}}'
    parsed = parse(text.encode(), TRAIL)
    assert (parsed.records, parsed.events["line"].to_pylist()) == (3, [1, 3])
    assert parsed.rejects.to_pylist() == [{"line": 2, "reason": "not JSON"}]


def test_a_parser_travels_to_another_process() -> None:
    again: Parser = pickle.loads(pickle.dumps(MINE))
    assert principals(parse(f'{{{TIME},"who":"ann"}}\n'.encode(), again)) == ["ann"]


def test_all_faults_of_an_item_come_at_once() -> None:
    table = {
        "columns": {"tyme": "t", "object": "a..b"},
        "ok": [{"path": "x"}],
        "duration_unit": "h",
        "colour": 1,
    }
    with pytest.raises(FaultsError) as caught:
        build_parser(FormatItem(id="mine", title="-", kind="json", source="-", table=table), None, None)
    told = str(caught.value)
    for word in ("tyme", "a..b", "equals", "duration_unit", "colour", "time"):
        assert word in told


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ("a[0].b", ("a", 0, "b")),
        ('"id.orig_h"', ("id.orig_h",)),
        ('a."x.y"[12]', ("a", "x.y", 12)),
        ("User-Agent[0]", ("User-Agent", 0)),
    ],
)
def test_paths(text: str, steps: tuple[str | int, ...]) -> None:
    assert parse_path(text) == steps


@pytest.mark.parametrize("text", ["", ".a", "a.", "a..b", "[0]", "a[x]", "a[0", 'a."b', "a b]"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_path(text)


JSON_ITEMS = [one for one in load_formats([shipped_formats()]).values() if one.kind == "json"]


@pytest.mark.parametrize("place", range(0, len(JSON_ITEMS), 1 if WIDE else 9))
def test_lines_of_another_format_are_refused_alike_with_and_without_a_look_ahead(
    place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = build_parser(JSON_ITEMS[place], parse_zone("UTC"), None)
    others = [JSON_ITEMS[(place + step) % len(JSON_ITEMS)].cases[0].text for step in (1, 4)]
    texts = [*others, '{"a":1}\nplain\n', f"{{{TIME}}}\n", '{"kind":"\\u0045vent"}\n']
    quick = [parse(text.encode(), parser) for text in texts]
    monkeypatch.setattr(json_lines, "_may_hold", lambda data, path, escapes: True)
    for text, parsed in zip(texts, quick, strict=True):
        whole = parse(text.encode(), parser)
        assert parsed.rejects.equals(whole.rejects)
        assert parsed.events.to_pylist() == whole.events.to_pylist()


def test_a_name_spelled_with_escapes_is_the_name() -> None:
    assert principals(parse(b'{"\\u0074":"2025-11-24T01:02:03Z","who":"ann"}\n')) == ["ann"]


SCALARS = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=12)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abwho"), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=12), st.booleans())
def test_any_bytes_obey_the_line_equation(pieces: list[bytes], document: bool) -> None:
    head = b'{"Records":[' if document else b""
    data = head + b"\n".join(pieces)
    for parser in (MINE, TRAIL):
        parse(data, parser)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=8))
def test_texts_come_back_as_they_were(names: list[str]) -> None:
    lines = [
        json.dumps({"t": "2025-11-24T01:02:03Z", "who": name}, ensure_ascii=bool(n % 2))
        for n, name in enumerate(names)
    ]
    wanted = [None if name in ("", "-") else name for name in names]
    found = parse("\n".join(lines).encode("utf-8", "surrogatepass"))
    got = principals(found) or [None] * len(names)
    assert got == wanted


@settings(max_examples=examples(60), deadline=None)
@given(TREES)
def test_both_ways_find_the_same_values(tree: object) -> None:
    rules = built(
        columns={"time": "t", "principal": "x.who", "object": "x.a[1]", "action": "x", "agent": "x.b.who"}
    )
    line = json.dumps({"t": "2025-11-24T01:02:03Z", "x": tree})
    fast = parse(line.encode(), rules).events.to_pylist()[0]
    slow = read_values(line, [parse_path(path) for path in ("x.who", "x.a[1]", "x.b.who")])
    assert isinstance(slow, list)
    for name, value in zip(("principal", "object", "agent"), slow, strict=True):
        is_tree = isinstance(value, str) and value[:1] in ("{", "[")
        if not is_tree:
            assert fast.get(name) == (None if value in ("", "-") else value)


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=4), st.text(max_size=6), max_size=3), max_size=5))
def test_records_stand_where_they_are_said_to(records: list[dict[str, str]]) -> None:
    first = '{"Records":' + json.dumps(records) + ',"more":{}}'
    behind = json.dumps({"version": 1, "Records": records, "rest": [1]}, ensure_ascii=False)
    for text in (first, behind):
        assert [json.loads(each.text) for each in records_of(text.encode())] == records
