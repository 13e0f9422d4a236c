"""Hours of a source are judged against the same hour of its other days: what was lost is said, what is only quiet or comes in bursts is not."""

from __future__ import annotations

import numpy as np
import pytest
from tests.wide import some

from whosaw.logs.coverage.hours import judge

ALL = (1 << 60) - 1
Hours = dict[int, tuple[int, int, int, int]]


def bursts(
    seed: int, *, days: int, an_hour: float, of: int, minutes: float, lost: dict[int, range] | None = None
) -> Hours:
    """`an_hour` visits on average, each of `of` events over some minutes; `lost` minutes of hours hold nothing."""
    random = np.random.default_rng(seed)
    count = np.zeros(days * 1440, np.int64)
    for start in random.uniform(0, days * 1440, random.poisson(an_hour * 24 * days)):
        for at in start + np.cumsum(random.exponential(minutes / of, of)):
            if at < len(count):
                count[int(at)] += 1
    for hour, gone in (lost or {}).items():
        count[[hour * 60 + minute for minute in gone]] = 0
    return {
        hour: (int(part.sum()), 0, 0, sum(1 << int(minute) for minute in np.flatnonzero(part)))
        for hour, part in enumerate(count.reshape(-1, 60))
        if part.any()
    }


def rules(rows: Hours) -> dict[int, str]:
    """The rule of each hour that is not whole, but for the first and the last."""
    judged = judge(rows)
    return {each.hour: each.rule for each in judged[1:-1] if each.state != "whole"}


@pytest.mark.parametrize("seed", range(5))
def test_visits_of_many_requests_leave_pauses_that_are_no_loss(seed: int) -> None:
    rows = bursts(seed, days=30, an_hour=8, of=40, minutes=4)
    assert np.median([events for events, *_ in rows.values()]) > 200
    pauses = [max(len(run) for run in f"{minutes:060b}".split("1")) for *_, minutes in rows.values()]
    assert max(pauses) > 20  # at 200 single events an hour nobody would see eight minutes without one
    assert rules(rows) == {}


@pytest.mark.parametrize("seed", some(range(3), of=3))
def test_minutes_that_a_steady_source_lost_are_found(seed: int) -> None:
    lost = {100: range(10, 30), 333: range(40, 52)}
    rows = bursts(seed, days=30, an_hour=600, of=3, minutes=1, lost=lost)
    assert rules(rows) == dict.fromkeys(lost, "silent-minutes")


def test_one_silent_minute_of_a_source_that_never_has_one_is_found() -> None:
    rows: Hours = dict.fromkeys(range(24 * 5), (10000, 0, 0, ALL))
    rows[50] = (9_800, 0, 0, ALL & ~(1 << 30))
    assert rules(rows) == {50: "silent-minutes"}


def test_an_hour_that_lost_most_of_its_lines_is_found_and_one_without_any_is_missing() -> None:
    rows: Hours = dict.fromkeys(range(24 * 8), (1000, 0, 0, ALL))
    rows[60] = (99, 0, 0, ALL)
    rows[61] = (100, 0, 0, ALL)
    del rows[62]
    assert rules(rows) == {60: "few-events", 62: "no-event"}


def test_hours_without_somebody_who_comes_on_most_days_have_not_lost_anything() -> None:
    # a program adds thousands of lines to this hour on five of eight days; on the others it is as it was
    rows: Hours = dict.fromkeys(range(24 * 8), (120, 0, 0, ALL))
    rows |= {day * 24 + 12: (5_000, 0, 0, ALL) for day in range(5)}
    assert rules(rows) == {}


def test_with_less_than_three_days_nothing_is_usual() -> None:
    rows: Hours = dict.fromkeys(range(47), (10000, 0, 0, ALL))
    rows[30] = (1, 0, 0, 1)
    assert rules(rows) == {}


def test_edges_rejects_and_files_that_broke_off_are_told_apart() -> None:
    rows: Hours = dict.fromkeys(range(96), (500, 0, 0, ALL))
    rows[0] = (300, 0, 0, ALL & ~1)
    rows[95] = (300, 0, 0, ALL >> 1)
    rows[20] = (500, 6, 0, ALL)
    rows[21] = (500, 5, 0, ALL)
    judged = {each.hour: each.rule for each in judge(rows, cut_hours=[40]) if each.state != "whole"}
    assert judged == {0: "edge", 20: "rejects", 40: "cut-off", 95: "edge"}
