"""Lines of key=value."""

from __future__ import annotations

import pytest

from whosaw.ingest.structured.pairs import NO_PAIRS, read_pairs


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a=1 b=2", [("a", "1"), ("b", "2")]),
        ('a="x y" b=""', [("a", "x y"), ("b", "")]),
        ('a="say \\"no=1\\" " b=2', [("a", 'say "no=1" '), ("b", "2")]),
        ("user=Ann Lee path=/x?y=1&z=2", [("user", "Ann Lee"), ("path", "/x?y=1&z=2")]),
        ("a=1, b=2; c=3", [("a", "1"), ("b", "2"), ("c", "3")]),
        ("a=1|b=2", [("a", "1"), ("b", "2")]),
        ("[2025-11-24 10:00:00] INFO a=1", [("word_1", "2025-11-24 10:00:00"), ("word_2", "INFO"), ("a", "1")]),
        ("id.orig_h=192.0.2.1 a-b=c", [("id.orig_h", "192.0.2.1"), ("a-b", "c")]),
        ('a="not closed b=1', [("a", '"not closed'), ("b", "1")]),
        ("a= b=1", [("a", ""), ("b", "1")]),
    ],
)  # fmt: skip
def test_words_and_pairs_of_a_line(line: str, expected: list[tuple[str, str]]) -> None:
    assert read_pairs(line) == expected


@pytest.mark.parametrize("line", ["", "out of memory", "GET /a?b=c HTTP/1.1", "=1", "1=2"])
def test_a_line_without_pairs_says_so(line: str) -> None:
    assert read_pairs(line) == NO_PAIRS


def test_a_client_that_writes_pairs_into_a_quoted_value_makes_none() -> None:
    assert read_pairs('user=ann agent="x user=admin y" path=/a') == [
        ("user", "ann"),
        ("agent", "x user=admin y"),
        ("path", "/a"),
    ]
