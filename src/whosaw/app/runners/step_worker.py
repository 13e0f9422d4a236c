"""Steps on an executor: the same code that threads run over the same files, from what it is told of the journal.

It needs the keys of digests, and the secrets of row digests: those of the vault, or of a reading key that has them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa

from whosaw.actors.explaining.keeping import ContentShelf
from whosaw.actors.explaining.kept_context import TABLES, KeptContext
from whosaw.actors.explaining.met_rows import MetRows
from whosaw.app.building.numbers_of import NumbersOf
from whosaw.app.building.segment_rows import SegmentRows
from whosaw.app.building.step_tasks import OF_SEGMENTS, FactTask, StepSetup, StepTask, ToldSource
from whosaw.app.building.steps import codes, kinds_of, steps_of
from whosaw.build.draft import Drafted
from whosaw.build.elsewhere import drafted_elsewhere, learnt_elsewhere
from whosaw.build.fact import Fact
from whosaw.build.inputs import RunsThere, Surroundings
from whosaw.build.plan import Makings
from whosaw.build.row_digest import RowDigests
from whosaw.build.state import Source, State
from whosaw.build.step import Span, Step
from whosaw.core.errors import WhosawError
from whosaw.store.files import ContentStore
from whosaw.store.handed import handed_over
from whosaw.store.kinds import DAY
from whosaw.store.numbers.asked import KnownNumbers
from whosaw.store.numbers.segments import NumbersFiles
from whosaw.store.parts import Learnt
from whosaw.store.recent import Recent
from whosaw.store.vault_elsewhere import vault_elsewhere

from .task import PARTS

__all__ = ["StepWorker"]

T = TypeVar("T")
_HANDED: Final = 64  # files of rows that were handed over; they are mapped, not read


class StepWorker:
    """Makes days of steps for one round. It is used by one task at a time."""

    def __init__(self, setup: StepSetup) -> None:
        pa.set_cpu_count(1)  # a task has one core
        self._setup = setup
        self._vault = vault_elsewhere(
            setup.root, setup.key_file, mark=setup.mark, proof=setup.proof, erased=setup.erased
        )
        self._files = ContentStore.of(setup.root, parts=f"{PARTS}{uuid.uuid4().hex}")
        self._told, self._history = setup.numbers, setup.numbers.over(self._files)
        self._numbers = KnownNumbers(self._files, self._vault, self._history)
        self._spill = self._files.parts / "spill"
        self._rows = SegmentRows(
            store=self._files, routes=setup.routes, segments=(), numbers=NumbersFiles(self._files)
        )
        self._handed: Recent[Path, pa.Table] = Recent(_HANDED)
        self._makings = self._made_with()
        if self._makings.program != setup.program:
            raise WhosawError(
                "runner.versions",
                "an executor has other steps than this machine",
                hint="Give the executors the same environment: other versions may write other bytes",
            )

    def _made_with(self) -> Makings:
        makers = steps_of(self._setup.setup)
        return Makings.with_items(
            Surroundings(
                store=self._files,
                spill=self._spill,
                kinds=kinds_of(self._setup.setup),
                digests=self._numbers.digests,
                bits=self._numbers.bits,
                texts=self._numbers.texts,
            ),
            RowDigests(self._vault),
            makers,
            code=codes(makers),
            setup=self._setup.setup,
            memory_bytes=self._setup.memory_bytes,
        )

    @cached_property
    def _context(self) -> MetRows:
        history = self._setup.numbers.over(self._files)
        known = NumbersOf(self._vault, history, self._setup.pages)
        context = KeptContext.of_text(self._setup.context)
        return MetRows(ContentShelf(self._files), context, known.numbers, spill=self._spill)

    def drafted(self, task: StepTask) -> Drafted:
        """Make the days of a task. Raises `WhosawError` where a file that it reads does not hold what its name says."""
        step = self._makings.makers[task.step]
        assert isinstance(step, Step)
        self._renew(task)
        return self._done(
            task, lambda: drafted_elsewhere(self._makings, step, task.stale, self._state(step, task))
        )

    def learnt(self, task: FactTask) -> Mapping[int, Any]:
        """Learn a fact. Raises the same."""
        fact = self._makings.makers[task.fact]
        assert isinstance(fact, Fact)
        self._renew(task)
        return self._done(
            task, lambda: learnt_elsewhere(self._makings, fact, task.days, self._state_of_runs(task))
        )

    def _renew(self, task: StepTask | FactTask) -> None:
        if task.numbers != self._told:
            self._told, self._history = task.numbers, task.numbers.over(self._files)
        self._numbers.renew(self._history, task.contents)
        self._spill.mkdir(mode=0o700, parents=True, exist_ok=True)  # it goes with whoever asked for tasks

    def _done(self, task: StepTask | FactTask, work: Callable[[], T]) -> T:
        try:
            return work()
        except WhosawError:
            raise
        except Exception:
            for name in sorted(task.files):
                with self._files.mapped(name):  # one that is damaged is told of by its name
                    pass
            raise

    def _state_of_runs(self, task: StepTask | FactTask, keeps: Sequence[str] = ()) -> State:
        """The runs and facts that the journal has, as far as the task was told."""
        state = State(makers=self._makings.makers, code=self._makings.code, items=self._makings.items)
        state.parts = {kind: {} for kind in keeps}
        for part in task.parts:
            state.parts.setdefault(part.kind, {}).setdefault(part.day, []).append(part)
        state.facts = {
            name: {day: Learnt(name=name, day=day, key="", value=value) for day, value in days.items()}
            for name, days in task.facts.items()
        }
        return state

    def _state(self, step: Step, task: StepTask) -> State:
        """What the journal has, as far as the task was told."""
        state = self._state_of_runs(task, step.keeps)
        rows, there = self._rows.of(task.segments), RunsThere(self._makings.around, state)
        state.sources = {kind: self._source(kind, told, rows, there) for kind, told in task.sources.items()}
        return state

    def _source(self, kind: str, told: ToldSource, rows: SegmentRows, there: RunsThere) -> Source:
        if kind in TABLES:
            return self._context.told(kind, there, told.digests, told.rows)
        if kind in OF_SEGMENTS:
            read = rows.events if kind == "events" else rows.more
        else:
            assert told.file is not None
            read = partial(self._of_file, told.file, told.add_up)
        return Source(kind=kind, digests=told.digests, rows=told.rows, read=read, add_up=told.add_up)

    def _of_file(
        self, path: Path, add_up: bool, span: Span, columns: Sequence[str] | None
    ) -> pa.Table:  # of a partial
        """Rows that were handed over, of these days, which ascend; where they do not add up, of all days until the last of these."""
        rows = self._handed.get(path)
        if rows is None:
            rows = handed_over(path)
            self._handed.put(path, rows, 1)
        day = rows[DAY.name].to_numpy()
        first, end = np.searchsorted(day, (span.first, span.last + 1)).tolist()
        rows = rows.slice(first, end - first) if add_up else rows.slice(0, end)
        return (
            rows
            if columns is None
            else rows.select([DAY.name, *(each for each in columns if each != DAY.name)])
        )

    def close(self) -> None:
        """Forget what was read."""
        self._makings.around.forget_runs()
