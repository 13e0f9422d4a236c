"""What is usual for a source, learnt from its own past in the ledger.

Nothing is trained and nothing is carried along: the same hours give the same answer. What was learnt names the hours it was
learnt from, so that anybody can count them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from whosaw.core.document import JsonObject, object_of

from .facts import HOUR, MINUTE, SourceFacts
from .statement import Learnt

__all__ = ["Knowledge", "Usual", "learn_usual"]

Knowledge = Literal["hour-of-week", "hour-of-day", "longest-pause"]
_WEEK: Final = 168
_MONDAY: Final = 72  # hour 0 was a Thursday's


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """Events to expect. `rates` holds events an hour: for the 168 hours of a week from Monday 00:00 UTC on, for the 24 of a
    day, or one for all. `start` and `end` (hours, half open) say where it was learnt."""

    by: Knowledge
    start: int
    end: int
    rates: tuple[float, ...]
    longest_pause: int  # microseconds
    most_missed: float  # the most events that an earlier pause would usually have held

    def rate(self, hour: int) -> float:
        """Events to expect in an hour."""
        return self.rates[(hour + _MONDAY) % len(self.rates)]

    def expected(self, start: int, end: int) -> float:
        """Events to expect between two instants."""
        total = 0.0
        for hour in range(start // HOUR, -(-end // HOUR)):
            inside = min(end, (hour + 1) * HOUR) - max(start, hour * HOUR)
            total += self.rate(hour) * inside / HOUR
        return total

    @property
    def learnt(self) -> Learnt:
        """By what, and from when to when."""
        return Learnt(by=self.by, start=self.start * HOUR, end=self.end * HOUR)

    def as_json(self) -> JsonObject:
        """All of it, as the journal keeps it."""
        return {
            **object_of(self.learnt),
            "rates": [round(rate, 4) for rate in self.rates],
            "longest_pause_minutes": self.longest_pause // MINUTE,
            "most_missed": round(self.most_missed, 4),
        }


def learn_usual(source: SourceFacts, *, weeks: int, days: int, window: int) -> Usual:
    """What is usual up to the last event. The hour of the week counts once `weeks` weeks are known, else the hour of the day
    once `days` days are, else one rate for all hours. Not more than `window` weeks back are looked at."""
    first, last = source.first // HOUR, source.last // HOUR
    start, end = max(first + 1, last - window * _WEEK), last  # the first and the last hour are not whole
    known = end - start
    by: Knowledge = (
        "hour-of-week" if known >= weeks * _WEEK else "hour-of-day" if known >= days * 24 else "longest-pause"
    )
    if by == "longest-pause":
        start, end = first, last + 1
        length = max(source.last - source.first, MINUTE)
        rates = [sum(hour.events for hour in source.hours.values()) * HOUR / length]
    else:
        cells = _WEEK if by == "hour-of-week" else 24
        held, times = [0] * cells, [0] * cells
        for hour in range(start, end):
            cell = (hour + _MONDAY) % cells
            times[cell] += 1
            held[cell] += source.hours[hour].events if hour in source.hours else 0
        rates = [events / number for events, number in zip(held, times, strict=True)]
    usual = Usual(by=by, start=start, end=end, rates=tuple(rates), longest_pause=0, most_missed=0.0)
    longest, most = 0, 0.0
    for begin, stop in _pauses(source, start, last):
        longest = max(longest, stop - begin)
        most = max(most, usual.expected(begin, stop))
    return Usual(by=by, start=start, end=end, rates=tuple(rates), longest_pause=longest, most_missed=most)


def _pauses(source: SourceFacts, start: int, last: int) -> Iterator[tuple[int, int]]:
    """From one minute with an event to the next one, where there is a minute between them."""
    before: int | None = None
    for hour in range(start, last + 1):
        found = source.hours.get(hour)
        minutes = found.minutes if found else 0
        while minutes:
            lowest = minutes & -minutes
            at = hour * HOUR + (lowest.bit_length() - 1) * MINUTE
            if before is not None and at - before > MINUTE:
                yield before, at
            before = at
            minutes ^= lowest
