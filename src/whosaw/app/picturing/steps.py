"""Into which stretches of time a picture is cut: as long as is needed for at most so many, on round hours and days of a zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

import pyarrow as pa

from whosaw.core.instants import from_micros

from .seen_lines import row_table

__all__ = ["MOST", "QUARTER", "Steps", "hours_of_week", "steps_for"]

MOST: Final = 100
QUARTER: Final = 900_000_000  # microseconds; no zone is less than a quarter of an hour apart
_SECOND: Final = 1_000_000
_LENGTHS: Final = (
    (1, "second"),
    (5, "5 seconds"),
    (15, "15 seconds"),
    (60, "minute"),
    (300, "5 minutes"),
    (900, "15 minutes"),
    (3_600, "hour"),
    (21_600, "6 hours"),
    (86_400, "day"),
    (604_800, "week"),
    (2_419_200, "4 weeks"),
    (31_449_600, "52 weeks"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Stretches of `seconds`, called `words`. `unit` is in what the lines are told apart, in microseconds."""

    seconds: int
    words: str
    zone: tzinfo

    @property
    def unit(self) -> int:
        return min(self.seconds * _SECOND, QUARTER)

    def start_of(self, at: datetime) -> datetime:
        """When the stretch of an instant begins."""
        local = at.astimezone(self.zone)
        if self.seconds < 21_600:  # counted on the instants, for an hour may be there twice
            offset = local.utcoffset() or timedelta()
            since = (at - _EPOCH + offset) % timedelta(seconds=self.seconds)
            return (at.astimezone(UTC) - since).astimezone(self.zone)
        day = local.date()
        if self.seconds > 86_400:
            days = self.seconds // 86_400
            day -= timedelta(days=(day.toordinal() - 1) % days)  # a Monday
        hours = local.hour // 6 * 6 if self.seconds == 21_600 else 0
        return datetime.combine(day, time(hours), self.zone)

    def end_of(self, start: datetime) -> datetime:
        """When the stretch that begins then ends."""
        if self.seconds < 21_600:
            return (start.astimezone(UTC) + timedelta(seconds=self.seconds)).astimezone(self.zone)
        return (start.replace(tzinfo=None) + timedelta(seconds=self.seconds)).replace(tzinfo=self.zone)

    def name_of(self, start: datetime) -> str:
        """The name of a stretch: its day, with the time where it is shorter."""
        if self.seconds >= 86_400:
            return f"{start:%Y-%m-%d}"
        text = f"{start:%Y-%m-%dT%H:%M}" if self.seconds >= 60 else f"{start:%Y-%m-%dT%H:%M:%S}"
        return (
            f"{text}{start:%z}"
            if start.utcoffset() != start.replace(fold=1 - start.fold).utcoffset()
            else text
        )

    def cut(self, quarters: Sequence[int]) -> tuple[dict[str, datetime], pa.Table]:
        """The stretches of these units: when each begins, by name; and the row of each unit."""
        starts: dict[str, datetime] = {}
        names = []
        for each in quarters:
            start = self.start_of(from_micros(each * self.unit))
            name = self.name_of(start)
            starts.setdefault(name, start)
            names.append(name)
        return starts, row_table(quarters, names)


_EPOCH: Final = from_micros(0)


def steps_for(first: int, last: int, zone: tzinfo, most: int = MOST) -> Steps:
    """The shortest stretches of which there are at most so many from the first to the last instant."""
    span = (last - first) / _SECOND
    for seconds, words in _LENGTHS:
        if span / seconds <= most - 1:
            return Steps(seconds=seconds, words=words, zone=zone)
    seconds, words = _LENGTHS[-1]
    return Steps(seconds=seconds, words=words, zone=zone)


def hours_of_week(quarters: Sequence[int], zone: tzinfo) -> tuple[dict[str, tuple[int, int]], pa.Table]:
    """Day (0 is Monday) and hour of quarters of an hour, by a name such as mon-03; and the row of each quarter."""
    places: dict[str, tuple[int, int]] = {}
    names = []
    for each in quarters:
        local = from_micros(each * QUARTER).astimezone(zone)
        name = f"{('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')[local.weekday()]}-{local.hour:02d}"
        places[name] = (local.weekday(), local.hour)
        names.append(name)
    return places, row_table(quarters, names)
