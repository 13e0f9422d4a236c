"""Which empty hours are quiet: by hand, for hours counted from Thursday, 1 January 1970 UTC."""

from __future__ import annotations

import pytest

from whosaw.core.errors import WhosawError
from whosaw.logs.coverage.hours import judge
from whosaw.logs.coverage.quiet_hours import quiet_hours, read_quiet

BUSY = (9, 0, 0, (1 << 60) - 1)
MONDAY = 4 * 24  # 5 January 1970


def rows(days: int, empty: set[int], start: int = MONDAY) -> dict[int, tuple[int, int, int, int]]:
    """Every hour of so many days with events, but those of the day in `empty`."""
    return {start + hour: BUSY for hour in range(24 * days) if hour % 24 not in empty}


def states(
    found: dict[int, tuple[int, int, int, int]], *rules: str, zone: str | None = None
) -> dict[str, int]:
    told: dict[str, int] = {}
    for hour in judge(found, (), "web", read_quiet(rules, zone)):
        told[hour.state] = told.get(hour.state, 0) + 1
    return told


def test_stated_hours_are_quiet_and_all_others_missing() -> None:
    nights = rows(3, {0, 1, 2, 3, 4, 5, 22, 23}) | {MONDAY - 3: BUSY, MONDAY + 72 + 6: BUSY}
    assert states(nights)["missing"] == 32
    assert states(nights, "22:00-06:00") == {"whole": 50, "quiet": 32}
    assert states(nights, "api=22:00-06:00")["missing"] == 32
    assert states(nights, "we*=22:00-06:00")["quiet"] == 32


def test_the_clock_is_that_of_the_zone() -> None:
    nights = rows(3, {13, 14, 15, 16, 17, 18, 19, 20})
    assert states(nights, "22:00-06:00", zone="Asia/Seoul")["quiet"] == 24
    assert "quiet" not in states(nights, "22:00-06:00")


def test_a_run_that_begins_before_the_quiet_time_or_ends_after_it_is_missing_as_a_whole() -> None:
    for lost in (21, 6):
        nights = rows(3, {0, 1, 2, 3, 4, 5, 22, 23})
        del nights[MONDAY + 24 + lost]
        assert states(nights, "22:00-06:00")["missing"] == 9


def test_days_are_those_on_which_the_time_begins() -> None:
    rule = read_quiet(["fri 22:00-06:00"], None)
    friday = MONDAY + 4 * 24
    hours = [friday + hour for hour in range(48)]
    events = {hour: 1 for hour in hours if not 22 <= hour - friday < 30}
    assert quiet_hours("web", hours, events, rule) == {friday + 22 + n: "stated-quiet" for n in range(8)}
    assert quiet_hours("web", hours, events, read_quiet(["thu 22:00-06:00"], None)) == {}


def test_a_whole_weekend_can_be_stated() -> None:
    weekend = {MONDAY + hour: BUSY for hour in [*range(5 * 24), *range(7 * 24, 8 * 24)]}
    assert states(weekend, "sat;sun 00:00-24:00") == {"whole": 144, "quiet": 48}


def test_four_weeks_teach_what_three_do_not() -> None:
    night = {1, 2, 3}
    assert states(rows(21, night)) == {"whole": 21 * 21, "missing": 63}
    assert states(rows(28, night)) == {"whole": 21 * 28, "quiet": 84}


def test_a_day_of_the_week_is_learnt_unless_it_had_traffic_more_than_once_in_ten() -> None:
    found = {hour: BUSY for hour in rows(36, set()) if (hour - MONDAY) // 24 % 7 != 6}
    assert states(found) == {"whole": 31 * 24, "quiet": 5 * 24}
    found[MONDAY + 6 * 24 + 12] = (
        BUSY  # one of five Sundays, at noon: the others are missing, and the halves of this one quiet
    )
    assert states(found) == {"whole": 31 * 24 + 1, "quiet": 23, "missing": 4 * 24}


def test_an_hour_of_the_day_that_is_empty_on_most_days_is_learnt() -> None:
    found = rows(28, set())
    for day in range(15):
        del found[MONDAY + 24 * day + 3]
    assert states(found) == {"whole": 28 * 24 - 15, "quiet": 15}
    found[MONDAY + 3] = BUSY
    assert states(found)["missing"] == 14


def test_a_lost_day_is_no_quiet_one() -> None:
    found = rows(56, {1, 2, 3})
    for hour in range(24):
        found.pop(MONDAY + 30 * 24 + hour, None)
    assert states(found)["missing"] == 24


@pytest.mark.parametrize(
    "text", ["night", "22-", "25:00-06:00", "web=", "22:00-06:00 mon", "foo 22:00-06:00"]
)
def test_what_says_no_time_is_refused(text: str) -> None:
    with pytest.raises(WhosawError, match="does not say when"):
        read_quiet([text], None)


NIGHT = {0, 1, 2, 3, 4, 5, 22, 23}


def office(days: int) -> dict[int, tuple[int, int, int, int]]:
    """Days of an office that opens at 6 and closes at 22, with no event in its first and in its last hour on two of five days."""
    found = rows(days, NIGHT)
    for day in range(days):
        if day % 5 in (1, 2):
            del found[MONDAY + 24 * day + 6], found[MONDAY + 24 * day + 21]
    return found


def test_a_night_in_which_nobody_is_ever_awake_is_quiet_beside_hours_that_are_often_empty() -> None:
    # from the first event, at 6, to the last one, at 21: 29 nights of 8 hours, and two hours on two of five days
    assert states(office(30)) == {"whole": 30 * 16 - 24, "quiet": 29 * 8, "missing": 24}


def test_a_night_is_missing_beside_hours_that_are_hardly_ever_empty() -> None:
    found = office(30)
    del found[MONDAY + 10 * 24 + 20], found[MONDAY + 10 * 24 + 21]  # closed too early on one evening
    assert states(found) == {"whole": 30 * 16 - 26, "quiet": 28 * 8, "missing": 24 + 2 + 8}


def test_a_night_that_had_an_event_once_is_missing_beside_hours_that_are_empty() -> None:
    found = office(30) | {MONDAY + 20 * 24 + 3: BUSY}
    # of the nights at whose ends something was seen, the hours at 3 are learnt as before; beside an empty hour they are missing
    bare = {MONDAY + 24 * day + 21 for day in range(30) if day % 5 in (1, 2)}
    told = {each.hour: each.state for each in judge(found, (), "web", ())}
    for day in range(29):
        at = MONDAY + 24 * (day + 1) + 3
        beside = MONDAY + 24 * day + 21 in bare or MONDAY + 24 * (day + 1) + 6 not in found
        if at not in found:
            assert told[at] == ("missing" if beside else "quiet")
            assert told[at + 1] == "quiet"
