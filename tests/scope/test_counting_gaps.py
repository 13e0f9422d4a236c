"""What lost hours allow: the bound of a sum of draws, windows, and gaps that nothing bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.scope.hand_scopes import BOOK, START, Ledger, bounds, facts, seen

from whosaw.scope.counting.draws import Draws, bound
from whosaw.scope.counting.facts import HourFact, SourceFact
from whosaw.scope.counting.source_hours import SourceHours, runs_of, share_lost


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    made = Ledger()
    yield made
    made.session.close()


def steady(*, hours: int = 240, of_hour: int = 2) -> list[dict[str, Any]]:
    """So many views of new people in each hour from the 48th on."""
    return [seen(at * of_hour + each, at) for at in range(48, hours - 48) for each in range(of_hour)]


def test_no_gap_adds_nothing() -> None:
    assert bound([]) == 0


def of(*values: float) -> Draws:
    """Each as likely as the others."""
    numbers = np.array(values, np.float64)
    return Draws(values=numbers, weights=np.full(len(values), 1 / len(values)), seen=numbers)


def test_the_bound_of_one_sure_draw_is_its_largest_value() -> None:
    assert bound([(1.0, of(0, 0, 7))]) == 7


def test_where_nothing_can_be_compared_there_is_no_bound() -> None:
    assert bound([(1.0, of(3)), (1.0, None)]) is None


def test_the_bound_is_the_least_that_is_rarely_passed() -> None:
    # a fair coin ten times: more than 8 in 11 of 1,024, more than 9 in 1
    assert bound([(1.0, of(0, 1))] * 10, chance=0.0108) == 8
    assert bound([(1.0, of(0, 1))] * 10, chance=0.0107) == 9
    assert bound([(0.5, of(1))] * 10, chance=0.0108) == 8


def test_large_sums_are_never_bounded_too_low() -> None:
    assert bound([(1.0, of(10**9 + 1))] * 3) == 3 * 10**9 + 3
    most = bound([(1.0, of(0, 10**9 + 1))] * 10, chance=0.0108)
    assert most is not None
    assert 8 * (10**9 + 1) <= most < 8.01 * (10**9 + 1)


@pytest.mark.parametrize("likely", [1.0, 0.2])
def test_a_sum_of_draws_rarely_exceeds_its_bound(likely: float) -> None:
    generator = np.random.default_rng(5)
    values = generator.negative_binomial(1, 0.1, 60).astype(float)
    most = bound([(likely, of(*values))] * 40)
    assert most is not None
    drawn = generator.choice(values, (20_000, 40)) * (generator.random((20_000, 40)) < likely)
    above = (drawn.sum(axis=1) > most).mean()
    assert above <= 2e-3  # 1 in 1,000, and what 20,000 samples differ by
    assert most < 40 * values.max() / 2  # and it is not the sum of the largest


def test_a_lost_hour_is_bounded_by_the_hours_around_it(ledger: Ledger) -> None:
    rows = [row for row in steady() if row["time"] != (START + 100) * 3_600_000_000]
    counted = ledger.count(rows, facts(lost_hours=(100,)))
    views, accounts, _ = bounds(counted)
    # every whole hour near has 2 views, and so has every whole day 48 and the days around the lost hour 46; an hour that nobody
    # saw had 2 * 2 + 1, on a day that passes the others, with a chance of 1 in 50 and of 1 in 7
    assert views == (len(rows), len(rows) + 5)
    assert accounts == (len(rows), len(rows) + 5)
    assert counted.estimate is not None
    # a source with 50 events in each other hour was not quiet in this one
    assert counted.estimate.value == len(rows) + 2


def test_people_who_are_seen_again_are_not_lost_with_an_hour(ledger: Ledger) -> None:
    rows = [seen(at % 10, at) for at in range(48, 192) if at != 100]
    views, accounts, _ = bounds(ledger.count(rows, facts(lost_hours=(100,))))
    assert views == (143, 146)
    assert accounts == (10, 11)  # no hour showed anybody who was not seen in others too


def test_hours_that_differ_are_bounded_by_the_busiest_and_by_one_that_nobody_saw(ledger: Ledger) -> None:
    # three days of 0 to 7 views an hour in no order, and four hours lost of them
    views = [(at * 29 % 72) % 8 for at in range(72)]
    rows = [
        seen(100 * at + n, at) for at in range(72) for n in range(views[at]) if at not in (20, 33, 40, 55)
    ]
    (lower, upper), *_ = bounds(ledger.count(rows, facts(hours=72, lost_hours=(20, 33, 40, 55))))
    assert lower + sum(views[at] for at in (20, 33, 40, 55)) <= (upper or 0) <= lower + 4 * (7 + 7 + 1)


def test_whoever_comes_at_one_hour_of_the_day_is_bounded_by_that_hour(ledger: Ledger) -> None:
    rows = [seen(100 * day + n, 24 * day + 20) for day in range(2, 18) for n in range(9) if day != 10]
    hours = 24 * 20
    missed = bounds(ledger.count(rows, facts(hours=hours, lost_hours=(24 * 10 + 20,))))[0]
    assert missed[0] == 135
    assert 144 <= (missed[1] or 0) <= 135 + 9 + 9 + 1  # as on every other day, or more than on any
    other = bounds(ledger.count(rows, facts(hours=hours, lost_hours=(24 * 9 + 8,))))[0]
    assert other[0] == 135
    assert (
        other[1] or 0
    ) <= 135 + 9 + 1  # he never came at eight: at most as much as in his busiest hour, and one


def test_who_was_seen_on_another_page_is_new_on_the_one_that_was_lost(ledger: Ledger) -> None:
    people = range(96, 144)
    book = [seen(at, at - 48, route=BOOK) for at in people]
    rows = book + [seen(at, at) for at in people if at != 120]
    told = ledger.count(rows, facts(lost_hours=(120,)))
    info = next(row for row in told.by["route"] if row.name == "info")
    assert [(each.lower, each.upper) for each in info.counts[:2]] == [(47, 50), (47, 50)]
    assert bounds(told)[1] == (48, 49)  # and of all pages next to nobody is new


@pytest.mark.parametrize("lost", [range(100, 124), range(200, 230)])
def test_a_day_and_longer_leaves_no_bound(ledger: Ledger, lost: range) -> None:
    rows = [row for row in steady() if (int(row["time"]) // 3_600_000_000 - START) not in lost]
    counted = ledger.count(rows, facts(lost_hours=tuple(lost), accounts=1_000))
    assert [each[1] for each in bounds(counted)] == [None, 1_000, 6_000]
    assert any("nothing near it" in each.what for each in counted.open)


def test_a_gap_far_from_his_time_adds_nothing(ledger: Ledger) -> None:
    rows = [seen(at, at) for at in range(100, 110)]
    assert bounds(ledger.count(rows, facts(lost_hours=(5, 6, 200))))[0] == (10, 10)


def test_a_gap_just_outside_his_time_is_within_reach(ledger: Ledger) -> None:
    rows = [seen(at, at) for at in range(100, 110)]
    (lower, upper), *_ = bounds(ledger.count(rows, facts(lost_hours=(112,))))
    assert (lower, upper) == (10, 13)


def _of(events: list[int], name: str = "web") -> SourceFact:
    rows = tuple(
        HourFact(hour=START + at, state="whole", rule="steady", events=n, rejects=0)
        for at, n in enumerate(events)
    )
    return SourceFact(name=name, first=0, last=1, hours=rows, rejects=0, routes=frozenset())


def test_a_busy_source_tells_what_share_it_lost() -> None:
    events = [100] * 480
    events[18::48] = [0] * 10  # ten of its hours
    share, judged = share_lost(_of(events))
    assert judged
    assert 0.02 < share < 0.25


def test_a_quiet_source_does_not() -> None:
    generator = np.random.default_rng(1)
    assert not share_lost(_of(generator.poisson(0.5, 480).tolist()))[1]


def test_an_hour_that_is_empty_on_most_days_is_likely_quiet_again() -> None:
    events = [0 if at % 24 < 6 else 100 for at in range(480)]
    events[300] = 0  # at noon
    runs = runs_of(SourceHours.of(_of(events), START, START + 479), 0.05)
    by_length = {run.length: run.chance for run in runs}
    assert by_length[6] == pytest.approx(0.05)
    assert by_length[1] == pytest.approx(1.0)


def test_hours_that_are_said_to_be_quiet_are_no_gap() -> None:
    events = [0 if at % 24 < 6 else 100 for at in range(480)]
    events[300] = 0  # at noon
    source = _of(events)
    hours = tuple(
        replace(hour, state="quiet", rule="stated-quiet") if (hour.hour - START) % 24 < 6 else hour
        for hour in source.hours
    )
    runs = runs_of(SourceHours.of(replace(source, hours=hours), START, START + 479), 0.05)
    assert [(run.first - START, run.length) for run in runs] == [(300, 1)]
