"""Facts as of a day: learnt from the days before it, added up from parts, rounded."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from tests.unit.actors.explaining.made import DAY, HOUR, made_logins, made_views

from whosaw.actors.explaining.context_rows import ContextRows, numbered_schema
from whosaw.actors.explaining.day_facts import (
    LoginCover,
    ages_of,
    fits_of_logins,
    fits_of_tickets,
    login_cover,
    login_shifts,
    matched,
    matches_of,
    sessions_last,
    ticket_shifts,
    tickets_aside,
)
from whosaw.actors.login_holes import Hole, hours_of
from whosaw.store.sql import Session

MINUTE = HOUR // 60
QUARTER = 15 * MINUTE


def test_sessions_last_as_long_as_19_of_20_views_do_not_pass_up_to_a_quarter_of_an_hour() -> None:
    logins = made_logins([(0, 1, 1)])
    ages = [31 * MINUTE] * 19 + [5 * HOUR]
    views = made_views([{"time": age, "person": 1, "token": 1} for age in ages])
    one_more = made_views([{"time": age, "person": 1, "token": 1} for age in [*ages, 5 * HOUR]])
    with Session() as session:
        told = ages_of(session, views, ContextRows.whole({"logins": logins}))
        assert told.to_pylist() == [
            {"day": 0, "quarters": 3, "views": 19},
            {"day": 0, "quarters": 20, "views": 1},
        ]
        assert sessions_last(told, 0) == 3 * QUARTER
        assert sessions_last(ages_of(session, one_more, ContextRows.whole({"logins": logins})), 0) == 5 * HOUR
        # whoever's pass no login names says nothing, and a view before the issue is of age 0
        unknown = made_views(
            [{"time": 9 * HOUR, "person": 1, "token": 2}, {"time": 0, "person": 1, "token": 3}]
        )
        rows = ContextRows.whole({"logins": made_logins([(HOUR, 1, 3)])})
        assert ages_of(session, unknown, rows).to_pylist() == [{"day": 0, "quarters": 0, "views": 1}]
        assert sessions_last(ages_of(session, unknown, ContextRows()), 0) == 0


def test_an_age_is_that_of_the_28_known_days_before() -> None:
    ages = pa.table({
        "day": pa.array(range(40), pa.int32()), "quarters": pa.array([100] * 5 + [4] * 35, pa.int64()), "views": pa.array([10] * 40, pa.int64()),
    })  # fmt: skip
    assert sessions_last(ages, 33) == 4 * QUARTER  # days 5 to 32
    assert sessions_last(ages, 32) == 4 * QUARTER  # days 4 to 31: one in 28 is old, below one in 20
    assert sessions_last(ages, 31) == 100 * QUARTER  # two in 28
    assert sessions_last(ages, 3) == 100 * QUARTER  # in hindsight: days 0 to 27


def test_logins_nine_hours_late_are_told_by_ten_views_and_a_third_of_all() -> None:
    late = made_logins([(9 * HOUR + at * MINUTE, at, at) for at in range(10)])
    late = late.set_column(
        late.schema.get_field_index("ended"),
        "ended",
        pa.array([9 * HOUR + (at + 30) * MINUTE for at in range(10)]),
    )
    rows = ContextRows.whole({"logins": late})
    views = [{"time": at * MINUTE + 10, "person": at, "token": at, "client": at} for at in range(10)]
    with Session() as session:
        told = fits_of_logins(session, made_views(views), rows, 5 * MINUTE)
        assert login_shifts(told, 0) == (-9,)
        assert login_shifts(fits_of_logins(session, made_views(views[:9]), rows, 5 * MINUTE), 0) == ()
        # parts of a day add up
        parts = [
            fits_of_logins(session, made_views(each), rows, 5 * MINUTE) for each in (views[:4], views[4:])
        ]
        assert login_shifts(pa.concat_tables(parts), 0) == (-9,)


def test_tickets_are_set_aside_where_the_middle_of_three_agents_has_none_for_more_than_a_third() -> None:
    staff = pa.Table.from_pylist([{"staff": at} for at in (1, 2, 3)], schema=numbered_schema("staff"))
    first = {"agent": 9, "subject": 9, "opened": 0, "closed": 0}
    open_for = {1: (1, 2, 3), 2: (1, 2, 3), 3: ()}
    looks = made_views(
        [{"time": HOUR, "person": each, "principal": agent} for agent in (1, 2, 3) for each in (1, 2, 3)]
    )

    def told(held: dict[int, tuple[int, ...]], late: int = 0) -> pa.Table:
        tickets = [
            first,
            *(
                {"agent": agent, "subject": each, "opened": late, "closed": late + 2 * HOUR}
                for agent, people in held.items()
                for each in people
            ),
        ]
        rows = ContextRows(
            tables={
                "staff": staff,
                "tickets": pa.Table.from_pylist(tickets, schema=numbered_schema("tickets")),
            }
        )
        with Session() as session:
            return fits_of_tickets(session, looks, rows, 15 * MINUTE, {0: 0})

    assert not tickets_aside(told(open_for), (), 0)
    assert not tickets_aside(told({**open_for, 2: (1, 2)}), (), 0)  # one of three is a third, and not more
    assert tickets_aside(told({**open_for, 2: (1,)}), (), 0)
    late = told(open_for, late=5 * HOUR)
    assert ticket_shifts(late, 0) == (
        -6,
        -5,
        -4,
    )  # open for two hours: then the look is at the end, in the middle, at the begin
    assert tickets_aside(late, (), 0)
    assert not tickets_aside(late, (-5,), 0)


def test_ids_of_logins_are_known_once_any_view_has_one() -> None:
    keys = pa.Table.from_pylist([{"key": 3}, {"key": -1}], schema=numbered_schema("keys"))
    rows = ContextRows.whole({"logins": made_logins([(0, 1, 1)]), "keys": keys})
    views = made_views(
        [
            {"time": 0, "person": 1, "token": 2, "session": 1, "key": 4},
            {"time": DAY, "person": 1, "token": 1, "key": 3},
        ]
    )
    with Session() as session:
        told = matches_of(session, views, rows)
    assert told.to_pylist() == [
        {"day": 0, "tokens": False, "sessions": False, "keys": False},
        {"day": 1, "tokens": True, "sessions": False, "keys": True},
    ]
    assert [matched(told, 0, each) for each in ("tokens", "sessions", "keys")] == [
        True,
        False,
        True,
    ]  # in hindsight
    assert not matched(told.slice(0, 1), 0, "tokens")


def test_logins_cover_from_the_first_to_a_pause_after_the_last_and_the_user_goes_before() -> None:
    at = np.array([10 * HOUR, 13 * HOUR, 14 * HOUR + 50 * MINUTE])
    assert login_cover(hours_of(at), 0) == LoginCover(since=10 * HOUR, until=17 * HOUR + 50 * MINUTE)
    at[1] += MINUTE  # three hours and a minute are three hours and a quarter
    assert login_cover(hours_of(at), 0) == LoginCover(since=10 * HOUR, until=18 * HOUR + 5 * MINUTE)
    # the hour of the last row is whole
    assert login_cover(hours_of(np.array([10 * HOUR])), 0) == LoginCover(since=10 * HOUR, until=11 * HOUR - 1)
    assert login_cover(hours_of(at), 0, since=0, until=DAY) == LoginCover(since=0, until=DAY)
    late = login_cover(hours_of(at), 0, late=HOUR)
    assert late == LoginCover(since=10 * HOUR, until=13 * HOUR + 50 * MINUTE)
    assert login_cover(hours_of(np.array([], np.int64)), 0) is None
    assert login_cover(hours_of(np.array([], np.int64)), 0, since=0, until=DAY) == LoginCover(
        since=0, until=DAY
    )


def test_a_hole_is_covered_by_nothing_and_lengthens_nothing() -> None:
    every = np.array(
        [day * DAY + minute * MINUTE for day in range(20) for minute in range(7 * 60, 24 * 60, 10)]
    )
    holed = every[(every < 9 * DAY + 15 * HOUR) | (every >= 12 * DAY + 9 * HOUR)]
    # day 0 is a Thursday; the last row is ten minutes before midnight, and a night seven hours and ten minutes
    assert login_cover(hours_of(holed), 20) == LoginCover(
        since=7 * HOUR,
        until=20 * DAY - 10 * MINUTE + 7 * HOUR + QUARTER,
        missing=(Hole(9 * DAY + 15 * HOUR - 10 * MINUTE, 12 * DAY + 9 * HOUR),),
    )


def test_without_a_row_of_a_table_nothing_is_learnt_and_the_engine_is_not_asked() -> None:
    views = made_views(
        [{"time": at, "person": 1, "token": 1, "session": 1, "key": 1, "principal": 1} for at in (0, DAY)]
    )
    nothing = {"tokens": False, "sessions": False, "keys": False}
    with Session() as session:
        pass
    # a session that is closed answers nothing
    assert matches_of(session, views, ContextRows()).to_pylist() == [
        {"day": day, **nothing} for day in (0, 1)
    ]
    assert ages_of(session, views, ContextRows()).num_rows == 0
    assert fits_of_logins(session, views, ContextRows(), MINUTE).num_rows == 0
    assert fits_of_tickets(session, views, ContextRows(), MINUTE, {0: 0}).num_rows == 0
    staff = pa.Table.from_pylist([{"staff": 1}], schema=numbered_schema("staff"))
    assert fits_of_tickets(session, views, ContextRows.whole({"staff": staff}), MINUTE, {}).num_rows == 0
    # rows of nobody say the same, through its statements
    logins = made_logins([(0, 1, -1)])
    rows = ContextRows.whole({"logins": logins, "staff": staff.slice(0, 0)})
    with Session() as session:
        asked = [
            matches_of(session, views, rows),
            ages_of(session, views, rows),
            fits_of_logins(session, views, rows, MINUTE),
        ]
    assert asked[0].to_pylist() == [{"day": day, **nothing} for day in (0, 1)]
    assert [each.num_rows for each in asked[1:]] == [0, 0]
