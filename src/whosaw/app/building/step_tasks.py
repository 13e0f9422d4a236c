"""Days of a step to be made by an executor: what it is told of the journal, which it does not see.

All that holds of a whole round goes along once (`StepSetup`). A task says which days, and of each kind that the step reads where its runs stand
on the days it reads; of sources which segments reach there, and what of the context these days meet. What hangs on runs of all days is
worked out by whoever scans, and handed over in a file: which flags are about a day, and who was met first when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from whosaw.actors.explaining.kept_context import TABLES, KeptContext
from whosaw.build.draft import Drafted
from whosaw.build.fact import Fact
from whosaw.build.keys import short
from whosaw.build.plan import Plan
from whosaw.build.state import Source, State
from whosaw.build.step import Read, Span, Step
from whosaw.store import statements as sa
from whosaw.store.handed import hand_over
from whosaw.store.journal import tables
from whosaw.store.numbers.asked import AskedNumbers
from whosaw.store.numbers.history import ToldHistory
from whosaw.store.parts import Part
from whosaw.store.vault_elsewhere import proof_of
from whosaw.store.workspace import DIGESTS_UNDER, Workspace

from .segment_rows import ToldSegment
from .setup import Setup
from .sources import Segments

__all__ = [
    "MEETS",
    "OF_SEGMENTS",
    "Elsewhere",
    "Executors",
    "FactTask",
    "StepHands",
    "StepSetup",
    "StepTask",
    "StepTeller",
    "ToldSource",
]

OF_SEGMENTS: Final = ("events", "more")
MEETS: Final = "meets"  # the runs that say which rows of the context a day meets
LEAST_ROWS: Final = 1 << 15
"""Days that have fewer rows in hand are made here: to hand them out would take longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSetup:
    """What all tasks of a round share. `mark` and `proof` name and prove the key of digests, and tell nothing of it; `erased` are keyed digests,
    by kind. `setup` is what steps are set up with, `program` the digest of their code and items, `context` the context as it was kept.
    `numbers` as they were when the round began; `pages` has numbers of pages by their id, `routes` by map the number of the page at each
    place of it. `given` tells the segments of one round from those of another."""

    root: Path
    key_file: Path | None
    mark: str | None
    proof: bytes
    erased: Mapping[str, tuple[bytes, ...]]
    setup: Setup
    program: str
    memory_bytes: int
    context: str
    given: str
    numbers: ToldHistory
    pages: Mapping[str, int]
    routes: Mapping[str, npt.NDArray[np.int16]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSource:
    """By day what a source holds and how many rows, of the days that are read; and the file that its rows were handed over in, if they were.
    Where it does not `add_up`, a day holds all that the days before it hold as well."""

    digests: Mapping[int, str]
    rows: Mapping[int, int]
    add_up: bool
    file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTask:
    """Days of a step that are stale. `facts` by name and day; `contents` tell the files of contents apart."""

    step: str
    stale: tuple[int, ...]
    parts: tuple[Part, ...]
    facts: Mapping[str, Mapping[int, Any]]
    sources: Mapping[str, ToldSource]
    segments: tuple[ToldSegment, ...]
    contents: Mapping[int, bytes]
    numbers: ToldHistory

    @property
    def files(self) -> frozenset[str]:
        """The files of the store that it reads."""
        of_segments = (name for each in self.segments for name in (each.events, each.more, each.numbers))
        return frozenset(name for name in (*(each.file for each in self.parts), *of_segments) if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTask:
    """A fact that is to be learnt as of some days, which ascend, from runs alone."""

    fact: str
    days: tuple[int, ...]
    parts: tuple[Part, ...]
    facts: Mapping[str, Mapping[int, Any]]
    contents: Mapping[int, bytes]
    numbers: ToldHistory

    @property
    def step(self) -> str:
        """What it is called where a fault is told."""
        return self.fact

    @property
    def files(self) -> frozenset[str]:
        """The files of the store that it reads."""
        return frozenset(each.file for each in self.parts if each.file)


class Executors(Protocol):
    """Whoever makes tasks. `folder` is one that they see, and that goes with them."""

    @property
    def folder(self) -> Path: ...

    def begin(self, setup: StepSetup, task: Callable[[], StepTask]) -> Future[Drafted]:
        """Have a task made, which is put together once its turn has come."""

    def learn(self, setup: StepSetup, task: Callable[[], FactTask]) -> Future[Mapping[int, Any]]:
        """The same of a fact."""

    def send(self) -> None:
        """Nothing more is to come for now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Executors that make steps, and where the key of the vault is kept, for them as for whoever scans."""

    executors: Executors
    key_file: Path | None = None


class StepTeller:
    """Puts together what executors are told in one round."""

    def __init__(
        self,
        workspace: Workspace,
        plan: Plan,
        setup: Setup,
        *,
        context: KeptContext,
        segments: Segments,
        numbers: AskedNumbers,
        folder: Path,
        key_file: Path | None,
    ) -> None:
        self._workspace, self._plan, self._setup = workspace, plan, setup
        self._context, self._segments, self._numbers = context, segments, numbers
        self._folder, self._key_file = folder, key_file
        self._handed: dict[tuple[str, str], Path] = {}
        self._lock = Lock()

    @cached_property
    def setup(self) -> StepSetup:
        """What all tasks share."""
        workspace, plan = self._workspace, self._plan
        route = tables.route.c
        pages = workspace.journal.rows(sa.select(route.id, route.number))
        told = replace(
            self._setup,
            detectors=dict(self._setup.detectors),
            explanations=dict(self._setup.explanations),
        )
        return StepSetup(
            root=workspace.root.resolve(),
            key_file=None if self._key_file is None else self._key_file.resolve(),
            mark=workspace.journal.setting(DIGESTS_UNDER),
            proof=proof_of(workspace.vault),
            erased=workspace.vault.erased.digests(),
            setup=told,
            program=plan.program,
            memory_bytes=plan.memory_bytes // plan.threads,
            context=self._context.text,
            given=short(self._segments.given),
            numbers=self._numbers.history.told,
            pages={row["id"]: row["number"] for row in pages},
            routes=self._segments.routes,
        )

    def task(self, step: Step, stale: Sequence[int], local: State) -> StepTask:
        """What an executor is told to make these days, which ascend, from what there is in `local`."""
        span = Span(stale[0], stale[-1])
        windows = {each.kind: _window(each, span) for each in step.reads}
        if any(kind in TABLES for kind in windows):
            windows[MEETS] = _around([each for kind, each in windows.items() if kind in (*TABLES, MEETS)])
        whole = _around(windows.values())
        near = [each for each in self._segments.rows.segments if each.near(whole.wider(1, 1))]
        here = [
            each for each in near if any(each.near(windows[kind]) for kind in OF_SEGMENTS if kind in windows)
        ]
        own = dict.fromkeys(step.keeps, stale)
        return StepTask(
            step=step.name,
            stale=tuple(stale),
            parts=(
                *(part for kind, window in windows.items() for part in _parts(local, kind, window)),
                *(
                    part
                    for kind, days in own.items()
                    for day in days
                    for part in local.parts[kind].get(day, ())
                ),
            ),
            facts={
                name: {day: each.value for day, each in local.facts[name].items() if day in whole}
                for name in step.facts
            },
            sources={
                kind: self._told(local.sources[kind], window)
                for kind, window in windows.items()
                if kind in local.sources
            },
            segments=tuple(here),
            contents={each.content: each.file for each in near},
            numbers=self._numbers.history.told,
        )

    def fact_task(self, fact: Fact, days: Sequence[int], local: State) -> FactTask:
        """What an executor is told to learn a fact as of these days, which ascend."""
        wanted = frozenset(local.days_of(fact, days))
        return FactTask(
            fact=fact.name,
            days=tuple(days),
            parts=tuple(
                part
                for kind in fact.reads
                for day, parts in local.parts.get(kind, {}).items()
                if day in wanted
                for part in parts
            ),
            facts={name: {day: each.value for day, each in local.facts[name].items()} for name in fact.facts},
            contents={each.content: each.file for each in self._segments.rows.segments},
            numbers=self._numbers.history.told,
        )

    def _told(self, source: Source, window: Span) -> ToldSource:
        file = None
        if source.kind not in (*OF_SEGMENTS, *TABLES):
            file = self._in_file(source, window)
        return ToldSource(
            digests={day: each for day, each in source.digests.items() if day in window},
            rows={day: each for day, each in source.rows.items() if day in window},
            add_up=source.add_up,
            file=file,
        )

    def _in_file(self, source: Source, window: Span) -> Path:
        """The rows of a source, in a file. What does not add up is handed over once, for all days."""
        days = source.digests
        span = window if source.add_up else Span(window.first, max((window.last, *days)))
        held = sorted((day, told) for day, told in days.items() if day in span or not source.add_up)
        with self._lock:
            found = self._handed.get((source.kind, short(held)))
            if found is None:
                found = self._handed[source.kind, short(held)] = hand_over(
                    self._folder, source.read(span, None)
                )
            return found


def _window(read: Read, span: Span) -> Span:
    return span if read.hours == 0 else span.wider(read.back, read.on)


def _around(spans: Any) -> Span:
    return Span(min(each.first for each in spans), max(each.last for each in spans))


def _parts(local: State, kind: str, window: Span) -> list[Part]:
    return [part for day, parts in local.parts.get(kind, {}).items() if day in window for part in parts]


class StepHands:
    """Has days of steps made by executors (`build.elsewhere.Hands`): those of the round that `teller` tells of."""

    def __init__(self, executors: Executors) -> None:
        self._executors = executors
        self.teller: StepTeller | None = None

    def take(self, step: Step, rows: int) -> bool:
        # numbers for life are given in one place
        return not step.chain and rows >= LEAST_ROWS

    def begin(self, step: Step, stale: Sequence[int], local: State) -> Future[Drafted]:
        assert self.teller is not None
        return self._executors.begin(self.teller.setup, partial(self.teller.task, step, stale, local))

    def take_fact(self, fact: Fact, rows: int) -> bool:  # noqa: ARG002  # any of them
        return rows >= LEAST_ROWS

    def learn(self, fact: Fact, days: Sequence[int], local: State) -> Future[Mapping[int, Any]]:
        assert self.teller is not None
        return self._executors.learn(self.teller.setup, partial(self.teller.fact_task, fact, days, local))

    def send(self) -> None:
        self._executors.send()
