"""What an entity must pass on a day to be remarkable, window by window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from whosaw.actors.surprise import Bar

__all__ = ["NO_LUCK", "AnyBars", "Bars"]

NO_LUCK = Bar(usual=0.5, least_share=0.0, least_times=0.0, nats=0.0)
"""Of a clause that asks for a number of people and nothing else."""


class AnyBars(Protocol):
    """Gives the bars of an entity on a day, beside the windows of a clause; None where nothing is remarkable."""

    def of(self, day: int, entity: int) -> tuple[Bar | None, ...] | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """By day, the bar of each window of a clause; a day or a window without is one of which nothing is known of what is usual, and
    in which nothing is remarkable. `alike`: those of entities whose like is known, by day and entity."""

    by_day: Mapping[int, tuple[Bar | None, ...]]
    alike: Mapping[tuple[int, int], tuple[Bar | None, ...]] = field(default_factory=dict)

    def of(self, day: int, entity: int) -> tuple[Bar | None, ...] | None:
        """The bars of an entity on a day, beside the windows; None where nothing is remarkable."""
        return self.alike.get((day, entity), self.by_day.get(day))
