"""Times of the day and days of the week, as people write them."""

from __future__ import annotations

from typing import Final

__all__ = ["clock", "days"]

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def clock(text: str) -> int | None:
    """Minutes since midnight of `02:00` or `2`; None when it is no time of day. 24:00 is the end of the day."""
    hours, colon, rest = text.strip().partition(":")
    minutes = rest[:2] if colon else "0"
    if not (hours.isdecimal() and minutes.isdecimal() and rest[2:] in ("", ":00")):
        return None
    found = int(hours) * 60 + int(minutes)
    return found if int(minutes) < 60 and found <= 24 * 60 else None


def days(text: str) -> int | None:
    """A bit for each day of the week, Monday the lowest, of `mon-fri`, `sat;sun`, `1-5` or `daily`; None when it says none."""
    said = text.strip().casefold()
    if said in ("daily", "every day", "*"):
        return 127
    found = 0
    for part in said.replace(";", " ").replace(",", " ").replace("/", " ").split():
        ends = [_day(each) for each in part.split("-")]
        if len(ends) > 2 or None in ends:
            return None
        first, last = ends[0] or 0, ends[-1] or 0
        for step in range((last - first) % 7 + 1):
            found |= 1 << (first + step) % 7
    return found or None


def _day(text: str) -> int | None:
    """0 for Monday, by the beginning of its English name or by its number in ISO 8601 (1 to 7)."""
    if text.isdecimal():
        return int(text) - 1 if 1 <= int(text) <= 7 else None
    return _DAYS.index(text[:3]) if text[:3] in _DAYS else None
