"""How many people each entity saw on a day who were new to it, and how many of them stand beside one whom it saw before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.detectors import Detector
from whosaw.actors.explaining.answers import rule_of
from whosaw.actors.sliding import by_value
from whosaw.actors.walks import Walk, WalkRows
from whosaw.build.step import Span
from whosaw.core import client
from whosaw.store.distinct import numbered_from_0, order_by_first
from whosaw.store.kinds import kind

from .columns import ONE_DAY, Digests, Ints, digest_halves, plain
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
    parts = [_STEPS.empty_table()]
    for day in range(span.first, span.last + 1):
        places = rows.places(day)
        for each in asked:
            found = _steps(rows, each, day, places)
            if len(found):
                high, low = digest_halves(digests(each.trait, pa.array(found[:, 0])))
                parts.append(_table(day, each, found[np.lexsort((low, high))]))
    return pa.concat_tables(parts)


def _table(day: int, asked: Asked, found: Ints) -> pa.Table:
    count = len(found)
    columns = {
        "day": np.full(count, day), "kind": np.full(count, asked.kind), "rule": np.full(count, asked.code),
        "entity": found[:, 0], "fresh": found[:, 1], "steps": found[:, 2],
    }  # fmt: skip
    return pa.table([pa.array(columns[each.name]).cast(each.type) for each in _STEPS], schema=_STEPS)


class _Rows:
    """Views of people who have a number, in order of time; ties by the digest of the file and the line."""

    def __init__(self, views: pa.Table, answers: pa.Table, values: pa.Table, digests: Digests) -> None:
        self._places = DayPlaces(values)
        people = plain(values["person"]).astype(np.int64)
        person = plain(views["person"], -1).astype(np.int64)
        rows = np.flatnonzero(np.isin(person, people))
        contents = plain(views["content"])[rows]
        files, code = numbered_from_0(contents)
        rank = np.zeros(len(files), np.int64)
        if len(files):
            told = digests("content", pa.array(files)).to_pylist()
            rank[sorted(range(len(files)), key=told.__getitem__)] = np.arange(len(files))
        time, line = plain(views["time"]).astype(np.int64)[rows], plain(views["line"])[rows]
        rows = rows[order_by_first(time, rank[code], line, person[rows])]
        self.time, self.person = plain(views["time"]).astype(np.int64)[rows], person[rows]
        self._people, self._code = numbered_from_0(self.person)
        self._at, self._views = rows, views
        self._rules = plain(answers["rules"]).astype(np.int64)[rows]
        self._entities: dict[str, tuple[Ints, Ints]] = {}

    def entities(self, trait: str) -> tuple[Ints, Ints]:
        """All entities, and which of them is that of each row; -1: none."""
        if trait not in self._entities:
            entity = plain(self._views[trait], -1).astype(np.int64)[self._at]
            known, code = numbered_from_0(entity)
            none = int(len(known) > 0 and known[0] < 0)
            self._entities[trait] = known[none:], code - none
        return self._entities[trait]

    def counted(self, rule: int) -> npt.NDArray[np.bool_]:
        if rule == EVERY:
            return np.ones(len(self._at), bool)
        found: npt.NDArray[np.bool_] = (self._rules >> rule & 1).astype(bool)
        return found

    def places(self, day: int) -> Ints:
        """The place of each row's person as of the end of a day. Rows of later days have none."""
        rows = slice(0, int(np.searchsorted(self.time, (day + 1) * ONE_DAY)))
        found = np.zeros(len(self.person), np.int64)
        found[rows] = self._places(day, self._people)[0][self._code[rows]]
        return found


def _steps(rows: _Rows, asked: Asked, day: int, places: Ints) -> Ints:
    """Entities that saw two new people or more, those of shortly before the day among them, or somebody as far from the last one as that
    was from the one before, who may be longer ago: how many on the day, and steps of them. A step that only the next one shows counts on
    the day of that one.

    Entities stand one behind the other, so far apart that none goes on from another."""
    start, end, within = day * ONE_DAY, (day + 1) * ONE_DAY, asked.walk.within
    first, last = np.searchsorted(rows.time, (start - _REACH * within, end))
    span = slice(int(first), int(last))
    known, codes = rows.entities(asked.trait)
    mine = np.flatnonzero((codes[span] >= 0) & rows.counted(asked.rule)[span])
    code, time, place = codes[span][mine], rows.time[span][mine], places[span][mine]
    many, of_day = (np.bincount(each, minlength=len(known)) for each in (code, code[time >= start]))
    kept = np.flatnonzero(((of_day > 0) & (many > 1))[code])
    if not len(kept):
        return np.zeros((0, 3), np.int64)
    kept = kept[by_value(code[kept].astype(np.uint32))[0]]
    code, time, place = code[kept], time[kept], place[kept]
    entity = np.cumsum(np.append(0, code[1:] != code[:-1]))
    apart = entity * (end - start + 2 * _REACH * within) + time
    position, step, shown = WalkRows(asked.walk, int(place.max())).steps(apart, place)
    fresh, near = (_many(code[position], time[position] >= since, known) for since in (start, start - within))
    steps = _many(code[position], step & (time[shown] >= start), known)
    told = np.flatnonzero((fresh > 0) & ((near > 1) | (steps > 0)))
    return np.column_stack((known[told], fresh[told], steps[told]))


def _many(code: Ints, which: npt.NDArray[np.bool_], known: Ints) -> Ints:
    found: Ints = np.bincount(code[which], minlength=len(known))
    return found
