"""Which flags are about a day: a flag of whatever day counts views of all days, so that is a source that hangs on the flags of all clauses
and on who was there.

What was found of each day is kept for the runs it was found of. When flags or days changed, only such days are looked at again as changed
themselves or hold anything that a flag says something else of; so a day more takes no longer where there are many days.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import RLock
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.marking.flagged_days import (
    CLAUSE_FLAGS,
    FLAGGED,
    AllFlags,
    ClauseFlags,
    Differing,
    OfDay,
)
from whosaw.build.state import Runs, Source
from whosaw.build.step import Span
from whosaw.store.distinct import places_among
from whosaw.store.kinds import DAY
from whosaw.store.person_sets import unpack

from .setup import Setup
from .sums import flags_of, plan_of

__all__ = ["DAYS_OF_CLAUSE", "ClauseDays", "Found", "Memo", "flagged_source", "present"]

Ints = npt.NDArray[np.int64]
Days = Mapping[int, str]
"""Digests of runs by day."""
_PRESENT: Final = "present"
_AT_ONCE: Final = 31  # days
_NOBODY: Final = np.empty(0, np.int64)
_LATEST: Final = 7  # days that are not put together with those before them yet
DAYS_OF_CLAUSE: Final = pa.schema([DAY, *CLAUSE_FLAGS])


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseDays:
    """What flags of a clause came to. Of days that hardly change any more by day the digest of its run (`days`), and all their flags, each
    once (`CLAUSE_FLAGS`); of the latest ones the same with the flags of each day (`DAYS_OF_CLAUSE`)."""

    days: Days = field(default_factory=dict)
    rows: pa.Table = field(default_factory=CLAUSE_FLAGS.empty_table)
    latest: Days = field(default_factory=dict)
    of_latest: pa.Table = field(default_factory=DAYS_OF_CLAUSE.empty_table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found. `runs`: of which runs, by kind; then by day a digest of its rows, how many there are, and by kind of entity, where that
    was looked at, the highest that was there (-1: none). `clauses` gives by the name of its flags what was kept of each clause."""

    runs: Mapping[str, Days]
    digests: Days
    rows: Mapping[int, int]
    highest: Mapping[int, Mapping[int, int]]
    clauses: Callable[[], Mapping[str, ClauseDays]]


_NOTHING: Final = Found(runs={_PRESENT: {}}, digests={}, rows={}, highest={}, clauses=dict)


class Memo(Protocol):
    """Where it is kept until the next look; it may be lost."""

    def load(self) -> Found | None: ...
    def store(self, told: Found) -> None: ...


def flagged_source(setup: Setup, memo: Memo | None = None) -> Source:
    """By day the flags whose entity it holds, once flags and who was there are up to date."""
    return _Days(setup=setup, memo=memo).source(None, None)


@dataclass(slots=True, kw_only=True)
class _Days:
    """What was found of all days, kept for the runs that it was found of."""

    setup: Setup
    memo: Memo | None
    _found: Found | None = None
    _flags: AllFlags | None = None  # those of `_found`, once anybody asked
    _of_days: dict[int, OfDay] = field(default_factory=dict)  # of days that were looked at here
    _lock: RLock = field(default_factory=RLock)

    @property
    def _after(self) -> tuple[str, ...]:
        return (*(name for name, _, _ in flags_of(self.setup)), _PRESENT)

    def source(self, found: Found | None, runs: Runs | None) -> Source:
        """These days as a source."""

        def read(span: Span, columns: Sequence[str] | None) -> pa.Table:
            days = [] if found is None else [day for day in sorted(found.digests) if day in span]
            rows = FLAGGED.empty_table() if found is None or runs is None else self._read(found, runs, days)
            return rows if columns is None else rows.select(["day", *columns])

        return Source(
            kind="flagged",
            digests={} if found is None else found.digests,
            rows={} if found is None else found.rows,
            read=read,
            after=self._after,
            again=self._again,
        )

    def _again(self, runs: Runs) -> Source:
        of = {name: {day: runs.digest(name, day) for day in runs.days(name)} for name in self._after}
        with self._lock:
            if self._found is None and self.memo is not None:
                self._found = self.memo.load()
            if self._found is None or self._found.runs != of:
                self._found = self._look(self._found, runs, of)
                if self.memo is not None:
                    self.memo.store(self._found)
            return self.source(self._found, runs)

    def _all_flags(self, clauses: Mapping[str, ClauseDays]) -> AllFlags:
        found = []
        for name, detector, clause in flags_of(self.setup):
            of = clauses.get(name, ClauseDays())
            none = ClauseFlags(detector=detector, clause=clause, rows=CLAUSE_FLAGS.empty_table())
            found.append(replace(none, rows=of.rows, later=none.with_more(of.of_latest).rows))
        return AllFlags(found, plan_of(self.setup))

    def _read(self, found: Found, runs: Runs, days: Sequence[int]) -> pa.Table:
        with self._lock:
            flags = self._flags
            if flags is None or found is not self._found:
                flags = self._all_flags(found.clauses())
            if self._flags is None:
                self._flags = flags
            known = dict(self._of_days) if found is self._found else {}
        lacking = [day for day in days if day not in known]
        known.update((day, flags.on(there)) for day, there in present(runs, flags.kinds, lacking))
        return pa.concat_tables([FLAGGED.empty_table(), *(flags.rows(day, known[day]) for day in days)])

    def _look(self, before: Found | None, runs: Runs, of: Mapping[str, Days]) -> Found:
        before = _NOTHING if before is None else before
        then = before.clauses()
        last = max((day for name, days in of.items() if name != _PRESENT for day in days), default=0)
        clauses = {
            name: _of_clause(
                ClauseFlags(detector=detector, clause=clause, rows=CLAUSE_FLAGS.empty_table()),
                then.get(name, ClauseDays()),
                partial(_rows, runs, name),
                of[name],
                last - _LATEST,
            )
            for name, detector, clause in flags_of(self.setup)
        }
        was = self._all_flags(then) if self._flags is None else self._flags
        flags, days = self._all_flags(clauses), of[_PRESENT]
        same = set[int]()
        if (differing := flags.differing(was)) is not None:
            same = {day for day in before.digests if before.runs[_PRESENT].get(day) == days.get(day)}
            same -= _holding(differing, before, runs, sorted(same))
        digests = {day: before.digests[day] for day in same}
        rows = {day: before.rows[day] for day in same}
        highest = {day: before.highest[day] for day in same}
        self._flags, self._of_days = flags, {}
        for day, there in present(runs, flags.kinds, sorted(days.keys() - same) if flags else []):
            found = self._of_days[day] = flags.on(there)
            digests[day], rows[day] = flags.digest(found), flags.many(found)
            highest[day] = {kind: int(its[-1]) if len(its) else -1 for kind, its in there.items()}
        return Found(runs=of, digests=digests, rows=rows, highest=highest, clauses=lambda: clauses)


def _rows(runs: Runs, name: str, days: Sequence[int]) -> pa.Table:
    return runs.rows(name, days, CLAUSE_FLAGS.names).cast(DAYS_OF_CLAUSE)


def _of_clause(
    none: ClauseFlags,
    then: ClauseDays,
    rows_of: Callable[[Sequence[int]], pa.Table],
    days: Days,
    until: int,
) -> ClauseDays:
    """What flags of a clause come to over these days, from what they came to `then`. Days up to `until` are put together where there are
    several; once one of those is another one or is gone, all of them again."""
    kept, every = then.days, replace(none, rows=then.rows)
    if not kept.items() <= days.items():
        kept, every = {}, none
    latest = sorted(days.keys() - kept.keys())
    if len(latest) > 2 * _LATEST:
        over = [day for day in latest if day <= until]
        parts = [
            none.with_more(rows_of(over[at : at + _AT_ONCE])).rows for at in range(0, len(over), _AT_ONCE)
        ]
        every = every.with_more(pa.concat_tables([none.rows, *parts]))
        kept = {**kept, **{day: days[day] for day in over}}
        latest = [day for day in latest if day > until]
    same = [day for day in latest if then.latest.get(day) == days[day]]
    new = sorted({*latest} - {*same})
    of_latest = then.of_latest.filter(pc.is_in(then.of_latest["day"], pa.array(same, pa.int32())))
    if new:
        of_latest = pa.concat_tables([of_latest, rows_of(new)]).sort_by("day")
    return ClauseDays(
        days=kept, rows=every.rows, latest={day: days[day] for day in latest}, of_latest=of_latest
    )


def _holding(differing: Differing, before: Found, runs: Runs, days: Sequence[int]) -> set[int]:
    """Of these days, which are as they were, those that hold any entity of which a flag says something else."""
    asked = {kind: its for kind, its in differing.entities.items() if len(its)}

    def may_hold(day: int) -> bool:
        """Numbers are mostly given in order of time, so what is new lies above all that was there."""
        return any(its[0] <= before.highest[day].get(kind, its[0]) for kind, its in asked.items())

    some = [day for day in days if may_hold(day)]
    return {
        day
        for day, there in present(runs, asked.keys(), some)
        if any((places_among(their, asked[kind]) >= 0).any() for kind, their in there.items())
    }


def present(
    runs: Runs, kinds: Collection[int], days: Sequence[int] | None = None
) -> Iterator[tuple[int, Mapping[int, Ints]]]:
    """Day by day (None: all days) which entities of these kinds were there; of each kind some, or none, ascending."""
    days = runs.days(_PRESENT) if days is None else days
    wanted = pa.array(sorted(kinds), pa.int8())
    for at in range(0, len(days), _AT_ONCE):
        some = days[at : at + _AT_ONCE]
        there: dict[int, dict[int, Ints]] = {day: dict.fromkeys(kinds, _NOBODY) for day in some}
        rows = runs.rows(_PRESENT, some, ["kind", "entities"])
        for row in rows.filter(pc.is_in(rows["kind"], wanted)).to_pylist():
            there[row["day"]][row["kind"]] = unpack(row["entities"])
        yield from there.items()
