"""Walks through numbers: with places and what is usual as they are now, the look finds what is flagged now."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.actors.flagging.sides import flagged_now, over_days, shown
from tests.unit.actors.flagging.test_records import in_order
from tests.unit.actors.summing.crutch import DAY, Hand, in_hand
from tests.unit.actors.summing.small import DETECTORS, EXPLANATIONS, TOLD
from tests.wide import WIDE

from whosaw.actors.actor_views import Memory, make_actors
from whosaw.actors.flagging.bars import Bars
from whosaw.actors.flagging.looking import Looked
from whosaw.actors.flagging.question import Question
from whosaw.actors.flagging.walk_clauses import Places, reach, walk_bounds, walk_look
from whosaw.actors.flags import show_views
from whosaw.actors.summing.plan import Plan
from whosaw.actors.surprise import bar
from whosaw.actors.walk_flags import _places, _several, _usual
from whosaw.actors.walks import WalkRows
from whosaw.store.kinds import kind

WALK = DETECTORS["number-walk"]


def places(hand: Hand) -> tuple[np.ndarray, int, int]:
    """The place of each view's person among all numbers; how many people have one, and the largest place."""
    people, most = _places(hand.session, Memory())
    rows = hand.session.query("SELECT person, place FROM detect_places").to_pylist()
    known = {row["person"]: row["place"] for row in rows}
    return (
        np.array([known.get(each, -1) for each in hand.views["person"].to_pylist()], np.int64),
        people,
        most,
    )


def bars_now(hand: Hand, question: Question, people: int, most: int) -> Bars:
    clause, walk = question.clause, question.clause.walk
    assert walk is not None
    show_views(hand.session, WALK, [hand.tried[each] for each in WALK.explanations])
    actors = make_actors(hand.session, "detect_tried", clause.group_by, lacks=clause.lacks)
    if not people:
        return Bars(by_day={})
    needed = bar(
        max(_usual(hand.session, clause, walk, most).share, walk.chance(people)),
        least_share=clause.least_share, least_times=clause.least_times, chance=clause.chance,
        actors=_several(hand.session, clause, actors).num_rows,
    )  # fmt: skip
    days = range(hand.span.first, hand.span.last + 1)
    return Bars(by_day=dict.fromkeys(days, (needed,) * len(clause.windows)))


def steps(hand: Hand, question: Question, place: np.ndarray, most: int) -> pa.Table:
    """The steps of each entity and day, from all its views in order."""
    walk = question.clause.walk
    assert walk is not None
    entity = question.grouping.entities(hand.views)
    counted = question.plan.told.counts(hand.answers, question.rule) & (place >= 0) & (entity >= 0)
    order, time = in_order(hand.views), hand.views["time"].to_numpy()
    made = []
    for its in np.unique(entity[counted]).tolist():
        rows = np.flatnonzero(counted & (entity == its))
        rows = rows[np.argsort(order[rows])]
        position, step, _ = WalkRows(walk, most).add(time[rows], place[rows])
        day = time[rows][position] // DAY
        made += [
            {"day": of, "kind": question.kind, "entity": its, "fresh": int((day == of).sum()), "steps": int(step[day == of].sum())}
            for of in np.unique(day).tolist()
        ]  # fmt: skip
    return pa.Table.from_pylist(made, kind("steps").in_hand)


def _of_all_days(hand: Hand, place: np.ndarray, most: int) -> Places:
    """The same places on each day."""
    known = dict(zip(hand.views["person"].to_pylist(), place.tolist(), strict=True))
    return lambda _day, people: (np.array([known[each] for each in people.tolist()], np.int64), most)


@pytest.mark.parametrize("case", WALK.cases[:: 1 if WIDE else 6], ids=lambda case: case.title)
def test_cases_are_flagged_as_they_are_now(case: Any) -> None:
    with in_hand(case.tables(), [WALK], EXPLANATIONS) as hand:
        if not hand.asked:
            assert case.expect == "cannot tell"
            return
        now = flagged_now(hand, WALK)
        place, people, most = places(hand)
        looked: list[Looked] = []
        for clause in WALK.clauses:
            question = Question(detector=WALK, clause=clause, plan=hand.plan)
            bars = bars_now(hand, question, people, most)
            bounds = walk_bounds(question, hand.span, bars, steps=steps(hand, question, place, most))
            looked.append(
                walk_look(
                    question, bounds, bars, hand.views, hand.answers,
                    places=_of_all_days(hand, place, most), order=in_order, shown=shown,
                )
            )  # fmt: skip
    anew = over_days(looked)
    assert {name: told[:2] for name, told in anew.items()} == {name: told[:2] for name, told in now.items()}
    assert bool(now) == (case.expect == "finding")


def test_how_far_back_a_walk_is_looked_at() -> None:
    """A window of thirty days, and one more."""
    plan = Plan.of([WALK], TOLD)
    assert [reach(Question(detector=WALK, clause=each, plan=plan)) for each in WALK.clauses] == [31, 31, 31]
