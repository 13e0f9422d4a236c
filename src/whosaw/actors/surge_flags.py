"""Actors that open a page for far more people than its season explains, while everybody else opens it as usual.

The season is the same hour of the week, and the one before and after it, in weeks before. Where other pages grew, too, as on
the day of a sale, the page may grow as they did. A surge of everybody is no actor's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.sql import Session

from .actor_views import Actors, Flag, Memory, counted_terms
from .detectors import Clause, Detector
from .sliding import Peak
from .statement import statement

__all__ = ["AS_USUAL", "Surge", "surge_flags", "surges_of"]

Ints = npt.NDArray[np.int64]
HOUR: Final = 3_600_000_000
_WEEK: Final = 168
_WEEKS: Final = 4  # as far back as the season is looked for
_KNOWN: Final = 2  # so many of them must be in the log; before, nothing is known of the season
AS_USUAL: Final = 2  # everybody else opens the page at most so many times as often as usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """A page and an hour beyond its season: how many people are too many for one actor, and how many saw it at all."""

    route: int
    hour: int
    people: int
    usual: float
    enough: int


@dataclass(slots=True)
class _Held:
    """What one actor did in surges: the most people in one, when it first was enough, and with which clients."""

    most: int
    most_at: int
    reached_at: int
    clients: set[int]


def surge_flags(
    session: Session, detector: Detector, clause: Clause, actors: Actors, memory: Memory
) -> list[Flag]:
    """Actors that make a page's surge by themselves."""
    counted = counted_terms(clause)
    asked_of = (counted, detector.explanations)
    if asked_of not in memory.hours:
        memory.hours[asked_of] = session.query(statement("route_hours").format(counted=counted))
    surges = list(
        surges_of(memory.hours[asked_of], least=clause.windows[0].persons, times=clause.least_times)
    )
    if not surges:
        return []
    asked = pa.table({
        "surge": pa.array(range(len(surges)), pa.int64()),
        "route": pa.array([each.route for each in surges], pa.int16()),
        "hour": pa.array([each.hour for each in surges], pa.int64()),
    })  # fmt: skip
    sql = statement("surge_views").format(acting=actors.acting, counted=counted)
    views = session.query(sql, surges=asked)
    held: dict[int, _Held] = {}
    for surge, actor, client, person, time in _groups(views):
        firsts = np.sort(time[np.unique(person, return_index=True)[1]])
        found = surges[surge]
        if len(firsts) < found.enough or found.people - len(firsts) > AS_USUAL * found.usual:
            continue
        reached = int(firsts[found.enough - 1])
        mine = held.setdefault(actor, _Held(0, reached, reached, set()))
        if len(firsts) > mine.most:
            mine.most, mine.most_at = len(firsts), int(firsts[-1])
        mine.reached_at = min(mine.reached_at, reached)
        mine.clients.update(client.tolist())
    return [
        Flag(
            detector=detector, clause=clause, actors=actors, actor=actor,
            peaks=(Peak(most=mine.most, most_at=mine.most_at, reached_at=mine.reached_at),),
            clients=np.asarray(sorted(mine.clients), np.int32),
        )
        for actor, mine in sorted(held.items())
    ]  # fmt: skip


def surges_of(
    rows: pa.Table, *, least: int, times: float, season: int | None = None, since: int | None = None
) -> Iterator[Surge]:
    """The pages and hours that were seen by so many people and by so many times as many as their season and that of other
    pages explain. `season`: from how many days before the day of an hour pages are told of, if not from all there are; of hours from
    the day `since` on alone."""
    people: dict[int, dict[int, int]] = {}
    every: dict[int, dict[int, int]] = {}
    names = ("route", "hour", "people", "every")
    for route, hour, by_rule, of_all in zip(*(rows[name].to_pylist() for name in names), strict=True):
        people.setdefault(route, {})[hour] = by_rule
        every.setdefault(route, {})[hour] = of_all
    seen = {hour for hours in every.values() for hour in hours}
    days_of = {route: sorted({hour // 24 for hour in hours}) for route, hours in every.items()}
    first = min(seen, default=0) if since is None else since * 24
    for route, hours in people.items():
        for hour, now in sorted(hours.items()):
            if now < least or hour < first:
                continue
            weeks = [hour - _WEEK * back for back in range(1, _WEEKS + 1)]
            weeks = [each for each in weeks if {each - 1, each, each + 1} & seen]
            if len(weeks) < _KNOWN:
                continue
            before = max(_around(hours, week) for week in weeks)
            if now < times * max(before, 1):
                continue  # it is no less than that, however other pages grew
            told = every
            if season is not None:
                day = hour // 24
                told = {
                    each: hours
                    for each, hours in every.items()
                    if bisect_right(days_of[each], day) > bisect_left(days_of[each], day - season)
                }
            usual = before * _growth(told, route, hour, weeks)
            enough = max(least, int(np.ceil(times * max(usual, 1.0))))
            if now >= enough:
                yield Surge(route=route, hour=hour, people=now, usual=max(usual, 1.0), enough=enough)


def _around(hours: dict[int, int], hour: int) -> int:
    return max(hours.get(each, 0) for each in (hour - 1, hour, hour + 1))


def _growth(every: dict[int, dict[int, int]], route: int, hour: int, weeks: list[int]) -> float:
    """By how much the other pages grew against their own season, the middle one of them; never less than not at all."""
    grown = [
        (hours.get(hour, 0) + 1) / (max(_around(hours, week) for week in weeks) + 1)
        for other, hours in every.items()
        if other != route
    ]
    return max(1.0, median(grown)) if grown else 1.0


def _groups(views: pa.Table) -> Iterator[tuple[int, int, Ints, Ints, Ints]]:
    """Surge, actor, and of its views the clients, persons and times."""
    surge, actor, client, person, time = (
        views[name].to_numpy().astype(np.int64) for name in ("surge", "actor", "client", "person", "time")
    )
    borders = (np.flatnonzero((np.diff(surge) != 0) | (np.diff(actor) != 0)) + 1).tolist()
    for start, stop in pairwise([0, *borders, len(surge)] if len(surge) else []):
        part = slice(start, stop)
        yield int(surge[start]), int(actor[start]), client[part], person[part], time[part]
