"""The setting: calendar, names, parts, staff, and what a scale may be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest

from whosaw.core.errors import WhosawError
from whosaw.replay.items import load_breach, load_shop
from whosaw.replay.setting import DAY_MS, HOUR_MS, Calendar, Names, make_setting, moments_of_day
from whosaw.replay.traffic import staff_index

SHOP = load_shop()


def test_days_begin_at_midnight_on_the_clock_of_the_shop() -> None:
    calendar = Calendar.of(SHOP)
    midnight = datetime(2025, 3, 3, tzinfo=timezone(timedelta(hours=9)))
    assert calendar.start == int(midnight.timestamp() * 1000)
    assert calendar.day_start(2) - calendar.start == 2 * DAY_MS
    assert datetime.fromtimestamp(calendar.end / 1000, UTC) == datetime(2025, 4, 16, 15, tzinfo=UTC)
    assert calendar.weekday(0) == 0  # 3 March 2025 was a Monday
    assert calendar.weekday(6) == 6
    assert calendar.day_of(date(2025, 3, 1), 540) == -2


def test_weekdays_decide_how_much_a_day_gets_and_nothing_is_lost() -> None:
    shop = load_shop({"rhythm.weekdays": [0, 0, 0, 0, 0, 3, 1], "span.days": 14})
    setting = make_setting(shop, None, 1, 1.0)
    counts = setting.calendar.per_day(setting.dice("x"), 40_000)
    assert counts.sum() == 40_000
    assert np.flatnonzero(counts).tolist() == [5, 6, 12, 13]
    assert counts[[5, 12]].sum() == pytest.approx(30_000, rel=0.02)


def test_hours_decide_when_within_a_day() -> None:
    setting = make_setting(SHOP, None, 1, 1.0)
    hours = tuple(2.0 if hour == 3 else 6.0 if hour == 20 else 0.0 for hour in range(24))
    moments = moments_of_day(setting.dice("x"), 8000, hours)
    assert set((moments // HOUR_MS).tolist()) == {3, 20}
    assert (moments // HOUR_MS == 3).mean() == pytest.approx(0.25, abs=0.02)
    of_day = setting.calendar.moments(setting.dice("y"), 500, 7)
    assert of_day.min() >= setting.calendar.day_start(7)
    assert of_day.max() < setting.calendar.day_start(8)


def test_names_and_parts_keep_the_order_of_first_mention() -> None:
    names = Names()
    assert [names.code(text) for text in ("b", "a", "b", "")] == [0, 1, 0, 2]
    assert names.texts == ["b", "a", ""]
    setting = make_setting(SHOP, None, 1, 1.0)
    assert setting.part("s-1", "nosy", "") == 0
    assert setting.part("x", "breach", "one") == 1
    assert setting.part("s-1", "nosy", "") == 0
    assert [part.actor for part in setting.parts] == ["s-1", "x"]


def test_keys_and_staff_of_the_item_come_first() -> None:
    setting = make_setting(SHOP, None, 1, 1.0)
    assert setting.keys.texts == [key.id for key in SHOP.key]
    assert setting.claimants.texts == [person.id for person in setting.staff]
    assert setting.staff[: len(SHOP.staff)] == SHOP.staff
    assert setting.claimants.texts[staff_index(setting.claim("s-0041"))] == "s-0041"


@pytest.mark.parametrize(("scale", "agents"), [(0.001, 2), (1.0, 6), (10.0, 60)])
def test_the_scale_says_how_many_support_agents_there_are_all_there_before_the_log(
    scale: float, agents: int
) -> None:
    setting = make_setting(SHOP, None, 1, scale)
    assert len(setting.support) == agents
    assert setting.staff[-agents:] == setting.support
    assert len({person.id for person in setting.staff}) == len(setting.staff)
    assert all(person.joined < SHOP.span.first_day and person.left is None for person in setting.support)


def test_rows_of_a_breach_join_those_of_the_shop() -> None:
    breach = load_breach(SHOP, "leaver")
    setting = make_setting(SHOP, breach, 1, 1.0)
    assert {person.id for person in breach.staff} <= {person.id for person in setting.staff}
    assert not {person.id for person in breach.staff} & {person.id for person in setting.support}
    assert {key.id for key in setting.shop.key} == set(setting.keys.texts)


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), 1e9])
def test_a_scale_out_of_range_is_refused(scale: float) -> None:
    with pytest.raises(WhosawError, match="out of range") as caught:
        make_setting(SHOP, None, 1, scale)
    assert caught.value.code == "replay.bad-scale"


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(WhosawError, match="seed"):
        make_setting(SHOP, None, seed, 1.0)
