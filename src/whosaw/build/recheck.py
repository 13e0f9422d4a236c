"""Makes steps again that are up to date, and holds what they make against what is kept: of a sample of days, or of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import pyarrow as pa

from .inputs import RunsThere
from .pieces import Pieces
from .plan import Outcome, Plan
from .row_digest import RowDigest
from .runner import state_of
from .state import Source, State
from .step import Span, Step

__all__ = ["Differs", "Rechecked", "recheck"]

_NOTHING = str(RowDigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Differs:
    """A run that is not what its step makes now, or (`damaged`) whose files hold other rows than the journal says."""

    step: str
    kind: str
    day: int
    damaged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """How many days of steps were made again, of how many that are up to date; and what differs."""

    days: int
    every: int
    differs: tuple[Differs, ...]


def recheck(plan: Plan, sources: Sequence[Source], *, most: int | None = None, draw: str = "") -> Rechecked:
    """Make at most so many days of steps again (None: all), which are drawn by `draw`. Nothing is written, and what waits to be made is
    left out."""
    state = state_of(plan, sources)
    known = [(step, day) for step in plan.steps for day in _up_to_date(state, step)]
    drawn = sorted(
        known, key=lambda each: blake2b(f"{draw} {each[0].name} {each[1]}".encode(), digest_size=16).digest()
    )
    asked = drawn if most is None else drawn[:most]
    differs = [each for step, day in asked for each in _differing(plan, state, step, day)]
    differs.sort(key=lambda each: (each.day, each.step, each.kind))
    return Rechecked(days=len(asked), every=len(known), differs=tuple(differs))


def _up_to_date(state: State, step: Step) -> list[int]:
    days = state.asked_days(step)
    stale = set(state.stale(step, days))
    return [day for day in days if day not in stale]


def _differing(plan: Plan, state: State, step: Step, day: int) -> Iterator[Differs]:
    pieces = Pieces(plan, Outcome())
    made: dict[str, RowDigest] = {}
    for _, tables in pieces.of(step, Span(day, day), state, {}):
        for kind, table in tables.items():
            by_day = plan.digests.by_day(table.cast(plan.around.kinds[kind].in_hand))
            made[kind] = made.get(kind, RowDigest()) + by_day.get(day, RowDigest())
    runs = RunsThere(plan.around, state)
    for kind in step.keeps:
        told = state.digest(kind, day) or _NOTHING
        if _digest(plan, runs.rows(kind, [day])) != told:
            yield Differs(step=step.name, kind=kind, day=day, damaged=True)
        elif str(made[kind]) != told:
            yield Differs(step=step.name, kind=kind, day=day, damaged=False)


def _digest(plan: Plan, rows: pa.Table) -> str:
    return str(sum(plan.digests.by_day(rows).values(), RowDigest()))
