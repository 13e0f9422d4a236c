"""Which flags are about a day: a flag of whatever day counts views of all days, so that is a source that hangs on the flags of all clauses
and on who was there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.marking.flagged_days import CLAUSE_FLAGS, FLAGGED, ClauseFlags, FlaggedDays
from whosaw.actors.summing.sums import CLIENTS
from whosaw.build.state import Runs, Source, month_of
from whosaw.build.step import Span
from whosaw.store.person_sets import unpack

from .setup import Setup
from .sums import flags_of, plan_of

__all__ = ["ClauseDays", "Memo", "flagged_source", "present"]

Ints = npt.NDArray[np.int64]
_PRESENT: Final = "present"
_AT_ONCE: Final = 31  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseDays:
    """What flags of a clause came to over days of a month: by day the digest of its run, and rows of `CLAUSE_FLAGS`."""

    days: Mapping[int, str]
    rows: pa.Table


class Memo(Protocol):
    """What was kept of each clause, by the name of its flags, and of each month; it may be lost."""

    def load(self) -> Mapping[tuple[str, str], ClauseDays]: ...
    def store(self, told: Mapping[tuple[str, str], ClauseDays]) -> None: ...


def flagged_source(setup: Setup, memo: Memo | None = None) -> Source:
    """By day the flags whose entity it holds, once flags and who was there are up to date."""
    return _Days(setup=setup, memo=memo).source(None)


@dataclass(slots=True, kw_only=True)
class _Days:
    """What was found of all days, kept for the runs that it was found of."""

    setup: Setup
    memo: Memo | None
    _of: Mapping[tuple[str, int], str] = field(default_factory=dict)
    _found: FlaggedDays | None = None

    @property
    def _after(self) -> tuple[str, ...]:
        return (*(name for name, _, _ in flags_of(self.setup)), _PRESENT)

    def source(self, found: FlaggedDays | None) -> Source:
        """These days as a source."""

        def read(span: Span, columns: Sequence[str] | None) -> pa.Table:
            rows = FLAGGED.empty_table() if found is None else found.of(span.first, span.last)
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
        of = {(name, day): runs.digest(name, day) for name in self._after for day in runs.days(name)}
        if of != self._of:
            self._of, self._found = of, self._look(runs)
        return self.source(self._found)

    def _look(self, runs: Runs) -> FlaggedDays:
        plan = plan_of(self.setup)
        known = {} if self.memo is None else self.memo.load()
        clauses, kept = [], dict[tuple[str, str], ClauseDays]()
        for name, detector, clause in flags_of(self.setup):
            none = ClauseFlags(detector=detector, clause=clause, rows=CLAUSE_FLAGS.empty_table())
            months: dict[str, dict[int, str]] = {}
            for day in runs.days(name):
                months.setdefault(month_of(day), {})[day] = runs.digest(name, day)
            for month, days in months.items():
                before = known.get((name, month))
                if before is None or not before.days.items() <= days.items():
                    before = ClauseDays(days={}, rows=none.rows)
                further = sorted(days.keys() - before.days.keys())
                told = replace(none, rows=before.rows)
                if further:
                    told = told.with_more(runs.rows(name, further, CLAUSE_FLAGS.names))
                kept[name, month] = ClauseDays(days=days, rows=told.rows)
            whole = pa.concat_tables([none.rows, *(kept[name, month].rows for month in months)])
            clauses.append(none.with_more(whole))
        if self.memo is not None:
            self.memo.store(kept)
        kinds = {plan.kind(each.clause) for each in clauses if each.rows.num_rows}
        if any(each.rows["clients"].null_count < each.rows.num_rows for each in clauses):
            kinds.add(CLIENTS)
        return FlaggedDays(clauses, present(runs, kinds), plan)


def present(
    runs: Runs, kinds: set[int], among: Sequence[int] | None = None
) -> Iterator[tuple[int, Mapping[int, Ints]]]:
    """Day by day which entities of these kinds were there; of all days, or of those among these."""
    days = runs.days(_PRESENT) if among is None else among
    wanted = pa.array(sorted(kinds), pa.int8())
    for at in range(0, len(days), _AT_ONCE):
        some = days[at : at + _AT_ONCE]
        there: dict[int, dict[int, Ints]] = {day: {} for day in some}
        rows = runs.rows(_PRESENT, some, ["kind", "entities"])
        for row in rows.filter(pc.is_in(rows["kind"], wanted)).to_pylist():
            there[row["day"]][row["kind"]] = unpack(row["entities"])
        yield from there.items()
