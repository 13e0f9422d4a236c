"""Delimited logs: changing headers, records over lines and chunk borders, and what holds for any bytes."""

import csv
import io
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.errors import FaultsError, WhosawError
from whosaw.core.instants import parse_zone
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Parsed, Parser, Piece
from whosaw.ingest.structured.delimited import unfinished_lines
from whosaw.ingest.structured.parser import item_from_text
from whosaw.ingest.structured.quoting import MAX_RECORD_LINES, still_open

ITEMS = load_formats([shipped_formats()])
CSV, TSV, W3C, ZEEK, PG = (
    build_parser(ITEMS[name], parse_zone("UTC"), None)
    for name in ("csv", "tsv", "w3c", "zeek-http-tsv", "postgresql-csvlog")
)
HEADER = b"time,user,statement\n"
NEVER_CLOSED = "a quoted field that is never closed"


def parse(data: bytes, parser: Parser = CSV, *, first_line: int = 1, state: str | None = None) -> Parsed:
    piece = Piece(data=data, first_line=first_line, lines=count_lines(data))
    return parser.parse(piece, state).check(piece)


def in_chunks(
    chunks: list[bytes], parser: Parser
) -> tuple[list[dict[str, object]], list[dict[str, object]], tuple[int, int, int]]:
    """Events, rejects and (comments, continued, unfinished) of all chunks together."""
    events, rejects, comments, continued, line, state = [], [], 0, 0, 1, None
    for data in chunks:
        parsed = parse(data, parser, first_line=line, state=state)
        events += [
            {name: value for name, value in event.items() if value is not None}
            for event in parsed.events.to_pylist()
        ]
        rejects += parsed.rejects.to_pylist()
        comments, continued = comments + parsed.comments, continued + parsed.continued
        line, state = line + count_lines(data), parsed.state
    return events, rejects, (comments, continued, unfinished_lines(state))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    lines = (
        data.splitlines(keepends=True)
        if b"\r" not in data
        else [one + b"\n" for one in data.split(b"\n")[:-1]]
    )
    borders = sorted({place % (len(lines) + 1) for place in places} | {0, len(lines)})
    return [b"".join(lines[a:b]) for a, b in pairwise(borders)]


def test_a_record_cut_by_a_chunk_border_is_one_event_on_its_last_line() -> None:
    chunks = [
        HEADER + b'2025-11-24T01:02:03Z,ann,"select\n',
        b"from\n",
        b'members"\n2025-11-24T01:02:04Z,bob,x\n',
    ]
    events, rejects, counts = in_chunks(chunks, CSV)
    assert [(event["line"], event["statement"]) for event in events] == [
        (4, "select\nfrom\nmembers"),
        (5, "x"),
    ]
    assert (rejects, counts) == ([], (1, 2, 0))


def test_a_content_that_ends_inside_a_record_says_so() -> None:
    parsed = parse(HEADER + b'2025-11-24T01:02:03Z,ann,"select\nfrom\n')
    assert (parsed.events.num_rows, parsed.continued, unfinished_lines(parsed.state)) == (0, 2, 2)


def test_a_quote_that_is_never_closed_does_not_swallow_the_file() -> None:
    good = b"2025-11-24T01:02:03Z,bob,x\n"
    data = HEADER + b'2025-11-24T01:02:03Z,ann,"open\n' + good * 2_000
    events, rejects, counts = in_chunks([data], CSV)
    assert rejects == [{"line": 2, "reason": NEVER_CLOSED}]
    assert (len(events), counts) == (2_000, (1, 0, 0))
    assert in_chunks(cut(data, [7, 500, 1001, 1020]), CSV) == (events, rejects, counts)


def test_what_a_field_swallowed_is_read_again_as_lines() -> None:
    """Nothing between is a whole record of its own, so that only the most lines of one end it."""
    part, good = b"no record\n", b"2025-11-24T01:02:03Z,bob,x\n"
    data = HEADER + b'2025-11-24T01:02:03Z,ann,"open\n' + part * (MAX_RECORD_LINES + 9) + good
    events, rejects, counts = in_chunks([data], CSV)
    assert rejects[0] == {"line": 2, "reason": NEVER_CLOSED}
    assert {each["reason"] for each in rejects[1:]} == {"1 fields where the header has 3"}
    assert (len(rejects), len(events), counts) == (MAX_RECORD_LINES + 10, 1, (1, 0, 0))


def test_who_opens_a_field_and_closes_it_later_hides_nothing_between() -> None:
    """Joined, the lines would be one record of the right number of fields."""
    opens, closes = b'2025-11-24T01:02:03Z,eve,"x\n', b'2025-11-24T01:02:09Z,eve,x"\n'
    between = b"2025-11-24T01:02:04Z,bob,x\n" * 5
    events, rejects, counts = in_chunks([HEADER + opens + between + closes], CSV)
    assert [event["line"] for event in events] == [3, 4, 5, 6, 7, 8]
    assert (rejects, counts) == ([{"line": 2, "reason": NEVER_CLOSED}], (1, 0, 0))


def test_a_field_that_is_open_at_the_end_of_a_chunk_costs_one_line_of_the_next() -> None:
    opens, good = b'2025-11-24T01:02:03Z,ann,"open\n', b"2025-11-24T01:02:04Z,bob,x\n"
    events, rejects, counts = in_chunks([HEADER + opens, good * 3], CSV)
    assert ([event["line"] for event in events], counts) == ([4, 5], (1, 1, 0))
    assert rejects == [{"line": 3, "reason": NEVER_CLOSED}]


def test_lines_inside_a_quoted_field_that_are_no_records_stay_in_it() -> None:
    text = b'2025-11-24T01:02:03Z,ann,"select a, b,\n c from t where x = ""7"",\n2 and y"\n'
    events, rejects, counts = in_chunks([HEADER + text + b"2025-11-24T01:02:04Z,bob,x\n"], CSV)
    assert [event["line"] for event in events] == [4, 5]
    assert (rejects, counts) == ([], (1, 2, 0))


def test_a_quote_inside_a_field_opens_nothing() -> None:
    events, rejects, _ = in_chunks(
        [HEADER + b'2025-11-24T01:02:03Z,ann,5" disk\n2025-11-24T01:02:03Z,bob,x\n'], CSV
    )
    assert ([event["statement"] for event in events], rejects) == (['5" disk', "x"], [])


def test_ragged_rows_are_rejects_and_blank_lines_comments() -> None:
    at = b"2025-11-24T01:02:03Z"
    parsed = parse(HEADER + b'\n%b,ann\n%b,"ann",x,y\r\n\r\n%b,"ann",x\r\n' % (at, at, at))
    assert parsed.rejects.to_pylist() == [
        {"line": 3, "reason": "2 fields where the header has 3"},
        {"line": 4, "reason": "4 fields where the header has 3"},
    ]
    assert (parsed.comments, parsed.events["line"].to_pylist()) == (3, [6])


def test_a_bare_carriage_return_is_no_line_end() -> None:
    parsed = parse(b"time\tuser\n2025-11-24T01:02:03Z\ta\rb\n2025-11-24T01:02:03Z\tbob\n", TSV)
    assert parsed.events["principal"].to_pylist() == ["a\rb", "bob"]


@pytest.mark.parametrize(
    "odd",
    [b"2025-11-24T01:02:03Z,a\rb,x\n", b'2025-11-24T01:02:03Z,a"b,"c\n', b'2025-11-24T01:02:03Z,"a"b,x\n'],
)
@pytest.mark.parametrize(
    "other",
    [b"2025-11-24T01:02:03Z,bob,x\n", b'2025-11-24T01:02:03Z,"bob",x\n', b'2025-11-24T01:02:03Z,a"c,"d\n'],
)
def test_what_becomes_of_a_line_does_not_depend_on_its_neighbours(odd: bytes, other: bytes) -> None:
    quoted = b'2025-11-24T01:02:03Z,"bob",x\n'
    for lines in ([odd, other], [other, odd], [odd, other, odd], [odd, other, quoted]):
        assert in_chunks([HEADER, *lines], CSV) == in_chunks([HEADER + b"".join(lines)], CSV)


def test_bytes_that_are_not_utf8_nul_bytes_and_a_long_line() -> None:
    long = b"x" * 10_000_000
    parsed = parse(
        b"\xef\xbb\xbftime\tuser\n1763946123\tcaf\xe9\n1763946123\ta\0b\n1763946123\t" + long + b"\n", TSV
    )
    assert [len(who) for who in parsed.events["principal"].to_pylist()] == [7, 3, 10_000_000]
    assert parsed.events["principal"][0].as_py() == "caf\\xe9"


def test_an_oversized_line_is_a_reject_once() -> None:
    data = HEADER + b'2025-11-24T01:02:03Z,ann,"cut\n2025-11-24T01:02:03Z,bob,x\n'
    for oversized in ((3,), (2, 3)):
        piece = Piece(data=data, lines=3, oversized_lines=oversized)
        CSV.parse(piece).check(piece)
    piece = Piece(data=b"time\tuser\n1763946123\tcut\n1763946123\tbob\n", lines=3, oversized_lines=(2,))
    parsed = TSV.parse(piece).check(piece)
    assert parsed.rejects.to_pylist() == [{"line": 2, "reason": "longer than a line may be"}]


def test_the_header_of_the_last_chunk_holds_in_the_next_until_it_changes() -> None:
    chunks = [
        b"#Fields: date time c-ip sc-status\n",
        b"2025-11-24 01:02:03 192.0.2.1 200\n#Fields: date time sc-status c-ip\n",
        b"2025-11-24 01:02:04 404 192.0.2.2\n",
    ]
    events, rejects, counts = in_chunks(chunks, W3C)
    assert [(event["address"], event["status"], event["ok"]) for event in events] == [
        ("192.0.2.1", 200, True),
        ("192.0.2.2", 404, False),
    ]
    assert (rejects, counts) == ([], (2, 0, 0))


def test_a_new_zeek_log_forgets_the_old_path() -> None:
    start, names, row = b"#separator \\x09\n", b"#fields\tts\tid.orig_h\n", b"1.0\t192.0.2.1\n"
    data = start + b"#path\thttp\n" + names + row + start + names + row
    parsed = parse(data, ZEEK)
    assert (parsed.events["line"].to_pylist(), parsed.rejects["line"].to_pylist()) == ([4], [7])


def test_zeek_escapes_are_taken_back() -> None:
    data = b"#path\thttp\n#fields\tts\tuser_agent\n1.0\ta\\x22b\\xc3\\xa9\n2.0\tplain\n"
    assert parse(data, ZEEK).events["agent"].to_pylist() == ['a"b\u00e9', "plain"]


def test_a_payload_of_pgaudit_that_breaks_off_leaves_the_others_whole() -> None:
    row = (
        '2025-11-24 01:02:03 UTC,"app","shop",1,"192.0.2.5:1",s.1,%d,"SELECT",2025-11-24 01:00:00 UTC,,0,LOG,'
        '00000,"AUDIT: SESSION,1,1,READ,SELECT,TABLE,%s",,,,,,,,,"psql"\n'
    )
    whole = 'public.members,""select \'a, """"b""""\'"",<none>,3'
    data = (row % (1, whole) + row % (2, 'public.members,""select') + row % (3, whole)).encode()
    events, rejects, _ = in_chunks([data], PG)
    assert [event.get("rows") for event in events] == [3, None, 3]
    assert events[0]["statement"] == "select 'a, \"b\"'"
    assert events[1]["action"] == "SELECT"
    assert rejects == []


def test_users_name_their_own_columns() -> None:
    mine = build_parser(
        item_from_text("csv:time=When Seen,principal=Who,field.unit=Ward", ITEMS), parse_zone("+09:00"), None
    )
    event = parse(b"Who,When Seen,Ward,IP\nann,2025-11-24 10:02:03,3A,192.0.2.1\n", mine).events.to_pylist()[
        0
    ]
    assert event["time"] == datetime(2025, 11, 24, 1, 2, 3, tzinfo=UTC)
    assert (event["principal"], event["address"], event["fields"]) == ("ann", "192.0.2.1", '{"unit":"3A"}')


def test_users_name_paths_in_json() -> None:
    mine = build_parser(
        item_from_text("json:time=at,principal=user.id,address=client.ip,status=code", ITEMS), None, None
    )
    event = parse(
        b'{"at":1763946123,"user":{"id":"u-1"},"client":{"ip":"2001:DB8::1"},"code":200}\n', mine
    ).events.to_pylist()[0]
    assert (event["principal"], event["address"], event["status"], event["ok"]) == (
        "u-1",
        "2001:db8::1",
        200,
        True,
    )
    assert parse(b'{"at":1763946123,"code":"fine"}\n', mine).rejects["reason"].to_pylist() == [
        "status is not a number"
    ]


def test_faults_in_what_the_user_wrote_come_at_once() -> None:
    with pytest.raises(FaultsError) as caught:
        item_from_text("json:tyme=ts,principal,object=a..b", ITEMS)
    assert len(caught.value.faults) == 3
    with pytest.raises(WhosawError, match="not json"):
        item_from_text("xml:time=ts", ITEMS)
    with pytest.raises(WhosawError, match="names no column"):
        item_from_text("json: ", ITEMS)


@pytest.mark.parametrize(
    ("line", "inside", "after"),
    [
        (b'a,"b\n', False, True),
        (b'a,"b""\n', False, True),
        (b'a,"b"",c"\n', False, False),
        (b'a,5" x\n', False, False),
        (b'end",b\n', True, False),
        (b'more ""quoted"" text\n', True, True),
        (b'end","again\n', True, True),
    ],
)
def test_whether_a_quoted_field_is_open(line: bytes, inside: bool, after: bool) -> None:
    assert still_open(line, b",", inside=inside) is after


FIELDS = st.text(alphabet='ab ,"\n\t-é', max_size=8)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=12), st.lists(st.integers(0, 60), max_size=6))
def test_what_a_csv_writer_writes_comes_back_in_any_chunks(
    rows: list[tuple[str, str]], places: list[int]
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["time", "user", "statement"])
    for user, statement in rows:
        writer.writerow(["2025-11-24T01:02:03Z", user, statement])
    data = out.getvalue().encode()
    events, rejects, counts = in_chunks(cut(data, places), CSV)
    wanted = [tuple(None if text in ("", "-") else text for text in row) for row in rows]
    assert [(event.get("principal"), event.get("statement")) for event in events] == wanted
    assert (rejects, counts[0], counts[2]) == ([], 1, 0)
    assert len(events) + counts[0] + counts[1] == count_lines(data)


PIECES = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [
            b'"',
            b'",',
            b"\r",
            b"#Fields: a b\n",
            b"#path\thttp\n",
            b"\n",
            b'a,"b\n',
            b"x\ty\n",
            b"2025-11-24 01:02:03 1\n",
        ]
    ),
)


@settings(max_examples=examples(100), deadline=None)
@given(
    st.lists(PIECES, max_size=15),
    st.lists(st.integers(0, 40), max_size=4),
    st.sampled_from([CSV, TSV, W3C, ZEEK, PG]),
)
@example([b"\r", b'"', b"\n", b"\x00"], [1], CSV)
def test_any_bytes_in_any_chunks_give_the_same_counts(
    pieces: list[bytes], places: list[int], parser: Parser
) -> None:
    data = b"".join(pieces).replace(b"\r\n", b"\n") + b"\n"
    assert in_chunks([data], parser) == in_chunks(cut(data, places), parser)


@pytest.mark.parametrize(
    "head",
    [
        "\uc77c\uc2dc,\uc791\uc5c5\uc790,Gr\u00f6\u00dfe",
        "\u110b\u1175\u11af\u1109\u1175,\uc791\uc5c5\uc790,GRO\u0308SSE".replace("SSE", "\u00dfE"),
    ],
)
def test_columns_have_names_in_any_script(head: str) -> None:
    """The second is the same in pieces, as some systems write it (Unicode NFD), and in other case."""
    item = item_from_text(
        "csv:time=\uc77c\uc2dc,principal=\uc791\uc5c5\uc790,object=gr\u00f6\u00dfe",
        load_formats([shipped_formats()]),
    )
    parsed = parse(
        f"{head}\n2025-11-24T01:02:03Z,\uae40\ubbfc\uc544,7\n".encode(), build_parser(item, None, None)
    )
    assert parsed.events.select(["principal", "object"]).to_pylist() == [
        {"principal": "\uae40\ubbfc\uc544", "object": "7"}
    ]
