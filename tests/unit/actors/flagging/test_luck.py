"""What has to be passed on a day: luck shared out over the windows of a month, and each window by what is usual in its unit."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest
from tests.unit.actors.summing.small import DETECTORS, TOLD

from whosaw.actors import Window
from whosaw.actors.flagging.bars import NO_LUCK
from whosaw.actors.flagging.luck import bars_of, windows_in_a_month
from whosaw.actors.flagging.question import DAY, Question
from whosaw.actors.summing.baselines import Learnt
from whosaw.actors.summing.plan import Plan

USUAL = Learnt(of_day=0.01, of_month=0.04, anybody=(True, True), nobody_bears=0, hindsight=False)


def question(detector: str, **changes: object) -> Question:
    asked = DETECTORS[detector]
    clause = replace(asked.clauses[0], **changes)  # type: ignore[arg-type]
    asked = replace(asked, clauses=(clause,))
    return Question(detector=asked, clause=clause, plan=Plan.of([asked], TOLD))


@pytest.mark.parametrize(("length", "often"), [(60 * DAY, 1), (30 * DAY, 1), (DAY, 30), (DAY // 24, 720)])
def test_how_often_a_window_is_drawn_in_a_month(length: int, often: float) -> None:
    assert windows_in_a_month(length) == often


def test_each_window_is_held_against_its_own_unit_and_chance() -> None:
    windows = (Window(length="1d", persons=3), Window(length="30d", persons=5))
    asked = question("session-in-two-hands", windows=windows, chance=0.001, least_times=5.0)
    day, month = bars_of(asked, {7: USUAL}, {7: 8}).by_day[7]
    assert (day.usual, month.usual) == (0.01, 0.04)
    assert day is not None
    assert month is not None
    assert day.nats == pytest.approx(log(8 * 30 / 0.001))
    assert month.nats == pytest.approx(log(8 / 0.001))
    assert (day.least_times, month.least_times) == (5.0, 5.0)


def test_where_nothing_is_known_of_what_is_usual_nothing_is_remarkable() -> None:
    nothing = replace(USUAL, anybody=(True, False))
    assert bars_of(question("numbers-nobody-has"), {7: nothing, 8: USUAL}, {7: 1, 8: 1}).by_day.keys() == {8}


def test_nobody_of_so_many_must_bear_it_where_that_is_asked() -> None:
    asked = question("token-never-issued")
    assert asked.clause.never_among == 1_000
    days = {1: USUAL, 2: replace(USUAL, nobody_bears=999), 3: replace(USUAL, nobody_bears=1_000)}
    assert bars_of(asked, days, {}).by_day.keys() == {3}


def test_a_number_alone_asks_nothing_of_what_is_usual() -> None:
    nothing = replace(USUAL, anybody=(False, False))
    assert bars_of(question("reads-another"), {1: nothing}, {}).by_day == {1: (NO_LUCK,)}


def test_who_reads_in_a_way_that_is_known_is_held_against_its_like() -> None:
    asked = question("one-manner")
    bars = bars_of(asked, {7: USUAL}, {7: 8}, {7: {3: 0.5}, 9: {3: 0.5}})
    (of_day,) = bars.by_window(np.array([7, 7, 9]), np.array([3, 4, 3]), 1)
    assert of_day.there.tolist() == [True, True, False]  # nothing is known of day 9
    assert of_day.usual[:2].tolist() == [0.5, 0.01]
