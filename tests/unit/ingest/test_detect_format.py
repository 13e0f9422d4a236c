"""The format of a content is found by parsing a sample of it."""

from __future__ import annotations

from datetime import UTC

import pytest
from tests.wide import some

from whosaw.core.errors import WhosawError
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.detect_format import detect, reads_all
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import FormatItem, load_formats, shipped_formats
from whosaw.ingest.parser import Piece
from whosaw.ingest.template.parser import TemplateParser

ITEMS = load_formats([shipped_formats()])
COMBINED = b'192.0.2.7 - - [24/Nov/2025:10:00:00 +0000] "GET /a HTTP/1.1" 200 1 "-" "x"\n'
COMMON = b'192.0.2.7 - - [24/Nov/2025:10:00:00 +0000] "GET /a HTTP/1.1" 200 1\n'


@pytest.mark.parametrize("item", some(list(ITEMS.values()), of=2), ids=lambda item: item.id)
def test_the_first_case_of_a_format_is_found_as_that_format(item: FormatItem) -> None:
    good = [case for case in item.cases if case.expect and not case.rejects] or list(item.cases)
    found = detect(good[0].text.encode(), ITEMS)
    assert found[0].format_id == item.id
    assert found[0].read == 1.0
    assert found[0].confidence == (0.0 if item.id == "syslog" else 1.0)  # syslog alone tells times


def test_the_plainer_of_two_formats_that_read_the_same_comes_first() -> None:
    assert [guess.format_id for guess in detect(COMBINED * 3, ITEMS)][:2] == ["combined", "combined-kv"]


def test_confidence_is_the_part_of_the_lines_that_was_read() -> None:
    (first, *_) = detect(COMBINED * 6 + COMMON * 4 + b"\n", ITEMS)
    assert (first.format_id, first.confidence, first.parsed, first.rejected) == ("combined", 0.6, 6, 4)


def test_half_is_not_enough() -> None:
    assert detect(COMBINED * 5 + b"nonsense\n" * 5, ITEMS) == []


@pytest.mark.parametrize("sample", [b"", b"\n\n", b"hello\n", b"\0\1\2" * 50, b"\xff" * 2000, b'"' * 99])
def test_what_is_no_log_has_no_format(sample: bytes) -> None:
    assert detect(sample, ITEMS) == []


def test_the_cut_last_line_of_a_sample_does_not_count() -> None:
    assert detect(COMBINED * 2 + COMBINED[:30], ITEMS)[0].confidence == 1.0
    assert detect(COMBINED.rstrip(b"\n"), ITEMS)[0].format_id == "combined"


def test_other_formats_are_found_inside_syslog() -> None:
    sample = b"Nov 24 10:00:00 web1 nginx: " + COMBINED
    guesses = detect(sample * 3, ITEMS)
    assert guesses[0].format_id == "syslog:combined"
    assert not guesses[0].needs_zone
    assert guesses[0].item.wrapped


def test_formats_without_an_offset_say_that_they_need_a_zone() -> None:
    sample = b"Nov 24 10:00:00 web1 sshd[7]: Accepted password for ann from 192.0.2.7 port 1 ssh2\n"
    (first, *_) = detect(sample, ITEMS)
    assert (first.format_id, first.needs_zone) == ("sshd", True)


def test_a_name_decides_between_equals() -> None:
    assert detect(COMBINED, ITEMS, name="web/combined-kv.log")[0].format_id == "combined-kv"


def test_lines_from_all_over_a_long_log_decide_and_not_its_first_ones() -> None:
    best = detect(b"".join(COMMON for _ in range(1_200)) + COMBINED * 30_000, ITEMS)[0]
    assert best.format_id == "combined"
    assert 0.7 < best.read < 1.0


def test_an_end_that_is_other_than_the_rest_does_not_hide_it() -> None:
    assert detect(COMBINED * 30_000 + b"out of memory\n" * 40, ITEMS)[0].format_id == "combined"


@pytest.mark.parametrize("length", [10, 900, 70_000, 3_000_000])
def test_a_sample_is_of_whole_lines_whatever_their_length(length: int) -> None:
    line = COMBINED.replace(b"/a", b"/" + b"a" * length)
    assert detect(line * max(2, 4_000_000 // length // 2), ITEMS)[0].confidence == 1.0


def test_a_format_of_no_product_is_looked_at_anew_for_each_file() -> None:
    assert reads_all(COMBINED * 200, ITEMS["combined"])
    assert not reads_all(b'{"time":"2025-11-24T01:02:03Z","user":"ann"}\n' * 200, ITEMS["jsonl"])
    assert not reads_all(b"x\n" + COMBINED * 199, ITEMS["combined"])


@pytest.mark.parametrize("name", ["caddy+jsonl", "syslog:haproxy-http+syslog", "traefik+jsonl"])
def test_two_formats_have_a_name_that_finds_them_again(name: str) -> None:
    item = choose_format(name, ITEMS)
    assert item.id == name
    assert item.second is not None
    assert build_parser(item, UTC, 2025).id == name


@pytest.mark.parametrize("name", ["jsonl+caddy", "caddy+csv", "caddy+nothing", "sshd+syslog"])
def test_formats_that_cannot_share_a_file_are_refused(name: str) -> None:
    with pytest.raises(WhosawError, match="there is no format"):
        choose_format(name, ITEMS)


def test_a_line_that_may_hold_a_request_never_goes_to_the_second_format() -> None:
    lines = [
        b'{"ts":1763946123,"logger":"tls","msg":"renewing"}',
        b'{"ts":1763946123,"request":{"uri":"/member/7"},"msg":"no method"}',
        b'{"ts":1763946123,"status":"x","msg":"half a request"}',
        b'{"ts":"soon","logger":"tls"}',
    ]
    piece = Piece(data=b"\n".join(lines) + b"\n", lines=4)
    parsed = build_parser(choose_format("caddy+jsonl", ITEMS), UTC, None).parse(piece).check(piece)
    assert parsed.events["line"].to_pylist() == [1]
    assert parsed.rejects["line"].to_pylist() == [2, 3, 4]
    assert set(parsed.rejects["reason"].to_pylist()) == {"no request.method"}


@pytest.mark.parametrize(
    "item", [each for each in ITEMS.values() if each.kind == "template"], ids=lambda item: item.id
)
def test_a_first_look_lets_through_all_that_is_read(
    item: FormatItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with quotes about a value that the splitter takes off, a mark of byte order, and other lines before."""
    parser = build_parser(item, UTC, 2025)
    assert isinstance(parser, TemplateParser)
    read = 0
    for case in item.cases:
        plain = case.text.encode()
        head, _, rest = plain.partition(b" ")
        for text in (plain, b'"' + head + b'" ' + rest, b"\xef\xbb\xbf" + plain, b"other\n\n" + plain):
            piece = Piece(data=text, lines=text.count(b"\n") or 1)
            with monkeypatch.context() as every_rule:
                every_rule.setattr(TemplateParser, "_rules", lambda self, _: iter(self._table.rules))
                wanted = parser.parse(piece)
            assert parser.parse(piece).events.equals(wanted.events)
            if wanted.events.num_rows:
                assert parser.may_read(text)
                read += 1
    assert read
    assert item.table.get("header") or not parser.may_read(b"nothing of it\n")
