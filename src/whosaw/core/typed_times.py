"""Times as people type them: a day in digits or with the name of its month, with or without a time, today or yesterday.

What can be read in two ways is refused: 03/04/2026 is a day in March to some and in April to others.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from .errors import WhosawError
from .instants import MONTHS

__all__ = ["typed_instant"]

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_CLOCK: Final = r"(?:(?:,?\s+|T)(?:at\s+)?(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2}))?)?"
_NAMED: Final = (
    re.compile(
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?P<m>[A-Za-z]{{3,9}})\.?,?[\s-]+(?P<y>\d{{4}}){_CLOCK}\Z"
    ),
    re.compile(rf"(?P<m>[A-Za-z]{{3,9}})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_CLOCK}\Z"),
)
_DIGITS: Final = re.compile(rf"(?P<y>\d{{4}})[/.](?P<m>\d{{1,2}})[/.](?P<d>\d{{1,2}}){_CLOCK}\Z")
_EITHER: Final = re.compile(rf"(?P<a>\d{{1,2}})[/.-](?P<b>\d{{1,2}})[/.-](?P<y>\d{{4}}){_CLOCK}\Z")
_WORDS: Final = re.compile(rf"(?P<word>today|yesterday|now){_CLOCK}\Z", re.IGNORECASE)
_HINT: Final = "Write it like 2026-03-01, 1 March 2026, yesterday, or 2026-03-01T16:00:00+09:00"


def typed_instant(text: str, zone: tzinfo, *, now: datetime) -> datetime:
    """The instant that a person meant, in UTC. Without an offset it is one of `zone`, and a day is its beginning there. Raises
    `WhosawError` for what is no time, and for what may be two."""
    said = " ".join(text.split())
    local = _iso(said) or _worded(said, zone, now) or _with_digits(said, _DIGITS) or _with_name(said)
    if local is None:
        if (either := _EITHER.match(said)) is not None:
            local = _day_or_month(text, either)
        else:
            raise WhosawError("instant.unreadable", f"{text!r} is no day and no time", hint=_HINT)
    aware = local if local.tzinfo is not None else local.replace(tzinfo=zone)
    try:
        return aware.astimezone(UTC)
    except OverflowError as fault:
        raise WhosawError("instant.unreadable", f"{text!r} lies outside of all logs", hint=_HINT) from fault


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _worded(text: str, zone: tzinfo, now: datetime) -> datetime | None:
    found = _WORDS.match(text)
    if found is None:
        return None
    word = found["word"].lower()
    if word == "now":
        return now
    today = now.astimezone(zone).date()
    return _at(today - timedelta(days=word == "yesterday"), found)


def _with_digits(text: str, pattern: re.Pattern[str]) -> datetime | None:
    found = pattern.match(text)
    return None if found is None else _made(int(found["y"]), int(found["m"]), int(found["d"]), found)


def _with_name(text: str) -> datetime | None:
    for pattern in _NAMED:
        if (found := pattern.match(text)) is not None:
            name = found["m"].lower()
            months = [
                number
                for number, each in enumerate(_MONTHS, 1)
                if each == name or MONTHS[number - 1].lower() == name
            ]
            months += [9] if name == "sept" else []
            return _made(int(found["y"]), months[0], int(found["d"]), found) if months else None
    return None


def _day_or_month(text: str, found: re.Match[str]) -> datetime:
    """Day, month and year, where only one order is possible. Raises `WhosawError` where both are."""
    first, second, year = int(found["a"]), int(found["b"]), int(found["y"])
    made = [_made(year, month, day, found) for day, month in ((first, second), (second, first))]
    days = {each for each in made if each is not None}
    if not days:
        raise WhosawError("instant.unreadable", f"{text!r} is no day and no time", hint=_HINT)
    if len(days) > 1:
        one, other = sorted(each.date().isoformat() for each in days)
        raise WhosawError(
            "instant.two-days",
            f"{text!r} may be {one} or {other}",
            hint="Write the year first, as in these two",
        )
    return days.pop()


def _made(year: int, month: int, day: int, found: re.Match[str]) -> datetime | None:
    try:
        return _at(date(year, month, day), found)
    except ValueError:
        return None


def _at(day: date, found: re.Match[str]) -> datetime | None:
    hours, minutes, seconds = (int(found[name] or 0) for name in ("H", "M", "S"))
    try:
        return datetime(day.year, day.month, day.day, hours, minutes, seconds)  # noqa: DTZ001  # its zone is said by whoever asks
    except ValueError:
        return None
