"""What an actor did in one source, hour by hour, and the whole windows of time that a lost one is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from .draws import Draws, Floats
from .source_hours import SURE, Run
from .tallies import Tallies

__all__ = ["Done"]

Ints = NDArray[np.int64]
_AROUND: Final = (1, 3, 7)  # days on either side in which whole hours are looked for, as many as are needed
_WEEK: Final = 7  # days on either side whose same hours are compared
_BESIDE: Final = 1  # hours by which the same hour of another day may be off
_DAY: Final = 24
_DAYS: Final = 14  # on either side, whose whole days say what a day holds at most
_LEAST_WINDOWS: Final = 12
_LEAST_DAYS: Final = 6


class Done:
    """From hour `first` on. Windows of hours that were surely lost are not whole."""

    def __init__(self, tallies: Tallies, name: str, first: int, many: int, runs: Sequence[Run]) -> None:
        self._first, self._many = first, many
        code = tallies.sources.index(name) if name in tallies.sources else -1
        hours = tallies.hours.filter((pc.field("source") == code) & pc.field("held"))
        views = np.zeros(many, np.int64)
        np.add.at(views, hours["hour"].to_numpy() - first, hours["views"].to_numpy())
        unnamed = np.zeros(many, np.int64)
        for row in tallies.unnamed:
            if row["source"] == code and row["held"]:
                unnamed[row["hour"] - first] += row["subjects"] or 0
        lost = np.zeros(many, np.int64)
        for run in runs:
            if run.chance >= SURE:
                lost[run.first - first : run.after - first] = 1
        self._views, self._unnamed, self._lost = (
            np.concatenate([[0], np.cumsum(each)]) for each in (views, unnamed, lost)
        )
        self._only: tuple[Ints, ...] | None = None
        if tallies.only_within is not None:
            only = tallies.only_within.filter(pc.field("source") == code)
            self._only = tuple(only[each].to_numpy() for each in ("first", "last", "persons"))
        self._by_length: dict[int, Ints] = {}
        self._by_clock = self._keeps_hours(views, lost)

    def draws(self, start: int, length: int, alike: Ints | None = None) -> tuple[Draws | None, Draws | None]:
        """Views, and accounts seen at no other time, that `length` hours from hour `start` on may hold; None where nothing can
        be compared with them. `alike` are first hours of stretches that are more like them than those near are."""
        at = start - self._first
        near = self._near(at, length)
        if near is None:
            return None, None
        hour = self._near(at, 1)
        busiest = hour if hour is not None else near
        given = None if alike is None else self._whole(self._within(alike - self._first, length), length)
        if given is not None and len(given) >= _LEAST_WINDOWS:
            near = given
            hour = (given[:, None] + np.arange(length)[None, :]).ravel()
            busiest = hour
        elif self._by_clock:
            same = self._whole(self._same_hours(at, length), length)
            near = same if len(same) >= _LEAST_WINDOWS else near
        views, accounts = (
            Draws.like(values, float(most.max()))
            for values, most in zip(
                self._seen(near, length), self._seen(busiest, 1 if hour is not None else length), strict=True
            )
        )
        most, days = self._left_of_day(at, length)
        if days < _LEAST_DAYS:
            return views, accounts
        return views.within(most, days), accounts.within(most, days)

    def _seen(self, starts: Ints, length: int) -> tuple[Floats, Floats]:
        """By window: views, and accounts; each view of another account where it is not known who was seen there alone."""
        views = self._sum(self._views, starts, length)
        if self._only is None:
            return views.astype(np.float64), views.astype(np.float64)
        accounts = self._accounts(length, *self._only)[starts] + self._sum(self._unnamed, starts, length)
        return views.astype(np.float64), accounts.astype(np.float64)

    def _near(self, at: int, length: int) -> Ints | None:
        """Where whole windows around that place begin, at any hour; as few days around as hold enough."""
        for days in _AROUND:
            low, high = (
                max(0, at - length - _DAY * days),
                min(self._many - length, at + length + _DAY * days),
            )
            whole = self._whole(np.arange(low, high + 1), length)
            if len(whole) >= _LEAST_WINDOWS:
                return whole
        return None

    def _same_hours(self, at: int, length: int) -> Ints:
        """Where windows of other days begin at the same hour, or the one beside it."""
        days = np.arange(-_WEEK, _WEEK + 1) * _DAY
        return self._within((at + days[:, None] + np.arange(-_BESIDE, _BESIDE + 1)[None, :]).ravel(), length)

    def _within(self, starts: Ints, length: int) -> Ints:
        inside: Ints = starts[(starts >= 0) & (starts + length <= self._many)]
        return inside

    def _whole(self, starts: Ints, length: int) -> Ints:
        whole: Ints = starts[self._sum(self._lost, starts, length) == 0]
        return whole

    def _keeps_hours(self, views: Ints, lost: Ints) -> bool:
        """Whether the same hours of other days foretell what the actor did in an hour better than the hours around it do."""
        reach = np.flatnonzero(views)
        if not len(reach):
            return False
        low, high = max(0, int(reach[0]) - _DAY), min(self._many, int(reach[-1]) + 1 + _DAY)
        done, whole = views[low:high].astype(np.float64), (lost[low:high] == 0).astype(np.float64)
        around = [each for each in range(-_DAY, _DAY + 1) if each]
        same = [
            day * _DAY + beside
            for day in range(-_WEEK, _WEEK + 1)
            for beside in range(-_BESIDE, _BESIDE + 1)
            if day
        ]
        errors = [_error(done, whole, shifts) for shifts in (around, same)]
        return errors[1] < errors[0]

    def _left_of_day(self, at: int, length: int) -> tuple[float, int]:
        """How many views a day near it may have more than the days around that window show, and how many days that is out of. A
        day is any 24 hours in a row; one may pass the busiest by as much as that passes the next. 0 days: nothing is known."""
        low, high = max(0, at - _DAY * _DAYS), min(self._many - _DAY, at + length + _DAY * _DAYS)
        days = self._whole(np.arange(low, high + 1), _DAY)
        holding = np.arange(max(0, at + length - _DAY), min(at, self._many - _DAY) + 1)
        if not len(days) or not len(holding):
            return 0.0, 0
        done = self._sum(self._views, days, _DAY)
        busiest = int(done.argmax())
        others = done[np.abs(days - days[busiest]) >= _DAY]
        passes = int(done[busiest] - others.max()) if len(others) else int(done[busiest])
        left = done[busiest] + passes - self._sum(self._views, holding, _DAY).max()
        apart, after = 0, -1
        for day in days[done > 0].tolist():
            if day >= after:
                apart, after = apart + 1, day + _DAY
        return float(max(0, left)), apart

    @staticmethod
    def _sum(total: Ints, starts: Ints, length: int) -> Ints:
        out: Ints = total[starts + length] - total[starts]
        return out

    def _accounts(self, length: int, first: Ints, last: Ints, persons: Ints) -> Ints:
        """By first hour of a window: how many accounts were seen in that window and at no other time."""
        if length not in self._by_length:
            fits = last - first < length
            steps = np.zeros(self._many + 1, np.int64)
            # a window holds [first, last] when it begins after last - length and not after first
            np.add.at(steps, np.clip(last[fits] - length + 1 - self._first, 0, self._many), persons[fits])
            np.add.at(steps, np.clip(first[fits] + 1 - self._first, 0, self._many), -persons[fits])
            self._by_length[length] = np.cumsum(steps)[: self._many]
        return self._by_length[length]


def _error(done: Floats, whole: Floats, shifts: Sequence[int]) -> float:
    """The squared error, over whole hours, of foretelling each by the mean of the whole hours so many hours off."""
    total, many = np.zeros(len(done)), np.zeros(len(done))
    for shift in shifts:
        to = slice(max(0, -shift), len(done) - max(0, shift))
        of = slice(max(0, shift), len(done) + min(0, shift))
        if to.start >= len(done) or of.start >= len(done):
            continue
        total[to] += done[of] * whole[of]
        many[to] += whole[of]
    means = total / np.maximum(many, 1)
    return float((((done - means) ** 2) * whole).sum())
