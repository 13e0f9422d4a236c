"""Days of a step that are made elsewhere, and those that are made here by the same code."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Protocol

from .draft import Draft, Drafted
from .pieces import Pieces
from .plan import Makings, Outcome
from .state import State
from .step import Step

__all__ = ["Hands", "draft_of", "drafted_elsewhere", "make_next"]


class Hands(Protocol):
    """Whoever makes days of steps elsewhere, from the files of the same store into it."""

    def take(self, step: Step, rows: int) -> bool:
        """Whether they make days of that step that have so many rows in hand."""

    def begin(self, step: Step, stale: Sequence[int], local: State) -> Future[Drafted]:
        """Have these days made from what there is in `local`. What comes of it was checked: its files hold what their names say."""

    def send(self) -> None:
        """Nothing more is to come for now: what waits for company is begun."""


def draft_of(makings: Makings, step: Step, local: State) -> Draft:
    """An empty draft of a step over what is in force."""
    return Draft(
        around=makings.around,
        digests=makings.digests,
        step=step,
        local=local,
        edges=makings.edges,
        range_rows=makings.range_rows,
    )


def drafted_elsewhere(makings: Makings, step: Step, stale: Sequence[int], local: State) -> Drafted:
    """What `Hands` tell of days that are stale, of a step that is no chain. Its files are there when it returns."""
    outcome, draft = Outcome(), draft_of(makings, step, local)
    pieces, left = Pieces(makings, outcome), list(stale)
    while left:
        make_next(pieces, step, left, local, draft)
        left = [day for day in left if not draft.has(day)]
    return replace(draft.drafted, cut=outcome.cut[step.name])


def make_next(pieces: Pieces, step: Step, stale: Sequence[int], local: State, draft: Draft) -> None:
    """Make those of the stale days that fit together and come first."""
    span = next(pieces.spans(step, stale, local))
    wanted = [day for day in stale if day in span]
    for piece, tables in pieces.of(step, span, local, draft.own):
        draft.take(piece, [day for day in wanted if day in piece], tables)
