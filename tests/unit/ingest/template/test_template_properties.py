"""Properties of template parsers: any bytes keep the line equation, and what was rendered comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.instants import from_micros
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Piece
from whosaw.ingest.template.syslog_wrapper import SyslogWrapped

ITEMS = {id_: item for id_, item in load_formats([shipped_formats()]).items() if item.kind == "template"}
LINES = [line.encode() for item in ITEMS.values() for case in item.cases for line in case.text.splitlines()]
NOISE = st.one_of(
    st.sampled_from(LINES),
    st.binary(max_size=60),
    st.text(alphabet='" \\-[]/:=x0\t\r', max_size=30).map(str.encode),
    st.tuples(st.sampled_from(LINES), st.integers(0, 400)).map(lambda cut: cut[0][: cut[1]]),
    st.tuples(
        st.sampled_from(LINES),
        st.integers(0, 400),
        st.sampled_from([b'"', b"\\", b"\0", b"\xff", b" ", b"\r", b""]),
    ).map(lambda edit: edit[0][: edit[1]] + edit[2] + edit[0][edit[1] + 1 :]),
)


@pytest.mark.parametrize("format_id", ITEMS)
@given(st.lists(NOISE, max_size=12), st.sampled_from([b"\n", b"\r\n"]), st.booleans(), st.integers(1, 9))
@settings(max_examples=examples(20), deadline=None)
def test_any_bytes_keep_the_line_equation(
    format_id: str, lines: list[bytes], end: bytes, closed: bool, first: int
) -> None:
    data = end.join(lines) + (end if closed else b"")
    chunk = Piece(data=data, lines=count_lines(data), first_line=first)
    parser = build_parser(ITEMS[format_id], UTC, 2025)
    whole = parser.parse(chunk).check(chunk)
    wrapped = SyslogWrapped(parser, "syslog:x")
    wrapped.parse(chunk).check(chunk)
    assert whole.events.equals(parser.parse(chunk).events)


@given(st.lists(NOISE, max_size=12), st.integers(0, 12))
@settings(max_examples=examples(20), deadline=None)
def test_splitting_between_lines_changes_nothing(lines: list[bytes], at: int) -> None:
    lines = [line.replace(b"\n", b"") for line in lines]
    parser = build_parser(ITEMS["combined-kv"], None, None)

    def rows(part: list[bytes], first: int) -> list[object]:
        data = b"".join(line + b"\n" for line in part)
        parsed = parser.parse(Piece(data=data, lines=len(part), first_line=first))
        events = [
            {name: value for name, value in row.items() if value is not None}
            for row in parsed.events.to_pylist()
        ]
        return [*events, *parsed.rejects.to_pylist()]

    together = rows(lines, 1)
    apart = rows(lines[:at], 1) + rows(lines[at:], 1 + len(lines[:at]))
    key = lambda row: (row["line"], str(sorted(row.items(), key=str)))  # noqa: E731
    assert sorted(together, key=key) == sorted(apart, key=key)


def nginx(text: str) -> str:
    return "".join(
        c if " " <= c < "\x7f" and c not in '"\\' else "".join(f"\\x{b:02X}" for b in c.encode())
        for c in text
    )


def apache(text: str) -> str:
    known = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return "".join(
        known.get(c) or (c if " " <= c < "\x7f" else "".join(f"\\x{b:02x}" for b in c.encode())) for c in text
    )


# no surrogates (no UTF-8 form) and no NUL, which is shown as an escape on purpose
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
VALUE = TEXT.filter(lambda text: text != "-")
WORD = st.text("abcXYZ019._@%+", min_size=1, max_size=12)
PATH = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0?#"), max_size=15).map(
    lambda text: "/" + text
)
EVENTS = st.fixed_dictionaries(
    {
        "address": st.ip_addresses(v=4).map(str)
        | st.ip_addresses(v=6).filter(lambda a: a.ipv4_mapped is None).map(lambda a: a.compressed),
        "principal": st.none() | WORD | st.just("Ann Lee"),
        "method": st.sampled_from(["GET", "POST", "PROPFIND", "M-SEARCH"]),
        "path": PATH,
        "query": st.none() | TEXT,
        "protocol": st.sampled_from(["HTTP/1.1", "HTTP/2.0", "HTTP/3"]),
        "status": st.none() | st.integers(100, 599),
        "bytes": st.none() | st.integers(0, 10**15),
        "referer": st.none() | VALUE,
        "agent": st.none() | VALUE,
        "time": st.integers(31_536_000, 7_258_118_400).map(lambda second: from_micros(second * 1_000_000)),
        "offset": st.integers(-14 * 60, 14 * 60),
    }
)


@given(st.lists(EVENTS, min_size=1, max_size=6), st.sampled_from([nginx, apache]))
@settings(max_examples=examples(80), deadline=None)
def test_a_rendered_event_comes_back(events: list[dict[str, object]], escape: object) -> None:
    assert callable(escape)
    lines = []
    for event in events:
        shown = {name: "-" if value is None else escape(str(value)) for name, value in event.items()}
        moment = event["time"]
        assert isinstance(moment, datetime)
        local = moment.astimezone(timezone(timedelta(minutes=int(str(event["offset"])))))
        target = shown["path"] + ("" if event["query"] is None else "?" + shown["query"])
        lines.append(
            f"{shown['address']} - {shown['principal']} [{local:%d/%b/%Y:%H:%M:%S %z}] "
            f'"{shown["method"]} {target} {shown["protocol"]}" {shown["status"]} {shown["bytes"]} '
            f'"{shown["referer"]}" "{shown["agent"]}"\n'
        )
    data = "".join(lines).encode()
    chunk = Piece(data=data, lines=len(lines))
    parsed = build_parser(ITEMS["combined"], None, None).parse(chunk).check(chunk)
    assert parsed.rejects.num_rows == 0
    for event, found in zip(events, parsed.events.to_pylist(), strict=True):
        wanted = dict(event)  # blanks around a target are no part of it
        last = "path" if event["query"] is None else "query"
        wanted[last] = str(event[last]).rstrip(" \t")
        assert {name: found[name] for name in event} == wanted
