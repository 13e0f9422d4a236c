"""Where the time stands in a line of each format, and the line with another time."""

from __future__ import annotations

import pytest

from whosaw.replay.damage.skewed_clock import FORMATS, shift_of
from whosaw.replay.write.writers import WRITERS


@pytest.mark.parametrize(
    ("log_format", "seconds", "before", "after"),
    [
        (
            "combined-kv",
            420,
            b'192.0.2.7 - - [28/Feb/2025:23:58:30 +0900] "GET / HTTP/2.0" 200 1 "-" "-" sub=-\n',
            b'192.0.2.7 - - [01/Mar/2025:00:05:30 +0900] "GET / HTTP/2.0" 200 1 "-" "-" sub=-\n',
        ),
        (
            "combined",
            -3600,
            b'192.0.2.7 - ann [01/Jan/2025:00:00:00 +0000] "GET /a[b HTTP/1.1" 200 1\n',
            b'192.0.2.7 - ann [31/Dec/2024:23:00:00 +0000] "GET /a[b HTTP/1.1" 200 1\n',
        ),
        (
            "jsonl",
            1,
            b'{"time":"2025-02-28T23:59:59.123+09:00","uri":"/a?from=2025-02-28T00:00:00"}\n',
            b'{"time":"2025-03-01T00:00:00.123+09:00","uri":"/a?from=2025-02-28T00:00:00"}\n',
        ),
        (
            "alb",
            61,
            b'h2 2025-11-24T10:00:00.186641Z app/a/5 192.0.2.7:1 - 0.1 "GET / x" "Root" "-" 0 2025-11-24T09:59:59.000000Z "f"\n',
            b'h2 2025-11-24T10:01:01.186641Z app/a/5 192.0.2.7:1 - 0.1 "GET / x" "Root" "-" 0 2025-11-24T10:01:00.000000Z "f"\n',
        ),
        (
            "pgaudit-stderr",
            -5,
            b"2025-11-24 10:00:00.123 UTC [147] app@shop LOG:  AUDIT: SESSION,1\n",
            b"2025-11-24 09:59:55.123 UTC [147] app@shop LOG:  AUDIT: SESSION,1\n",
        ),
        (
            "postgresql-csvlog",
            5,
            b'2025-11-24 10:00:00.123 UTC,"app","shop",4711,"192.0.2.7:1",1.2,1,"SELECT",2025-11-24 09:00:00 UTC,3/1,0,LOG\n',
            b'2025-11-24 10:00:05.123 UTC,"app","shop",4711,"192.0.2.7:1",1.2,1,"SELECT",2025-11-24 09:00:05 UTC,3/1,0,LOG\n',
        ),
    ],
)
def test_only_the_time_of_a_line_moves(log_format: str, seconds: int, before: bytes, after: bytes) -> None:
    shift = shift_of(log_format, seconds)
    assert shift is not None
    assert shift(before) == after


@pytest.mark.parametrize(
    "line", [b"\n", b"nothing\n", b"[31/Feb/2025:10:00:00 +0900]\n", b"[31/Foo/2025:10:00:00 +0900]\n"]
)
def test_a_line_without_a_time_stays_as_it_is(line: bytes) -> None:
    shift = shift_of("combined", 5)
    assert shift is not None
    assert shift(line) == line


def test_a_format_whose_times_are_not_known() -> None:
    assert shift_of("zeek-json", 5) is None


def test_every_format_that_a_replay_can_write_is_known() -> None:
    assert FORMATS.keys() >= WRITERS.keys()
