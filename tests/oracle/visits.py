"""Visits, what is told of them, and ways of reading.

A visit is all requests of one pass (without one: of one client) without a pause over four hours. It lasts at most a day: what
comes more than 24 hours after its first request begins the next one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable
from functools import cached_property
from typing import NamedTuple

from .rows import DAY, HOUR, SECOND, Client, Log, Request, View

__all__ = ["PAUSE", "Visit", "Visits", "Week"]

PAUSE = 4 * HOUR
LONGEST = DAY


class Visit:
    """One visit: its views, and its requests that showed nobody."""

    def __init__(self) -> None:
        self.views: list[View] = []
        self.others: list[Request] = []

    @cached_property
    def lines(self) -> int:
        """How many of its requests showed somebody."""
        return len({(each.file, each.line) for each in self.views})

    @cached_property
    def tries(self) -> int:
        return sum(each.is_try for each in self.others)

    @property
    def only_asked(self) -> bool:
        """It did nothing but ask for people, whether they were shown or not."""
        return self.tries == len(self.others)

    @cached_property
    def hollow(self) -> bool | None:
        """It did nothing but carry people's data. Told of what has a user agent: a program that speaks to a database does nothing
        else."""
        if not any(each.client.agent is not None for each in (*self.views, *self.others)):
            return None
        return not any(each.client.agent is not None for each in self.others)

    @cached_property
    def first_page(self) -> str | None:
        """The page about a person with which it began; None where it saw several people, or none on a page."""
        on_pages = [each for each in self.views if each.person is not None and each.route is not None]
        if len({each.person for each in on_pages}) != 1:
            return None
        return min(on_pages, key=lambda each: each.order).route

    @cached_property
    def way(self) -> str | None:
        """Its way of reading: pages about people in the order in which it opened them, and its mean pause between views, from one
        power of four seconds to the next. None where it opened no page."""
        on_pages = [each for each in self.views if each.route is not None]
        if not on_pages:
            return None
        first: dict[str, int] = {}
        for each in on_pages:
            first[str(each.route)] = min(first.get(str(each.route), each.time), each.time)
        pages = " > ".join(sorted(first, key=lambda page: (first[page], page)))
        times = [each.time for each in on_pages]
        if len(times) == 1:
            return pages
        pause = (max(times) - min(times)) / SECOND / (len(times) - 1)
        if pause < 1:
            return f"{pages}, less than 1 s apart"
        power = math.floor(math.log2(pause) / 2)
        return f"{pages}, {4**power} s to {4 ** (power + 1)} s apart"


class Week(NamedTuple):
    """What somebody did in a visit and in those that they began in the seven days before it."""

    lines: int
    tries: int


class Visits:
    """The visits of a log."""

    def __init__(self, log: Log) -> None:
        # by view or request, the visit of its pass and its own; by visit, it and those that began in the week before it
        self._of: dict[int, tuple[Visit | None, Visit]] = {}
        self._weeks: dict[int, list[Visit]] = {}
        by_pass: dict[Hashable, list[View | Request]] = defaultdict(list)
        for each in (*log.views, *log.others):
            by_pass[_visitor(each.client)].append(each)
        for visitor, mine in by_pass.items():
            self._cut(mine, of_pass=isinstance(visitor, tuple) and visitor[0] in ("token", "session"))

    def of_week(self, row: View | Request) -> Week:
        """What the pass, or the client without one, did in the visit of a request and the week before that."""
        near = self._weeks[id(self.of(row))]
        return Week(sum(each.lines for each in near), sum(each.tries for each in near))

    def _cut(self, mine: list[View | Request], *, of_pass: bool) -> None:
        visit, start, last = Visit(), 0, 0
        begun: list[tuple[int, Visit]] = []
        for each in sorted(mine, key=lambda row: row.order):
            if not begun or each.time - last > PAUSE or each.time - start > LONGEST:
                visit, start = Visit(), each.time
                begun.append((start, visit))
                self._weeks[id(visit)] = [one for since, one in begun if start - since <= 7 * DAY]
            last = each.time
            if isinstance(each, View):
                visit.views.append(each)
            else:
                visit.others.append(each)
            self._of[id(each)] = (visit if of_pass else None, visit)

    def of(self, row: View | Request) -> Visit:
        """The visit that a request belongs to."""
        return self._of[id(row)][1]

    def of_pass(self, row: View | Request) -> Visit | None:
        """The same where it has a pass."""
        return self._of[id(row)][0]


def _visitor(client: Client) -> Hashable:
    return client.passes or ("client", client.sent)
