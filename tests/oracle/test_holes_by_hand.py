"""Where logins are missing, in tables whose holes were worked out by hand."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from tests.oracle.coverage import Coverage
from tests.oracle.holes import _of_kind, holes
from tests.oracle.rows import DAY, HOUR, Context, Log
from tests.oracle.test_by_hand import MINUTE, logins

WEEKS = 5 * 7  # from Thursday, 1 January 1970


def each_hour(*, but: Sequence[int] = (), a_day: int = 24, days: int = WEEKS, batch: int = 1) -> list[int]:
    """Logins at the begin of each of the first hours of a day, but for some hours since 1970; `batch`: so many at once."""
    return [
        (24 * day + hour) * HOUR
        for day in range(days)
        for hour in range(a_day)
        if 24 * day + hour not in but
        for _ in range(batch)
    ]


FIRST = 24 * 30  # the hour with which the 31st day begins


@pytest.mark.parametrize(("missing", "found"), [(39, False), (40, True)])
def test_forty_logins_have_to_be_missing(missing: int, found: bool) -> None:
    # one an hour: from the login before to the one after them one more hour passes
    times = each_hour(but=range(FIRST, FIRST + missing - 1))
    assert holes(times) == ([((FIRST - 1) * HOUR, (FIRST + missing - 1) * HOUR)] if found else [])


def test_four_times_what_is_expected_in_the_longest_pause_of_the_middle_day_has_to_be_missing() -> None:
    # 12 hours a day with two logins each: in each night a pause from 11 to 24 o'clock, in which the two of the hour after the last one are
    # expected; so the bar is 40. With twenty each hour it is 4 x 20, which three whole hours and the first of the night do not pass
    night = each_hour(a_day=12, batch=2)
    assert holes(night) == []
    assert holes(each_hour(a_day=12, batch=20)) == []
    gone = [each for each in each_hour(a_day=12, batch=20) if each // HOUR not in range(FIRST + 4, FIRST + 7)]
    assert holes(gone) == [((FIRST + 3) * HOUR, (FIRST + 7) * HOUR)]  # 80
    gone = [each for each in each_hour(a_day=12, batch=20) if each // HOUR not in range(FIRST + 4, FIRST + 6)]
    assert holes(gone) == []  # 60


def test_a_pause_of_an_hour_is_no_hole_and_a_table_in_batches_lacks_four_of_them() -> None:
    batches = each_hour(batch=200)  # in each pause those of an hour are expected
    for gone, found in ((2, []), (3, [((FIRST - 1) * HOUR, (FIRST + 3) * HOUR)])):
        assert holes([each for each in batches if each // HOUR not in range(FIRST, FIRST + gone)]) == found
    minutes = [each + at * MINUTE for each in each_hour() for at in range(60)]
    assert holes([each for each in minutes if not FIRST * HOUR < each < (FIRST + 1) * HOUR]) == []
    gone_minutes = [each for each in minutes if not FIRST * HOUR <= each < (FIRST + 1) * HOUR]
    assert holes(gone_minutes) == [(FIRST * HOUR - MINUTE, (FIRST + 1) * HOUR)]


def test_a_weekend_is_usual_and_a_day_of_rest_is_none() -> None:
    # 1 January 1970 was a Thursday: days 2 and 3 of each week are Saturday and Sunday
    def week(days: int, missing: Sequence[int] = ()) -> list[int]:
        return [
            (24 * day + hour) * HOUR + at * MINUTE
            for day in range(days) if day % 7 not in (2, 3) and day not in missing
            for hour in range(24) for at in range(10)
        ]  # fmt: skip

    assert holes(week(WEEKS)) == []
    assert holes(week(9)) == []  # two weekends of a table of nine days: no Saturday is known
    (hole,) = holes(week(WEEKS, missing=[19]))
    assert (hole[0] // DAY, hole[1] // DAY) == (18, 20)
    assert [each // DAY for each in holes(week(WEEKS, missing=[32]))[0]] == [
        29,
        33,
    ]  # a Monday, from Friday on


def test_where_hours_have_too_few_to_say_those_of_a_day_are_spread() -> None:
    # 20 logins a day, each day at another minute of other hours: no hour of the week has any in the middle
    chance = random.Random(1)
    times = sorted(day * DAY + chance.randrange(DAY) for day in range(WEEKS) for _ in range(13))
    gone = [each for each in times if not 29 <= each // DAY <= 32]
    assert [(since // DAY, until // DAY) for since, until in holes(gone)] == [(28, 33)]
    assert holes(times) == []


def test_a_table_of_two_days_says_nothing_of_what_is_usual() -> None:
    assert holes([*each_hour(days=1, batch=100), 300 * DAY]) == []


def test_weeks_without_logins_are_a_hole() -> None:
    times = [each for each in each_hour(days=80) if not 40 <= each // DAY < 61]
    assert [(since // DAY, until // DAY) for since, until in holes(times)] == [
        (39, 61)
    ]  # three weeks and an hour


def test_what_may_have_been_issued_in_a_hole_or_beyond_the_table_is_not_known() -> None:
    times = each_hour(but=range(FIRST, FIRST + 47))
    rows = [{"time": time, "subject": "c", "token": f"t{at}"} for at, time in enumerate(times)]
    coverage = Coverage(Log([], (), Context(tables={"logins": rows}, sessions_last=2 * HOUR)))
    end = (24 * WEEKS - 1) * HOUR
    assert coverage.logins_until(WEEKS) == end + HOUR
    for time, known in (
        (2 * HOUR - 1, False), (2 * HOUR, True), ((FIRST - 1) * HOUR, True), ((FIRST - 1) * HOUR + 1, False),
        ((FIRST + 49) * HOUR - 1, False), ((FIRST + 49) * HOUR, True), (end + HOUR, True), (end + HOUR + 1, False),
    ):  # fmt: skip
        assert coverage.issued_on_record(time, WEEKS) is known, time / HOUR
    assert logins(5, logins_until=None).logins_until(0) == 6 * HOUR - 1  # to the end of its hour


def test_what_is_stated_of_logins_is_believed() -> None:
    coverage = logins(5, 6, logins_from=2 * HOUR, logins_until=9 * HOUR, sessions_last=0)
    for time, known in ((2 * HOUR - 1, False), (2 * HOUR, True), (9 * HOUR, True), (9 * HOUR + 1, False)):
        assert coverage.issued_on_record(time, 0) is known
    times = each_hour(but=range(FIRST, FIRST + 47))
    rows = [{"time": time, "subject": "c", "token": f"t{at}"} for at, time in enumerate(times)]
    stated = Context(tables={"logins": rows}, sessions_last=0, logins_from=0, logins_until=WEEKS * DAY)
    assert Coverage(Log([], (), stated)).issued_on_record((FIRST + 5) * HOUR, WEEKS)


def test_of_a_pause_of_an_hour_nothing_is_asked_beside_a_hole_either() -> None:
    minutes = [each + at * MINUTE for each in each_hour() for at in range(60)]
    gone = [
        each for each in minutes
        if not FIRST * HOUR < each < (FIRST + 1) * HOUR and not (FIRST + 5) * HOUR < each < (FIRST + 7) * HOUR
    ]  # fmt: skip
    assert holes(gone) == [((FIRST + 5) * HOUR, (FIRST + 7) * HOUR)]


THURSDAY, FRIDAY = 3, 4


def test_three_days_of_a_kind_say_what_is_usual_and_fewer_no_more_than_all_days() -> None:
    assert _of_kind({0: 60, 7: 50, 14: 40}, THURSDAY) == 50
    assert _of_kind({0: 60, 7: 50, 14: 40, 21: 10}, THURSDAY) == 40  # of two in the middle the lower
    assert _of_kind({0: 60, 7: 0, 8: 60}, THURSDAY) == 60  # the middle of all
    assert _of_kind({0: 5, 7: 3, 8: 60, 9: 70, 10: 80}, THURSDAY) == 5  # at most what one of its own had
    assert _of_kind({0: 60, 7: 60}, THURSDAY) == 0  # two days say nothing
    assert _of_kind({0: 60, 7: 60, 14: 60}, FRIDAY) == 0  # nobody ever logged in on a Friday
