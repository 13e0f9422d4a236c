"""Whether the map of a workspace still says anything of its logs: what it finds, what only a lax server would have, what stopped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import ClassVar

import numpy as np

from whosaw.core.document import told_as
from whosaw.store.index.view_counts import ViewCounts
from whosaw.store.ledger import locators_of
from whosaw.store.repositories.manifest import ids_of_routes
from whosaw.store.repositories.segments import Counted
from whosaw.store.workspace import Workspace

from .data_map import DataMap
from .untold import sentence_of, untold_sources

__all__ = [
    "DAY_US",
    "MapHealth",
    "PossibleViews",
    "RouteDays",
    "Stopped",
    "days_of",
    "ended_routes",
    "map_health",
    "possible_views",
]

_HOURS = 24
DAY_US = 86_400_000_000
_EPOCH = date(1970, 1, 1)
_LEAST_DAYS = 3
_LEAST_EXPECTED = 5.0  # by chance a route that goes on as before is as silent as that once in 150 times


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A route that matched in `source` on each day up to `last`, and in none of the `events` of later days, of which
    about `expected` would have been its own."""

    route: str
    source: str
    last: date = field(metadata=told_as("last_day"))
    days: int
    events: int = field(metadata=told_as("events_since"))
    expected: int

    def __str__(self) -> str:
        since = self.last + timedelta(days=1)
        return (
            f"{self.route} matched on each of {self.days:,} days in {self.source} and never since {since}, in {self.events:,} "
            f"events where about {self.expected:,} were to be expected: did its address change?"
        )


class RouteDays:
    """Counts events of sources, and of routes in them, by day (days since 1970, UTC)."""

    def __init__(self) -> None:
        self._traffic: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self._matched: dict[tuple[str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))

    def add_traffic(self, source: str, days: Mapping[int, int]) -> None:
        """So many events of `source` on each day."""
        for day, events in days.items():
            self._traffic[source][day] += events

    def add_matched(self, source: str, route: str, days: Mapping[int, int]) -> None:
        """So many events of `source` on each day that were of `route`."""
        for day, events in days.items():
            self._matched[source, route][day] += events

    @property
    def events(self) -> int:
        """All events."""
        return sum(sum(days.values()) for days in self._traffic.values())

    def stopped(self, ended: Iterable[str] = ()) -> tuple[Stopped, ...]:
        """The routes that stopped, but for those of which the map itself says that they `ended`."""
        known = set(ended)
        found = []
        for (source, route), days in sorted(self._matched.items()):
            traffic = {day: events for day, events in self._traffic[source].items() if events}
            first, last = min(days), max(days)
            before = [day for day in traffic if first <= day <= last]
            events = sum(count for day, count in traffic.items() if day > last)
            usual = median(days[day] / traffic[day] for day in before) if before else 0.0
            whole = len(before) >= _LEAST_DAYS and all(days.get(day) for day in before)
            if route not in known and whole and usual * events >= _LEAST_EXPECTED:
                found.append(
                    Stopped(
                        route=route, source=source, last=_EPOCH + timedelta(days=last), days=len(before),
                        events=events, expected=round(usual * events),
                    )
                )  # fmt: skip
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapHealth:
    """Whether the map still says anything of the ledger: its events and views, and the routes that stopped."""

    events: int
    views: int
    stopped: tuple[Stopped, ...]
    notes: tuple[str, ...]
    ALSO: ClassVar[tuple[str, ...]] = ("matches_nothing",)

    @property
    def matches_nothing(self) -> bool:
        return bool(self.events and not self.views)


def map_health(
    workspace: Workspace, data_map: DataMap | None, counted: Counted, views: ViewCounts
) -> MapHealth | None:
    """How the map does on the whole ledger; None without a map. `counted` are its segments, `views` what their views come to."""
    if data_map is None:
        return None
    days = RouteDays()
    sources = {each.id: each.source for each in counted.segments}
    traffic: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for each in counted.hours:
        traffic[sources[each.segment]][each.hour // _HOURS] += each.events
    for source, of_day in traffic.items():
        days.add_traffic(source, of_day)
    routes = ids_of_routes(workspace.journal)
    for of in views.days:
        if of.segment in sources:
            days.add_matched(sources[of.segment], routes[of.route], {of.day: of.lines})
    viewed = sum(of.lines for of in views.days)
    stopped = days.stopped(ended_routes(data_map))
    notes = [str(each) for each in stopped]
    if viewed and (untold := untold_sources(workspace.journal, data_map)):
        notes.append(f"{sentence_of(untold)}; whoever was shown there is in no answer")
    if days.events and not viewed:
        notes.insert(
            0,
            f"THE MAP MATCHES NOTHING: none of {days.events:,} events is a view by any of its {len(data_map.routes):,} routes; "
            "`whosaw map check MAP LOGS` shows what the logs hold",
        )
    return MapHealth(events=days.events, views=viewed, stopped=stopped, notes=tuple(notes))


def ended_routes(data_map: DataMap) -> set[str]:
    """Routes that the map lets end itself: those without a version that is still open."""
    return {route.id for route in data_map.routes} - {
        route.id for route in data_map.routes if route.until is None
    }


def days_of(micros: np.ndarray[tuple[int], np.dtype[np.int64]]) -> dict[int, int]:
    """How many of the instants fall on each day."""
    days, counts = np.unique(micros // DAY_US, return_counts=True)
    return dict(zip(days.tolist(), counts.tolist(), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleViews:
    """Of one route: how many requests a server may have taken for it that did not ask for it in the strict spelling."""

    route: str
    views: int
    locators: tuple[str, ...]
    by_method: int = 0  # of which only the method is another

    @property
    def _by_method(self) -> str:
        if not self.by_method:
            return ""
        return f" or by another method ({self.by_method:,}; where that shows nobody's data, other_methods in the match says so)"

    @property
    def note(self) -> str:
        what = "1 possible view" if self.views == 1 else f"{self.views:,} possible views"
        return (
            f"{self.route}: {what} in another spelling{self._by_method}, in upper bounds only; whosaw map check says what to write "
            f"in the map (lines {', '.join(self.locators)})"
        )


def possible_views(workspace: Workspace, views: ViewCounts) -> tuple[PossibleViews, ...]:
    """By route of the ledger, those that have any."""
    if not views.possible:
        return ()
    routes = ids_of_routes(workspace.journal)
    return tuple(
        PossibleViews(
            route=routes[each.route],
            views=each.views,
            by_method=each.by_method,
            locators=tuple(str(at) for at in locators_of(workspace.journal, each.lines)),
        )
        for each in views.possible
    )
