"""Brings the days of a workspace up to date, and says what waits.

Its numbers have to be history (`store/numbers`): segments that have none are numbered first, unless who asks did that already, and
nothing else here numbers identifiers of a log.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa

from whosaw.actors import Detector, Explanation
from whosaw.actors.explaining.context_rows import Stated
from whosaw.actors.explaining.kept_context import KeptContext
from whosaw.actors.marking.flagged import Shown
from whosaw.actors.marking.left_over import Left
from whosaw.build.fact import Fact
from whosaw.build.inputs import Surroundings
from whosaw.build.keys import short
from whosaw.build.plan import Outcome, Plan
from whosaw.build.recheck import Rechecked, recheck
from whosaw.build.row_digest import RowDigests
from whosaw.build.runner import bring_up_to_date, runs_there, waiting
from whosaw.build.state import Runs, Source
from whosaw.build.step import Step
from whosaw.core.version import __version__
from whosaw.store import statements as sa
from whosaw.store.index.twin_rules import TwinRule
from whosaw.store.journal import tables
from whosaw.store.numbers.asked import AskedNumbers
from whosaw.store.workspace import Workspace

from .clauses import shown_by
from .context import OfPeople, people_named, sources_of_context
from .findings import Telling
from .flagged import flagged_source
from .flags_memo import FlagsMemo
from .remembering import keep, recalled
from .setup import Page, Setup
from .sources import Segments, what_there_is
from .step_tasks import Elsewhere, StepHands, StepTeller
from .steps import codes, kinds_of, steps_of

__all__ = ["Ledger", "setup_of"]

_LEFT: Final = 1  # raised when a change of code finds others left of a large entity in the same runs


def setup_of(
    workspace: Workspace,
    *,
    twins: Sequence[TwinRule] = (),
    detectors: Mapping[str, Detector] | None = None,
    explanations: Mapping[str, Explanation] | None = None,
    context: KeptContext | None = None,
) -> Setup:
    """What the steps of a workspace are set up with: the pages that it has, and what else is given."""
    return Setup(
        pages={row["number"]: _page(row) for row in workspace.journal.rows(sa.select(tables.route))},
        twins=tuple(twins),
        detectors=detectors or {},
        explanations=explanations or {},
        tables=frozenset()
        if context is None
        else frozenset(each for each in context.stated.given if not context.stated.lacks(each)),
        stated=Stated() if context is None else context.stated,
    )


def _page(row: Mapping[str, Any]) -> Page:
    body = json.loads(row["body"])
    return Page(
        id=row["id"],
        categories=frozenset(body["categories"]),
        beside=frozenset((body.get("secondary") or {}).get("categories", ())),
    )


class Ledger:
    """The days of one workspace, with the steps that make them. Only for the one who holds it for writing. With `elsewhere` executors make what
    does not give numbers. `people`: what ids say of those who have numbers, where the caller has it."""

    def __init__(
        self,
        workspace: Workspace,
        setup: Setup,
        *,
        context: KeptContext | None = None,
        threads: int = 2,
        memory_bytes: int = 1 << 30,
        steps: Sequence[Step | Fact] | None = None,
        people: OfPeople | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._workspace, self.setup = workspace, setup
        self._context, self._people = context or KeptContext(), people
        self._elsewhere = elsewhere
        self._hands = None if elsewhere is None else StepHands(elsewhere.executors)
        self._stands: dict[str, Any] | None = None
        self._runs: Runs | None = None  # as of the last round, where that was one of this process
        self._numbers = AskedNumbers(workspace)
        self._digests = RowDigests(workspace.vault)
        workspace.spill.mkdir(exist_ok=True)
        steps = steps_of(setup) if steps is None else steps
        self.plan = Plan.of(
            workspace.journal,
            Surroundings(
                store=workspace.files,
                spill=workspace.spill,
                kinds=kinds_of(setup),
                digests=self._numbers.digests,
                bits=self._numbers.bits,
                numbers=self._numbers.numbers,
                texts=self._numbers.texts,
                settle=self._numbers.settle,
            ),
            self._digests,
            steps,
            code=codes(steps),
            setup=setup,
            threads=threads,
            memory_bytes=memory_bytes,
        )

    def bring_up_to_date(self, *, now: datetime) -> Outcome:
        """Make what is stale, and nothing else. What an earlier run was killed at is ended first."""
        outcome = bring_up_to_date(self.plan, self._there(), self._sources, now=now, hands=self._hands)
        self._runs = outcome.runs
        return outcome

    def waiting(self) -> dict[str, dict[str, int]]:
        """By step, on how many days it is stale, by what changed."""
        return waiting(self.plan, self._sources(self._there()) or ())

    def recheck(self, *, most: int | None = None, draw: str = "") -> Rechecked:
        """Make days again that are up to date, at most so many of all steps, and say which runs differ. Nothing is committed."""
        return recheck(self.plan, self._sources(self._there()) or (), most=most, draw=draw)

    def stand(self) -> None:
        """From now on make days of what there is now, whatever is read meanwhile."""
        self._stands = self._there()

    def _there(self) -> dict[str, Any]:
        """What there is, as a document of which `_sources` makes the sources."""
        if self._stands is not None:
            return self._stands
        return {
            "segments": what_there_is(self._workspace, self.setup.twins),
            "context": self._context.text,
        }

    def _sources(self, given: Any) -> Sequence[Source] | None:
        segments = self._segments(given)
        context = KeptContext.of_text(given["context"]) if "context" in given else KeptContext()
        self._tell(segments, context)
        found = [
            *segments.sources(),
            *sources_of_context(self._workspace, context, self._numbers.digests, self._people),
            self._flagged(),
        ]
        read = {
            each if isinstance(each, str) else each.kind
            for one in self.plan.makers.values()
            for each in one.reads
        }
        return [each for each in found if each.kind in read]

    def _tell(self, segments: Segments, context: KeptContext) -> None:
        """From now on executors are told of these."""
        if self._elsewhere is None or self._hands is None:
            return
        self._hands.teller = StepTeller(
            self._workspace,
            self.plan,
            self.setup,
            context=context,
            segments=segments,
            numbers=self._numbers,
            folder=self._elsewhere.executors.folder,
            key_file=self._elsewhere.key_file,
        )

    def _segments(self, given: Any) -> Segments:
        """The segments; from then on what tells their files apart is known."""
        segments = Segments(workspace=self._workspace, digests=self._digests, given=given["segments"])
        self._numbers.files = segments.files
        return segments

    @property
    def _marking(self) -> str:
        """What marks are made with, in short."""
        detectors = [repr(dataclasses.replace(each, cases=())) for each in self.setup.detectors.values()]
        return short([self.plan.code.get("mark"), detectors])

    def _flagged(self) -> Source:
        return flagged_source(self.setup, FlagsMemo(self._workspace, self._marking))

    @property
    def _shown(self) -> Shown:
        return shown_by(self._numbers.digests, self._numbers.texts)

    def telling(self) -> Telling:
        """What is told of all that is kept; of what is up to date."""
        self._segments(self._there())
        return Telling(
            runs=self._runs or runs_there(self.plan),
            setup=self.setup,
            shown=self._shown,
            digests=self._numbers.digests,
            people=people_named(self._workspace, self._context),
            left=_LeftMemo(self._workspace, short([_LEFT, __version__, self._marking])),
        )


class _LeftMemo:
    """Who was left of large entities in each month: numbers of people, those who bear a sign before those of whom it can be told."""

    _NAME: Final = "people left of large entities by month"

    def __init__(self, workspace: Workspace, told: str) -> None:
        self._workspace, self._told = workspace, told

    def load(self) -> dict[str, Left]:
        kept = recalled(self._workspace, self._NAME)
        if kept is None or kept[0]["told"] != self._told:
            return {}
        document, rows = kept
        who, first, found = rows["who"].to_numpy(), 0, {}
        for key, signed, people in document["months"]:
            middle = first + signed
            found[key] = who[first:middle], who[middle : middle + people]
            first = middle + people
        return found

    def store(self, told: Mapping[str, Left]) -> None:
        ordered = sorted(told.items())
        months = [[key, len(signed), len(people)] for key, (signed, people) in ordered]
        who = np.concatenate([np.empty(0, np.int64), *(part for _, parts in ordered for part in parts)])
        keep(self._workspace, self._NAME, {"told": self._told, "months": months}, pa.table({"who": who}))
