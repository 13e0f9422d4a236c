"""Steps that add up days, the facts learnt from these sums, and flags.

Each clause has steps of its own: `bound` tells from sums of days what may be over its bar, and `look` reads the views of what is left,
so that a changed bar makes nothing again of another clause, and views that change no sum make nothing again but what is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.detectors import Clause, Detector
from whosaw.actors.explaining.answers import EXPLAINED_BY, RULES
from whosaw.actors.flagging.bars import Bars
from whosaw.actors.flagging.bounds import Bounds, left_of, left_rows
from whosaw.actors.flagging.homes import has_homes
from whosaw.actors.flagging.looking import Looked, Shown, entity_looked, time_order
from whosaw.actors.flagging.luck import bars_of, walk_bars
from whosaw.actors.flagging.people_bounds import people_bounds
from whosaw.actors.flagging.people_look import people_look
from whosaw.actors.flagging.planted import baits, planted_flags
from whosaw.actors.flagging.question import Question
from whosaw.actors.flagging.record_clauses import list_look, record_bounds, record_look
from whosaw.actors.flagging.sign_bounds import sign_bounds
from whosaw.actors.flagging.sign_look import sign_look
from whosaw.actors.flagging.surges import SEASON, surge_bounds, surge_look, surge_rows, surges_left
from whosaw.actors.flagging.walk_clauses import walk_bounds, walk_look
from whosaw.actors.flagging.walk_places import numbered_as_of
from whosaw.actors.flagging.way_clauses import way_bounds, way_look
from whosaw.actors.signing.places import DayPlaces
from whosaw.actors.signing.signs import DAYS_BACK
from whosaw.actors.signing.walking import EVERY
from whosaw.actors.signing.walking import Asked as Walked
from whosaw.actors.signing.walking import asked_of as walks_of
from whosaw.actors.signs import SIGNS
from whosaw.actors.summing.alike import alike_as_of
from whosaw.actors.summing.baselines import (
    Learnt,
    actors_as_of,
    learnt,
    power_of_two,
    walked_as_of,
    walkers_as_of,
)
from whosaw.actors.summing.exposed import explained_as
from whosaw.actors.summing.known_days import known_days
from whosaw.actors.summing.late_views import OF_VIEWS, known, late_by_day
from whosaw.actors.summing.manners import manners, with_manners
from whosaw.actors.summing.named import apart, grouping_name, names_of, of, pair_name, rule_name, walk_name
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.sums import sums_of
from whosaw.actors.summing.told import NOT_EXPLAINED, Told
from whosaw.build.fact import Fact
from whosaw.build.step import Inputs, Read, Span, Step
from whosaw.core import client
from whosaw.store.days.exposures import exposures_of
from whosaw.store.kinds import Kind, kind

from .setup import Setup

__all__ = ["MAKERS", "asked_of", "flags_of", "kinds_of", "makers_of", "plan_of", "shown_by"]

_SUMMED: Final = ("entities", "present", "pages", "ways")
_VIEWS: Final = (*OF_VIEWS, "time", "route", "extra")
_EVER: Final = 3_660  # days
_PLACED: Final = ("content", "line")  # what decides between views of one instant
_BESIDE: Final = ("views", "answers", "manners")


def _digests(inputs: Inputs) -> Callable[[str, pa.Array], pa.Array]:
    return lambda name, numbers: inputs.digests("way" if name == "manner" else name, numbers)


def _shown(inputs: Inputs) -> Shown:
    return shown_by(inputs.digests, inputs.texts)


def shown_by(
    digests: Callable[[str, pa.Array], pa.Array], texts: Callable[[str, pa.Array], pa.Array]
) -> Shown:
    """Texts of what is kept in clear; of all else the keyed digest, as findings were always known by."""

    def shown(name: str, numbers: pa.Array) -> pa.Array:
        if name in client.NUMBERED:
            return pa.array([each.hex().upper() for each in digests(name, numbers).to_pylist()])
        return texts("way" if name == "manner" else name, numbers)

    return shown


# -- sums


def _manner(inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    return {"manners": manners(inputs.rows("views"), inputs.rows("visits"))}


def _known(inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    late = inputs.rows("late")
    views = inputs.rows("views", list(OF_VIEWS))
    told = inputs.rows("answers", ["answers"])
    return {"known": known(late, views, inputs.rows("manners"), told, inputs.digests)}


def _sum(plan: Plan, inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    views = with_manners(inputs.rows("views", list(_VIEWS)), inputs.rows("manners"))
    late = late_by_day(inputs.rows("known"))
    made = sums_of(views, inputs.rows("answers"), late, span=span, plan=plan, digests=_digests(inputs))
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


def _walked(name: str, inputs: Inputs, days: Sequence[int]) -> Mapping[int, Any]:
    return walked_as_of(inputs.rows(name), days)


def _walkers(name: str, inputs: Inputs, days: Sequence[int]) -> Mapping[int, Any]:
    return walkers_as_of(inputs.rows(name), days)


def _split_steps(asked: Sequence[Walked], inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    rows = inputs.rows("steps")
    return {
        _steps_of(each): rows.filter((pc.field("kind") == each.kind) & (pc.field("rule") == each.code))
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


# -- clauses


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A clause with the names of what it reads and keeps."""

    question: Question
    pages: Mapping[int, str]

    @property
    def name(self) -> str:
        return of(self.question.detector.id, self.question.clause.id)

    @property
    def group(self) -> str:
        return grouping_name(self.question.grouping)

    @property
    def pair(self) -> str:
        return pair_name(self.question.plan.pairs[self.question.pair])

    def of(self, what: str) -> str:
        """What a kind, or a step, of this clause is called."""
        return of(what, self.name)

    @property
    def by_luck(self) -> bool:
        clause = self.question.clause
        return bool(clause.chance or clause.least_times or clause.never_among)

    @property
    def facts(self) -> tuple[str, ...]:
        clause, found = self.question.clause, []
        if clause.walk is not None:
            walkers = of("walkers", self.group, rule_name(self.question.rule))
            return (of("walked", walk_name(clause.walk)), walkers)
        if self.question.detector.kind != "sign" or not self.by_luck:
            return ()
        found.append(of("usual", self.pair))
        if clause.chance:
            found.append(of("actors", self.group, self.pair))
        if clause.group_by == ("manner",):
            found.append(of("like", self.pair))
        return tuple(found)

    def bars(self, inputs: Inputs, days: Sequence[int]) -> Bars:
        """What is to be passed on each of these days."""
        usual, actors, alike = (
            {day: inputs.fact(name, day) for day in days} if name in self.facts else {}
            for name in (
                of("usual", self.pair),
                of("actors", self.group, self.pair),
                of("like", self.pair),
            )
        )
        learnt_of = {
            day: Learnt(**{**told, "anybody": tuple(told["anybody"])}) for day, told in usual.items() if told
        }
        if not self.by_luck:
            learnt_of = dict.fromkeys(days, _NOTHING)
        ways = {day: {int(way): share for way, share in told.items()} for day, told in alike.items() if told}
        return bars_of(self.question, learnt_of, {day: many or 0 for day, many in actors.items()}, ways)

    @property
    def steps(self) -> str:
        """What the steps of a clause that asks who walks are called."""
        clause = self.question.clause
        assert clause.walk is not None  # the item was refused otherwise
        return of("steps", self.group, walk_name(clause.walk), rule_name(self.question.rule))

    def walk_bars(self, inputs: Inputs, days: Sequence[int]) -> Bars:
        """The same of such a clause."""
        usual, walkers = ({day: inputs.fact(name, day) for day in days} for name in self.facts)
        people = numbered_as_of(inputs.rows("values", ["known"]), days)
        told = {day: share for day, share in usual.items() if share is not None}
        actors = {day: many or 0 for day, many in walkers.items()}
        return walk_bars(
            self.question, told, {day: power_of_two(each) for day, each in people.items()}, actors
        )

    def items(self, _setup: Setup) -> Any:
        """The fields of the clause that decide its rows, and what sums call what it asks."""
        question = self.question
        detector = question.detector
        told = replace(question.clause, why="", confidence="low")
        codes: dict[str, Any] = {"kind": question.kind, "grouping": asdict(question.grouping)}
        if question.clause.sign is not None:
            codes |= {"pair": question.pair, "sign": SIGNS.index(question.clause.sign.name)}
        if detector.kind == "surge":
            codes["hourly"] = question.plan.hourly.index(question.rule)
        if detector.kind == "way":
            codes["pages"] = {str(number): name for number, name in self.pages.items()}
        if question.clause.agent_matches:
            codes["agents"] = list(question.plan.agents[question.clause.agent_matches])
        return {
            "detector": detector.id,
            "sort": detector.kind,
            "explanations": list(detector.explanations),
            "clause": asdict(told),
            **codes,
        }


_NOTHING: Final = Learnt(of_day=0.5, of_month=0.5, anybody=(False, False), nobody_bears=0, hindsight=True)


def _days(span: Span) -> Sequence[int]:
    return range(span.first, span.last + 1)


def _bound_people(asked: _Asked, inputs: Inputs, span: Span) -> pa.Table:
    return left_rows(
        people_bounds(asked.question, span, inputs.rows("entities"), inputs.rows("present")).left
    )


def _bound_records(asked: _Asked, inputs: Inputs, span: Span) -> pa.Table:
    return left_rows(
        record_bounds(asked.question, span, inputs.rows("entities"), inputs.rows("present")).left
    )


def _bound_sign(asked: _Asked, inputs: Inputs, span: Span) -> pa.Table:
    hours = of("signed_hours", asked.group, asked.pair)
    reads = {each.kind for each in _bound_reads(asked)}
    found = sign_bounds(
        asked.question,
        span,
        asked.bars(inputs, _days(span)),
        signed=inputs.rows(of("signed", asked.group, asked.pair)),
        entities=inputs.rows("entities") if "entities" in reads else kind("entities").in_hand.empty_table(),
        hours=inputs.rows(hours) if hours in reads else kind("signed_hours").in_hand.empty_table(),
    )
    return left_rows(found.left)


def _bound_surge(asked: _Asked, inputs: Inputs, span: Span) -> pa.Table:
    return surge_rows(surge_bounds(asked.question, span, inputs.rows("pages")))


def _bound_way(asked: _Asked, inputs: Inputs, span: Span) -> pa.Table:
    return way_bounds(asked.question, span, inputs.rows("ways"))


def _bound_walk(asked: _Asked, inputs: Inputs, span: Span) -> pa.Table:
    bars = asked.walk_bars(inputs, _days(span))
    return left_rows(walk_bounds(asked.question, span, bars, steps=inputs.rows(asked.steps)).left)


_BOUNDS: Final = {
    "walk": _bound_walk,
    "persons": _bound_people,
    "records": _bound_records,
    "list": _bound_records,
    "sign": _bound_sign,
    "surge": _bound_surge,
    "way": _bound_way,
}


def _bound_reads(asked: _Asked) -> tuple[Read, ...]:
    question = asked.question
    back = question.furthest
    sort = question.detector.kind
    if sort == "persons":
        return (Read(kind="present"), Read(kind="entities", back=back, asks=False))
    if sort in ("records", "list"):
        present = Read(kind="present", asks=question.rule != NOT_EXPLAINED)
        return (Read(kind="entities", back=back), present)
    if sort == "surge":
        return (Read(kind="pages", back=SEASON),)
    if sort == "way":
        return (Read(kind="ways", back=back),)
    if sort == "walk":
        return (Read(kind=asked.steps, back=back), Read(kind="values", asks=False))
    names = names_of(question.plan)
    hours = of("signed_hours", asked.group, asked.pair)
    of_a_day = any(window.micros == _DAY for window in question.clause.windows)
    found = [Read(kind=of("signed", asked.group, asked.pair), back=back)]
    if asked.by_luck or question.clause.least_share:
        found.append(Read(kind="entities", back=back, asks=False))
    if of_a_day and hours in names:
        found.append(Read(kind=hours, asks=False))
    return tuple(found)


_DAY: Final = 86_400_000_000


def _bound(asked: _Asked, inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    return {asked.of("left"): _BOUNDS[asked.question.detector.kind](asked, inputs, span)}


def _look_reads(asked: _Asked) -> tuple[Read, ...]:
    question, sort = asked.question, asked.question.detector.kind
    back = {"surge": 0, "walk": question.furthest + 1}.get(sort, question.furthest)
    beside = ["views", "answers"]
    if sort == "way" or "manner" in question.clause.group_by:
        beside.append("manners")
    if sort == "sign":
        beside.append("known")
    # addresses where somebody is at home are told from as many days, however short the windows are
    back = max(back, DAYS_BACK) if has_homes(question.clause) else back
    found = [Read(kind=asked.of("left")), *(Read(kind=each, back=back, asks=False) for each in beside)]
    if sort == "way":
        found.append(Read(kind="ways", back=back, asks=False))
    if sort == "walk":
        found.append(Read(kind="values", asks=False))
    return tuple(found)


def _look(asked: _Asked, inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    left = inputs.rows(asked.of("left"))
    question = asked.question
    sort = question.detector.kind
    if not left.num_rows:
        return {
            asked.of("flags"): kind("flags").in_hand.empty_table(),
            asked.of("looked"): kind("looked").in_hand.empty_table(),
        }
    reads = {each.kind for each in _look_reads(asked)}
    views = inputs.rows("views", [*_VIEWS, *_PLACED])
    if "manners" in reads:
        views = with_manners(views, inputs.rows("manners"))
    answers = inputs.rows("answers")
    shown = _shown(inputs)
    bounds = Bounds(judged=0, left=left_of(left))
    found: Looked
    if sort == "persons":
        found = people_look(question, bounds, views, answers, shown)
    elif sort in ("records", "list"):
        look = list_look if sort == "list" else record_look
        found = look(question, bounds, views, answers, order=time_order(views, inputs.digests), shown=shown)
    elif sort == "sign":
        bars = asked.bars(inputs, np.unique(left["day"].to_numpy()).tolist())
        found = sign_look(
            question, bounds, bars, views, answers, inputs.rows("known"), digests=inputs.digests, shown=shown
        )
    elif sort == "walk":
        bars = asked.walk_bars(inputs, np.unique(left["day"].to_numpy()).tolist())
        places = DayPlaces(inputs.rows("values"), inputs.digests)
        order = time_order(views, inputs.digests)
        found = walk_look(question, bounds, bars, views, answers, places=places, order=order, shown=shown)
    elif sort == "surge":
        found = surge_look(question, surges_left(left), views, answers, shown)
    else:
        found = way_look(
            question, left, inputs.rows("ways"), views, answers, page_ids=asked.pages, shown=shown
        )
    return {asked.of("flags"): found.flags, asked.of("looked"): entity_looked(question, left, views)}


def _bait(inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    return {"baits": baits(inputs.rows("views", ["person", "time"]), inputs.rows("canaries"))}


def _ever(asked: _Asked) -> int:
    """How many days back a clause looks that asks whether somebody ever saw so many planted people."""
    (window,) = asked.question.clause.windows
    return 0 if window.persons == 1 else _EVER


def _look_planted(asked: _Asked, inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    flags, looked = planted_flags(
        asked.question,
        inputs.rows("baits"),
        inputs.rows("views", list(_VIEWS)),
        inputs.rows("answers"),
        _shown(inputs),
        span=span,
        back=_ever(asked),
    )
    return {asked.of("flags"): flags, asked.of("looked"): looked}


def _planted(asked: _Asked) -> Step:
    back = _ever(asked)
    return Step(
        name=asked.of("look"),
        reads=(
            Read(kind="baits", back=back),
            *(Read(kind=each, back=back, asks=False) for each in ("views", "answers")),
        ),
        keeps=(asked.of("flags"), asked.of("looked")),
        run=partial(_look_planted, asked),
        items=asked.items,
    )


def _flag(names: Sequence[str], inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    """The flags of all clauses, in one order."""
    rows = pa.concat_tables([kind("flags").in_hand.empty_table(), *(inputs.rows(each) for each in names)])
    order = [(name, "ascending") for name in ("day", "key", "window")]
    return {"flags": rows.sort_by(order)}


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


def _clauses(setup: Setup, plan: Plan) -> list[_Asked]:
    pages = {number: page.id for number, page in setup.pages.items()}
    return [
        _Asked(question=Question(detector=detector, clause=clause, plan=plan), pages=pages)
        for detector, clause in asked_of(setup)
        if detector.kind in (*_BOUNDS, "canary")
    ]


def flags_of(setup: Setup) -> list[tuple[str, Detector, Clause]]:
    """What the flags of each clause are called."""
    return [
        (of("flags", detector.id, clause.id), detector, clause)
        for detector, clause in asked_of(setup)
        if detector.kind in (*_BOUNDS, "canary")
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
    planted = [_planted(asked) for asked in clauses if asked.question.detector.kind == "canary"]
    of_clauses = [
        step
        for asked in clauses
        if asked.question.detector.kind != "canary"
        for step in (
            Step(
                name=asked.of("bound"),
                reads=_bound_reads(asked),
                facts=asked.facts,
                keeps=(asked.of("left"),),
                run=partial(_bound, asked),
                items=asked.items,
            ),
            Step(
                name=asked.of("look"),
                reads=_look_reads(asked),
                facts=asked.facts,
                keeps=(asked.of("flags"), asked.of("looked")),
                run=partial(_look, asked),
                items=asked.items,
            ),
        )
    ]
    names = [asked.of("flags") for asked in clauses]
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
        *of_clauses,
        *((_BAIT, *planted) if planted else ()),
        Step(
            name="flag",
            reads=tuple(Read(kind=each) for each in names),
            keeps=("flags",),
            run=partial(_flag, names),
        ),
    )


_BAIT: Final = Step(
    name="bait",
    reads=(Read(kind="views", asks=False), Read(kind="canaries")),
    keeps=("baits",),
    run=_bait,
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
            *(Read(kind=each, back=DAYS_BACK, asks=False) for each in _BESIDE),
        ),
        keeps=("known",),
        run=_known,
    ),
)
MAKERS: Final[tuple[Step | Fact, ...]] = ()
"""All of these steps hang on the setup: `makers_of`."""
