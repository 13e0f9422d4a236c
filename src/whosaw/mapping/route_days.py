"""Routes that stopped: matched on each day up to one, and never since, while the log they match in goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

__all__ = ["DAY_US", "RouteDays", "Stopped"]

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
    last: date
    days: int
    events: int
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
