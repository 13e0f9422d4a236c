"""What is usual of a source, counted by hand."""

from __future__ import annotations

from whosaw.logs.health import HourFacts, SourceFacts
from whosaw.logs.health.facts import HOUR, MINUTE
from whosaw.logs.health.usual import Usual, learn_usual

MONDAY = 96  # 1970-01-05, in hours


def source(hours: dict[int, HourFacts]) -> SourceFacts:
    first = (
        min(hours) * HOUR
        + ((hours[min(hours)].minutes & -hours[min(hours)].minutes).bit_length() - 1) * MINUTE
    )
    last = max(hours) * HOUR + (hours[max(hours)].minutes.bit_length() - 1) * MINUTE
    return SourceFacts(name="api", first=first, last=last, clock=last, hours=hours)


def learnt(hours: dict[int, HourFacts], window: int = 8) -> Usual:
    return learn_usual(source(hours), weeks=2, days=2, window=window)


def hour(events: int) -> HourFacts:
    """Events of the first minutes, one a minute."""
    return HourFacts(events=events, minutes=(1 << events) - 1)


def test_rates_of_a_week_begin_on_monday_and_are_means() -> None:
    hours = {MONDAY - 1: hour(1), MONDAY: hour(4), MONDAY + 168: hour(2), MONDAY + 337: hour(1)}
    usual = learnt(hours)
    assert (usual.by, usual.start, usual.end) == ("hour-of-week", MONDAY, MONDAY + 337)
    assert usual.rates[0] == (4 + 2 + 0) / 3  # three Mondays, of which the last has none
    assert usual.rates[1:] == (0.0,) * 167
    assert usual.rate(MONDAY + 5 * 168) == 2.0


def test_rates_of_a_day_until_two_weeks_are_known() -> None:
    usual = learnt({MONDAY + number: hour(number % 24 + 1) for number in range(100)})
    assert usual.by == "hour-of-day"
    assert usual.rates == tuple(float(number + 1) for number in range(24))


def test_one_rate_until_two_days_are_known() -> None:
    usual = learnt({MONDAY: hour(31), MONDAY + 1: hour(31)})  # 62 events in an hour and a half
    assert usual.by == "longest-pause"
    assert usual.rates == (62 * HOUR / (90 * MINUTE),)
    assert usual.longest_pause == 30 * MINUTE  # from 00:30 to 01:00
    assert usual.most_missed == usual.rates[0] / 2


def test_expected_events_count_parts_of_hours() -> None:
    usual = Usual(by="hour-of-day", start=0, end=48, rates=(*range(24),), longest_pause=0, most_missed=0.0)
    begin = MONDAY * HOUR
    assert usual.expected(begin + 6 * HOUR + HOUR // 2, begin + 8 * HOUR + HOUR // 4) == 3 + 7 + 2
    assert usual.expected(begin, begin) == 0


def test_hours_before_the_window_do_not_count() -> None:
    hours = {MONDAY + number: hour(9 if number < 168 else 2) for number in range(168 * 4)}
    assert set(learnt(hours, window=2).rates) == {2.0}
    assert max(learnt(hours).rates) > 2
