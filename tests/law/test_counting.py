"""Periods by the rules of counting, worked out by hand with a calendar in the other hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.core.errors import WhosawError
from whosaw.core.law_items import Period
from whosaw.core.moments import Moment
from whosaw.core.ranges import Range, higher_of, lower_of
from whosaw.core.truth import Answer, Truth, all_of, any_of, not_
from whosaw.law.counting import Counting, calendar_of, deadline, reading_deadlines

PLAIN = Counting(id="plain", law="-", confidence="unverified")
MOVES = Counting(id="moves", law="-", confidence="unverified", last_day_moves=True)
SHORT = Counting(id="short", law="-", confidence="unverified", last_day_moves=True, days_off_left_out_up_to=6)
EU = Counting(id="eu", law="-", confidence="unverified", hours_begin_next_hour=True, least_working_days=2)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("period", "zone", "country", "rules", "start", "end"),
    [
        # the last day is Sunday 1 March 2026, and Monday 2 March stands in for the holiday: Korea moves on to Tuesday
        (Period(limit=3, unit="calendar-days"), "Asia/Seoul", "KR", MOVES, "2026-02-26T10:00:00+09:00", "2026-03-04T00:00:00+09:00"),
        (Period(limit=3, unit="calendar-days"), "Asia/Seoul", "KR", PLAIN, "2026-02-26T10:00:00+09:00", "2026-03-02T00:00:00+09:00"),
        # up to six days leave days off out: Good Friday to Easter Monday 2026 in Kenya are 3 to 6 April
        (Period(limit=6, unit="calendar-days"), "Africa/Nairobi", "KE", SHORT, "2026-03-31T23:59:59+03:00", "2026-04-11T00:00:00+03:00"),
        (Period(limit=7, unit="calendar-days"), "Africa/Nairobi", "KE", SHORT, "2026-03-31T23:59:59+03:00", "2026-04-08T00:00:00+03:00"),
        # the end of February in a leap year
        (Period(limit=1, unit="calendar-days"), "Europe/Dublin", "IE", PLAIN, "2028-02-28T12:00:00+00:00", "2028-03-01T00:00:00+00:00"),
        # late on Friday in Brazil is Friday there, whatever the day in UTC
        (Period(limit=1, unit="working-days"), "America/Sao_Paulo", "BR", PLAIN, "2026-03-07T02:30:00+00:00", "2026-03-10T00:00:00-03:00"),
    ],
)  # fmt: skip
def test_a_period_in_days_ends_with_its_last_day(
    period: Period, zone: str, country: str, rules: Counting, start: str, end: str
) -> None:
    found = deadline(period, at(start), ZoneInfo(zone), rules, calendar_of(country))
    assert found.instant == at(end)
    assert not found.kept_at_instant
    assert found.late(at(end)).total_seconds() > 0


def test_seventy_two_hours_are_that_over_a_change_of_the_clock() -> None:
    zone = ZoneInfo("Europe/London")
    found = deadline(
        Period(limit=72, unit="hours"), at("2026-10-24T12:00:00+01:00"), zone, EU, calendar_of("GB")
    )
    assert found.instant == at("2026-10-27T11:00:00+00:00")
    assert found.late(found.instant).total_seconds() == 0


def test_the_reading_of_two_working_days_comes_with_weekends_only() -> None:
    zone, ireland = ZoneInfo("Europe/Dublin"), calendar_of("IE")

    def readings(start: str) -> list[datetime]:
        found = reading_deadlines(Period(limit=72, unit="hours"), at(start), zone, EU, ireland)
        return [each.instant for _, each in found]

    assert readings("2026-03-02T10:00:00+00:00") == []  # Monday to Thursday
    assert readings("2026-03-06T10:00:00+00:00") == [at("2026-03-11T00:00:00+00:00")]  # Friday
    # Thursday before Easter 2026: Friday is a working day in Ireland, Monday 6 April is none
    assert readings("2026-04-02T10:00:00+01:00") == [at("2026-04-08T00:00:00+01:00")]


def test_a_country_without_a_calendar_is_named() -> None:
    with pytest.raises(WhosawError, match="XX"):
        calendar_of("XX").off(date(2026, 3, 2))


BOUND = st.integers(0, 5).flatmap(
    lambda low: st.tuples(st.just(low), st.one_of(st.none(), st.integers(low, 7)))
)


@given(st.lists(BOUND, min_size=1, max_size=4), st.data())
def test_the_higher_and_the_lower_of_bounds_hold_every_true_value(
    bounds: list[tuple[int, int | None]], data: st.DataObject
) -> None:
    ranges = [Range(low=low, high=high) for low, high in bounds]
    values = [data.draw(st.integers(low, 9 if high is None else high)) for low, high in bounds]
    for joined, value in ((higher_of(ranges), max(values)), (lower_of(ranges), min(values))):
        assert joined.low <= value
        assert joined.high is None or value <= joined.high


@given(BOUND, BOUND, st.data())
def test_what_is_left_of_bounds_holds_every_true_value(
    whole: tuple[int, int | None], part: tuple[int, int | None], data: st.DataObject
) -> None:
    total = data.draw(st.integers(whole[0], 9 if whole[1] is None else whole[1]))
    taken = data.draw(st.integers(part[0], 9 if part[1] is None else part[1]))
    left = Range(low=whole[0], high=whole[1]).less(Range(low=part[0], high=part[1]))
    value = max(0, total - taken)
    assert left.low <= value
    assert left.high is None or value <= left.high


TRUTHS = st.sampled_from(list(Truth))


@given(st.lists(TRUTHS, max_size=4))
def test_three_values_join_as_kleene_has_it(truths: list[Truth]) -> None:
    """An open answer stays open unless the others settle it whatever it turns out to be."""
    answers = [Answer(truth=each, needs=("x",) if each is Truth.OPEN else ()) for each in truths]
    settled_all = {all(yes for yes in row) for row in _rows(truths)}
    settled_any = {any(yes for yes in row) for row in _rows(truths)}
    for found, settled in ((all_of(answers), settled_all), (any_of(answers), settled_any)):
        wanted = Truth.OPEN if len(settled) == 2 else (Truth.YES if True in settled else Truth.NO)
        assert found.truth is wanted
        assert bool(found.needs) == (wanted is Truth.OPEN)
        assert not_(not_(found)).truth is wanted


def _rows(truths: list[Truth]) -> list[list[bool]]:
    rows: list[list[bool]] = [[]]
    for truth in truths:
        choices = {Truth.YES: [True], Truth.NO: [False], Truth.OPEN: [True, False]}[truth]
        rows = [[*row, choice] for row in rows for choice in choices]
    return rows


def test_a_day_without_an_hour_is_the_whole_day() -> None:
    day = Moment.on(at("2026-03-29T00:00:00+00:00").date(), ZoneInfo("Europe/Berlin"))
    assert day.earliest == at("2026-03-28T23:00:00+00:00")
    assert day.latest == at("2026-03-29T21:59:59+00:00")  # the day of 23 hours
    assert day.text(ZoneInfo("Europe/Berlin")) == "2026-03-29"
    assert Moment.at(datetime(2026, 1, 1, tzinfo=UTC)).exact
