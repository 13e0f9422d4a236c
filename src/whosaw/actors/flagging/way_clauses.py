"""Clauses that ask whose people nearly all begin at one page: what is usual of a page is told by unions of people by day, exactly; when
an entity came over that is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.summing.who import column
from whosaw.actors.surprise import Bar, bar
from whosaw.build.step import Span
from whosaw.store.distinct import distinct_pairs
from whosaw.store.kinds import kind
from whosaw.store.person_sets import unpack_rows

from .looking import Looked, Raised, Shown, flag_rows
from .luck import windows_in_a_month
from .question import DAY, Question
from .windows import instants, over_bars

__all__ = ["way_bounds", "way_look"]

Ints = npt.NDArray[np.int64]
_PEERS: Final = 5  # of fewer entities, none is like another


@dataclass(frozen=True, slots=True)
class _Way:
    """An entity and the page at which most of its people's visits begin, as of a day, and the bar of each window."""

    day: int
    entity: int
    page: int
    bars: tuple[Bar, ...]


def way_bounds(question: Question, span: Span, ways: pa.Table) -> pa.Table:
    """Rows of `left`: entities that somebody came to on a day of the span, and a page, where more people began there than is usual of it
    in the days that the longest window touches. `ways` reach as far back."""
    begun = _Begun(question.kind, ways)
    found = [each for day in range(span.first, span.last + 1) for each in _ways(question, day, begun)]
    columns = kind("left").in_hand
    rows = [{"day": each.day, "entity": each.entity, "page": each.page, "confirmed": False} for each in found]
    rows.sort(key=lambda row: (row["day"], row["entity"], row["page"]))
    return pa.Table.from_pylist(rows, columns)


def way_look(
    question: Question,
    left: pa.Table,
    ways: pa.Table,
    views: pa.Table,
    answers: pa.Table,
    *,
    page_ids: Mapping[int, str],
    shown: Shown,
) -> Looked:
    """The flags of what is left; `views` are those of these days and of the days that windows touch, with the page at which the visit of
    each began. Of two pages of one entity and day the first by its id."""
    entity = question.grouping.entities(views, question.plan.agents)
    page, person, time, day, client = (
        column(views, name) for name in ("page", "person", "time", "day", "client")
    )
    begun, of_ways = (page >= 0) & (person >= 0), _Begun(question.kind, ways)
    counted = question.plan.told.counts(answers, question.rule)
    wanted = {(row["day"], row["entity"], row["page"]) for row in left.to_pylist()}
    raised: list[Raised] = []
    pages: list[int] = []
    clients: list[Ints] = []
    looked = np.zeros(views.num_rows, bool)
    for of_day in sorted({each[0] for each in wanted}):
        found = [
            each for each in _ways(question, of_day, of_ways) if (of_day, each.entity, each.page) in wanted
        ]
        flagged: set[int] = set()
        for way in sorted(found, key=lambda each: page_ids.get(each.page, "")):
            some = np.flatnonzero(
                begun & (entity == way.entity) & (day <= of_day) & (day >= of_day - question.furthest)
            )
            looked[some] = True
            some = some[np.argsort(time[some], kind="stable")]
            signed = (page[some] == way.page) & counted[some]
            own = int(np.searchsorted(time[some], of_day * DAY))
            mine = np.unique(person[some], return_inverse=True)[1]
            alone, judged = np.zeros(len(some), np.int64), np.where(np.arange(len(some)) < own, -1, 0)
            for at, ((length, least), needed) in enumerate(zip(question.windows, way.bars, strict=True)):
                come = instants(alone, time[some], mine, signed, length)
                peak = next((each for _, _, each in over_bars(come, judged, [needed], least)), None)
                if peak is None or way.entity in flagged:
                    continue
                raised.append(Raised(way.entity, of_day, at, peak, int(some[own]), needed))
                pages.append(way.page)
                clients.append(np.unique(client[some][page[some] == way.page]))
            flagged |= {each.entity for each in raised if each.day == of_day}
    flags = flag_rows(question, raised, views, shown, clients, pages=pages)
    return Looked(flags, int(looked.sum()), views.num_rows)


def _ways(question: Question, day: int, ways: _Begun) -> Iterator[_Way]:
    """Entities of a day, and pages, where more people began than is usual of the page at the middle one of all entities."""
    there = ways.there(day)
    if not len(there):
        return
    clause = question.clause
    least = min(people for _, people in question.windows)
    whole, by_page = ways.people(day - question.furthest, day)
    whole = {entity: people for entity, people in whole.items() if people >= least}
    if len(whole) < _PEERS:
        return
    fewest = 1 / (sum(whole.values()) + 2)
    begun: dict[int, dict[int, int]] = {}  # by page and entity
    for (entity, page), people in by_page.items():
        if entity in whole:
            begun.setdefault(page, {})[entity] = people
    actors = sum(len(each) for each in begun.values())
    came = sorted(whole.keys() & set(there.tolist()))
    for page, mine in sorted(begun.items()):
        if not any(mine.get(entity, 0) >= least for entity in came):
            continue
        shares = [mine.get(entity, 0) / people for entity, people in whole.items()]
        usual = max(median(shares), fewest)
        bars = tuple(
            _rounded(
                bar(
                    usual,
                    least_share=clause.least_share,
                    least_times=clause.least_times,
                    chance=clause.chance / windows_in_a_month(length),
                    actors=actors,
                )
            )
            for length, _ in question.windows
        )
        for entity in came:
            its = mine.get(entity, 0)
            passed = (bool(each.passed(np.array([its]), np.array([whole[entity]]))[0]) for each in bars)
            if its >= least and any(passed):
                yield _Way(day, entity, page, bars)


def _rounded(needed: Bar) -> Bar:
    return replace(needed, nats=round(needed.nats, 6))


class _Begun:
    """Who began at which page by day and entity, of one kind of entity."""

    def __init__(self, of_kind: int, ways: pa.Table) -> None:
        rows = ways.filter(pc.field("kind") == of_kind)
        self._day, self._entity, self._page = (column(rows, name) for name in ("day", "entity", "page"))
        person, self._row = unpack_rows(rows["people"])
        self._person = np.unique(person, return_inverse=True)[1]  # small numbers

    def there(self, day: int) -> Ints:
        """The entities that somebody came to on a day."""
        return np.unique(self._entity[self._day == day])

    def people(self, first: int, last: int) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
        """How many people came to each entity on these days, and how many began at each page of it."""
        some = np.flatnonzero((self._day >= first) & (self._day <= last))
        entity, of = np.unique(self._entity[some], return_inverse=True)
        page, at = np.unique(self._page[some], return_inverse=True)
        pair, part = np.unique(of * len(page) + at, return_inverse=True)
        place = np.full(len(self._day), -1, np.int64)
        place[some] = part
        here = np.flatnonzero(place[self._row] >= 0)
        its = place[self._row[here]]
        by_pair = np.bincount(distinct_pairs(its, self._person[here])[0], minlength=len(pair))
        whose = pair // max(1, len(page))
        whole = np.bincount(distinct_pairs(whose[its], self._person[here])[0], minlength=len(entity))
        return (
            dict(zip(entity.tolist(), whole.tolist(), strict=True)),
            {
                (its, page_of): many
                for its, page_of, many in zip(
                    entity[whose].tolist(),
                    page[pair % max(1, len(page))].tolist(),
                    by_pair.tolist(),
                    strict=True,
                )
            },
        )
