"""The bars of a clause day by day, from what is usual as of each: luck is shared out over the windows of a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.summing.baselines import Learnt
from whosaw.actors.summing.who import column
from whosaw.actors.surprise import Bar, bar
from whosaw.store.distinct import numbered_from_0

from .bars import NO_LUCK, BarColumns, Bars, Needed
from .question import DAY, Question

__all__ = ["WalkBars", "bars_of", "windows_in_a_month"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_MONTH = 30 * DAY  # as long as the longest window, and about as long as what a scan of one log is about

_DAYS = 24  # bits of the number of a day


def windows_in_a_month(length: int) -> float:
    """How often a clause with a window of that length draws in a month."""
    return max(1.0, _MONTH / length)


def bars_of(
    question: Question,
    learnt: Mapping[int, Learnt],
    actors: Mapping[int, int],
    alike: Mapping[int, Mapping[int, float]] | None = None,
) -> Bars:
    """What an entity must pass on each day of which something is learnt, by day; `actors`: how many could pass by luck; `alike`: by
    entity, what is usual of its like."""
    clause = question.clause
    if not (clause.chance or clause.least_times or clause.never_among):
        plain = (
            NO_LUCK
            if not clause.least_share
            else bar(0.5, least_share=clause.least_share, least_times=0.0, chance=0.0, actors=1)
        )
        return Bars(by_day=dict.fromkeys(learnt, (plain,) * len(question.windows)))
    by_day: dict[int, Needed] = {}
    for day, usual in learnt.items():
        if clause.never_among and usual.nobody_bears < clause.never_among:
            continue  # somebody bears the sign, or too few are known to say that nobody does
        # a window longer than a day is held against the people of a month
        bars = [
            _bar(question, usual.share(month=length > DAY), length, actors.get(day, 0))
            for length, _ in question.windows
        ]
        if any(each is not None for each in bars):
            by_day[day] = tuple(bars)

    def of_share(day: int, share: float) -> Needed:
        return tuple(_of(question, share, length, actors.get(day, 0)) for length, _ in question.windows)

    return Bars(by_day=by_day, alike=alike or {}, of_share=of_share)


def _bar(question: Question, share: float | None, length: int, actors: int) -> Bar | None:
    return None if share is None else _of(question, share, length, actors)


def _of(question: Question, share: float, length: int, actors: int) -> Bar:
    clause = question.clause
    needed = bar(
        share,
        least_share=clause.least_share,
        least_times=clause.least_times,
        chance=clause.chance / windows_in_a_month(length),
        actors=actors,
    )
    return replace(needed, nats=round(needed.nats, 6))


class WalkBars:
    """The bars of a clause that asks who walks: what is usual of steps, but no less than accident gives among the people who had a number on
    the days on which somebody new came. None where nothing is known of what is usual, or nobody has a number.

    `usual` and `actors`: by day that is judged, what is usual, and how many could pass by luck; `people`: by day, how many have a number;
    `steps`: rows of that kind of the entities, of the days that are judged and of those that their windows touch."""

    def __init__(
        self,
        question: Question,
        usual: Mapping[int, float],
        people: Mapping[int, int],
        actors: Mapping[int, int],
        steps: pa.Table,
    ) -> None:
        walk = question.clause.walk
        assert walk is not None  # the item was refused otherwise
        self._question, self._usual, self._actors, self._people = question, usual, actors, people
        entity, day, fresh = (column(steps, name) for name in ("entity", "day", "fresh"))
        self._key, order = np.unique(entity << _DAYS | day, return_index=True)
        fresh = fresh[order]
        known, at = numbered_from_0(day[order])
        chance = np.array([walk.chance(people[each]) for each in known.tolist()], np.float64)[at]
        self._came = np.append(0, np.cumsum(fresh))
        self._by_accident = np.append(0.0, np.cumsum(fresh * chance))

    def by_window(self, days: Ints, entities: Ints, windows: int) -> list[BarColumns]:
        """Of so many windows, each with the bars of entities on days, which are beside one another."""
        known, at = numbered_from_0(days)
        clause = self._question.clause
        found = []
        for length, _ in self._question.windows[:windows]:
            plain = BarColumns.of(
                [
                    _of(self._question, self._usual[day], length, self._actors[day])
                    if day in self._usual and self._people[day]
                    else None
                    for day in known.tolist()
                ]
            ).take(at)
            chance = self._chances(days, entities, length)
            more = plain.there & (chance > plain.usual)
            usual = np.where(more, chance, plain.usual)
            floor = np.where(more, np.maximum(clause.least_share, clause.least_times * usual), plain.floor)
            found.append(BarColumns(plain.there, plain.by_number & ~more, floor, usual, plain.nats))
        return found

    def _chances(self, days: Ints, entities: Ints, length: int) -> Floats:
        """How many of the new people of a window are steps by accident."""
        first = np.searchsorted(self._key, entities << _DAYS | days - self._question.back(length))
        last = np.searchsorted(self._key, (entities << _DAYS | days) + 1)
        came = self._came[last] - self._came[first]
        found: Floats = (self._by_accident[last] - self._by_accident[first]) / np.maximum(came, 1)
        return np.where(came > 0, found, 0.0)
