"""The thin chain: too many people, through the registered steps, are those of the present detector."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tests.unit.actors.summing.crutch import Hand, in_hand
from tests.unit.actors.summing.small import DETECTORS, EXPLANATIONS
from tests.unit.app.building.by_steps import BySteps, given_of, setup_of

from whosaw.actors import Detector
from whosaw.store.sql import quote_name

PEOPLE = DETECTORS["persons-per-client"]
WIDE = bool(os.environ.get("WHOSAW_WIDE"))


def flagged_now(hand: Hand, detector: Detector) -> dict[tuple[str, int, int], tuple[int, int]]:
    """By clause, entity and window, what the present detector raises: the instant and the bar."""
    found = {}
    for flag in hand.flags(detector):
        names = ", ".join(quote_name(each) for each in flag.clause.group_by)
        (row,) = hand.session.query(
            f"SELECT {names} FROM {flag.actors.of('detect_clients')} WHERE actor = ? LIMIT 1", [flag.actor]
        ).to_pylist()
        values = [row[name] for name in flag.clause.group_by]
        entity = values[0] if len(values) == 1 else (values[0] << 32) + values[1]
        for window, peak in zip(flag.clause.windows, flag.peaks, strict=True):
            if peak.reached_at is not None:
                found[flag.clause.id, entity, window.micros] = (peak.reached_at, window.persons)
    return found


@pytest.mark.parametrize("case", PEOPLE.cases if WIDE else PEOPLE.cases[::6], ids=lambda case: case.title)
def test_too_many_people_are_those_of_the_present_detector(case: Any, tmp_path: Path) -> None:
    with in_hand(case.tables(), [PEOPLE], EXPLANATIONS) as hand:
        steps = BySteps(tmp_path / "w", setup_of(hand.asked, EXPLANATIONS))
        steps.bring_up(given_of(hand.views, hand.answers, hand.late))
        now = flagged_now(hand, PEOPLE)
    assert {name: told[:2] for name, told in steps.flags(PEOPLE).items()} == now
    assert bool(now) == (case.expect == "finding")
    steps.close()
