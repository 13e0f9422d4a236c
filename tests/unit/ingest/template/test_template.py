"""Template formats on hard input: nothing is lost, and what is read is what was written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from whosaw.core.errors import FaultsError, WhosawError
from whosaw.core.instants import parse_zone
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_item import FormatItem, load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Parsed, Piece

ITEMS = load_formats([shipped_formats()])
HEAD = b"192.0.2.7 - - [24/Nov/2025:10:00:00 +0000] "
GOOD = HEAD + b'"GET /a HTTP/1.1" 200 1 "-" "x"'


def parse(data: bytes, format_id: str = "combined", zone: str | None = None, **piece: Any) -> Parsed:
    parser = build_parser(ITEMS[format_id], parse_zone(zone) if zone else None, 2025)
    chunk = Piece(data=data, lines=count_lines(data), **piece)
    return parser.parse(chunk).check(chunk)


def column(parsed: Parsed, name: str) -> list[Any]:
    values: list[Any] = parsed.events[name].to_pylist()
    return values


def test_an_empty_chunk_gives_nothing() -> None:
    parsed = parse(b"")
    assert (parsed.events.num_rows, parsed.rejects.num_rows, parsed.comments) == (0, 0, 0)


def test_line_numbers_go_on_from_the_first_line_of_the_chunk() -> None:
    parsed = parse(GOOD + b"\nbad\n" + GOOD + b"\n", first_line=41)
    assert column(parsed, "line") == [41, 43]
    assert parsed.rejects["line"].to_pylist() == [42]


def test_crlf_belongs_to_the_line_end() -> None:
    parsed = parse(GOOD + b"\r\n\r\n" + GOOD[:-3] + b'"a\\"b"\r\n')
    assert column(parsed, "agent") == ["x", 'a"b']
    assert parsed.comments == 1


def test_a_bare_carriage_return_does_not_end_a_line() -> None:
    parsed = parse(HEAD + b'"GET /a\rb HTTP/1.1" 200 1 "-" "x"\n' + GOOD + b"\n")
    assert column(parsed, "line") == [1, 2]
    assert column(parsed, "path") == ["/a\rb", "/a"]


def test_a_line_without_an_end_is_a_line() -> None:
    assert column(parse(GOOD), "line") == [1]


def test_nul_bytes_are_shown_and_lose_nothing() -> None:
    parsed = parse(HEAD + b'"GET /a\0b HTTP/1.1" 200 1 "-" "x"\n' + b"\0" * 9 + b"\n" + GOOD + b"\n")
    assert column(parsed, "path") == ["/a\\x00b", "/a"]
    assert parsed.rejects["line"].to_pylist() == [2]


def test_bytes_that_are_not_utf8_are_shown_and_the_line_is_an_event() -> None:
    parsed = parse(
        HEAD
        + b'"GET /caf\xe9 HTTP/1.1" 200 1 "-" "\xff"\n'
        + HEAD
        + '"GET /café HTTP/1.1" 200 1 "-" "é"\n'.encode()
    )
    assert column(parsed, "path") == ["/caf\\xe9", "/café"]
    assert column(parsed, "agent") == ["\\xff", "é"]


def test_a_line_of_ten_megabytes_is_an_event_among_others() -> None:
    long = b"a" * 10_000_000
    parsed = parse(
        GOOD + b"\n" + HEAD + b'"GET /' + long + b' HTTP/1.1" 200 1 "-" "x"\n' + long + b"\n" + GOOD + b"\n"
    )
    assert column(parsed, "line") == [1, 2, 4]
    assert len(column(parsed, "path")[1]) == 10_000_001


def test_an_oversized_line_is_a_reject_even_if_its_beginning_looks_good() -> None:
    parsed = parse(GOOD + b"\n" + GOOD + b"\n", first_line=5, oversized_lines=(6,))
    assert column(parsed, "line") == [5]
    assert parsed.rejects.to_pylist() == [{"line": 6, "reason": "the line is too long"}]


def test_an_open_quote_swallows_no_further_line() -> None:
    cut = HEAD + b'"GET /a HTTP/1.1" 200 1 "-" "Mozil'
    parsed = parse(b"\n".join([GOOD, cut, GOOD, cut, cut, GOOD]) + b"\n")
    assert column(parsed, "line") == [1, 3, 6]
    assert set(parsed.rejects["reason"].to_pylist()) == {"a quoted field is not closed"}


@pytest.mark.parametrize(
    ("written", "agent"),
    [
        (rb"a \x22b\x22", 'a "b"'),
        (rb"a \"b c\"", 'a "b c"'),
        (rb"a\"b", 'a"b'),
        (rb"ends in \\", "ends in \\"),
        (rb"\\\"", '\\"'),
        (rb"tab\there", "tab\there"),
        (rb"\xe2\x82\xac \xff", "€ \\xff"),
        (rb"nul \x00", "nul \\x00"),
    ],
)
def test_escapes_of_both_servers_are_taken_back(written: bytes, agent: str) -> None:
    parsed = parse(GOOD + b"\n" + HEAD + b'"GET /a HTTP/1.1" 200 1 "-" "' + written + b'"\n')
    assert column(parsed, "agent") == ["x", agent]


def test_a_quote_without_escape_is_kept_only_where_it_is_clear() -> None:
    clear = HEAD + b'"GET /a?x=("b") HTTP/1.1" 200 1 "-" "x"'
    unclear = HEAD + b'"GET /a HTTP/1.1" 200 1 "-" "x" y "z"'
    parsed = parse(clear + b"\n" + unclear + b"\n")
    assert column(parsed, "query") == ['x=("b")']
    assert parsed.rejects["line"].to_pylist() == [2]


def test_text_glued_to_a_closing_quote_is_a_reject() -> None:
    parsed = parse(HEAD + b'"GET /a HTTP/1.1" 200 1 "-" "x"y\n')
    assert parsed.events.num_rows == 0


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (b'"GET / HTTP/1.1" 200 99999999999999999999', "the bytes is not a number"),
        (b'"GET / HTTP/1.1" 20000 1', "it does not fit the format combined"),
        (b'"GET / HTTP/1.1" two 1', "it does not fit the format combined"),
        (b'"GET / HTTP/1.1" 200 -5', "it does not fit the format combined"),
    ],
)
def test_numbers_that_are_none_are_rejects_with_a_reason(field: bytes, reason: str) -> None:
    parsed = parse(GOOD + b"\n" + HEAD + field + b' "-" "x"\n' + GOOD + b"\n")
    assert parsed.rejects.to_pylist() == [{"line": 2, "reason": reason}]
    assert column(parsed, "status") == [200, 200]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%Eth0", "fe80::1%Eth0"),
        ("::FFFF:192.0.2.7", "::ffff:192.0.2.7"),
        ("client.example.org", "client.example.org"),
        ("unix:", "unix:"),
    ],
)
def test_addresses_have_one_spelling(written: str, address: str) -> None:
    assert column(parse(GOOD.replace(b"192.0.2.7", written.encode())), "address") == [address]


def test_a_reason_never_quotes_the_line() -> None:
    parsed = parse(
        b'secret@example.org 192.0.2.99 "\n' + GOOD.replace(b"24/Nov", b"99/Nov") + b"\n", "combined"
    )
    assert all(
        "secret" not in reason and "192.0.2" not in reason for reason in parsed.rejects["reason"].to_pylist()
    )


def test_the_fast_and_the_slow_path_keep_line_order() -> None:
    slow = HEAD + b'"GET /slow HTTP/1.1" 200 1 "-" "a\\"b"'
    data = b"\n".join([GOOD, slow] * 50) + b"\n"
    parsed = parse(data)
    assert column(parsed, "line") == list(range(1, 101))
    assert column(parsed, "path") == ["/a", "/slow"] * 50
    assert parsed.events["agent"].num_chunks == 1


def test_tails_of_different_lengths_are_read_in_one_chunk() -> None:
    lines = (
        [GOOD + b" sub=%d" % n for n in range(100)]
        + [GOOD + b" sub=%d kid=k" % n for n in range(100)]
        + [GOOD]
    )
    parsed = parse(b"\n".join(lines) + b"\n", "combined-kv")
    assert column(parsed, "principal") == [str(n) for n in range(100)] * 2 + [None]
    assert column(parsed, "key") == [None] * 100 + ["k"] * 100 + [None]


def test_keys_in_mixed_order_are_read() -> None:
    lines = [GOOD + (b" sub=%d kid=k" if n % 2 else b" kid=k sub=%d") % n for n in range(20)]
    parsed = parse(b"\n".join(lines) + b"\n", "combined-kv")
    assert column(parsed, "principal") == [str(n) for n in range(20)]


def test_a_zone_must_be_given_where_times_have_none() -> None:
    line = (
        b"192.0.2.7:1 [24/Nov/2025:10:00:00.127] in api/web1 0/0/0/3/3 200 7 - - ---- 5/4/3/2/0 0/0 "
        b'"GET /a HTTP/1.1"\n'
    )
    with pytest.raises(WhosawError) as caught:
        parse(line, "haproxy-http")
    assert (caught.value.code, "haproxy-http" in str(caught.value), "--tz" in str(caught.value)) == (
        "time.no-zone",
        True,
        True,
    )
    with pytest.raises(WhosawError, match="no offset"):
        parse(b"Nov 24 10:00:00 web1 sshd[1]: x\n", "sshd")
    assert column(parse(line, "haproxy-http", "+09:00"), "time") == [
        datetime(2025, 11, 24, 1, 0, 0, 127000, tzinfo=UTC)
    ]


def test_one_time_without_a_zone_among_others_is_a_reject() -> None:
    data = b"2025-11-24 10:00:00 UTC [1] LOG:  a\n2025-11-24 10:00:00 KST [1] LOG:  b\n"
    parsed = parse(data, "pgaudit-stderr")
    assert parsed.rejects.to_pylist() == [
        {"line": 2, "reason": "the time has no offset, and no zone was given"}
    ]


def test_what_a_format_says_of_its_zone_beats_the_zone_given() -> None:
    line = (
        b'web 192.0.2.7:2817 198.51.100.1:80 0.1 0.2 0.3 200 200 0 29 "GET http://h:80/a HTTP/1.1" "-" - -\n'
    )
    parsed = parse(b"2025-11-24T10:00:00.9 " + line, "elb-classic", "Asia/Seoul")
    assert column(parsed, "time") == [datetime(2025, 11, 24, 10, 0, 0, 900000, tzinfo=UTC)]


def test_a_continued_record_shares_the_fate_of_its_first_line() -> None:
    data = b"\tloose\n2025-11-24 10:00:00 UTC [1] LOG:  a\n\tb\n\tc\nnonsense\n\td\n"
    parsed = parse(data, "pgaudit-stderr")
    assert (parsed.continued, column(parsed, "line")) == (2, [2])
    assert parsed.rejects["line"].to_pylist() == [1, 5, 6]


def test_syslog_without_a_year_over_new_year() -> None:
    data = b"".join(
        b"%s 10:00:00 web1 sshd[1]: x\n" % day for day in (b"Dec 30", b"Dec 31", b"Jan  1", b"Jan  2")
    )
    for hint in (2026, datetime(2026, 1, 2, 11, tzinfo=UTC)):
        chunk = Piece(data=data, lines=4)
        times = build_parser(ITEMS["syslog"], UTC, hint).parse(chunk).events["time"].to_pylist()
        assert [(time.year, time.month) for time in times] == [(2025, 12), (2025, 12), (2026, 1), (2026, 1)]


def test_a_header_without_a_time_is_a_reject_and_a_bare_return_is_not() -> None:
    data = b"<34>1 - web1 su - - - x\n<34>1 2025-11-24T10:00:00Z web1 su - - - a\rb\n"
    data += b"Foo  9 10:00:00 web1 su: x\n"
    parsed = parse(data, "syslog", "UTC")
    assert column(parsed, "fields") == ['{"message":"a\\rb","program":"su"}']
    assert parsed.rejects["reason"].to_pylist() == ["the time cannot be read"] * 2


def test_all_faults_of_an_item_are_told_at_once() -> None:
    table = {
        "template": ["{address} {tiem:clf}", "no slot", "{time:clf} {time:iso}"],
        "zone": "UTC",
        "colour": 1,
    }
    item = FormatItem(id="own", title="t", kind="template", source="s", table=table)
    with pytest.raises(FaultsError) as caught:
        build_parser(item, None, None)
    text = str(caught.value)
    for part in ("{tiem}", "holds no value", "exactly one time", "zone_source", "colour"):
        assert part in text
