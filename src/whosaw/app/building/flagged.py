"""Which flags are about a day: a flag of whatever day counts views of all days, so that is a source that hangs on the flags of all clauses
and on who was there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.marking.flagged_days import FLAGGED, ClauseFlags, FlaggedDays
from whosaw.build.state import Runs, Source
from whosaw.build.step import Span
from whosaw.store.person_sets import unpack

from .setup import Setup
from .sums import flags_of, plan_of

__all__ = ["flagged_source", "present"]

Ints = npt.NDArray[np.int64]
_PRESENT: Final = "present"
_AT_ONCE: Final = 31  # days


def flagged_source(setup: Setup) -> Source:
    """By day the flags whose entity it holds, once flags and who was there are up to date."""
    return _Days(setup=setup).source(None)


@dataclass(slots=True, kw_only=True)
class _Days:
    """What was found of all days, kept for the runs that it was found of."""

    setup: Setup
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
        clauses = [
            ClauseFlags.of(detector, clause, runs.rows(name, days))
            for name, detector, clause in flags_of(self.setup)
            if (days := runs.days(name))
        ]
        kinds = {plan.kind(each.clause) for each in clauses if each.rows.num_rows}
        return FlaggedDays(clauses, present(runs, kinds), plan)


def present(runs: Runs, kinds: set[int]) -> Iterator[tuple[int, Mapping[int, Ints]]]:
    """Day by day which entities of these kinds were there."""
    days = runs.days(_PRESENT)
    wanted = pa.array(sorted(kinds), pa.int8())
    for at in range(0, len(days), _AT_ONCE):
        some = days[at : at + _AT_ONCE]
        there: dict[int, dict[int, Ints]] = {day: {} for day in some}
        rows = runs.rows(_PRESENT, some, ["kind", "entities"])
        for row in rows.filter(pc.is_in(rows["kind"], wanted)).to_pylist():
            there[row["day"]][row["kind"]] = unpack(row["entities"])
        yield from there.items()
