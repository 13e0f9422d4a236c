"""Instants and spans. An instant is an aware UTC datetime with microseconds; spans are half open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from .errors import WhosawError

__all__ = [
    "MONTHS",
    "Span",
    "clock_text",
    "format_instant",
    "from_micros",
    "hour_of",
    "parse_instant",
    "parse_zone",
    "to_micros",
]

MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)  # as logs and RFC 9110 name them

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET = re.compile(r"^(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})$")


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970-01-01T00:00:00Z. The datetime must be aware."""
    if instant.tzinfo is None:
        raise ValueError("a datetime without a zone is not an instant")
    delta = instant - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_micros(micros: int) -> datetime:
    """The instant that many microseconds after 1970-01-01T00:00:00Z."""
    return _EPOCH + timedelta(microseconds=micros)


def format_instant(instant: datetime) -> str:
    """RFC 3339 in UTC; microseconds only where there are any."""
    utc = instant.astimezone(UTC)
    text = utc.strftime("%Y-%m-%dT%H:%M:%S")
    # strftime does not pad years below 1000 on every platform
    text = f"{utc.year:04d}{text[text.index('-') :]}"
    return f"{text}.{utc.microsecond:06d}Z" if utc.microsecond else f"{text}Z"


def clock_text(local: datetime) -> str:
    """A local time as cases of law are told: 2025-11-17 16:00, with seconds only where there are any."""
    return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")


def parse_instant(text: str) -> datetime:
    """RFC 3339 or ISO 8601 with an offset; a text without one is refused."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as fault:
        raise WhosawError(
            "instant.unreadable", f"{text!r} is not a time", hint="Write it like 2025-11-17T16:00:00+09:00"
        ) from fault
    if parsed.tzinfo is None:
        raise WhosawError(
            "instant.no-zone", f"{text!r} has no offset", hint="Add Z or an offset such as +09:00"
        )
    return parsed.astimezone(UTC)


def parse_zone(text: str) -> tzinfo:
    """A zone from a name (Asia/Seoul) or a fixed offset (+09:00, UTC)."""
    if text.upper() in ("UTC", "Z", "GMT"):
        return UTC
    match = _OFFSET.match(text)
    if match and int(match[2]) < 24 and int(match[3]) < 60:
        sign = 1 if match[1] == "+" else -1
        return timezone(sign * timedelta(hours=int(match[2]), minutes=int(match[3])))
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise WhosawError("zone.unknown", f"{text!r} is not a time zone", hint=_near(text)) from fault


def _near(text: str) -> str:
    """Which zones are called after the place alone, such as Asia/Seoul of Seoul; else how one is written."""
    place = text.strip().lower().replace(" ", "_")
    near = sorted(
        each for each in available_timezones() if "/" in each and each.rpartition("/")[2].lower() == place
    )
    found = [each for each in near if not each.startswith(("posix", "right"))]
    return (
        f"Did you mean {' or '.join(found[:3])}?" if found else "Use a name such as Africa/Nairobi or +03:00"
    )


def hour_of(micros: int) -> int:
    """Hours since 1970-01-01T00:00:00Z, rounded down (also before 1970)."""
    return micros // 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `start` (in) to `end` (out), both aware UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a span needs aware datetimes")
        if self.end < self.start:
            raise ValueError("a span cannot end before it starts")

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    @property
    def length(self) -> timedelta:
        return self.end - self.start
