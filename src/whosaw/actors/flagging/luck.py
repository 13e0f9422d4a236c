"""The bars of a clause day by day, from what is usual as of each: luck is shared out over the windows of a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from whosaw.actors.summing.baselines import Learnt
from whosaw.actors.surprise import Bar, bar

from .bars import NO_LUCK, Bars
from .question import DAY, Question

__all__ = ["bars_of", "walk_bars", "windows_in_a_month"]

_MONTH = 30 * DAY  # as long as the longest window, and about as long as what a scan of one log is about


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


def walk_bars(
    question: Question, usual: Mapping[int, float], people: Mapping[int, int], actors: Mapping[int, int]
) -> Bars:
    """The bars of a clause that asks who walks, by day: what is usual of steps, but no less than accident gives among so many people who
    have a number; none where nobody has one."""
    walk = question.clause.walk
    assert walk is not None  # the item was refused otherwise
    return Bars(
        by_day={
            day: tuple(
                _of(question, max(share, walk.chance(people[day])), length, actors[day])
                for length, _ in question.windows
            )
            for day, share in usual.items()
            if people[day]
        }
    )
