"""Which days are marked, and when they are marked again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from tests.unit.actors.summing.small import DETECTORS

from whosaw.actors import Clause, Detector
from whosaw.actors.explaining.answers import EXPLAINED_BY
from whosaw.actors.marking.flagged import Flagged
from whosaw.actors.marking.flagged_days import day_digests, day_flags, flagged_rows
from whosaw.actors.signs import SIGNS
from whosaw.actors.sliding import Peak
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.told import Told
from whosaw.core.finding import Actor

NEVER = DETECTORS["token-never-issued"]
PLAN = Plan.of(DETECTORS.values(), Told(explanations=EXPLAINED_BY, signs=SIGNS))
(ADDRESS,) = (each for each in NEVER.clauses if each.id == "address")
PRESENT = [
    (day, {PLAN.kind(ADDRESS): np.array(there)}) for day, there in ((1, [4, 7]), (2, [4]), (3, [7, 9]))
]


def flag(entity: int, clause: Clause = ADDRESS, detector: Detector = NEVER, **more: object) -> Flagged:
    actor = Actor(by=clause.group_by, values=(entity,), digest=str(entity))
    made = Flagged(
        key=entity.to_bytes(16, "big"), detector=detector, clause=clause, entity=entity, actor=actor,
        peaks=(Peak(most=2, most_at=5, reached_at=5),),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def rows(*flags: Flagged) -> pa.Table:
    return flagged_rows(flags, PRESENT, PLAN)


def test_a_day_is_marked_for_the_flags_whose_entity_it_holds() -> None:
    told = rows(flag(7), flag(9))
    held = [
        sorted(
            each.entity
            for each in day_flags(told.filter(pa.compute.equal(told["day"], day)), DETECTORS).flags
        )
        for day in (1, 2, 3)
    ]
    assert held == [[7], [], [7, 9]]


def test_a_day_without_a_flag_is_asked_who_else_is_there_once_anybody_is_flagged() -> None:
    assert rows().num_rows == 0
    asked = rows(flag(9))
    assert set(asked["day"].to_pylist()) == {1, 2, 3}
    of_two = day_flags(asked.filter(pa.compute.equal(asked["day"], 2)), DETECTORS)
    assert (of_two.flags, of_two.bearing) == ((), frozenset([("token-never-issued", "address")]))


def test_a_day_is_marked_again_where_what_is_asked_of_it_changed_and_not_where_a_bar_or_a_text_did() -> None:
    before = day_digests(rows(flag(9)))
    assert (
        day_digests(rows(flag(9, replace(ADDRESS, why="because", windows=(), confidence="low", chance=0.5))))
        == before
    )
    again = day_digests(rows(flag(9, replace(ADDRESS, counted="not-explained"))))
    assert {day for day in before if again[day] != before[day]} == {3}
    listed = day_digests(rows(flag(9, clients=np.array([3]))))
    assert {day for day in before if listed[day] != before[day]} == {3}
