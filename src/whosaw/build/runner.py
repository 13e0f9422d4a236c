"""Brings the ledger up to date: finds the steps and days that are stale and makes these, and no others, on threads and within a
budget of memory.

The files of a step and its months depend on what was read and on nothing else: neither on threads, nor on how days were put together
or cut to fit, nor on whether an earlier run was killed on the way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from whosaw.core.canonical_json import canonical_json
from whosaw.store.parts import begin_round, last_rounds

from .elsewhere import Hands
from .inputs import RunsThere
from .moved import Moved, sources_then
from .plan import Outcome, Plan
from .round import RoundRun
from .state import Runs, Source, State
from .step import Read

__all__ = ["SourcesOf", "bring_up_to_date", "runs_there", "state_of", "waiting"]

SourcesOf = Callable[[Any], Sequence[Source] | None]


def bring_up_to_date(
    plan: Plan, inputs: Any, sources_of: SourcesOf, *, now: datetime, hands: Hands | None = None
) -> Outcome:
    """Make what is stale, with `hands` that make days elsewhere. `inputs` is a document in JSON's types that says what there is, of which `sources_of` makes the sources.

    It is written down before anything is made. What an earlier run began and did not end is ended first, with what that one began
    with, unless the program or the items changed or `sources_of` gives None for it. Nothing is written where nothing is stale, and
    nothing is looked at where there is what there was.
    """
    outcome = Outcome()
    rounds = last_rounds(plan.journal)
    before = rounds[0] if rounds and rounds[0].program == plan.program else None
    if (
        before is not None
        and before.ended is not None
        and canonical_json(before.inputs) == canonical_json(inputs)
    ):
        return outcome
    if before is not None and before.ended is None:
        sources = sources_of(before.inputs)
        before = (
            None
            if sources is None
            else RoundRun(plan, state_of(plan, sources), before, {}, outcome, now, hands).run()
        )
    sources = sources_of(inputs)
    if sources is None:
        raise ValueError("what is to be brought up to date has no sources")
    state = state_of(plan, sources)
    known = {} if before is None else before.roots
    if before is not None and (then := sources_then(plan.journal, before.id)) is not None:
        state.moved = Moved(then=then)
    if before is not None and known == {step.name: state.root(step) for step in plan.steps}:
        return outcome
    begun = begin_round(plan.journal, program=plan.program, inputs=inputs, now=now)
    RoundRun(plan, state, begun, known, outcome, now, hands).run()
    outcome.runs = RunsThere(plan.around, replace(state, sources={}))  # what sources had in hand may go
    return outcome


def waiting(plan: Plan, sources: Sequence[Source]) -> dict[str, dict[str, int]]:
    """By step, on how many days it is stale, by what changed, as far as can be seen before anything is made."""
    state = state_of(plan, sources, why=True)
    found: dict[str, dict[str, int]] = {}
    for step in plan.steps:
        days = state.asked_days(step)
        told: dict[str, int] = defaultdict(int)
        for day in state.stale(step, days):
            made = state.made.get(step.name, {}).get(day)
            if made is None:
                told["a new day"] += 1
                continue
            now = state.asked(step, day).read
            for word in sorted(now.keys() | made.read.keys()):
                told[word] += now.get(word) != made.read.get(word)
        told["a day that is gone"] = len(state.gone(step, days))
        found[step.name] = {word: many for word, many in told.items() if many}
    return found


def runs_there(plan: Plan) -> Runs:
    """The runs there are, as the journal has them now."""
    state = State(makers=plan.makers, code=plan.code, items=plan.items)
    state.load(plan.journal)
    return RunsThere(plan.around, state)


def state_of(plan: Plan, sources: Sequence[Source], *, why: bool = False) -> State:
    """What the journal holds, over these sources; each kind that is read has one origin."""
    given = {each.kind: each for each in sources}
    for maker in plan.makers.values():
        for each in maker.reads:
            kind = each.kind if isinstance(each, Read) else each
            if (kind in plan.keepers) == (kind in given):
                raise ValueError(f"{maker.name} reads {kind}, which must have one origin: a step or a source")
    state = State(makers=plan.makers, code=plan.code, items=plan.items, sources=given)
    state.load(plan.journal, why=why)
    for source in sources:
        if source.again is not None:
            state.renew(source.again(RunsThere(plan.around, state)))
    return state
