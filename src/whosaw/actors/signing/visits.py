"""Visits: all requests of one token, session or client without a pause over four hours, cut after a day.

A visit stands in the day of the last request that is known of it. Where the next day may go on with it, it is `open`, and
stands there again, whole, if it does. So the visits of a day follow from its events and from what the day before left open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from whosaw.build.step import Span
from whosaw.core import client
from whosaw.store.kinds import kind

from .belonging import last_start
from .columns import (
    HOUR,
    ONE_DAY,
    OPEN,
    PASS_NAMES,
    Bools,
    Digests,
    Ints,
    coded,
    digest_halves,
    keys_of,
    plain,
)
from .ways import way_texts

__all__ = ["ASKED_OF_VIEWS", "PAUSE", "Visits", "visit"]

PAUSE: Final = 4 * HOUR
"""A longer one ends a visit (docs/decisions/0013-build-corrections.md, point 1)."""
ASKED_OF_VIEWS: Final = (
    "person",
    "time",
    "route",
    "client",
    *client.picked("actors.signing.visits", "token", "session", why="what a visit goes by before its client"),
)
_VISITS: Final = kind("visits").in_hand
_NEVER: Final = np.iinfo(np.int64).max
_COUNTS: Final = ("events", "others", "tries", "views", "rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Visits with a view or a failed try, by day; and what each day leaves open."""

    visits: pa.Table
    open: pa.Table


def visit(
    events: pa.Table,
    views: pa.Table,
    before: pa.Table,
    *,
    span: Span,
    routes: Mapping[int, str],
    ways: Callable[[pa.Array], pa.Array],
    digests: Digests,
) -> Visits:
    """The visits of the days of a span. `events` (`EVENTS`) and `views` (in the order of days) are those of these days, `before` is what the day before
    the span left open. `routes` are ids by number, `ways` gives texts of ways of reading their numbers."""
    left = before.filter(plain(before["day"]) == span.first - 1) if before.num_rows else before
    done, handed = [_VISITS.empty_table()], [OPEN.empty_table()]
    for day in range(span.first, span.last + 1):
        first, last = np.searchsorted(plain(views["day"]), (day, day + 1)).tolist()
        of_day = _Day(day, _of(events, day), views.slice(first, last - first), left, routes, digests)
        done.append(of_day.visits(ways))
        left = of_day.open()
        handed.append(left)
    return Visits(visits=pa.concat_tables(done), open=pa.concat_tables(handed))


def _of(rows: pa.Table, day: int) -> pa.Table:
    return rows.filter(pa.array(plain(rows["day"]) == day))


def _cut(first: Bools, time: Ints, begun: Ints) -> Bools:
    """Where visits begin, if none goes on for longer than a day. `begun` is when that of a first row began."""
    while True:
        late = time - begun[np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))] > ONE_DAY
        new = late.copy()
        new[1:] &= ~late[:-1]  # the first of each
        if not new.any():
            return first
        first = first | new


class _Day:
    """One day: its visits are numbered from 0, in order of what they go by and of when they began."""

    def __init__(
        self,
        day: int,
        events: pa.Table,
        views: pa.Table,
        before: pa.Table,
        routes: Mapping[int, str],
        digests: Digests,
    ) -> None:
        self.day, self._routes, self._digests = day, routes, digests
        self._before = {name: before[name] for name in OPEN.names}
        kinds, keys = keys_of(events)
        carried = before.num_rows
        kinds = np.concatenate([plain(before["kind"]), kinds])
        keys = np.concatenate([plain(before["visit"]), keys])
        times = np.concatenate([plain(before["end"]), plain(events["time"])]).astype(np.int64)
        begun = np.concatenate([plain(before["start"]), plain(events["time"])]).astype(np.int64)
        order = np.lexsort((times, keys, kinds))
        kinds, keys, times, begun = kinds[order], keys[order], times[order], begun[order]
        first = np.append(
            True, (kinds[1:] != kinds[:-1]) | (keys[1:] != keys[:-1]) | (np.diff(times) > PAUSE)
        )
        first = _cut(first[: len(kinds)], times, begun)
        starts = np.flatnonzero(first)
        number = np.cumsum(first) - 1
        self.count = len(starts)
        self.kind, self.key, self.start = kinds[starts], keys[starts], begun[starts]
        self.end = times[np.append(starts[1:], len(times)) - 1] if self.count else times[:0]
        of_row = np.empty(len(order), np.int64)
        of_row[order] = number
        self._carried, self._event = of_row[:carried], of_row[carried:]
        self.lives = np.zeros(self.count, bool)  # it goes on or begins on this day
        self.lives[self._event] = True
        self._count(events)
        self.agents, self.networks = (self._sets(name, events[name[:-1]]) for name in ("agents", "networks"))
        self._read(views)
        self._pages, self._entry = self._pages_of(), self._entry_of()

    def _count(self, events: pa.Table) -> None:
        view, tried = (plain(events[each]).astype(bool) for each in ("view", "tried"))
        told = events["agent"].is_valid().to_numpy().astype(bool)
        self.counts = {}
        for name, counted in (
            ("events", np.ones(len(view), bool)),
            ("others", told & ~view),
            ("tries", tried),
            ("views", view),
        ):
            found = np.bincount(self._event[counted], minlength=self.count)
            np.add.at(found, self._carried, plain(self._before[name]))
            self.counts[name] = found

    def _sets(self, name: str, column: pa.ChunkedArray) -> tuple[Ints, Ints]:
        """Pairs of visit and value, each once, in order."""
        has = column.is_valid().to_numpy().astype(bool)
        visits = [self._event[has], self._spread(name)]
        values = [plain(column, 0)[has], self._flat(name)]
        return _distinct(np.concatenate(visits), np.concatenate(values).astype(np.int64))

    def _spread(self, name: str) -> Ints:
        """The visit of each value of a list that was carried here."""
        sizes = plain(self._before[name].combine_chunks().value_lengths(), 0)
        return np.repeat(self._carried, sizes)

    def _flat(self, name: str) -> Ints:
        """These values."""
        return plain(self._before[name].combine_chunks().flatten()).astype(np.int64)

    def _read(self, views: pa.Table) -> None:
        """What the views of each visit say: which people, which pages, in which order and how far apart."""
        kinds, keys = keys_of(views)
        time = plain(views["time"]).astype(np.int64)
        at = last_start((self.kind, self.key, self.start), (kinds, keys, time))
        if len(at) and at.min() < 0:
            raise ValueError("a view is not among the events")
        self._people(views["person"], at)
        has = views["route"].is_valid().to_numpy().astype(bool)
        on_page, route = at[has], plain(views["route"], -1)[has].astype(np.int64)
        self.rows = np.bincount(on_page, minlength=self.count)
        np.add.at(self.rows, self._carried, plain(self._before["rows"]))
        self.first_row = np.full(self.count, _NEVER)
        self.last_row = np.full(self.count, -_NEVER)
        np.minimum.at(self.first_row, on_page, time[has])
        np.maximum.at(self.last_row, on_page, time[has])
        np.minimum.at(self.first_row, self._carried, plain(self._before["first_row"], _NEVER))
        np.maximum.at(self.last_row, self._carried, plain(self._before["last_row"], -_NEVER))
        self._opened = (
            np.concatenate([on_page, self._spread("routes")]),
            np.concatenate([route, self._flat("routes")]),
            np.concatenate([time[has], self._flat("opened")]),
        )
        named = has & views["person"].is_valid().to_numpy().astype(bool)
        known = plain(self._before["page_at"], _NEVER)
        self._begun = (
            np.concatenate([at[named], self._carried[known < _NEVER]]),
            np.concatenate(
                [plain(views["route"], -1)[named], plain(self._before["page"], -1)[known < _NEVER]]
            ).astype(np.int64),
            np.concatenate([time[named], known[known < _NEVER]]).astype(np.int64),
        )

    def _people(self, persons: pa.ChunkedArray, at: Ints) -> None:
        """The smallest and the greatest person of each visit by digest; -1: none."""
        has = persons.is_valid().to_numpy().astype(bool)
        least, most = (plain(self._before[name], -1).astype(np.int64) for name in ("least", "most"))
        carried = np.flatnonzero(least >= 0)
        person = np.concatenate([plain(persons, -1)[has], least[carried], most[carried]]).astype(np.int64)
        visit_at = np.concatenate([at[has], self._carried[carried], self._carried[carried]])
        known, code = coded(person)
        by_digest = self._by_digest("person", known)
        rank = np.empty(len(known), np.int64)
        rank[by_digest] = np.arange(len(known))
        low, high = np.full(self.count, _NEVER), np.full(self.count, -1)
        np.minimum.at(low, visit_at, rank[code])
        np.maximum.at(high, visit_at, rank[code])
        sorted_people = np.append(known[by_digest], -1)
        self.least = sorted_people[np.where(high < 0, len(known), low)]
        self.most = sorted_people[np.where(high < 0, len(known), high)]

    def _by_digest(self, of: str, numbers: Ints) -> Ints:
        """The order of numbers by their digests."""
        if not len(numbers):
            return numbers
        halves = digest_halves(self._digests(of, pa.array(numbers)))
        return np.lexsort((halves[1], halves[0]))

    def _pages_of(self) -> tuple[Ints, Ints, Ints]:
        """Visit, page and when it was opened first, in the order in which they were opened; ties by the page's id."""
        at, route, time = self._opened
        order = np.lexsort((time, route, at))
        at, route, time = at[order], route[order], time[order]
        first = np.append(True, (at[1:] != at[:-1]) | (route[1:] != route[:-1]))[: len(at)]
        at, route, time = at[first], route[first], time[first]
        order = np.lexsort((_ranks(self._routes, route), time, at))
        return at[order], route[order], time[order]

    def _entry_of(self) -> tuple[Ints, Ints]:
        """The page at which each visit first read a person who is named, and when; -1: none."""
        at, route, time = self._begun
        order = np.lexsort((_ranks(self._routes, route), time, at))
        visits, first = np.unique(at[order], return_index=True)
        page, opened = np.full(self.count, -1), np.full(self.count, _NEVER)
        page[visits], opened[visits] = route[order][first], time[order][first]
        return page, opened

    def _open(self) -> Bools:
        """Which of them a request of the next day may belong to."""
        over = (self.day + 1) * ONE_DAY
        found: Bools = self.lives & (self.end >= over - PAUSE) & (self.start >= over - ONE_DAY)
        return found

    def visits(self, ways: Callable[[pa.Array], pa.Array]) -> pa.Table:
        """The visits that this day keeps, in their order."""
        at, route, _ = self._pages
        span = np.where(self.rows > 0, self.last_row - self.first_row, 0)
        texts, text = way_texts(at, route, span, self.rows, self._routes)
        numbers = plain(ways(pa.array(texts, pa.string()))) if texts else np.zeros(0, np.int64)
        way = np.append(numbers, -1)[text]
        page, _ = self._entry
        keep = np.flatnonzero(self.lives & (self.counts["views"] + self.counts["tries"] > 0))
        hi, lo = (np.zeros(self.count, np.uint64) for _ in range(2))
        for number, name in enumerate(PASS_NAMES):
            mine = keep[self.kind[keep] == number]
            if len(mine):
                keys, code = coded(self.key[mine])
                halves = digest_halves(self._digests(name, pa.array(keys)))
                hi[mine], lo[mine] = halves[0][code], halves[1][code]
        keep = keep[np.lexsort((self.start[keep], lo[keep], hi[keep], self.kind[keep]))]
        columns: dict[str, Any] = {
            "day": np.full(len(keep), self.day),
            "kind": self.kind[keep],
            "visit": self.key[keep],
            "start": self.start[keep],
            "end": self.end[keep],
            **{name: self.counts[name][keep] for name in ("events", "others", "tries", "views")},
            "least": _or_null(self.least[keep]),
            "most": _or_null(self.most[keep]),
            "page": _or_null(page[keep]),
            "pages": np.bincount(at, minlength=self.count)[keep],
            "way": _or_null(way[keep]),
            "agents": np.minimum(np.bincount(self.agents[0], minlength=self.count), 255)[keep],
            "networks": np.minimum(np.bincount(self.networks[0], minlength=self.count), 255)[keep],
            "open": self._open()[keep],
        }
        return _table(columns, _VISITS)

    def open(self) -> pa.Table:
        """What the day leaves open."""
        keep = np.flatnonzero(self._open())
        page, page_at = self._entry
        at, route, opened = self._pages
        columns: dict[str, Any] = {
            "day": np.full(len(keep), self.day),
            "kind": self.kind[keep],
            "visit": self.key[keep],
            "start": self.start[keep],
            "end": self.end[keep],
            **{name: self.counts[name][keep] for name in _COUNTS if name != "rows"},
            "least": _or_null(self.least[keep]),
            "most": _or_null(self.most[keep]),
            "page": _or_null(page[keep]),
            "page_at": pa.array(page_at[keep], mask=page[keep] < 0),
            "rows": self.rows[keep],
            "first_row": pa.array(self.first_row[keep], mask=self.rows[keep] == 0),
            "last_row": pa.array(self.last_row[keep], mask=self.rows[keep] == 0),
            "routes": _lists(keep, at, route, self.count),
            "opened": _lists(keep, at, opened, self.count),
            "agents": _lists(keep, *self.agents, self.count),
            "networks": _lists(keep, *self.networks, self.count),
        }
        return _table(columns, OPEN)


def _ranks(routes: Mapping[int, str], route: Ints) -> Ints:
    """Where the id of each page stands among those of all."""
    known = np.flatnonzero(np.bincount(route)).tolist() if len(route) else []
    rank = np.zeros(max(known, default=-1) + 1, np.int64)
    rank[sorted(known, key=routes.__getitem__)] = np.arange(len(known))
    found: Ints = rank[route]
    return found


def _distinct(visits: Ints, values: Ints) -> tuple[Ints, Ints]:
    order = np.lexsort((values, visits))
    visits, values = visits[order], values[order]
    first = np.append(True, (visits[1:] != visits[:-1]) | (values[1:] != values[:-1]))[: len(visits)]
    return visits[first], values[first]


def _lists(keep: Ints, visits: Ints, values: Ints, count: int) -> pa.Array:
    """By kept visit the list of its values; pairs are in order of visits."""
    sizes = np.bincount(visits, minlength=count)
    mine = np.isin(visits, keep)
    offsets = np.concatenate([[0], np.cumsum(sizes[keep])])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(values[mine]))


def _or_null(numbers: Ints) -> pa.Array:
    return pa.array(numbers, mask=numbers < 0)


def _table(columns: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    made = {name: each if isinstance(each, pa.Array) else pa.array(each) for name, each in columns.items()}
    return pa.table([made[field.name].cast(field.type) for field in schema], schema=schema)
