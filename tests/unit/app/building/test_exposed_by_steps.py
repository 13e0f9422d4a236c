"""Who saw whom, day by day through the steps, is told as the present path tells it, with the answers of its views."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from tests.unit.actors.summing.crutch import in_hand
from tests.unit.actors.summing.small import DETECTORS, EXPLANATIONS
from tests.unit.app.building.by_steps import BySteps, given_of, setup_of

from whosaw.actors.answers import exposure_answers

ASKED = [DETECTORS["staff-without-reason"], DETECTORS["token-never-issued"]]


@pytest.mark.parametrize("detector", ASKED, ids=lambda each: each.id)
def test_exposures_of_days_add_up_to_those_of_now(detector, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    case = next(each for each in detector.cases if each.expect == "finding" and len(each.views) > 1)
    with in_hand(case.tables(), [detector], EXPLANATIONS) as hand:
        steps = BySteps(tmp_path / "w", setup_of(hand.asked, EXPLANATIONS))
        steps.bring_up(given_of(hand.views, hand.answers, hand.late))
        now = hand.session.query(exposure_answers(list(EXPLANATIONS.values()))).to_pylist()
    found: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in steps.rows("exposures").to_pylist():
        told = found[row["person"], row["client"], row["route"]]
        for at, name in enumerate(("explained", "unexplained", "cannot_tell")):
            told[at] += row[name]
    assert dict(found) == {
        (row["person"], row["client"], row["route"]): [
            row[name] for name in ("explained", "unexplained", "cannot_tell")
        ]
        for row in now
    }
    assert found
    steps.close()
