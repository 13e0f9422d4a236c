"""Runs a step on a span within its memory: whole, or, where that does not fit, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import pyarrow as pa

from whosaw.core.errors import WhosawError

from .fact import Fact
from .inputs import Half, StepInputs
from .plan import Makings, Outcome
from .state import State
from .step import Span, Step

__all__ = ["Own", "Pieces", "StoppedError"]

_FEW_BETWEEN = 1 << 15  # rows
_DEEPEST = 6  # how often the persons of a day are halved
_EPOCH = date(1970, 1, 1).toordinal()
Own = Mapping[str, Mapping[int, pa.Table]]


class StoppedError(Exception):
    """Another thread failed, and that is what is told."""


class Pieces:
    """Asks steps and facts; after `stop` it asks none any more."""

    def __init__(self, plan: Makings, outcome: Outcome) -> None:
        self._plan, self._outcome = plan, outcome
        self._stopped = False
        self.rows_read = 0  # about, for threads add to it at once

    def stop(self) -> None:
        self._stopped = True

    def spans(self, step: Step, days: Sequence[int], state: State) -> Iterator[Span]:
        """Days that lie together, as many at once as fit a thread's share of the memory. Days between that are not asked about are read
        anyhow where the step looks back over them, or are few rows, which take less time than to begin anew behind them, so they part
        nothing; what it makes of them is left."""
        share = self._share
        apart = 1 if step.chain else 1 + max(each.back + each.on for each in step.reads)

        def near(before: int, after: int) -> bool:
            if after - before <= apart:
                return True
            return not step.chain and state.rows_to_read(step, Span(before + 1, after - 1)) <= _FEW_BETWEEN

        if days:  # mostly all of them fit, and nothing more is asked
            whole = Span(days[0], days[-1])
            together = all(near(before, after) for before, after in pairwise(days))
            if together and self.need(step, whole, state) <= share:
                yield whole
                return
        span: Span | None = None
        for day in days:
            if span is not None:
                longer = Span(span.first, day)
                if near(span.last, day) and self.need(step, longer, state) <= share:
                    span = longer
                    continue
                yield span
            span = Span(day, day)
        if span is not None:
            yield span

    @property
    def _share(self) -> int:
        """The bytes that each thread may take at any time."""
        return self._plan.memory_bytes // self._plan.threads

    def need(self, step: Step, span: Span, state: State) -> int:
        """How many bytes the step asks for, at most all there are."""
        return min(self._plan.memory_bytes, step.memory(state.rows_to_read(step, span)))

    def of(
        self, step: Step, span: Span, state: State, own: Own, limit: int = 0
    ) -> Iterator[tuple[Span, Mapping[str, pa.Table]]]:
        """What a step makes of a span, in one piece or more. What did not fit is run again in halves, and nothing else is."""
        limit = limit or max(self._share, self.need(step, span, state))
        tables = self._asked(step, span, state, own, limit)
        if tables is not None:
            yield span, tables
        elif span.first < span.last:
            middle = (span.first + span.last) // 2
            for piece in (Span(span.first, middle), Span(middle + 1, span.last)):
                yield from self.of(step, piece, state, own, limit)
        else:
            yield span, self._of_halves(step, span, state, own, limit, Half(0, 0))

    def _of_halves(
        self, step: Step, span: Span, state: State, own: Own, limit: int, half: Half
    ) -> Mapping[str, pa.Table]:
        """One day: what the step makes of either half of the persons, put together."""
        if step.join is None or half.depth == _DEEPEST:
            raise WhosawError(
                "build.no-memory",
                f"the step {step.name} of {date.fromordinal(_EPOCH + span.first)} did not fit {limit >> 20} MiB of memory, and cannot be cut further",
                hint="What was made before is kept; run the same command again with more memory",
            )
        found = []
        for part in half.halves():
            tables = self._asked(step, span, state, own, limit, part)
            found.append(self._of_halves(step, span, state, own, limit, part) if tables is None else tables)
        return step.join(found)

    def _asked(
        self, step: Step, span: Span, state: State, own: Own, limit: int, half: Half | None = None
    ) -> Mapping[str, pa.Table] | None:
        """What the step makes; None where the memory did not do."""
        if self._stopped:
            raise StoppedError
        self.rows_read += state.rows_to_read(step, span)
        inputs = StepInputs.of_step(
            self._plan.around, state, step, span, half=half, memory_bytes=limit, own=own
        )
        try:
            return step.run(inputs, span)
        except (MemoryError, WhosawError) as fault:
            if not _is_want_of_memory(fault):
                raise
        finally:
            inputs.close()
        self._outcome.cut[step.name] += 1
        return None

    def values(self, fact: Fact, days: Sequence[int], state: State) -> Mapping[int, Any]:
        """The fact as of these days, together or, where that does not fit, half of them at a time."""
        if self._stopped:
            raise StoppedError
        wanted = state.days_of(fact, days)
        rows = sum(state.rows(kind, day) for kind in fact.reads for day in wanted)
        self.rows_read += rows
        need = fact.memory(rows)
        if need <= self._plan.memory_bytes or len(days) == 1:
            inputs = StepInputs(
                around=self._plan.around,
                state=state,
                maker=fact,
                days=dict.fromkeys(fact.reads, wanted),
                memory_bytes=min(need, self._plan.memory_bytes),
            )
            try:
                return fact.run(inputs, days)
            except (MemoryError, WhosawError) as fault:
                if not _is_want_of_memory(fault) or len(days) == 1:
                    raise
            finally:
                inputs.close()
        middle = len(days) // 2
        return {**self.values(fact, days[:middle], state), **self.values(fact, days[middle:], state)}


def _is_want_of_memory(fault: Exception) -> bool:
    return isinstance(fault, MemoryError) or getattr(fault, "code", "") == "store.no-memory"
