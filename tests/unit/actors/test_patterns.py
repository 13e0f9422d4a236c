"""Patterns of items are refused at load when they are bad or could cost too much."""

from __future__ import annotations

import pytest

from whosaw.packs.durations import duration_micros, duration_words
from whosaw.store.patterns import pattern_fault


@pytest.mark.parametrize(
    "pattern", ["curl/", "^(Chrome|Firefox)/[0-9]+", r"a\(b+\)+", "[)(+]+x*", "(?i)bot", "a{3,5}b?"]
)
def test_ordinary_patterns_are_fine(pattern: str) -> None:
    assert pattern_fault(pattern) is None


@pytest.mark.parametrize("pattern", ["(", "[a", "a{2000}", "(?=x)", r"(a)\1", "x\0y"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    assert pattern_fault(pattern) is not None


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "((a*)b*)*", "(a{1,})+", "((a{100}){100}){100}", "(x{500}y){3}", "a" * 1001, "(a+?)*"],
)
def test_quantifier_bombs_are_refused(pattern: str) -> None:
    assert pattern_fault(pattern) is not None


def test_lengths_of_time() -> None:
    assert [duration_micros(text) for text in ("0s", "5m", "1h", "30d")] == [
        0,
        300_000_000,
        3_600_000_000,
        2_592_000_000_000,
    ]
    assert duration_words("30d") == "30 days"
    assert duration_words("1h") == "1 hour"


@pytest.mark.parametrize("text", ["", "h", "1", "1w", "-1h", "1.5h", "1 h", "٣h", "9999999d"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="length of time"):
        duration_micros(text)
