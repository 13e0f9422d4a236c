"""What an entity must pass on a day to be remarkable, window by window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from whosaw.actors.surprise import Bar, nats

__all__ = ["NO_LUCK", "AnyBars", "BarColumns", "Bars", "Needed"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

NO_LUCK = Bar(usual=0.5, least_share=0.0, least_times=0.0, nats=0.0)
"""Of a clause that asks for a number of people and nothing else."""


Needed = tuple[Bar | None, ...]
"""The bars of an entity on a day, beside the windows of a clause."""


class AnyBars(Protocol):
    """Gives the bars of entities on days, which are beside one another; None where nothing is remarkable."""

    def of_each(self, days: Ints, entities: Ints) -> list[Needed | None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """By day, the bar of each window of a clause; a day or a window without is one of which nothing is known of what is usual, and
    in which nothing is remarkable. `alike`: by day and entity what is usual of its like, where that is known; `of_share`: the bars of a day
    where so much is usual."""

    by_day: Mapping[int, Needed]
    alike: Mapping[int, Mapping[int, float]] = field(default_factory=dict)
    of_share: Callable[[int, float], Needed] = lambda _day, _share: ()

    def of(self, day: int, entity: int) -> Needed | None:
        """The bars of an entity on a day, beside the windows; None where nothing is remarkable."""
        needed = self.by_day.get(day)
        share = self.alike[day].get(entity) if needed is not None and day in self.alike else None
        return needed if share is None else self.of_share(day, share)

    def of_each(self, days: Ints, entities: Ints) -> list[Needed | None]:
        """The same of several."""
        return [self.of(*each) for each in zip(days.tolist(), entities.tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class BarColumns:
    """Bars side by side: whether there is one, whether it is that of a clause that asks for a number of people alone, how many of the people must bear
    the sign, how many do usually, and how unlikely it must be."""

    there: Bools
    by_number: Bools
    floor: Floats
    usual: Floats
    nats: Floats

    @classmethod
    def by_window(cls, needed: Sequence[Needed | None], windows: int) -> list[BarColumns]:
        """Of so many windows, each with the bar of it that every row needs."""
        return [cls.of([each[window] if each else None for each in needed]) for window in range(windows)]

    @classmethod
    def of(cls, bars: Sequence[Bar | None]) -> BarColumns:
        known: dict[int, tuple[bool, bool, float, float, float]] = {}  # mostly the same few

        def told(bar: Bar | None) -> tuple[bool, bool, float, float, float]:
            if bar is None:
                return (False, False, 0.0, 0.0, 0.0)
            found = known.get(id(bar))
            if found is None:
                floor = max(bar.least_share, bar.least_times * bar.usual)
                found = known[id(bar)] = (True, bar == NO_LUCK, floor, bar.usual, bar.nats)
            return found

        columns = np.asarray([told(each) for each in bars], np.float64).reshape(-1, 5).T
        there, by_number, floor, usual, needed = columns
        return cls(there > 0, by_number > 0, floor, usual, needed)

    def take(self, rows: Ints) -> BarColumns:
        """These of them."""
        return BarColumns(*(getattr(self, name)[rows] for name in self.__slots__))

    def passed(self, signed: Ints, people: Ints) -> Bools:
        """Of numbers beside each, whether so many of so many people pass it."""
        passed: Bools = signed >= self.floor * people
        some = np.flatnonzero(passed)
        passed[some] = nats(signed[some], people[some], self.usual[some]) >= self.nats[some]
        return passed
