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
from whosaw.store.kinds import kind
from whosaw.store.person_sets import union

from .looking import Looked, Raised, Shown, flag_rows
from .luck import windows_in_a_month
from .question import DAY, Question
from .sign_look import Window

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
    found = [each for day in range(span.first, span.last + 1) for each in _ways(question, day, ways)]
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
    begun = (page >= 0) & (person >= 0)
    counted = question.plan.told.counts(answers, question.rule)
    wanted = {(row["day"], row["entity"], row["page"]) for row in left.to_pylist()}
    raised: list[Raised] = []
    pages: list[int] = []
    clients: list[Ints] = []
    looked = np.zeros(views.num_rows, bool)
    for of_day in sorted({each[0] for each in wanted}):
        found = [each for each in _ways(question, of_day, ways) if (of_day, each.entity, each.page) in wanted]
        flagged: set[int] = set()
        for way in sorted(found, key=lambda each: page_ids.get(each.page, "")):
            some = np.flatnonzero(
                begun & (entity == way.entity) & (day <= of_day) & (day >= of_day - question.furthest)
            )
            looked[some] = True
            some = some[np.argsort(time[some], kind="stable")]
            signed = (page[some] == way.page) & counted[some]
            own = np.searchsorted(time[some], of_day * DAY)
            mine = np.unique(person[some], return_inverse=True)[1].astype(np.uint32)
            for at, (window, needed) in enumerate(zip(question.windows, way.bars, strict=True)):
                sliding = Window(*window)
                sliding.add(time[some][:own], mine[:own], signed[:own], None)
                peak = sliding.add(time[some][own:], mine[own:], signed[own:], needed)
                if peak.reached_at is None or way.entity in flagged:
                    continue
                raised.append(Raised(way.entity, of_day, at, peak, int(some[own]), needed))
                pages.append(way.page)
                clients.append(np.unique(client[some][page[some] == way.page]))
            flagged |= {each.entity for each in raised if each.day == of_day}
    flags = flag_rows(question, raised, views, shown, clients, pages=pages)
    return Looked(flags, int(looked.sum()), views.num_rows)


def _ways(question: Question, day: int, ways: pa.Table) -> Iterator[_Way]:
    """Entities of a day, and pages, where more people began than is usual of the page at the middle one of all entities."""
    since = day - question.furthest
    rows = ways.filter(
        (pc.field("kind") == question.kind) & (pc.field("day") >= since) & (pc.field("day") <= day)
    )
    there = set(np.unique(column(rows, "entity")[column(rows, "day") == day]).tolist())
    if not there:
        return
    clause = question.clause
    least = min(people for _, people in question.windows)
    by_page = _unions(rows)
    whole = {entity: len(set().union(*pages.values())) for entity, pages in by_page.items()}
    whole = {entity: people for entity, people in whole.items() if people >= least}
    if len(whole) < _PEERS:
        return
    fewest = 1 / (sum(whole.values()) + 2)
    actors = sum(len(by_page[entity]) for entity in whole)
    for page in sorted({page for entity in whole for page in by_page[entity]}):
        shares = [len(by_page[entity].get(page, ())) / people for entity, people in whole.items()]
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
        for entity, people in sorted(whole.items()):
            mine = len(by_page[entity].get(page, ()))
            passed = (bool(each.passed(np.array([mine]), np.array([people]))[0]) for each in bars)
            if entity in there and mine >= least and any(passed):
                yield _Way(day, entity, page, bars)


def _rounded(needed: Bar) -> Bar:
    return replace(needed, nats=round(needed.nats, 6))


def _unions(rows: pa.Table) -> dict[int, dict[int, set[int]]]:
    """By entity and page, who began there on any of the days."""
    sets: dict[tuple[int, int], list[bytes | None]] = {}
    for entity, page, people in zip(
        column(rows, "entity").tolist(),
        column(rows, "page").tolist(),
        rows["people"].to_pylist(),
        strict=True,
    ):
        sets.setdefault((entity, page), []).append(people)
    found: dict[int, dict[int, set[int]]] = {}
    for (entity, page), each in sets.items():
        found.setdefault(entity, {})[page] = set(union(each))
    return found
