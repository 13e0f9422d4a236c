"""The format of a content is found by parsing a sample of it."""

from __future__ import annotations

import pytest

from whosaw.ingest.detect_format import detect
from whosaw.ingest.format_item import FormatItem, load_formats, shipped_formats

ITEMS = load_formats([shipped_formats()])
TEMPLATES = [item for item in ITEMS.values() if item.kind == "template"]
COMBINED = b'192.0.2.7 - - [24/Nov/2025:10:00:00 +0000] "GET /a HTTP/1.1" 200 1 "-" "x"\n'
COMMON = b'192.0.2.7 - - [24/Nov/2025:10:00:00 +0000] "GET /a HTTP/1.1" 200 1\n'


@pytest.mark.parametrize("item", TEMPLATES, ids=lambda item: item.id)
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
