"""Clauses that ask who makes a page's surge: which hours surge is told from sums of pages alone, whose they are from the views of
these hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.sliding import Peak
from whosaw.actors.summing.who import column
from whosaw.actors.surge_flags import AS_USUAL, Surge, surges_of
from whosaw.build.step import Span
from whosaw.store.kinds import kind

from .looking import Looked, Raised, Shown, flag_rows
from .question import Question

__all__ = ["SEASON", "surge_bounds", "surge_look", "surge_rows", "surges_left"]

Ints = npt.NDArray[np.int64]
_HOUR = 3_600_000_000
SEASON = 29  # days that the same hours of four weeks reach back


def surge_bounds(question: Question, span: Span, pages: pa.Table) -> list[Surge]:
    """The pages and hours of the span that are beyond their season, each by the four weeks before its day; what does not surge is
    dismissed, whoever opened it. `pages` reaches as far back."""
    rule = question.plan.hourly.index(question.rule)
    rows = pages.filter(pa.array(column(pages, "rule") == rule))
    on = column(rows, "day")
    (window,) = question.clause.windows
    many = on[column(rows, "people") >= window.persons]
    if not ((many >= span.first) & (many <= span.last)).any():
        return []  # on most days no hour has so many people
    surges = surges_of(
        rows,
        least=window.persons,
        times=question.clause.least_times,
        season=SEASON,
        since=span.first,
    )
    return list(surges)


def surge_rows(surges: Sequence[Surge]) -> pa.Table:
    """These as rows of `left`, day by day. Beside one entity everybody else may be at most so many."""
    rows = [
        {
            "day": each.hour // 24, "confirmed": False, "page": each.route, "hour": each.hour, "people": each.people,
            "enough": each.enough, "beside": int(AS_USUAL * each.usual),
        }
        for each in surges
    ]  # fmt: skip
    rows.sort(key=lambda row: (row["day"], row["page"], row["hour"]))
    return pa.Table.from_pylist(rows, kind("left").in_hand)


def surges_left(rows: pa.Table) -> list[Surge]:
    """The same from rows of `left`."""
    names = ("page", "hour", "people", "beside", "enough")
    return [
        Surge(route=page, hour=hour, people=people, usual=beside / AS_USUAL, enough=enough)
        for page, hour, people, beside, enough in zip(
            *(column(rows, name).tolist() for name in names), strict=True
        )
    ]


def surge_look(
    question: Question, surges: list[Surge], views: pa.Table, answers: pa.Table, shown: Shown
) -> Looked:
    """The flags of those who make a surge by themselves; `views` hold the days of these hours."""
    entity = question.grouping.entities(views, question.plan.agents)
    person, time, client = (column(views, name) for name in ("person", "time", "client"))
    page = (column(views, "route") << 40) | (time // _HOUR)
    counted = question.plan.told.counts(answers, question.rule) & (person >= 0) & (entity >= 0)
    wanted = np.array([(each.route << 40) | each.hour for each in surges], np.int64)
    some = np.flatnonzero(counted & np.isin(page, wanted))
    held: dict[tuple[int, int], list[tuple[Peak, int, Ints]]] = {}
    for surge, pages_of in zip(surges, wanted.tolist(), strict=True):
        mine = some[page[some] == pages_of]
        for its, rows in _by_entity(mine, entity[mine]):
            firsts = np.sort(_first_times(person[rows], time[rows]))
            if len(firsts) < surge.enough or surge.people - len(firsts) > AS_USUAL * surge.usual:
                continue
            peak = Peak(most=len(firsts), most_at=int(firsts[-1]), reached_at=int(firsts[surge.enough - 1]))
            held.setdefault((surge.hour // 24, its), []).append((peak, int(rows[0]), client[rows]))
    raised, clients = [], []
    for (day, its), parts in sorted(held.items()):
        most = max((peak for peak, *_ in parts), key=lambda peak: peak.most)
        reached = min(peak.reached_at for peak, *_ in parts if peak.reached_at is not None)
        peak = Peak(most=most.most, most_at=most.most_at, reached_at=reached)
        raised.append(Raised(its, day, 0, peak, parts[0][1]))
        clients.append(np.unique(np.concatenate([each for *_, each in parts])))
    return Looked(flag_rows(question, raised, views, shown, clients), len(some), views.num_rows)


def _by_entity(rows: Ints, entity: Ints) -> Iterator[tuple[int, Ints]]:
    order = np.argsort(entity, kind="stable")
    numbers, starts = np.unique(entity[order], return_index=True)
    if len(numbers):
        yield from zip(numbers.tolist(), np.split(rows[order], starts[1:]), strict=True)


def _first_times(person: Ints, time: Ints) -> Ints:
    """When each person was seen first."""
    order = np.lexsort((time, person))
    return time[order][np.unique(person[order], return_index=True)[1]]
