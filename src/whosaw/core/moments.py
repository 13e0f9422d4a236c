"""Times of a case: exact, or known only to the day, or known to lie between two instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from .instants import clock_text, format_instant
from .truth import Truth

__all__ = ["Moment", "day_start", "duration_text"]


def day_start(day: date, zone: tzinfo) -> datetime:
    """The first instant of a local day, as an aware datetime in that zone."""
    return datetime.combine(day, time(), tzinfo=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant somewhere from `earliest` to `latest`, both in; exact when they are the same. Both are aware."""

    earliest: datetime
    latest: datetime

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise ValueError("a moment cannot end before it starts")

    @classmethod
    def at(cls, instant: datetime) -> Moment:
        return cls(earliest=instant, latest=instant)

    @classmethod
    def on(cls, day: date, zone: tzinfo) -> Moment:
        """Some time on a local day."""
        last = day_start(day + timedelta(days=1), zone) - timedelta(seconds=1)
        return cls(earliest=day_start(day, zone), latest=last)

    @property
    def exact(self) -> bool:
        return self.earliest == self.latest

    def within(self, start: datetime | None, end: datetime | None) -> Truth:
        """Whether the instant lies in [start, end); None is no bound."""
        if (start is not None and self.latest < start) or (end is not None and self.earliest >= end):
            return Truth.NO
        inside = (start is None or self.earliest >= start) and (end is None or self.latest < end)
        return Truth.YES if inside else Truth.OPEN

    def as_json(self) -> dict[str, str]:
        if self.exact:
            return {"at": format_instant(self.earliest)}
        return {"earliest": format_instant(self.earliest), "latest": format_instant(self.latest)}

    def text(self, zone: tzinfo) -> str:
        """On the clock of `zone`; seconds only where there are any, a whole day as the day."""
        first, last = self.earliest.astimezone(zone), self.latest.astimezone(zone)
        if first == last:
            return clock_text(first)
        if first.time() == time() and last.time() == time(23, 59, 59):
            days = first.date().isoformat()
            return days if first.date() == last.date() else f"{days} to {last.date().isoformat()}"
        return f"{clock_text(first)} to {clock_text(last)}"


def duration_text(seconds: int) -> str:
    """A length of time in words: seconds below two minutes, minutes below an hour, hours to 100, then days."""
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 3_600:
        return f"{seconds / 60:.1f} min"
    if seconds < 360_000:
        return f"{seconds / 3_600:.1f} h"
    return f"{seconds / 86_400:.1f} days"
