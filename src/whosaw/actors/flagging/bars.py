"""What an entity must pass on a day to be remarkable, window by window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from whosaw.actors.surprise import Bar, nats
from whosaw.store.distinct import numbered_from_0

__all__ = ["NO_LUCK", "AnyBars", "BarColumns", "Bars", "Needed"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

NO_LUCK = Bar(usual=0.5, least_share=0.0, least_times=0.0, nats=0.0)
"""Of a clause that asks for a number of people and nothing else."""


Needed = tuple[Bar | None, ...]
"""The bars of an entity on a day, beside the windows of a clause."""


class AnyBars(Protocol):
    """Gives the bars of entities on days, which are beside one another: those of each of so many windows."""

    def by_window(self, days: Ints, entities: Ints, windows: int) -> list[BarColumns]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """By day, the bar of each window of a clause; a day or a window without is one of which nothing is known of what is usual, and
    in which nothing is remarkable. `alike`: by day and entity what is usual of its like, where that is known; `of_share`: the bars of a day
    where so much is usual."""

    by_day: Mapping[int, Needed]
    alike: Mapping[int, Mapping[int, float]] = field(default_factory=dict)
    of_share: Callable[[int, float], Needed] = lambda _day, _share: ()

    def by_window(self, days: Ints, entities: Ints, windows: int) -> list[BarColumns]:
        """Of so many windows, each with the bars of entities on days, which are beside one another."""
        known, at = numbered_from_0(days)
        needed = [self.by_day.get(day) for day in known.tolist()]
        special = np.array([each in self.alike for each in known.tolist()], bool) & np.array(
            [each is not None for each in needed], bool
        )
        at = at.copy()
        for row in np.flatnonzero(special[at]).tolist():
            day = int(days[row])
            share = self.alike[day].get(int(entities[row]))
            if share is not None:
                at[row] = len(needed)
                needed.append(self.of_share(day, share))
        return [
            BarColumns.of([each[window] if each else None for each in needed]).take(at)
            for window in range(windows)
        ]


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
