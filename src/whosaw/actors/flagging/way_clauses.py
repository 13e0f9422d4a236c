"""Clauses that ask whose people nearly all begin at one page: what is usual of a page is told by unions of people by day, exactly; when
an entity came over that is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.summing.people_in_days import people_in_days, people_of_groups
from whosaw.actors.summing.who import column
from whosaw.actors.surprise import Bar, bar
from whosaw.build.step import Span
from whosaw.store.distinct import distinct, numbered_from_0, order_of
from whosaw.store.kinds import kind

from .bars import BarColumns
from .looking import Looked, Raised, Shown, flag_rows
from .luck import windows_in_a_month
from .question import DAY, Question
from .windows import Crowds, over_bars

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
    found = list(_ways(question, range(span.first, span.last + 1), begun))
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
    page, person, time, client = (column(views, name) for name in ("page", "person", "time", "client"))
    counted = question.plan.told.counts(answers, question.rule)
    wanted = {(row["day"], row["entity"], row["page"]) for row in left.to_pylist()}
    rows = np.flatnonzero((page >= 0) & (person >= 0) & np.isin(entity, column(left, "entity")))
    rows = rows[order_of(entity[rows], time[rows])]
    ways_of: dict[tuple[int, int], list[_Way]] = {}
    of_days = sorted({each[0] for each in wanted})
    for way in _ways(question, of_days, _Begun(question.kind, ways)):
        if (way.day, way.entity, way.page) in wanted:
            ways_of.setdefault((way.entity, way.page), []).append(way)
    begun = _Rows(rows, entity[rows], time[rows], page[rows], person[rows], client[rows], counted[rows])
    found = [each for its in ways_of.values() for each in _over(question, its, begun)]
    # of two pages of one entity and day the first by its id
    found.sort(key=lambda each: (each[0].day, page_ids.get(each[0].page, ""), each[0].entity))
    first: dict[tuple[int, int], _Way] = {}
    for way, _ in found:
        first.setdefault((way.day, way.entity), way)
    told = [(way, each) for way, each in found if first[way.day, way.entity] is way]
    clients = {id(way): begun.clients(way, question.furthest) for way, _ in told}
    flags = flag_rows(
        question,
        [each for _, each in told],
        views,
        shown,
        [clients[id(way)] for way, _ in told],
        pages=[way.page for way, _ in told],
    )
    return Looked(flags, len(rows), views.num_rows)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Views of people on visits that began at a page, by entity and time; `row`: where each stands among all views."""

    row: Ints
    entity: Ints
    time: Ints
    page: Ints
    person: Ints
    client: Ints
    counted: npt.NDArray[np.bool_]

    def of(self, entity: int) -> slice:
        """Those of one entity."""
        return slice(*np.searchsorted(self.entity, [entity, entity + 1]).tolist())

    def clients(self, way: _Way, back: int) -> Ints:
        """The clients of those who began at the page, on a day and so many days before."""
        mine = self.of(way.entity)
        since, until = np.searchsorted(self.time[mine], [(way.day - back) * DAY, (way.day + 1) * DAY])
        some = slice(mine.start + int(since), mine.start + int(until))
        return distinct(self.client[some][self.page[some] == way.page])


def _over(question: Question, ways: list[_Way], rows: _Rows) -> Iterator[tuple[_Way, Raised]]:
    """Of one entity and page, by day: the windows that are over their bar on a day, and how."""
    mine = rows.of(ways[0].entity)
    time = rows.time[mine]
    signed = (rows.page[mine] == ways[0].page) & rows.counted[mine]
    day = time // DAY
    days = np.array([way.day for way in ways], np.int64)
    at = np.minimum(np.searchsorted(days, day), len(days) - 1)
    judged = np.where(days[at] == day, at, -1)
    alone, person = np.zeros(len(time), np.int64), numbered_from_0(rows.person[mine])[1]
    crowds = Crowds(alone, time, person, signed)
    for window, (length, least) in enumerate(question.windows):
        come = crowds.instants(length)
        needed = BarColumns.of([way.bars[window] for way in ways])
        for number, _, peak in over_bars(come, judged, needed, least):
            way = ways[number]
            own = mine.start + int(np.searchsorted(day, way.day))
            yield way, Raised(way.entity, way.day, window, peak, int(rows.row[own]), way.bars[window])


def _ways(question: Question, days: Iterable[int], ways: _Begun) -> Iterator[_Way]:
    """Entities of days, which ascend, and pages, where more people began than is usual of the page at the middle one of all entities."""
    for day, whole, begun in ways.people(days, question.furthest):
        yield from _of_day(question, day, ways, whole, begun)


def _of_day(question: Question, day: int, ways: _Begun, whole: Ints, begun: Ints) -> Iterator[_Way]:
    clause = question.clause
    least = min(people for _, people in question.windows)
    large = whole >= least
    if int(large.sum()) < _PEERS:
        return
    fewest = 1 / (int(whole[large].sum()) + 2)
    some = np.flatnonzero((begun > 0) & large[ways.whose])
    came = np.zeros(len(whole), bool)
    came[ways.there(day)] = True
    came &= large
    asked = some[(begun[some] >= least) & came[ways.whose[some]]]
    for page in distinct(ways.at[asked]).tolist():
        its = np.zeros(len(whole), np.int64)
        of_page = some[ways.at[some] == page]
        its[ways.whose[of_page]] = begun[of_page]
        usual = max(median((its[large] / whole[large]).tolist()), fewest)
        bars = tuple(
            _rounded(
                bar(
                    usual,
                    least_share=clause.least_share,
                    least_times=clause.least_times,
                    chance=clause.chance / windows_in_a_month(length),
                    actors=len(some),
                )
            )
            for length, _ in question.windows
        )
        mine = np.flatnonzero(came & (its >= least))
        passed = np.logical_or.reduce([each.passed(its[mine], whole[mine]) for each in bars])
        for entity in ways.entities[mine[passed]].tolist():
            yield _Way(day, entity, int(ways.pages[page]), bars)


def _rounded(needed: Bar) -> Bar:
    return replace(needed, nats=round(needed.nats, 6))


class _Begun:
    """Who began at which page by day and entity, of one kind of entity. `whose` and `at` are the pairs of `entities` and `pages` that there are,
    as places among these."""

    def __init__(self, of_kind: int, ways: pa.Table) -> None:
        rows = ways.filter(pc.equal(ways["kind"], of_kind))
        self._day, entity, page = (column(rows, name) for name in ("day", "entity", "page"))
        self.entities, self._of = numbered_from_0(entity)
        self.pages, at = numbered_from_0(page)
        pair, self._pair = numbered_from_0(self._of * len(self.pages) + at)
        self.whose, self.at = pair // max(1, len(self.pages)), pair % max(1, len(self.pages))
        self._people = rows["people"].combine_chunks()

    def there(self, day: int) -> Ints:
        """The entities that somebody came to on a day."""
        return distinct(self._of[self._day == day])

    def people(self, days: Iterable[int], back: int) -> Iterator[tuple[int, Ints, Ints]]:
        """By day on which anybody came, how many people came to each entity on it and on so many days before, and how many of them each pair has
        that began at the page."""
        some = set(distinct(self._day).tolist())
        asked = [day for day in days if day in some]
        whole, begun = (np.zeros((len(asked), len(each)), np.int32) for each in (self.entities, self.whose))
        for _, row, person in people_of_groups(self._of, self._people):
            first = self._day[row]
            for many, of in ((whole, self._of), (begun, self._pair)):
                groups, group = numbered_from_0(of[row])
                by_day = people_in_days(len(groups), group, person, first, first + back, asked)
                for at, (_, held) in enumerate(by_day):
                    many[at, groups] = held
        for at, day in enumerate(asked):
            yield day, whole[at].astype(np.int64), begun[at].astype(np.int64)
