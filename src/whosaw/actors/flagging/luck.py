"""The bars of a clause day by day, from what is usual as of each: luck is shared out over the windows of a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from whosaw.actors.summing.baselines import Learnt
from whosaw.actors.summing.who import column
from whosaw.actors.surprise import Bar, bar

from .bars import NO_LUCK, Bars
from .question import DAY, Question

__all__ = ["WalkBars", "bars_of", "windows_in_a_month"]

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
    by_day: dict[int, tuple[Bar | None, ...]] = {}
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
    own = {
        (day, entity): tuple(
            _of(question, share, length, actors.get(day, 0)) for length, _ in question.windows
        )
        for day, shares in (alike or {}).items()
        if day in by_day
        for entity, share in shares.items()
    }
    return Bars(by_day=by_day, alike=own)


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
        chance = np.array([walk.chance(people[each]) for each in day[order].tolist()], np.float64)
        self._came = np.append(0, np.cumsum(fresh))
        self._by_accident = np.append(0.0, np.cumsum(fresh * chance))

    def of(self, day: int, entity: int) -> tuple[Bar | None, ...] | None:
        """The bars of an entity on a day, beside the windows; None where nothing is remarkable."""
        if day not in self._usual or not self._people[day]:
            return None
        return tuple(
            _of(self._question, share, length, self._actors[day])
            for length, _ in self._question.windows
            for share in [max(self._usual[day], self._chance(day, entity, length))]
        )

    def _chance(self, day: int, entity: int, length: int) -> float:
        """How many of the new people of a window are steps by accident."""
        first, last = np.searchsorted(
            self._key, [entity << _DAYS | day - self._question.back(length), (entity << _DAYS | day) + 1]
        ).tolist()
        came = self._came[last] - self._came[first]
        return float(self._by_accident[last] - self._by_accident[first]) / float(came) if came else 0.0
