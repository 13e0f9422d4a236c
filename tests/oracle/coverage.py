"""What is learnt of the context as of a day: where logins are on record, how long sessions last, hours by which a table may have to be
later, whether tickets are believed, and whether its ids are those of the log."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from .baseline import learnt_from, quarter_hour
from .holes import Pause, holes, pauses
from .rows import DAY, HOUR, Log, View, day_of, hour_of

__all__ = ["Coverage", "Issue"]

T = TypeVar("T")
LOGIN_SLACK = 5 * 60 * 1_000_000
TICKET_SLACK = 15 * 60 * 1_000_000
MOST_HOURS = 14  # no zone is further from UTC
FEW_LOGINS, FEW_TICKETS = (
    10,
    2,
)  # so many views that another hour would explain say something of a whole table
TOO_MANY = 1 / 3
DESK = 3  # agents, for the middle one to say something of the table


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """From when to when a pass was in force that was issued to somebody; `ends` None: it did not end."""

    person: str
    starts: int
    ends: int | None

    def holds(self, time: int, slack: int, later: int = 0) -> bool:
        """Whether it was in force then, were its times so much later."""
        begun = self.starts + later <= time + slack
        return begun and (self.ends is None or time <= self.ends + later + slack)


class Coverage:
    """What of the context is believed, as of each day."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._kept: dict[object, Any] = {}

    @cached_property
    def issues(self) -> Mapping[tuple[str, str], list[Issue]]:
        """By token or session, to whom it was issued. A later issue of an ended one opens it again."""
        rows: dict[tuple[str, str], dict[str, list[Mapping[str, Any]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for row in self._log.context.rows("logins"):
            for kind in ("token", "session"):
                if row.get(kind) is not None and row.get("subject") is not None:
                    rows[kind, row[kind]][row["subject"]].append(row)
        found: dict[tuple[str, str], list[Issue]] = {}
        for key, by_person in rows.items():
            for person, each in by_person.items():
                starts = [row["time"] for row in each if row.get("time") is not None]
                ends = [row["ended"] for row in each if row.get("ended") is not None]
                if starts:
                    end = max(ends) if ends and max(ends) >= max(starts) else None
                    found.setdefault(key, []).append(Issue(person=person, starts=min(starts), ends=end))
        return found

    @cached_property
    def known_since(self) -> Mapping[tuple[str, str], int]:
        """By token or session on record, when it was issued first, to whomever."""
        found: dict[tuple[str, str], int] = {}
        for row in self._log.context.rows("logins"):
            for kind in ("token", "session"):
                if row.get(kind) is not None and row.get("time") is not None:
                    found[kind, row[kind]] = min(found.get((kind, row[kind]), row["time"]), row["time"])
        return found

    # Logins as of a day.

    def matched(self, kind: str, day: int) -> bool:
        """Whether the log shows tokens (or sessions) that are on record."""
        used = self._days(kind, lambda: _by_day((c.time, getattr(c.client, kind)) for c in self._rows()))
        days = learnt_from(used, day)
        return self._of(
            kind, days, lambda: any((kind, text) in self._logins_ids for d in days for text in used[d])
        )

    @cached_property
    def holes(self) -> list[Pause]:
        """Where logins are missing; none where the context states from when until when it has all of them."""
        stated = self._log.context.logins_from is not None and self._log.context.logins_until is not None
        return [] if stated else holes(self._login_times)

    def logins_until(self, day: int) -> int | None:
        """Until when logins are on record, as far as is known on that day: one longest pause that is no hole, up to a quarter of an
        hour, after the last one, and at least to the end of its hour; where they come late, so long before the last one. None where there are none."""
        times = self._login_times
        if self._log.context.logins_until is not None or not times:
            return self._log.context.logins_until
        if self._log.context.logins_late is not None:
            return times[-1] - self._log.context.logins_late
        days = learnt_from({day_of(each) for each in times}, day)
        usual = [
            until - since for since, until in pauses(times)
            if days and days[0] <= day_of(since) <= days[-1] and (since, until) not in self.holes
        ]  # fmt: skip
        return max(times[-1] + quarter_hour(max(usual, default=0)), (hour_of(times[-1]) + 1) * HOUR - 1)

    def issued_on_record(self, time: int, day: int) -> bool:
        """Whether a pass that was used then, and is not older than sessions get, would be on record."""
        since = self._log.context.logins_from
        if since is None and self._login_times:
            since = self._login_times[0]
        until, lasts = self.logins_until(day), self.sessions_last(day)
        if since is None or until is None or not since + lasts <= time <= until:
            return False
        return not any(begin < time < end + lasts for begin, end in self.holes)

    def sessions_last(self, day: int) -> int:
        """The age that 19 of 20 views do not pass, up to a quarter of an hour, unless the context states it."""
        if self._log.context.sessions_last is not None:
            return self._log.context.sessions_last
        ages = self._days("ages", lambda: _by_day((v.time, self._age(v)) for v in self._log.views))
        days = learnt_from(ages, day)

        def lasts() -> int:
            every = sorted(age for each in days for age in ages[each])
            return quarter_hour(every[max(0, math.ceil(0.95 * len(every)) - 1)]) if every else 0

        return self._of("lasts", days, lasts)

    def logins_later(self, day: int) -> Sequence[int]:
        """By how many microseconds all logins may have to be later."""
        uses = self._days("uses", lambda: _by_day(self._own_uses()))
        days = learnt_from(uses, day)
        return self._of(
            "logins",
            days,
            lambda: _better([fits for each in days for fits in uses[each]], FEW_LOGINS, TOO_MANY),
        )

    # Tickets as of a day.

    def tickets_later(self, day: int) -> Sequence[int]:
        """By how many microseconds all tickets may have to be later."""
        days = learnt_from(self._desk, day)
        return self._of(
            "tickets", days,
            lambda: _better([fits for each in days for _, _, fits in self._desk[each]], FEW_TICKETS, 0),
        )  # fmt: skip

    def tickets_aside(self, day: int) -> bool:
        """Whether the middle agent has no ticket for more than a third of the people they saw: then the table is wrong."""
        days = learnt_from(self._desk, day)

        def aside() -> bool:
            may_be = {0, *(each // HOUR for each in self.tickets_later(day))}
            people: dict[str, dict[str, bool]] = defaultdict(dict)
            for agent, person, fits in (each for one in days for each in self._desk[one]):
                people[agent][person] = people[agent].get(person, False) or not (fits & may_be)
            shares = sorted(sum(each.values()) / len(each) for each in people.values())
            return len(shares) >= DESK and shares[(len(shares) - 1) // 2] > TOO_MANY

        return self._of("aside", days, aside)

    @cached_property
    def first_ticket(self) -> int | None:
        return min(
            (row["opened"] for row in self._log.context.rows("tickets") if row.get("opened") is not None),
            default=None,
        )

    # Keys as of a day.

    def keys_met(self, day: int) -> bool:
        """Whether the table of keys knows other keys of this log."""
        used = self._days("key", lambda: _by_day((c.time, c.client.key) for c in self._rows()))
        known = {row["key"] for row in self._log.context.rows("keys") if row.get("key") is not None}
        days = learnt_from(used, day)
        return self._of("met", days, lambda: any(key in known for each in days for key in used[each]))

    # How these are put together.

    def _rows(self) -> Iterable[Any]:
        return (*self._log.views, *self._log.others)

    def _days(self, name: str, make: Callable[[], dict[int, list[Any]]]) -> dict[int, list[Any]]:
        key = ("days", name)
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def _of(self, name: str, days: Sequence[int], make: Callable[[], T]) -> T:
        key = (name, tuple(days))
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    @cached_property
    def _login_times(self) -> list[int]:
        return sorted(row["time"] for row in self._log.context.rows("logins") if row.get("time") is not None)

    @cached_property
    def _logins_ids(self) -> set[tuple[str, str]]:
        rows = self._log.context.rows("logins")
        return {
            (kind, row[kind]) for row in rows for kind in ("token", "session") if row.get(kind) is not None
        }

    def _age(self, view: View) -> int | None:
        for kind in ("token", "session"):
            since = self.known_since.get((kind, getattr(view.client, kind)))
            if since is not None:
                return max(view.time - since, 0)
        return None

    def _own_uses(self) -> Iterable[tuple[int, frozenset[int]]]:
        """Of each client and person on a day, the first view in a pass that was issued to this person, and by how many hours all
        logins would have to be later for it to be in force."""
        seen: set[object] = set()
        for view in self._log.views:
            key = (day_of(view.time), view.client.sent, view.person)
            mine = [
                each for kind in ("token", "session")
                for each in self.issues.get((kind, getattr(view.client, kind)), ()) if each.person == view.person
            ]  # fmt: skip
            if view.person is not None and mine and key not in seen:
                seen.add(key)
                yield view.time, _fits(view.time, mine, LOGIN_SLACK)

    @cached_property
    def _desk(self) -> dict[int, list[tuple[str, str, frozenset[int]]]]:
        """By day, what staff at work saw of whom since tickets are on record: agent, person, and by how many hours all tickets would
        have to be later for one of them to be open then."""
        found: dict[int, list[tuple[str, str, frozenset[int]]]] = defaultdict(list)
        staff: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in self._log.context.rows("staff"):
            staff[row["staff"]].append(row)
        tickets: dict[tuple[str, str], list[Issue]] = defaultdict(list)
        for row in self._log.context.rows("tickets"):
            if row.get("opened") is not None:
                issue = Issue(person=row["subject"], starts=row["opened"], ends=row.get("closed"))
                tickets[row["agent"], row["subject"]].append(issue)
        seen = set()
        for view in self._log.views:
            agent = view.client.principal
            if agent not in staff or view.person is None or self.first_ticket is None:
                continue
            if view.time + TICKET_SLACK < self.first_ticket or not any(
                _employed(row, view.time) for row in staff[agent]
            ):
                continue
            if (agent, view.person, view.time) not in seen:
                seen.add((agent, view.person, view.time))
                fits = _fits(view.time, tickets[agent, view.person], TICKET_SLACK)
                found[day_of(view.time)].append((agent, view.person, fits))
        return found


def _employed(row: Mapping[str, Any], time: int) -> bool:
    joined, gone = row.get("joined"), row.get("gone")
    return (joined is None or joined <= time) and (gone is None or time < gone)


def _fits(time: int, issues: Iterable[Issue], slack: int) -> frozenset[int]:
    """By how many whole hours these would have to be later for one to be in force."""
    hours = range(-MOST_HOURS, MOST_HOURS + 1)
    return frozenset(hour for hour in hours if any(each.holds(time, slack, hour * HOUR) for each in issues))


def _better(uses: Sequence[frozenset[int]], least: int, share: float) -> Sequence[int]:
    """Shifts (microseconds) at which so many more views would be explained, and more than would be no more."""
    found = []
    for hours in range(-MOST_HOURS, MOST_HOURS + 1):
        gained = sum(0 not in each and hours in each for each in uses)
        lost = sum(0 in each and hours not in each for each in uses)
        if hours and gained > lost and gained >= max(least, share * len(uses)):
            found.append(hours * HOUR)
    return found


def _by_day(pairs: Iterable[tuple[int, T | None]]) -> dict[int, list[T]]:
    """What is there, by the day of its instant."""
    found: dict[int, list[T]] = defaultdict(list)
    for time, what in pairs:
        if what is not None:
            found[time // DAY].append(what)
    return dict(found)
