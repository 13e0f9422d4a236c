"""Lengths of time as items write them: `90s`, `5m`, `1h`, `30d`."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["duration_micros", "duration_words"]

_UNITS = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_WORDS = {"s": "second", "m": "minute", "h": "hour", "d": "day"}
_MOST_DIGITS = 6


@lru_cache(maxsize=1 << 10)  # items write few, and each is asked for over and over
def duration_micros(text: str) -> int:
    """Microseconds. Raises `ValueError` with a sentence when `text` is not a whole number and a unit."""
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not number.isascii() or not number.isdigit() or len(number) > _MOST_DIGITS:
        raise ValueError(f"{text!r} is not a length of time such as 5m, 1h or 30d")
    return int(number) * _UNITS[unit]


def duration_words(text: str) -> str:
    """`1 hour`, `30 days`: the same length in words."""
    number = int(text[:-1])
    return f"{number} {_WORDS[text[-1]]}{'' if number == 1 else 's'}"
