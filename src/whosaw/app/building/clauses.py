"""Flags by clause. `bound` tells from sums of days what may be over the bar of a clause, and `look` reads the views of what is left, so that a
changed bar makes nothing again of another clause, and views that change no sum make nothing again but what is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache, partial
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.detectors import Clause
from whosaw.actors.flagging.bars import Bars
from whosaw.actors.flagging.bounds import Bounds, left_of, left_rows
from whosaw.actors.flagging.homes import HOME_COLUMNS, HOME_DAYS, has_homes, homes_of
from whosaw.actors.flagging.looking import Looked, Shown, entity_looked, time_order, whose_views
from whosaw.actors.flagging.luck import WalkBars, bars_of
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
from whosaw.actors.signs import SIGNS
from whosaw.actors.summing.baselines import (
    Learnt,
    power_of_two,
)
from whosaw.actors.summing.colleagues import BY_COLLEAGUES
from whosaw.actors.summing.late_views import OF_VIEWS
from whosaw.actors.summing.named import grouping_name, names_of, of, pair_name, rule_name, walk_name
from whosaw.actors.summing.told import NOT_EXPLAINED
from whosaw.actors.summing.who import column
from whosaw.build.step import Inputs, Read, Span, Step
from whosaw.core import client
from whosaw.store.kinds import kind

from .left_views import LeftViews, left_views
from .setup import Setup

__all__ = ["BAIT", "SORTS", "Asked", "shown_by", "steps_of"]

_VIEWS: Final = (*OF_VIEWS, "time", "route", "extra")
_EVER: Final = 3_660  # days


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
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
        if clause.chance and self.question.grouping.by == BY_COLLEAGUES:
            found.append(of("without", self.pair))
        return tuple(found)

    def bars(self, inputs: Inputs, days: Sequence[int]) -> Bars:
        """What is to be passed on each of these days."""
        usual, actors, like, without = (
            {day: inputs.fact(name, day) for day in days} if name in self.facts else {}
            for name in (
                of("usual", self.pair),
                of("actors", self.group, self.pair),
                of("like", self.pair),
                of("without", self.pair),
            )
        )
        learnt_of = {
            day: Learnt(**{**told, "anybody": tuple(told["anybody"])}) for day, told in usual.items() if told
        }
        if not self.by_luck:
            learnt_of = dict.fromkeys(days, _NOTHING)
        alike = {
            day: {int(entity): share for entity, share in told.items()}
            for day, told in (like or without).items()
            if told
        }
        return bars_of(self.question, learnt_of, {day: many or 0 for day, many in actors.items()}, alike)

    @property
    def steps(self) -> str:
        """What the steps of a clause that asks who walks are called."""
        clause = self.question.clause
        assert clause.walk is not None  # the item was refused otherwise
        return of("steps", self.group, walk_name(clause.walk), rule_name(self.question.rule))

    def walk_bars(self, inputs: Inputs, days: Sequence[int], steps: pa.Table) -> WalkBars:
        """The same of such a clause; `steps` are those that it reads."""
        usual, walkers = ({day: inputs.fact(name, day) for day in days} for name in self.facts)
        every = {*days, *pc.unique(steps["day"]).to_pylist()}
        people = numbered_as_of(inputs.rows("values", ["known"]), every)
        return WalkBars(
            self.question,
            {day: share for day, share in usual.items() if share is not None},
            {day: power_of_two(each) for day, each in people.items()},
            {day: many or 0 for day, many in walkers.items()},
            steps,
        )

    def items(self, _setup: Setup) -> Any:
        """The fields of the clause that decide its rows, and what sums call what it asks."""
        question = self.question
        detector = question.detector
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
            "clause": _fields_of(question.clause),
            **codes,
        }


@lru_cache(maxsize=1024)
def _fields_of(clause: Clause) -> dict[str, Any]:
    """The fields of a clause that decide its rows; nobody changes what is given."""
    return asdict(replace(clause, why="", confidence="low"))


_NOTHING: Final = Learnt(of_day=0.5, of_month=0.5, anybody=(False, False), nobody_bears=0, hindsight=True)


def _days(span: Span) -> Sequence[int]:
    return range(span.first, span.last + 1)


def _bound_people(asked: Asked, inputs: Inputs, span: Span) -> pa.Table:
    return left_rows(
        people_bounds(asked.question, span, inputs.rows("entities"), inputs.rows("present")).left
    )


def _bound_records(asked: Asked, inputs: Inputs, span: Span) -> pa.Table:
    return left_rows(
        record_bounds(asked.question, span, inputs.rows("entities"), inputs.rows("present")).left
    )


def _bound_sign(asked: Asked, inputs: Inputs, span: Span) -> pa.Table:
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


def _bound_surge(asked: Asked, inputs: Inputs, span: Span) -> pa.Table:
    return surge_rows(surge_bounds(asked.question, span, inputs.rows("pages")))


def _bound_way(asked: Asked, inputs: Inputs, span: Span) -> pa.Table:
    return way_bounds(asked.question, span, inputs.rows("ways"))


def _bound_walk(asked: Asked, inputs: Inputs, span: Span) -> pa.Table:
    steps = inputs.rows(asked.steps)
    bars = asked.walk_bars(inputs, _days(span), steps)
    return left_rows(walk_bounds(asked.question, span, bars, steps=steps).left)


_BOUNDS: Final = {
    "walk": _bound_walk,
    "persons": _bound_people,
    "records": _bound_records,
    "list": _bound_records,
    "sign": _bound_sign,
    "surge": _bound_surge,
    "way": _bound_way,
}


def _bound_reads(asked: Asked) -> tuple[Read, ...]:
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


def _bound(asked: Asked, inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    return {asked.of("left"): _BOUNDS[asked.question.detector.kind](asked, inputs, span)}


def _back(question: Question) -> int:
    """How many days before a day are looked at to judge it."""
    sort = question.detector.kind
    return {"surge": 0, "walk": question.furthest + 1}.get(sort, question.furthest)


def _look_reads(asked: Asked) -> tuple[Read, ...]:
    question, sort = asked.question, asked.question.detector.kind
    back = _back(question)
    beside = ["views", "answers"]
    if sort == "way" or "manner" in question.clause.group_by:
        beside.append("manners")
    if sort == "sign":
        beside.append("known")
    # addresses where somebody is at home are told from as many days, however short the windows are, and from views of everybody
    homes = has_homes(question.clause)
    back = max(back, DAYS_BACK) if homes else back
    neighbours = (Read(kind=each, back=back, asks=False, sifted=not homes) for each in beside)
    found = [Read(kind=asked.of("left")), *neighbours]
    if sort == "way":
        found.append(Read(kind="ways", back=back, asks=False))
    if sort == "walk":
        found.append(Read(kind="values", asks=False))
        found.append(Read(kind=asked.steps, back=question.furthest, asks=False))
    return tuple(found)


_OF_A_VIEW: Final = {"sign": 210, "way": 240, "walk": 250}
_OF_ANY_VIEW: Final = 160
_OF_A_HOME: Final = 100


def _of_a_view(asked: Asked) -> int:
    """How many bytes a look has in hand of a view at once: measured."""
    return _OF_A_VIEW.get(asked.question.detector.kind, _OF_ANY_VIEW)


def _look_bytes(asked: Asked, rows: int) -> int:
    """How many bytes a look takes for so many rows. Answers and manners are rows of their own beside a view. Where more views of the days
    before are left than this allows for, the look says so."""
    beside = sum(each.kind in ("views", "answers", "manners") for each in _look_reads(asked))
    of_a_view = _OF_A_HOME if has_homes(asked.question.clause) else _of_a_view(asked)
    return of_a_view // beside * rows + (64 << 20)


def _look(asked: Asked, inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    left = inputs.rows(asked.of("left"))
    question = asked.question
    if not left.num_rows:
        return {
            asked.of("flags"): kind("flags").in_hand.empty_table(),
            asked.of("looked"): kind("looked").in_hand.empty_table(),
        }
    judged = column(left, "day")
    fit = _Fit(
        inputs.memory_bytes // _of_a_view(asked), int(judged.max() - judged.min()) + 1, question.furthest
    )
    seen = left_views(question, inputs, left, _back(question), fit)
    with fit.alone:
        return _looked(asked, inputs, left, seen)


@dataclass(slots=True)
class _Fit:
    """Whether so many days can be looked at at once, where so many views fit (`most`) and windows go back so many days: then views of these
    days before are in hand however few days are asked about, and are read once more for each time that days are cut."""

    most: int
    days: int
    back: int
    alone: AbstractContextManager[Any] = field(default_factory=nullcontext)

    def __call__(self, views: int) -> None:
        """Raises `MemoryError` where fewer days would be much fewer views. More than fit are looked at by one thread at a time."""
        if views <= self.most:
            return
        if self.days > 1 and (self.days > self.back // 2 or views > _TIMES * self.most):
            raise MemoryError(f"{views} views are left of {self.days} days, and {self.most} fit")
        self.alone = _ALONE


_TIMES: Final = 4
_ALONE: Final = Lock()


def _looked(asked: Asked, inputs: Inputs, left: pa.Table, seen: LeftViews) -> Mapping[str, pa.Table]:
    question, sort = asked.question, asked.question.detector.kind
    views, answers, shown = seen.views, seen.answers, _shown(inputs)
    own, day = whose_views(question, views), column(views, "day")
    looked = entity_looked(question, left, seen.every, day, own)
    del own, day
    bounds = Bounds(judged=0, left=left_of(left))
    found: Looked
    if sort == "persons":
        found = people_look(question, bounds, views, answers, shown)
    elif sort in ("records", "list"):
        look = list_look if sort == "list" else record_look
        found = look(question, bounds, views, answers, order=time_order(views, inputs.digests), shown=shown)
    elif sort == "sign":
        bars = asked.bars(inputs, np.unique(left["day"].to_numpy()).tolist())
        known = inputs.rows("known")
        homes = partial(_homes, question, inputs, known)
        found = sign_look(
            question, bounds, bars, views, answers, known, who=seen.who, homes=homes, shown=shown
        )
    elif sort == "walk":
        steps = inputs.rows(asked.steps)
        steps = steps.filter(pc.is_in(steps["entity"], left["entity"].combine_chunks()))
        needed = asked.walk_bars(inputs, np.unique(left["day"].to_numpy()).tolist(), steps)
        places = DayPlaces(inputs.rows("values"))
        order = partial(time_order, digests=inputs.digests)
        found = walk_look(question, bounds, needed, views, answers, places=places, order=order, shown=shown)
    elif sort == "surge":
        found = surge_look(question, surges_left(left), views, answers, shown)
    else:
        found = way_look(
            question, left, inputs.rows("ways"), views, answers, page_ids=asked.pages, shown=shown
        )
    return {asked.of("flags"): found.flags, asked.of("looked"): looked}


def _homes(
    question: Question, inputs: Inputs, known: pa.Table, days: Iterable[int]
) -> Mapping[int, npt.NDArray[np.int64]]:
    """The homes as of each day; for them the views of everybody are read, so only once something is flagged."""
    wanted = sorted(days)
    if not wanted:
        return {}
    near = Span(wanted[0] - HOME_DAYS, wanted[-1])
    views, answers = (
        inputs.rows(kind, list(columns), near)
        for kind, columns in (("views", HOME_COLUMNS), ("answers", ("answers", "signs")))
    )
    return homes_of(question, wanted, views, answers, known, inputs.digests)


def _bait(inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    return {"baits": baits(inputs.rows("views", ["person", "time"]), inputs.rows("canaries"))}


def _ever(asked: Asked) -> int:
    """How many days back a clause looks that asks whether somebody ever saw so many planted people."""
    (window,) = asked.question.clause.windows
    return 0 if window.persons == 1 else _EVER


def _look_planted(asked: Asked, inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
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


def _planted(asked: Asked) -> Step:
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


def steps_of(asked: Asked) -> tuple[Step, ...]:
    """The steps of one clause."""
    if asked.question.detector.kind == "canary":
        return (_planted(asked),)
    return (
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
            memory=partial(_look_bytes, asked),
        ),
    )


SORTS: Final = frozenset((*_BOUNDS, "canary"))
"""The kinds of detectors whose clauses are told so."""
BAIT: Final = Step(
    name="bait",
    reads=(Read(kind="views", asks=False), Read(kind="canaries")),
    keeps=("baits",),
    run=_bait,
)
