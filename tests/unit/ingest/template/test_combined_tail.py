"""Combined lines that go on: both paths read the same, and the fast one takes what is regular."""

from __future__ import annotations

import pytest

from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.ingest.parser import Parsed, Piece
from whosaw.ingest.template import parser

ITEMS = load_formats([shipped_formats()])
HEAD = '192.0.2.{} - - [24/Nov/2025:10:00:{:02} +0000] "GET /member/{}?a=1 HTTP/1.1" 200 7 "-" "Mozilla/5.0 (X11)"'
TAILS = [
    ' "203.0.113.9, 198.51.100.1"', ' "-" 0.003 0.002 .', " 1534", ' "-" rt=0.1 uct="-" [a-b] []', ' "a b" "c" - -', "",
]  # fmt: skip


def parse(name: str, lines: list[str]) -> Parsed:
    data = "".join(line + "\n" for line in lines).encode()
    piece = Piece(data=data, lines=len(lines))
    return build_parser(ITEMS[name], None, None).parse(piece).check(piece)


def lines_with(tail: str, count: int) -> list[str]:
    return [HEAD.format(n % 250, n % 60, n) + tail for n in range(count)]


@pytest.mark.parametrize("tail", TAILS)
def test_many_lines_read_as_each_of_them_alone(tail: str) -> None:
    lines = lines_with(tail, 200)
    many = parse("combined-tail", lines).events.to_pylist()
    for number in (0, 71, 199):
        (alone,) = parse("combined-tail", [lines[number]]).events.to_pylist()
        assert {**many[number], "line": 1} == {**dict.fromkeys(many[number]), **alone}


def test_what_follows_is_kept_value_by_value() -> None:
    (event,) = parse("combined-tail", lines_with(TAILS[3], 1)).events.to_pylist()
    assert event["fields"] == '{"tail_2":"rt=0.1","tail_3":"uct=\\"-\\"","tail_4":"[a-b]","tail_5":"[]"}'
    assert (event["path"], event["query"], event["agent"]) == ("/member/0", "a=1", "Mozilla/5.0 (X11)")


@pytest.mark.parametrize(("name", "tail"), [("nginx-main", TAILS[0]), ("combined-tail", TAILS[1])])
def test_regular_lines_never_take_the_slow_path(
    name: str, tail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> None:
        raise AssertionError("the slow path was taken")

    monkeypatch.setattr(parser, "match_lines", slow)
    assert parse(name, lines_with(tail, 200)).events.num_rows == 200


def test_what_stands_in_quotes_in_the_format_stands_in_quotes_in_the_line() -> None:
    """The splitter takes quotes off, so that 0.003 would pass for a forwarded address."""
    assert parse("nginx-main", lines_with(" 0.003", 200)).events.num_rows == 0
    assert parse("nginx-main", lines_with(' "0.003"', 200)).events.num_rows == 200
