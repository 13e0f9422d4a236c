"""Days of a step and facts that are made elsewhere, and those that are made here by the same code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Protocol

from .draft import Draft, Drafted
from .fact import Fact
from .pieces import Pieces
from .plan import Makings, Outcome
from .state import State
from .step import Step

__all__ = ["Hands", "draft_of", "drafted_elsewhere", "learnt_elsewhere", "make_next"]


class Hands(Protocol):
    """Whoever makes days of steps elsewhere, from the files of the same store into it, and learns facts from them."""

    def take(self, step: Step, rows: int) -> bool:
        """Whether they make days of that step that have so many rows in hand."""

    def begin(self, step: Step, stale: Sequence[int], local: State) -> Future[Drafted]:
        """Have these days made from what there is in `local`. What comes of it was checked: its files hold what their names say."""

    def take_fact(self, fact: Fact, rows: int) -> bool:
        """Whether they learn that fact, which is learnt from runs alone, where it has so many rows in hand."""

    def learn(self, fact: Fact, days: Sequence[int], local: State) -> Future[Mapping[int, Any]]:
        """Have it learnt as of these days from what there is in `local`."""

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


def learnt_elsewhere(makings: Makings, fact: Fact, days: Sequence[int], local: State) -> Mapping[int, Any]:
    """What `Hands` tell of a fact."""
    return Pieces(makings, Outcome()).values(fact, days, local)


def make_next(pieces: Pieces, step: Step, stale: Sequence[int], local: State, draft: Draft) -> None:
    """Make those of the stale days that fit together and come first."""
    span = next(pieces.spans(step, stale, local))
    wanted = [day for day in stale if day in span]
    for piece, tables in pieces.of(step, span, local, draft.own):
        draft.take(piece, [day for day in wanted if day in piece], tables)
