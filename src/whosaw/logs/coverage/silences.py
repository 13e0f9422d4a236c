"""How long a source is silent by itself at one hour of the day, so that a silence which is none of its own is seen.

Lines come in bursts: one visit leaves dozens of them in a few minutes, and then nobody may come for a while. So beside the number of events it is looked
at how often a minute without any follows one with some, and how often another one follows that.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

__all__ = ["DAYS", "Silences", "has_silence"]

_LEAST_EVIDENCE: Final = -math.log(1e-6)  # of a chance of one in a million
_HOUR: Final = (1 << 60) - 1  # all minutes of it
DAYS: Final = 3  # of fewer, nothing is usual
_TRUSTED: Final = 0.9  # of the hours, those with fewest silent minutes: the others may have lost some


@dataclass(frozen=True, slots=True, kw_only=True)
class Silences:
    """How unlikely silence is at one hour of the day, as logarithms of one in so many: `minute` for each minute by the number of
    events; `first` for the first minute and `further` for each one after it by the minutes that had none; nothing is silent where
    these are absent."""

    minute: float
    first: float | None = None
    further: float | None = None

    @classmethod
    def of(cls, hours: Sequence[tuple[int, int]]) -> Self:
        """From the same hour of all days: events, and which of the 60 minutes have any, as a bitmap."""
        if len(hours) < DAYS:
            return cls(minute=0.0)
        minute = statistics.median(events for events, _ in hours) / 60
        silent = sorted((60 - minutes.bit_count(), _silences(minutes)) for events, minutes in hours if events)
        kept = silent[: int(_TRUSTED * len(silent))]
        empty, begun, watched = sum(each for each, _ in kept), sum(each for _, each in kept), 60 * len(kept)
        if not empty:
            return cls(minute=minute)
        likely = (empty + 1) / (watched + 1)
        # where few were silent, another one after them is held to be as likely as any
        return cls(
            minute=minute,
            first=-math.log((begun + 1) / (watched + 1)),
            further=-math.log((empty - begun + likely) / (empty + 1)),
        )

    def least_unlikely(self) -> int:
        """So many minutes in a row, and more, are unlikely; 61 where none of the hour's would be."""
        return next((minutes for minutes in range(1, 61) if self.unlikely(minutes)), 61)

    def unlikely(self, minutes: int) -> bool:
        """Whether so many minutes in a row without an event have a chance below one in a million, were the source half as busy."""
        if not minutes:
            return False
        evidence = minutes * self.minute
        if self.first is not None and self.further is not None:
            evidence = min(evidence, self.first + (minutes - 1) * self.further)
        return evidence / 2 > _LEAST_EVIDENCE


def has_silence(minutes: int, most: int) -> bool:
    """Whether so many minutes in a row, at least one, are without an event in a bitmap of 60."""
    silent, run = ~minutes & _HOUR, 1  # bits that begin a run of at least so many
    if silent.bit_count() < most:
        return False
    while silent and run < most:
        further = min(run, most - run)
        silent &= silent >> further
        run += further
    return silent != 0


def _silences(minutes: int) -> int:
    """How many runs of minutes without an event there are."""
    silent = ~minutes & _HOUR
    return (silent & ~(silent << 1)).bit_count()
