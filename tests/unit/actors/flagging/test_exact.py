"""Planted people and surges of pages: flagged as they are now."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.actors.flagging.sides import flagged_now, key, over_days, shown
from tests.unit.actors.summing.crutch import Hand, by_number, in_hand, sums
from tests.unit.actors.summing.small import DETECTORS, EXPLANATIONS

from whosaw.actors.flagging.looking import Looked
from whosaw.actors.flagging.planted import planted_look
from whosaw.actors.flagging.question import Question
from whosaw.actors.flagging.surges import surge_bounds, surge_look
from whosaw.store.person_sets import unpack

CANARY, SURGE = DETECTORS["canary-hit"], DETECTORS["page-surge"]


def planted(hand: Hand) -> dict[int, int | None]:
    rows = hand.session.query("SELECT person, since FROM detect_canaries WHERE person >= 0").to_pylist()
    found: dict[int, int | None] = {}
    for row in rows:
        known = found.get(row["person"], row["since"])
        found[row["person"]] = None if known is None or row["since"] is None else min(known, row["since"])
    return found


@pytest.mark.parametrize("case", CANARY.cases, ids=lambda case: case.title)
def test_planted_people_are_found_as_they_are_now(case: Any) -> None:
    with in_hand(case.tables(), [CANARY], EXPLANATIONS) as hand:
        if not hand.asked:
            assert case.expect == "cannot tell"
            return
        now = {(name[0], told[0]) for name, told in flagged_now(hand, CANARY).items()}
        looked = [
            planted_look(
                Question(detector=CANARY, clause=clause, plan=hand.plan), planted(hand), hand.views, hand.answers, shown
            )
            for clause in CANARY.clauses
        ]  # fmt: skip
    got = {(name[0], told[0]) for name, told in over_days(looked).items()}
    assert got == now
    assert bool(now) == (case.expect == "finding")


@pytest.mark.parametrize("case", SURGE.cases, ids=lambda case: case.title)
def test_surges_are_found_as_they_are_now(case: Any) -> None:
    with in_hand(case.tables(), [SURGE], EXPLANATIONS) as hand:
        if not hand.asked:
            assert case.expect == "cannot tell"
            return
        now = flagged_now(hand, SURGE)
        clients = {
            key(SURGE, flag.clause, dict.fromkeys(flag.clause.group_by, flag.actor)): flag
            for flag in hand.flags(SURGE)
        }
        made = sums(hand.views, hand.answers, hand.late, span=hand.span, plan=hand.plan, digests=by_number)
        looked: list[Looked] = []
        for clause in SURGE.clauses:
            question = Question(detector=SURGE, clause=clause, plan=hand.plan)
            surges = surge_bounds(question, hand.span, made["pages"])
            looked.append(surge_look(question, surges, hand.views, hand.answers, shown))
    assert over_days(looked) == now
    for each in looked:
        assert each.views <= each.of_views
        for row in each.flags.to_pylist():
            flag = clients[row["key"]]
            assert flag.clients is not None
            assert set(unpack(row["clients"]).tolist()) <= set(flag.clients.tolist())
    assert bool(now) == (case.expect == "finding")
