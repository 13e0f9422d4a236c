"""A hole in a table of logins is no pause: what was issued in it cannot be told. Nights, days of rest and batches are no holes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.actors.tables import row, tables

from whosaw.actors import Context, ContextTable, load_explanations
from whosaw.actors.event_answers import view_answers
from whosaw.actors.login_holes import Hole, added, hours_of, login_holes, longest_pause, usual_days
from whosaw.store.sql import Session

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONDAY = 20_213  # 2025-05-05, as days since 1970
EVERY_TEN = range(7 * 60, 24 * 60, 10)  # minutes of a day: from seven until midnight, 102 logins


def shop(days: Iterable[int], minutes: Iterable[int] = EVERY_TEN) -> np.ndarray:
    """Logins at these minutes of each of these days, counted from a Monday."""
    every = list(minutes)
    return np.array([(MONDAY + day) * DAY + minute * MINUTE for day in days for minute in every], np.int64)


def without(times: np.ndarray, since: int, until: int) -> np.ndarray:
    return times[(times < since) | (times >= until)]


def at(day: int, hour: float) -> int:
    return (MONDAY + day) * DAY + int(hour * HOUR)


def holes(times: np.ndarray) -> tuple[Hole, ...]:
    return login_holes(hours_of(times))


def logins(times: np.ndarray, **stated: int) -> Context:
    """A table of logins at these times: of person 1 with token 1, whom the views know."""
    count = len(times)
    rows = pa.table({
        "time": pa.array(times, pa.int64()), "subject": pa.array([1] * count, pa.int64()), "token": pa.array([1] * count, pa.int64()),
        **{name: pa.nulls(count, pa.int64()) for name in ("session", "address", "ended")}, "key": pa.nulls(count, pa.string()),
    })  # fmt: skip
    entry = ContextTable(
        name="logins", files=(), rows=rows, filled={"token": count}, matched={"token": count}
    )
    return Context(tables={"logins": entry}, **stated)


def answers(context: Context, *times: int) -> list[str]:
    """What own-session says of views at these times with a token that no row has."""
    own = load_explanations()["own-session"]
    made = tables(
        row(0, person="c1", token="known"),
        *[replace(row(0, person="c2", token="forged"), at=each) for each in times],
    )
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        told = view_answers(session, context, {own.id: own}, [(1, 2 + at) for at in range(len(times))])
    return [each.tried[0].answer for each in told]


def test_of_what_was_issued_in_a_hole_of_days_it_cannot_be_told() -> None:
    times = without(shop(range(20)), at(9, 15), at(12, 9))
    context = logins(times, sessions_last=DAY)
    assert context.logins_missing() == (Hole(at(9, 14) + 50 * MINUTE, at(12, 9)),)
    whole, inside, after, later = at(9, 14.5), at(11, 12), at(13, 8), at(13, 10)
    assert answers(context, whole, inside, after, later) == [
        "never issued",
        "cannot tell",
        "cannot tell",
        "never issued",
    ]


def test_pauses_at_night_leave_a_table_whole() -> None:
    context = logins(shop(range(20)), sessions_last=DAY)
    assert context.logins_missing() == ()
    assert answers(context, at(9, 3), at(9, 12)) == ["never issued", "never issued"]
    # ten minutes to midnight is the last one, and a night of seven hours and ten minutes the longest pause
    assert context.logins_cover() == (at(0, 7), at(20, 7))


def test_a_hole_is_not_the_pause_that_logins_reach_beyond_their_end() -> None:
    context = logins(without(shop(range(20)), at(9, 15), at(12, 9)))
    assert context.logins_cover() == (at(0, 7), at(20, 7))


def test_what_the_user_states_to_be_whole_has_no_holes() -> None:
    times = without(shop(range(20)), at(9, 15), at(12, 9))
    assert logins(times, logins_from=at(0, 0), logins_until=at(20, 0)).logins_missing() == ()
    assert len(logins(times, logins_from=at(0, 0)).logins_missing()) == 1


@pytest.mark.parametrize("weeks", [1, 2, 3, 8])
def test_days_of_rest_are_no_holes(weeks: int) -> None:
    work = [day for day in range(7 * weeks) if day % 7 < 5]
    assert holes(shop(work, range(8 * 60, 18 * 60, 5))) == ()
    some = [
        *shop(work, range(8 * 60, 18 * 60, 5)),
        *shop([day for day in range(7 * weeks) if day % 7 == 5], [600]),
    ]
    assert holes(np.sort(np.array(some))) == ()


def test_a_working_week_that_is_missing_is_a_hole_though_each_weekend_is_a_pause() -> None:
    work = [day for day in range(56) if day % 7 < 5 and day // 7 != 4]
    assert holes(shop(work, range(8 * 60, 18 * 60, 5))) == (Hole(at(25, 17) + 55 * MINUTE, at(35, 8)),)


def test_a_table_of_days_or_of_batches_has_no_holes_but_days_without_any() -> None:
    by_day = shop(range(40), [0] * 500)
    assert holes(by_day) == ()
    by_batch = shop(range(40), [each for each in range(0, 24 * 60, 180) for _ in range(200)])
    assert holes(by_batch) == ()
    assert holes(without(by_day, at(30, 0), at(36, 0))) == (Hole(at(29, 0), at(36, 0)),)


@pytest.mark.parametrize("hours", [0.9, 3])
def test_a_service_that_stood_still_for_less_than_an_hour_makes_no_hole(hours: float) -> None:
    busy = shop(range(30), [each for each in range(24 * 60) for _ in range(5)])
    found = holes(without(busy, at(20, 12), at(20, 12 + hours)))
    assert found == (() if hours < 1 else (Hole(at(20, 12) - MINUTE, at(20, 15)),))


def test_a_small_shop_has_no_holes_for_a_quiet_day_says_nothing() -> None:
    small = shop(range(60), [600, 1000])
    assert holes(without(small, at(30, 0), at(33, 0))) == ()


def test_a_few_rows_and_one_of_much_later_say_nothing_of_what_is_usual() -> None:
    assert holes(np.array([])) == ()
    assert holes(np.array([at(0, 1)])) == ()
    assert holes(np.array([at(0, 1)] * 1000 + [at(244, 0)])) == ()


def test_what_is_usual_is_learnt_from_the_last_28_known_days_or_the_first() -> None:
    known = np.array([*range(0, 100, 2), *range(600, 640)])
    assert usual_days(known, 80).tolist() == list(range(24, 80, 2))
    assert usual_days(known, 81).tolist() == list(range(26, 82, 2))
    assert usual_days(known, 10).tolist() == list(range(0, 56, 2))
    assert usual_days(known, 602).tolist() == list(
        range(600, 628)
    )  # 400 days and more without any: it begins anew
    assert usual_days(known, 630).tolist() == list(range(602, 630))


def test_a_day_to_come_does_not_judge_a_hole_again() -> None:
    times = without(shop(range(40)), at(31, 10), at(33, 12))
    later = np.concatenate([times, shop(range(40, 80), [600])])
    assert (
        login_holes(hours_of(later))[0]
        == login_holes(hours_of(times))[0]
        == Hole(at(31, 10) - 10 * MINUTE, at(33, 12))
    )


def test_the_longest_pause_is_no_hole_and_of_the_days_that_are_asked() -> None:
    times = without(shop(range(20)), at(9, 15), at(12, 9))
    hours = hours_of(times)
    found = login_holes(hours)
    assert longest_pause(hours, found) == 7 * HOUR + 10 * MINUTE
    assert longest_pause(hours, ()) == at(12, 9) - at(9, 14) - 50 * MINUTE
    assert longest_pause(hours, (), since_day=MONDAY + 12) == 7 * HOUR + 10 * MINUTE


@given(st.lists(st.integers(0, 40 * DAY), min_size=2, max_size=200), st.randoms(use_true_random=False))
def test_hours_add_up_in_any_order_and_parts(times: list[int], chance: object) -> None:
    every = np.array(times, np.int64)
    mixed = list(times)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    cut = len(mixed) // 3
    parts = [hours_of(np.array(part, np.int64)) for part in (mixed[:cut], mixed[cut:])]
    assert added(*parts).equals(hours_of(every))
    expected = {
        hour: [each for each in times if each // HOUR == hour]
        for hour in sorted({each // HOUR for each in times})
    }
    assert hours_of(every).to_pylist() == [
        {"hour": hour, "rows": len(own), "first": min(own), "last": max(own)}
        for hour, own in expected.items()
    ]
