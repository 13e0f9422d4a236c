"""Steps that add up days, the facts learnt from these sums, and the flags of all clauses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.detectors import Clause, Detector
from whosaw.actors.explaining.answers import EXPLAINED_BY, RULES
from whosaw.actors.flagging.question import Question
from whosaw.actors.signing.signs import DAYS_BACK
from whosaw.actors.signing.walking import EVERY
from whosaw.actors.signing.walking import Asked as Walked
from whosaw.actors.signing.walking import asked_of as walks_of
from whosaw.actors.signs import SIGNS
from whosaw.actors.summing.alike import alike_as_of
from whosaw.actors.summing.baselines import (
    actors_as_of,
    learnt,
    walked_as_of,
    walkers_as_of,
)
from whosaw.actors.summing.colleagues import without_own
from whosaw.actors.summing.exposed import explained_as
from whosaw.actors.summing.known_days import known_days
from whosaw.actors.summing.late_views import OF_VIEWS, known
from whosaw.actors.summing.manners import manners, with_manners
from whosaw.actors.summing.named import apart, grouping_name, names_of, of, pair_name, walk_name
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.sums import sums_of
from whosaw.actors.summing.told import Told
from whosaw.actors.summing.who import column
from whosaw.build.fact import Fact
from whosaw.build.step import Inputs, Read, Span, Step
from whosaw.store.days.exposures import exposures_of
from whosaw.store.distinct import distinct
from whosaw.store.kinds import Kind, kind

from .clauses import BAIT, SORTS, Asked, steps_of
from .setup import Setup

__all__ = ["MAKERS", "asked_of", "flags_of", "kinds_of", "makers_of", "plan_of"]

_SUMMED: Final = ("entities", "present", "pages", "ways")
_VIEWS: Final = (*OF_VIEWS, "time", "route", "extra")
_BESIDE: Final = ("views", "answers", "manners")


def _digests(inputs: Inputs) -> Callable[[str, pa.Array], pa.Array]:
    return lambda name, numbers: inputs.digests("way" if name == "manner" else name, numbers)


# -- sums


def _manner(inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    return {"manners": manners(inputs.rows("views"), inputs.rows("visits"))}


def _known(inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    """Of the days on which the views were made one is in hand at a time."""
    late = inputs.rows("late")
    day = column(late, "view_day")
    places: list[npt.NDArray[np.int64]] = []
    found = [kind("known").in_hand.empty_table()]
    for each in distinct(day).tolist():
        places.append(np.flatnonzero(day == each))
        views, manners, told = (
            inputs.rows(name, columns, Span(each, each))
            for name, columns in (("views", list(OF_VIEWS)), ("manners", None), ("answers", ["answers"]))
        )
        found.append(known(late.take(pa.array(places[-1])), views, manners, told, inputs.digests))
    order = np.argsort(np.concatenate([np.empty(0, np.int64), *places]))
    return {"known": pa.concat_tables(found).take(pa.array(order))}


def _sum(plan: Plan, inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    views = with_manners(inputs.rows("views", list(_VIEWS)), inputs.rows("manners"))
    answers, known = inputs.rows("answers"), inputs.rows("known")
    made = sums_of(views, answers, known, span=span, plan=plan, digests=_digests(inputs))
    return apart(made, plan)


def _expose(inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    views = inputs.rows("views", ["person", "time", "client", "route", "extra", "unsure"])
    told = explained_as(views, inputs.rows("answers", ["answers"]), inputs.items["explanations"])
    return {"exposures": exposures_of(views, lambda numbers: inputs.digests("client", numbers), told)}


def _tried(setup: Setup) -> Any:
    return {"explanations": [each for each in EXPLAINED_BY if each in setup.explanations]}


def _told_of(plan: Plan) -> Any:
    """What sums follow from, in JSON's types."""
    return {
        "pairs": [asdict(each) for each in plan.pairs],
        "kinds": {str(code): asdict(each) for code, each in plan.kinds.groupings.items()},
        "asked": {str(code): list(pairs) for code, pairs in plan.asked.items()},
        "hourly": [asdict(each) for each in plan.hourly],
        "of a day": [[*asked, least] for asked, least in sorted(plan.of_a_day.items())],
        "begun": list(plan.begun),
        "walked": [[code, asdict(rule)] for code, rule in plan.walked],
        "agents": {pattern: list(numbers) for pattern, numbers in plan.agents.items()},
    }


# -- facts


def _known_window(days: Sequence[int], day: int) -> Sequence[int]:
    return known_days(days, day).days


def _usual(pair: int, name: str, inputs: Inputs, days: Sequence[int]) -> Mapping[int, Any]:
    return {day: asdict(each) for day, each in learnt(inputs.rows(name), pair, days).items()}


def _actors(code: int, pair: int, name: str, inputs: Inputs, days: Sequence[int]) -> Mapping[int, Any]:
    return actors_as_of(inputs.rows(name), code, pair, days)


def _alike(pair: int, name: str, inputs: Inputs, days: Sequence[int]) -> Mapping[int, Any]:
    found = alike_as_of(inputs.rows(name), pair, days)
    return {day: {str(way): share for way, share in each.items()} for day, each in found.items()}


def _without_own(pair: int, name: str, inputs: Inputs, days: Sequence[int]) -> Mapping[int, Any]:
    found = without_own(inputs.rows(name), pair, days)
    return {day: {str(principal): share for principal, share in each.items()} for day, each in found.items()}


def _walked(name: str, inputs: Inputs, days: Sequence[int]) -> Mapping[int, Any]:
    return walked_as_of(inputs.rows(name), days)


def _walkers(name: str, inputs: Inputs, days: Sequence[int]) -> Mapping[int, Any]:
    return walkers_as_of(inputs.rows(name), days)


def _split_steps(asked: Sequence[Walked], inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    rows = inputs.rows("steps")
    return {
        _steps_of(each): rows.filter(
            pc.and_(pc.equal(rows["kind"], each.kind), pc.equal(rows["rule"], each.code))
        )
        for each in asked
    }


def _steps_of(asked: Walked) -> str:
    """What the steps of these entities under their rule are called."""
    rule = "every" if asked.rule == EVERY else RULES[asked.rule].name
    return of("steps", asked.trait, walk_name(asked.walk), rule)


def _facts(plan: Plan, walks: Sequence[Walked]) -> dict[str, Fact]:
    found: dict[str, Any] = {
        of("walked", walk_name(each.walk)): partial(_walked, _steps_of(each))
        for each in walks
        if each.rule == EVERY
    }
    for name, what in names_of(plan).items():
        rest = name.removeprefix(f"{what}.")
        if what == "places":
            at = next(at for at, pair in enumerate(plan.pairs) if pair_name(pair) == rest)
            found[of("usual", rest)] = partial(_usual, at, name)
        elif what == "alike":
            at = next(at for at, pair in enumerate(plan.pairs) if pair_name(pair) == rest)
            found[of("like", rest)] = partial(_alike, at, name)
        elif what == "colleagues":
            at = next(at for at, pair in enumerate(plan.pairs) if pair_name(pair) == rest)
            found[of("without", rest)] = partial(_without_own, at, name)
        elif what == "tellable":
            code, at = next(
                (code, at)
                for code, pairs in plan.asked.items()
                for at in pairs
                if of(grouping_name(plan.kinds.groupings[code]), pair_name(plan.pairs[at])) == rest
            )
            found[of("actors", rest)] = partial(_actors, code, at, name)
        elif what == "several":
            found[of("walkers", rest)] = partial(_walkers, name)
    return {
        name: Fact(name=name, reads=(run.args[-1],), run=run, window=_known_window)
        for name, run in found.items()
    }


# -- all of them


def asked_of(setup: Setup) -> list[tuple[Detector, Clause]]:
    """The clauses of detectors that can tell anything with the tables there are."""
    return [
        (detector, clause)
        for detector in setup.detectors.values()
        if all(
            any(part.split(".")[0] in setup.tables for part in need.split(" or ")) for need in detector.needs
        )
        for clause in detector.clauses
    ]


def plan_of(setup: Setup) -> Plan:
    """What these ask of sums."""
    told = Told(explanations=EXPLAINED_BY, signs=SIGNS)
    detectors = dict.fromkeys(detector.id for detector, _ in asked_of(setup))
    return Plan.of([setup.detectors[each] for each in detectors], told)


def _clauses(setup: Setup, plan: Plan) -> list[Asked]:
    pages = {number: page.id for number, page in setup.pages.items()}
    return [
        Asked(question=Question(detector=detector, clause=clause, plan=plan), pages=pages)
        for detector, clause in asked_of(setup)
        if detector.kind in SORTS
    ]


def flags_of(setup: Setup) -> list[tuple[str, Detector, Clause]]:
    """What the flags of each clause are called."""
    return [
        (of("flags", detector.id, clause.id), detector, clause)
        for detector, clause in asked_of(setup)
        if detector.kind in SORTS
    ]


def _walks(setup: Setup) -> list[Walked]:
    detectors = dict.fromkeys(detector.id for detector, _ in asked_of(setup))
    return walks_of([setup.detectors[each] for each in detectors])


def kinds_of(setup: Setup) -> Mapping[str, Kind]:
    """Kinds that there are by clause, sign or grouping, beside those for life."""
    plan = plan_of(setup)
    found = dict(names_of(plan)) | {_steps_of(each): "steps" for each in _walks(setup)}
    for asked in _clauses(setup, plan):
        kept = (
            ("flags", "looked") if asked.question.detector.kind == "canary" else ("left", "flags", "looked")
        )
        found.update({asked.of(what): what for what in kept})
    return {name: replace(kind(what), name=name) for name, what in found.items()}


def _split(walks: Sequence[Walked]) -> tuple[Step, ...]:
    """What the steps of walks are kept apart as, where any are asked."""
    names = tuple(_steps_of(each) for each in walks)
    run = partial(_split_steps, walks)
    told = [[each.kind, each.code, name] for each, name in zip(walks, names, strict=True)]
    return (
        (Step(name="split", reads=(Read(kind="steps"),), keeps=names, run=run, items=lambda _setup: told),)
        if walks
        else ()
    )


def makers_of(setup: Setup) -> tuple[Step | Fact, ...]:
    """Sums, facts and flags of these detectors."""
    plan = plan_of(setup)
    clauses = _clauses(setup, plan)
    walks = _walks(setup)
    facts = _facts(plan, walks)
    wanted = sorted({name for asked in clauses for name in asked.facts})
    planted = [asked for asked in clauses if asked.question.detector.kind == "canary"]
    others = [asked for asked in clauses if asked not in planted]
    return (
        *_OF_VIEWS,
        Step(
            name="sum",
            reads=tuple(Read(kind=each, back=1) for each in (*_BESIDE, "known")),
            keeps=(*_SUMMED, *names_of(plan)),
            run=partial(_sum, plan),
            items=lambda _setup: _told_of(plan),
        ),
        *_split(walks),
        *(facts[name] for name in wanted),
        *(step for asked in others for step in steps_of(asked)),
        *(BAIT for _ in planted[:1]),
        *(step for asked in planted for step in steps_of(asked)),
    )


_OF_VIEWS: Final = (
    Step(
        name="expose",
        reads=(Read(kind="views"), Read(kind="answers", asks=False)),
        keeps=("exposures",),
        run=_expose,
        items=_tried,
    ),
    Step(
        name="manner",
        reads=(Read(kind="views"), Read(kind="visits", on=1, asks=False)),
        keeps=("manners",),
        run=_manner,
    ),
    Step(
        name="known",
        reads=(
            Read(kind="late"),
            *(Read(kind=each, back=DAYS_BACK, asks=False, sifted=True) for each in _BESIDE),
        ),
        keeps=("known",),
        run=_known,
        memory=lambda rows: (
            60 * rows + (64 << 20)
        ),  # a third of what a view takes, with its answers and manners beside it
    ),
)
MAKERS: Final[tuple[Step | Fact, ...]] = ()
"""All of these steps hang on the setup: `makers_of`."""
