"""Cases of items through the registered steps of sums and flags: what is found is what the case expects, by baselines of days."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.oracle.test_items import CHANGED
from tests.unit.actors.summing.crutch import Hand, in_hand
from tests.unit.actors.summing.small import DETECTORS, EXPLANATIONS
from tests.unit.app.building.by_steps import BySteps, context_of, given_of, setup_of, walking_of, with_pages

from whosaw.actors import Clause, Detector
from whosaw.actors.flagging.question import Question
from whosaw.actors.summing.who import column
from whosaw.store.person_sets import unpack

WIDE = bool(os.environ.get("WHOSAW_WIDE"))
LETTERS = "bei"  # of what these steps change; the views come with the signs of now
SIGNS_OF_NOW = (  # of which the design's differ (letter f): the day of the clock is not the day before
    "one person in ten is read among failures everywhere, and in an office it is 4 of 7",
    "one person in twenty is read among failures, and in an office with an app of its own 16 of 76",
)


def cases() -> list[Any]:
    """Of each kind of detector a case that is found and one that is not, those of the fewest views; behind WHOSAW_WIDE all."""
    every = [
        (detector, case)
        for detector in DETECTORS.values()
        for case in detector.cases
        if case.title not in SIGNS_OF_NOW
    ]
    if not WIDE:
        every.sort(key=lambda each: sum(view.count for view in each[1].views))
        first = {(detector.kind, case.expect): (detector, case) for detector, case in reversed(every)}
        every = [each for (_, expect), each in first.items() if expect != "cannot tell"]
    return [pytest.param(detector, case, id=f"{detector.id}: {case.title}") for detector, case in every]


def counting(steps: BySteps, hand: Hand, detector: Detector, clause: Clause) -> list[dict[str, Any]]:
    """The flags of a clause that count any view: of who bears a sign where strangers are together, none at somebody's home."""
    rows: list[dict[str, Any]] = steps.rows(f"flags.{detector.id}.{clause.id}").to_pylist()
    return [row for row in rows if row["homes"] is None or _elsewhere(hand, detector, clause, row)]


def _elsewhere(hand: Hand, detector: Detector, clause: Clause, row: dict[str, Any]) -> bool:
    question = Question(detector=detector, clause=clause, plan=hand.plan)
    sign = clause.belongs or clause.sign
    assert sign is not None
    mine = question.grouping.entities(hand.views) == row["entity"]
    mine &= hand.plan.told.sign(hand.answers, sign.name)[1] & hand.plan.told.counts(
        hand.answers, question.rule
    )
    return bool((mine & ~np.isin(column(hand.views, "address"), unpack(row["homes"]))).any())


@pytest.mark.parametrize(("detector", "case"), cases())
def test_cases_are_found_through_the_steps(detector: Detector, case: Any, tmp_path: Path) -> None:
    letter, changed, _ = CHANGED.get((detector.id, case.title), ("", "", ""))
    with in_hand(case.tables(), [detector], EXPLANATIONS) as hand:
        if not hand.asked:
            assert case.expect == "cannot tell"
            return
        steps = BySteps(tmp_path / "w", setup_of(hand.asked, EXPLANATIONS))
        walking = walking_of(hand) if detector.kind == "walk" else {}
        views = with_pages(hand) if detector.kind == "way" else hand.views
        steps.bring_up({**given_of(views, hand.answers, hand.late), **context_of(hand), **walking})
        found = [row for clause in detector.clauses for row in counting(steps, hand, detector, clause)]
    steps.close()
    expected = changed if letter in LETTERS and letter else case.expect
    raised = datetime.fromtimestamp(min(row["raised"] for row in found) / 1_000_000, UTC) if found else None
    outcome = "none" if raised is None else "finding"
    if raised is not None and case.raised_at not in (None, raised):
        outcome = f"raised {raised.isoformat()}"
    assert outcome == expected.replace("cannot tell", "none")
