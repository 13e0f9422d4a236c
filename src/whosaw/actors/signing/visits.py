"""Visits: all requests of one token, session or client without a pause over four hours, cut after a day.

A visit stands in the day of the last request that is known of it. Where the next day may go on with it, it is `open`, and
stands there again, whole, if it does. So the visits of a day follow from its events and from what the day before left open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from whosaw.build.step import Span
from whosaw.core import client
from whosaw.store.distinct import distinct_rows, numbered_from_0, order_of
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
    by_digest,
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
_LISTS: Final = ("routes", "opened", "agents", "networks")
_KEY_BITS: Final = 50  # a key has no more than 49


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
    rows = _Rows.of(events, views, before, span, digests)
    left, known = rows.open, _Ways(ways)
    done: list[Mapping[str, Ints]] = []
    handed: list[tuple[int, _Open]] = []
    for day in range(span.first, span.last + 1):
        of_day = _Day(day, rows, left, routes)
        done.append(of_day.visits(known.numbers))
        left = of_day.open()
        handed.append((day, left))
    return Visits(visits=_visits(done), open=_open(handed, rows))


class _Ways:
    """Numbers of ways of reading. Each is asked for once; new ones get theirs day by day."""

    def __init__(self, ways: Callable[[pa.Array], pa.Array]) -> None:
        self._ways = ways
        self._known: dict[str, int] = {}

    def numbers(self, texts: Sequence[str]) -> Ints:
        new = [each for each in texts if each not in self._known]
        if new:
            self._known.update(zip(new, self._ways(pa.array(new, pa.string())).to_pylist(), strict=True))
        return np.array([self._known[each] for each in texts], np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """Visits that are not over at the end of a day, in order of their passes; columns as in `OPEN`. Lists are their sizes and all their
    values, one behind the other. What is not there is below 0, an instant `_NEVER` from now."""

    numbers: Mapping[str, Ints]
    sizes: Mapping[str, Ints]
    values: Mapping[str, Ints]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Requests and views of a span in order of time. A pass is what a visit goes by, numbered in the order of kinds and digests; people are numbered
    by theirs."""

    kinds: Ints  # by pass
    keys: Ints
    people: Ints  # by place among them
    events: Mapping[str, Ints]
    views: Mapping[str, Ints]
    open: _Open  # what the day before left

    @classmethod
    def of(cls, events: pa.Table, views: pa.Table, before: pa.Table, span: Span, digests: Digests) -> _Rows:
        of_events = _columns(events, ("view", "tried", "agent", "network"))
        of_views = _columns(views, ("person", "route"))
        left = _left(before, span)
        every = [(of_events["kind"], of_events["key"]), (of_views["kind"], of_views["key"])]
        every.append((left.numbers["kind"], left.numbers["visit"]))
        kind, key = (np.concatenate(each) for each in zip(*every, strict=True))
        packed, code = coded(kind << _KEY_BITS | key)
        kinds, keys = packed >> _KEY_BITS, packed & ((1 << _KEY_BITS) - 1)
        of_kind = [np.flatnonzero(kinds == number) for number in range(len(PASS_NAMES))]
        order = np.concatenate([
            mine[by_digest(*digest_halves(digests(name, pa.array(keys[mine]))))] if len(mine) else mine
            for name, mine in zip(PASS_NAMES, of_kind, strict=True)
        ])  # fmt: skip
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        many = [len(each) for each, _ in every]
        of_events["pass"], of_views["pass"], of_left = np.split(place[code], np.cumsum(many)[:-1])
        people, person = _people(
            np.concatenate([of_views["person"], left.numbers["least"], left.numbers["most"]]), digests
        )
        of_views["person"], least, most = np.split(person, np.cumsum([many[1], many[2]]))
        again = {"pass": of_left, "least": least, "most": most}
        return cls(
            kinds=kinds[order], keys=keys[order], people=people, events=of_events, views=of_views,
            open=_Open(numbers={**left.numbers, **again}, sizes=left.sizes, values=left.values),
        )  # fmt: skip


def _columns(rows: pa.Table, names: Sequence[str]) -> dict[str, Ints]:
    """Columns of requests in order of time, with what each goes by; -1 where there is none."""
    kind, key = keys_of(rows)
    found = {"time": plain(rows["time"]), "kind": kind, "key": key}
    found |= {name: plain(rows[name], -1) for name in names}
    order = order_of(np.asarray(found["time"], np.int64))
    return {name: np.asarray(each, np.int64)[order] for name, each in found.items()}


def _left(before: pa.Table, span: Span) -> _Open:
    if before.num_rows:
        before = before.filter(plain(before["day"]) == span.first - 1)
    never = {"page_at": _NEVER, "first_row": _NEVER, "last_row": -_NEVER}
    lists = {name: before[name].combine_chunks() for name in _LISTS}
    return _Open(
        numbers={
            name: plain(before[name], never.get(name, -1)).astype(np.int64)
            for name in OPEN.names[1:]
            if name not in _LISTS
        },
        sizes={name: plain(each.value_lengths(), 0).astype(np.int64) for name, each in lists.items()},
        values={name: plain(each.flatten()).astype(np.int64) for name, each in lists.items()},
    )


def _people(numbers: Ints, digests: Digests) -> tuple[Ints, Ints]:
    """People in the order of their digests, and the place of each number among them; -1: nobody."""
    known, code = numbered_from_0(numbers)
    nobody = int(len(known) > 0 and known[0] < 0)
    people = known[nobody:]
    if not len(people):
        return people, np.full(len(numbers), -1)
    order = by_digest(*digest_halves(digests("person", pa.array(people))))
    place = np.empty(len(known), np.int64)
    place[:nobody] = -1
    place[nobody + order] = np.arange(len(order))
    return people[order], place[code]


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

    def __init__(self, day: int, rows: _Rows, before: _Open, routes: Mapping[int, str]) -> None:
        self.day, self._rows, self._routes, self._before = day, rows, routes, before
        events, views = (_within(each, day) for each in (rows.events, rows.views))
        carried = len(before.numbers["pass"])
        passes = np.concatenate([before.numbers["pass"], events["pass"]])
        times = np.concatenate([before.numbers["end"], events["time"]])
        begun = np.concatenate([before.numbers["start"], events["time"]])
        order = order_of(
            passes
        )  # they stand in order of time, and what was carried here is over before all others
        passes, times, begun = passes[order], times[order], begun[order]
        first = np.append(True, (passes[1:] != passes[:-1]) | (np.diff(times) > PAUSE))
        first = _cut(first[: len(passes)], times, begun)
        starts = np.flatnonzero(first)
        number = np.cumsum(first) - 1
        self.count = len(starts)
        self.passes, self.start = passes[starts], begun[starts]
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

    def _count(self, events: Mapping[str, Ints]) -> None:
        view = events["view"] > 0
        self.counts = {}
        for name, counted in (
            ("events", self._event),
            ("others", self._event[(events["agent"] >= 0) & ~view]),
            ("tries", self._event[events["tried"] > 0]),
            ("views", self._event[view]),
        ):
            found = np.bincount(counted, minlength=self.count)
            found[self._carried] += self._before.numbers[name]
            self.counts[name] = found

    def _sets(self, name: str, numbers: Ints) -> tuple[Ints, Ints]:
        """Pairs of visit and value, each once, in order."""
        has = numbers >= 0
        visits, values = distinct_rows(
            np.concatenate([self._event[has], self._spread(name)]),
            np.concatenate([numbers[has], self._before.values[name]]),
        )
        return visits, values

    def _spread(self, name: str) -> Ints:
        """The visit of each value of a list that was carried here."""
        return np.repeat(self._carried, self._before.sizes[name])

    def _read(self, views: Mapping[str, Ints]) -> None:
        """What the views of each visit say: which people, which pages, in which order and how far apart."""
        before = self._before.numbers
        at = self._visit_of(views)
        self._people(views["person"], at)
        has = views["route"] >= 0
        on_page, route, time = at[has], views["route"][has], views["time"][has]
        self.rows = np.bincount(on_page, minlength=self.count)
        self.rows[self._carried] += before["rows"]
        self.first_row = np.full(self.count, _NEVER)
        self.last_row = np.full(self.count, -_NEVER)
        np.minimum.at(self.first_row, on_page, time)
        np.maximum.at(self.last_row, on_page, time)
        self.first_row[self._carried] = np.minimum(self.first_row[self._carried], before["first_row"])
        self.last_row[self._carried] = np.maximum(self.last_row[self._carried], before["last_row"])
        self._opened = (
            np.concatenate([on_page, self._spread("routes")]),
            np.concatenate([route, self._before.values["routes"]]),
            np.concatenate([time, self._before.values["opened"]]),
        )
        named = views["person"][has] >= 0
        known = before["page_at"] < _NEVER
        self._begun = (
            np.concatenate([on_page[named], self._carried[known]]),
            np.concatenate([route[named], before["page"][known]]),
            np.concatenate([time[named], before["page_at"][known]]),
        )

    def _visit_of(self, views: Mapping[str, Ints]) -> Ints:
        """The visit of each view: the last one of its pass that began by then."""
        at = last_start((0, self.passes, self.start), (0, views["pass"], views["time"]))
        if len(at) and at.min() < 0:
            raise ValueError("a view is not among the events")
        return at

    def _people(self, person: Ints, at: Ints) -> None:
        """The smallest and the greatest person of each visit by digest; -1: none."""
        named = person >= 0
        before = self._before.numbers
        carried = self._carried[before["least"] >= 0]
        self.least, self.most = np.full(self.count, _NEVER), np.full(self.count, -1)
        self.least[carried] = before["least"][before["least"] >= 0]
        self.most[carried] = before["most"][before["least"] >= 0]
        np.minimum.at(self.least, at[named], person[named])
        np.maximum.at(self.most, at[named], person[named])
        self.least[self.most < 0] = -1

    def _pages_of(self) -> tuple[Ints, Ints, Ints]:
        """Visit, page and when it was opened first, in the order in which they were opened; ties by the page's id."""
        at, route, time = self._opened
        order = order_of(at, route, time)
        at, route, time = at[order], route[order], time[order]
        first = np.append(True, (at[1:] != at[:-1]) | (route[1:] != route[:-1]))[: len(at)]
        at, route, time = at[first], route[first], time[first]
        order = order_of(at, time, _ranks(self._routes, route))
        return at[order], route[order], time[order]

    def _entry_of(self) -> tuple[Ints, Ints]:
        """The page at which each visit first read a person who is named, and when; -1: none."""
        at, route, time = self._begun
        order = order_of(at, time, _ranks(self._routes, route))
        visits = at[order]
        first = np.flatnonzero(np.append(True, visits[1:] != visits[:-1])[: len(visits)])
        page, opened = np.full(self.count, -1), np.full(self.count, _NEVER)
        page[visits[first]], opened[visits[first]] = route[order][first], time[order][first]
        return page, opened

    def _open(self) -> Bools:
        """Which of them a request of the next day may belong to."""
        over = (self.day + 1) * ONE_DAY
        found: Bools = self.lives & (self.end >= over - PAUSE) & (self.start >= over - ONE_DAY)
        return found

    def visits(self, ways: Callable[[Sequence[str]], Ints]) -> Mapping[str, Ints]:
        """The columns of the visits that this day keeps, in their order; -1 where there is none."""
        at, route, _ = self._pages
        span = np.where(self.rows > 0, self.last_row - self.first_row, 0)
        texts, text = way_texts(at, route, span, self.rows, self._routes)
        way = np.append(ways(texts), -1)[text]
        keep = np.flatnonzero(self.lives & (self.counts["views"] + self.counts["tries"] > 0))
        return {
            "day": np.full(len(keep), self.day),
            "kind": self._rows.kinds[self.passes[keep]],
            "visit": self._rows.keys[self.passes[keep]],
            "start": self.start[keep],
            "end": self.end[keep],
            **{name: self.counts[name][keep] for name in ("events", "others", "tries", "views")},
            "least": self._named(self.least[keep]),
            "most": self._named(self.most[keep]),
            "page": self._entry[0][keep],
            "pages": np.bincount(at, minlength=self.count)[keep],
            "way": way[keep],
            "agents": np.minimum(np.bincount(self.agents[0], minlength=self.count), 255)[keep],
            "networks": np.minimum(np.bincount(self.networks[0], minlength=self.count), 255)[keep],
            "open": self._open()[keep],
        }

    def _named(self, places: Ints) -> Ints:
        """The numbers of people."""
        return np.append(self._rows.people, -1)[places]

    def open(self) -> _Open:
        """What the day leaves open."""
        open_ = self._open()
        keep = np.flatnonzero(open_)
        page, page_at = self._entry
        at, route, opened = self._pages
        lists = {
            "routes": (at, route), "opened": (at, opened), "agents": self.agents, "networks": self.networks,
        }  # fmt: skip
        columns = {
            "pass": self.passes, "start": self.start, "end": self.end, **self.counts, "least": self.least,
            "most": self.most, "page": page, "page_at": page_at, "rows": self.rows, "first_row": self.first_row,
            "last_row": self.last_row,
        }  # fmt: skip
        return _Open(
            numbers={name: each[keep] for name, each in columns.items()},
            sizes={name: np.bincount(of, minlength=self.count)[keep] for name, (of, _) in lists.items()},
            values={name: values[open_[of]] for name, (of, values) in lists.items()},
        )


def _within(rows: Mapping[str, Ints], day: int) -> dict[str, Ints]:
    first, last = np.searchsorted(rows["time"], (day * ONE_DAY, (day + 1) * ONE_DAY)).tolist()
    return {name: each[first:last] for name, each in rows.items()}


def _visits(days: Sequence[Mapping[str, Ints]]) -> pa.Table:
    made = {name: np.concatenate([each[name] for each in days]) for name in _VISITS.names}
    none = ("least", "most", "page", "way")
    return _table({name: _or_null(each) if name in none else each for name, each in made.items()}, _VISITS)


def _open(days: Sequence[tuple[int, _Open]], rows: _Rows) -> pa.Table:
    """Day by day, in the order of kinds, numbers and starts."""
    made = {name: np.concatenate([each.numbers[name] for _, each in days]) for name in days[0][1].numbers}
    lists = {
        name: [np.concatenate([of[name] for of in each]) for each in zip(*((left.sizes, left.values) for _, left in days), strict=True)]
        for name in _LISTS
    }  # fmt: skip
    day = np.repeat([day for day, _ in days], [len(each.numbers["pass"]) for _, each in days])
    kind, visit = rows.kinds[made["pass"]], rows.keys[made["pass"]]
    people = np.append(rows.people, -1)
    columns: dict[str, Any] = {
        **made,
        "day": day,
        "kind": kind,
        "visit": visit,
        "least": _or_null(people[made["least"]]),
        "most": _or_null(people[made["most"]]),
        "page": _or_null(made["page"]),
        "page_at": pa.array(made["page_at"], mask=made["page"] < 0),
        "first_row": pa.array(made["first_row"], mask=made["rows"] == 0),
        "last_row": pa.array(made["last_row"], mask=made["rows"] == 0),
        **{name: _lists(*each) for name, each in lists.items()},
    }
    return _table(columns, OPEN).take(pa.array(order_of(day, kind, visit, made["start"])))


def _lists(sizes: Ints, values: Ints) -> pa.Array:
    offsets = np.append(0, np.cumsum(sizes))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(values))


def _ranks(routes: Mapping[int, str], route: Ints) -> Ints:
    """Where the id of each page stands among those of all."""
    known = np.flatnonzero(np.bincount(route)).tolist() if len(route) else []
    rank = np.zeros(max(known, default=-1) + 1, np.int64)
    rank[sorted(known, key=routes.__getitem__)] = np.arange(len(known))
    found: Ints = rank[route]
    return found


def _or_null(numbers: Ints) -> pa.Array:
    return pa.array(numbers, mask=numbers < 0)


def _table(columns: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    made = {name: each if isinstance(each, pa.Array) else pa.array(each) for name, each in columns.items()}
    return pa.table([made[field.name].cast(field.type) for field in schema], schema=schema)
