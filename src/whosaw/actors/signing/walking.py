"""How many people each entity saw on a day who were new to it, and how many of them stand beside one whom it saw before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.detectors import Detector
from whosaw.actors.explaining.answers import rule_of
from whosaw.actors.walks import Walk, WalkRows
from whosaw.build.step import Span
from whosaw.core import client
from whosaw.store.distinct import numbered_from_0, order_by_first, order_of
from whosaw.store.kinds import kind

from .columns import ONE_DAY, Digests, Ints, by_digest, digest_halves, plain
from .places import DayPlaces

__all__ = ["EVERY", "WALKED_OF_VIEWS", "Asked", "asked_of", "days_back", "walk", "walk_of"]

EVERY: Final = -1
"""The rule under which every view counts."""
WALKED_OF_VIEWS: Final = ("person", "time", "content", "line")
"""Columns of views that walks are told from, beside traits."""
_STEPS: Final = kind("steps").in_hand
_RULES: Final = 8  # more than there are counting rules
_USUAL_OF: Final = "address"
# a step goes on from somebody seen within the time of the walk, or from two such; and whoever was not seen for that time is new
_REACH: Final = 3
_AT_ONCE: Final = 1 << 17  # rows of days that are looked at together


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose views are put together: `trait` is their column, `kind` its number in `steps`, `rule` the bit of the counting rule. `place`: that
    of the walk among those that are asked of."""

    kind: int
    trait: str
    walk: Walk
    rule: int = EVERY
    place: int = 0

    @property
    def code(self) -> int:
        """What stands as `rule` in `steps`: the counting rule, and which walk."""
        return EVERY - self.place if self.rule == EVERY else self.rule + _RULES * self.place


def asked_of(detectors: Iterable[Detector]) -> list[Asked]:
    """What the clauses of these detectors ask: steps of their entities under their rule, and of addresses all steps, of which it is learnt
    what is usual of a walk."""
    clauses = [
        (clause, rule_of(clause.counted, detector.explanations))
        for detector in detectors
        for clause in detector.clauses
        if clause.walk is not None
    ]
    walks = sorted({walk_of(clause.walk) for clause, _ in clauses if clause.walk})
    found = set()
    for clause, rule in clauses:
        assert clause.walk is not None  # of these alone
        (trait,) = clause.group_by
        recent, near, within = walk_of(clause.walk)
        place, walk = (
            walks.index((recent, near, within)),
            Walk(recent=recent, near=near, within=within, chain=0),
        )
        found.add((client.NAMES.index(trait), trait, walk, rule, place))
        found.add((client.NAMES.index(_USUAL_OF), _USUAL_OF, walk, EVERY, place))
    return [
        Asked(kind=kind, trait=trait, walk=walk, rule=rule, place=place)
        for kind, trait, walk, rule, place in sorted(found, key=lambda each: (each[0], each[4], each[3]))
    ]


def walk_of(walk: Walk) -> tuple[int, int, int]:
    """What of a walk decides what is a step: how many people before, how near, within how long."""
    return walk.recent, walk.near, walk.within


def days_back(walk: Walk) -> int:
    """How many days before a day its steps depend on."""
    return -(-_REACH * walk.within // ONE_DAY)


def walk(
    views: pa.Table,
    answers: pa.Table,
    values: pa.Table,
    *,
    span: Span,
    asked: Sequence[Asked],
    digests: Digests,
) -> pa.Table:
    """Steps of the days of a span. `views` and, row by row, `answers` are those of these days and of `days_back` before; `values` are
    `PLACED` and `known`, the day on which somebody's number was met first. Places are as of the end of each day."""
    if answers.num_rows != views.num_rows:
        raise ValueError("answers do not stand beside their views")
    rows = _Rows(views, answers, values, digests)
    made = [
        _steps(window, each, place)
        for window in rows.windows(span, max((_REACH * each.walk.within for each in asked), default=0))
        for place, each in enumerate(asked)
    ]
    if not made:
        return _STEPS.empty_table()
    day, at, entity, fresh, steps = (np.concatenate(each) for each in zip(*made, strict=True))
    rank = np.zeros(len(entity), np.int64)
    for trait in {each.trait for each in asked}:
        of_trait = np.array([each.trait == trait for each in asked])[at]
        rank[of_trait] = _ranks(trait, entity[of_trait], digests)
    order = order_of(day, at, rank)
    columns = {
        "day": day, "kind": np.array([each.kind for each in asked])[at], "rule": np.array([each.code for each in asked])[at],
        "entity": entity, "fresh": fresh, "steps": steps,
    }  # fmt: skip
    return pa.table([pa.array(columns[each.name][order]).cast(each.type) for each in _STEPS], schema=_STEPS)


def _ranks(trait: str, entities: Ints, digests: Digests) -> Ints:
    """The place of each entity among them in the order of their digests."""
    known, code = numbered_from_0(entities)
    rank = np.zeros(len(known), np.int64)
    if len(known):
        rank[by_digest(*digest_halves(digests(trait, pa.array(known))))] = np.arange(len(known))
    found: Ints = rank[code]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """Of some days, the rows of each and of the time before it, day by day and in order of time; times are counted from the start of
    the day, and places are as of its end."""

    rows: _Rows
    day: Ints
    at: Ints  # which of the rows each is
    time: Ints
    place: Ints


class _Rows:
    """Views of people who have a number, in order of time; ties by the digest of the file and the line."""

    def __init__(self, views: pa.Table, answers: pa.Table, values: pa.Table, digests: Digests) -> None:
        self._places = DayPlaces(values)
        person = plain(views["person"], -1).astype(np.int64)
        rows = np.flatnonzero(self._places.has(person))
        contents = plain(views["content"])[rows]
        files, code = numbered_from_0(contents)
        rank = np.zeros(len(files), np.int64)
        if len(files):
            told = digests("content", pa.array(files)).to_pylist()
            rank[sorted(range(len(files)), key=told.__getitem__)] = np.arange(len(files))
        time, line = plain(views["time"]).astype(np.int64)[rows], plain(views["line"])[rows]
        rows = rows[order_by_first(time, rank[code], line, person[rows])]
        self.time, self.person = plain(views["time"]).astype(np.int64)[rows], person[rows]
        self._at, self._views = rows, views
        self._rules = plain(answers["rules"]).astype(np.int64)[rows]
        self._entities: dict[str, tuple[Ints, Ints]] = {}
        self._counted: dict[int, npt.NDArray[np.bool_]] = {}

    def entities(self, trait: str) -> tuple[Ints, Ints]:
        """All entities, and which of them is that of each row; -1: none."""
        if trait not in self._entities:
            entity = plain(self._views[trait], -1).astype(np.int64)[self._at]
            known, code = numbered_from_0(entity)
            none = int(len(known) > 0 and known[0] < 0)
            self._entities[trait] = known[none:], code - none
        return self._entities[trait]

    def counted(self, rule: int) -> npt.NDArray[np.bool_]:
        if rule not in self._counted:
            every = np.ones(len(self._at), bool)
            self._counted[rule] = every if rule == EVERY else (self._rules >> rule & 1).astype(bool)
        return self._counted[rule]

    def windows(self, span: Span, before: int) -> Iterator[_Window]:
        """The days of a span with so many microseconds before each, as many days at once as are few rows."""
        waiting: list[tuple[int, int, int]] = []  # day, and from which row to which
        rows = 0
        for day in range(span.first, span.last + 1):
            first, last = np.searchsorted(self.time, (day * ONE_DAY - before, (day + 1) * ONE_DAY)).tolist()
            if waiting and rows + last - first > _AT_ONCE:
                yield self._window(waiting)
                waiting, rows = [], 0
            waiting.append((day, first, last))
            rows += last - first
        if waiting:
            yield self._window(waiting)

    def _window(self, days: Sequence[tuple[int, int, int]]) -> _Window:
        place = [self._places(day, self.person[first:last])[0] for day, first, last in days]
        day = np.repeat([day for day, _, _ in days], [last - first for _, first, last in days])
        at = np.concatenate([np.arange(first, last) for _, first, last in days])
        time = self.time[at] - day * ONE_DAY
        return _Window(rows=self, day=day, at=at, time=time, place=np.concatenate(place))


def _steps(window: _Window, asked: Asked, which: int) -> tuple[Ints, ...]:
    """Entities that saw two new people or more, those of shortly before the day among them, or somebody as far from the last one as that
    was from the one before, who may be longer ago: their day, `which` walk is asked of, how many were new on the day, and steps of them. A
    step that only the next one shows counts on the day of that one."""
    within = asked.walk.within
    known, codes = window.rows.entities(asked.trait)
    mine = np.flatnonzero(window.time >= -_REACH * within)
    at = window.at[mine]
    asked_of = (codes[at] >= 0) & window.rows.counted(asked.rule)[at]
    mine, at = mine[asked_of], at[asked_of]
    code, day = codes[at], window.day[mine]
    order = order_of(day, code)
    mine, code, day = mine[order], code[order], day[order]
    starts, sizes = _runs(day, code)
    today = window.time[mine] >= 0
    several = (np.add.reduceat(today, starts, dtype=np.int64) > 0) & (sizes > 1) if len(starts) else sizes > 1
    rows = mine[np.repeat(several, sizes)]
    if not len(rows):
        return (np.empty(0, np.int64),) * 5
    first = starts[several]
    day, entity = day[first], known[code[first]]
    of = np.repeat(np.arange(len(first)), sizes[several])
    time, place = window.time[rows], window.place[rows]
    position, step, _ = WalkRows(asked.walk, 0).steps(of, time, place, time >= 0)
    fresh, near, steps = (
        np.bincount(of[position[which]], minlength=len(first))
        for which in (time[position] >= 0, time[position] >= -within, step)
    )
    told = np.flatnonzero((fresh > 0) & ((near > 1) | (steps > 0)))
    return day[told], np.full(len(told), which), entity[told], fresh[told], steps[told]


def _runs(day: Ints, code: Ints) -> tuple[Ints, Ints]:
    """Where the rows of each entity of a day begin, which stand together, and how many they are."""
    starts = np.flatnonzero(np.append(True, (day[1:] != day[:-1]) | (code[1:] != code[:-1]))[: len(day)])
    return starts, np.diff(np.append(starts, len(day)))
