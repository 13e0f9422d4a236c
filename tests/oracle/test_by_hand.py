"""Small worlds whose values were worked out by hand from the page of the design, rule by rule."""

from __future__ import annotations

import math

import pytest
from tests.oracle import windows
from tests.oracle.bars import Bar, nats, needed
from tests.oracle.baseline import Usual, eighth, learnt_from, middle, power_of_two, quarter_hour, usual_of
from tests.oracle.coverage import Coverage
from tests.oracle.ranks import Row, Walk, chains, places_of, steps
from tests.oracle.rows import DAY, HOUR, SECOND, Client, Context, Log, Request, View
from tests.oracle.visits import Visits

MINUTE = 60 * SECOND
AGENT = Client(address="a", agent="app", token="t")
FILE = b"one"


def seen(
    time: int, person: str | None = "c1", client: Client = AGENT, route: str | None = "page", line: int = 0
) -> View:
    return View(
        time=time, file=FILE, line=line or time // SECOND + 1, client=client, person=person, route=route
    )


def asked(time: int, client: Client = AGENT, person: str | None = None, status: int | None = None) -> Request:
    return Request(
        time=time, file=FILE, line=1_000_000 + time // SECOND, client=client, person=person, status=status
    )


# Rows and their order.


def test_rows_go_by_time_then_file_then_line_and_no_other_way() -> None:
    first, second, third = (
        seen(5, "x", line=9),
        seen(5, "a", line=10),
        View(time=5, file=b"two", line=1, client=AGENT),
    )
    assert Log([third, second, first]).views == [first, second, third]


def test_whom_a_log_does_not_name_is_whom_its_client_saw_that_day() -> None:
    unnamed, named, next_day = seen(10, None), [seen(20, "c1"), seen(30, "c2")], seen(DAY + 10, None)
    log = Log([unnamed, *named, next_day], digest=lambda _, text: {"c1": b"2", "c2": b"1"}.get(text, b"0"))
    assert log.stand_in(unnamed) == "c2"  # the smaller digest
    assert log.stand_in(next_day) not in ("c1", "c2")


# Visits.


@pytest.mark.parametrize(
    ("times", "together"),
    [
        ((0, 4 * HOUR), True),  # a pause of four hours is none over four hours
        ((0, 4 * HOUR + 1), False),
        (tuple(range(0, DAY + 1, 4 * HOUR)), True),  # 24 hours
        ((*range(0, DAY, 4 * HOUR), DAY + 1), False),  # the last one comes later than that
    ],
)
def test_a_visit_ends_with_four_hours_of_silence_and_after_a_day(
    times: tuple[int, ...], together: bool
) -> None:
    views = [seen(time) for time in times]
    visits = Visits(Log(views))
    assert (visits.of(views[0]) is visits.of(views[-1])) == together


def test_a_visit_is_of_a_token_else_of_a_session_else_of_a_client() -> None:
    token, session, bare = (
        Client(token="t", session="s", address="a"),
        Client(session="s", address="b"),
        Client(address="b"),
    )
    views = [
        seen(1, client=token),
        seen(2, client=session),
        seen(3, client=bare),
        seen(4, client=token._replace(address="c")),
    ]
    visits = Visits(Log(views))
    assert visits.of(views[0]) is visits.of(views[3])
    assert len({id(visits.of(view)) for view in views}) == 3
    assert visits.of_pass(views[2]) is None


def test_a_visit_that_did_anything_else_is_not_hollow_and_without_an_agent_it_cannot_be_told() -> None:
    def hollow(*others: Request, client: Client = AGENT) -> bool | None:
        view = seen(HOUR, client=client)
        return Visits(Log([view], others)).of(view).hollow

    assert hollow() is True
    assert hollow(asked(HOUR + MINUTE)) is False
    assert hollow(asked(6 * HOUR)) is True  # that was the next visit
    assert hollow(asked(HOUR + MINUTE, status=404, person="c9")) is False
    assert hollow(client=Client(token="t")) is None
    assert hollow(asked(HOUR + MINUTE, Client(token="t"))) is True  # of whom it is not known what they are


def test_failed_requests_for_people_are_asking_for_people() -> None:
    view = seen(0)
    assert Visits(Log([view], [asked(MINUTE, person="c9", status=404)])).of(view).only_asked
    assert not Visits(Log([view], [asked(MINUTE)])).of(view).only_asked


@pytest.mark.parametrize(
    ("pages", "way"),
    [
        ([(0, "b")], "b"),
        ([(0, "b"), (0, "b")], "b, less than 1 s apart"),
        ([(0, "b"), (SECOND, "a")], "b > a, 1 s to 4 s apart"),
        ([(0, "b"), (4 * SECOND, "a")], "b > a, 4 s to 16 s apart"),
        ([(0, "b"), (4 * SECOND - 1, "a")], "b > a, 1 s to 4 s apart"),
        ([(0, "b"), (0, "a"), (60 * SECOND, "c"), (90 * SECOND, "b")], "a > b > c, 16 s to 64 s apart"),
        ([(0, None)], None),
    ],
)
def test_a_way_of_reading_is_pages_in_order_and_pace(
    pages: list[tuple[int, str | None]], way: str | None
) -> None:
    views = [seen(time, route=route, line=line) for line, (time, route) in enumerate(pages, start=1)]
    assert Visits(Log(views)).of(views[0]).way == way


def test_a_visit_begins_at_a_page_where_it_saw_one_person() -> None:
    one, two = [seen(1, route="b"), seen(2, route="a")], [seen(1, route="b"), seen(2, "c2", route="a")]
    assert Visits(Log(one)).of(one[0]).first_page == "b"
    assert Visits(Log(two)).of(two[0]).first_page is None


# Known days.


def test_a_fact_is_learnt_from_the_28_known_days_before_or_else_from_the_first_28() -> None:
    assert learnt_from(range(100, 120), 110) == list(
        range(100, 120)
    )  # hindsight: the day itself and later ones, too
    assert learnt_from(range(100, 200), 120) == list(range(100, 128))
    assert learnt_from(range(100, 200), 128) == list(range(100, 128))
    assert learnt_from(range(100, 200), 129) == list(range(101, 129))
    assert learnt_from(range(100, 300, 2), 170) == list(
        range(114, 170, 2)
    )  # known ones, not those of the calendar
    assert learnt_from([], 5) == []


def test_after_400_days_without_any_it_begins_anew() -> None:
    old, new = list(range(40)), list(range(440, 450))
    assert learnt_from([*old, *new], 439) == list(
        range(28)
    )  # 400 days after the last one, which is the only one within 400
    assert learnt_from([*old, *new], 440) == new  # 401
    assert learnt_from(old, 440) == []
    assert learnt_from([*old, 439], 441) == list(
        range(28)
    )  # of those before, one lies within 400 days: hindsight
    assert learnt_from([*old, 400, 410], 430) == list(range(28))
    assert learnt_from([*old, 400, 410], 412) == [*range(14, 40), 400, 410]


# What is usual.


def test_an_address_says_what_is_usual_where_most_do_not_bear_the_sign() -> None:
    # (1, 9) both; (5, 5) those who bear it, as many do not; (3, 4) the others are one more, and do not count; (6, 5) neither; (0, 1): neither
    usual = usual_of([[(1, 9)], [(5, 5)], [(3, 4)], [(6, 5)], [(0, 1)]])
    assert (usual.signed, usual.people) == (1 + 5 + 3, 10 + 5 + 3)


def test_days_are_judged_one_by_one_and_a_month_at_once() -> None:
    assert usual_of([[(2, 1), (0, 9)]]) == Usual(signed=0, people=9, middle=1 / 11)
    assert usual_of([[(2, 10)]]) == Usual(signed=2, people=12, middle=3 / 14)


def test_the_middle_is_that_of_people_and_not_of_addresses() -> None:
    # 100 people at a share of 1/102, and three addresses of 10 at 6/12: the 65th of 130 stands among the 100
    assert middle([(0, 100), (5, 10), (5, 10), (5, 10)]) == 1 / 102
    assert middle([(0, 10), (5, 100)]) == 6 / 102
    assert middle([]) is None


def test_shares_go_to_an_eighth_of_an_octave_and_numbers_up() -> None:
    assert eighth(0.5) == 0.5
    assert eighth(0.01) == round(2 ** (-53 / 8), 6)  # log2 is -6.644, times eight -53.15
    assert [power_of_two(each) for each in (0, 1, 2, 3, 4, 5, 1_024, 1_025)] == [
        0,
        1,
        2,
        4,
        4,
        8,
        1_024,
        2_048,
    ]
    assert [quarter_hour(each) for each in (0, 1, 15 * MINUTE, 15 * MINUTE + 1)] == [
        0,
        15 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
    ]
    assert Usual(signed=9, people=18, middle=0.01).share == eighth(0.01)
    assert Usual(signed=0, people=98, middle=0.5).share == eighth(0.01)


# Bars.


def test_nats_are_chernoffs() -> None:
    assert nats(3, 3, 0.01) == round(3 * math.log(100), 6)
    assert nats(3, 6, 0.25) == round(3 * math.log(2) + 3 * math.log(0.5 / 0.75), 6)
    assert nats(1, 4, 0.25) == 0.0
    assert nats(1, 5, 0.25) == 0.0


def test_a_month_has_so_many_windows() -> None:
    assert needed(10, 0.001, 30 * DAY) == round(math.log(10 / 0.001), 6)
    assert needed(10, 0.001, DAY) == round(math.log(10 * 30 / 0.001), 6)
    assert needed(0, 0.001, HOUR) == round(math.log(720 / 0.001), 6)
    assert needed(10, 0.0, HOUR) == 0.0


def test_a_bar_asks_for_a_share_for_times_and_for_luck() -> None:
    assert Bar(usual=0.1, least_share=0.3, least_times=0, nats=0).passed(3, 10)
    assert not Bar(usual=0.1, least_share=0.3, least_times=0, nats=0).passed(2, 10)
    assert Bar(usual=0.1, least_share=0, least_times=5, nats=0).passed(5, 10)
    assert not Bar(usual=0.1, least_share=0, least_times=5, nats=0).passed(4, 10)
    assert Bar(usual=0.5, least_share=0, least_times=0, nats=nats(9, 10, 0.5)).passed(9, 10)
    assert not Bar(usual=0.5, least_share=0, least_times=0, nats=nats(9, 10, 0.5) + 1e-6).passed(9, 10)


# Windows.


def test_a_window_holds_what_came_after_its_start_and_not_after_its_end() -> None:
    rows = [(0, "a", True), (5, "b", False), (10, "c", True), (11, "b", True), (11, "a", True)]
    assert list(windows.persons(rows, 10)) == [(0, 1, 1), (10, 1, 2), (11, 3, 3)]
    assert list(windows.persons(rows, 11)) == [(0, 1, 1), (10, 2, 3), (11, 3, 3)]
    assert list(windows.records([(0, 3), (10, 4), (10, 1), (11, 1)], 10)) == [(0, 3), (10, 5), (11, 6)]


def test_a_share_is_of_all_views_since_a_sixtieth_before_the_start() -> None:
    share = windows.share_in(
        [(time, "", time >= 600) for time in range(0, 1_300, 100)], 600
    )  # a sixtieth is 10
    assert share(1_205) == (7, 7)  # from 600 on: 605 is rounded down to it
    assert share(1_200) == (7, 7)
    assert share(1_195) == (6, 6)  # from 590 on
    assert share(1_109) == (6, 7)  # from 500 on: 509 is rounded down to it
    assert share(1_100) == (6, 7)


def test_a_list_is_full_pages_and_then_a_shorter_one() -> None:
    def found(*records: int, apart: int = MINUTE) -> list[int]:
        return [
            len(each)
            for each in windows.lists([(at * apart, number) for at, number in enumerate(records)], 3)
        ]

    assert found(50, 50, 50, 20) == [4]
    assert found(50, 50, 20) == []
    assert found(50, 50, 50, 60) == []
    assert found(50, 50, 50, 20, apart=HOUR) == [4]
    assert found(50, 50, 50, 20, apart=HOUR + 1) == []
    assert found(60, 50, 50, 50, 20, 9) == [4]


# Coverage of logins.


def logins(*hours: float, **more: object) -> Coverage:
    rows = [
        {"time": round(each * HOUR), "subject": f"c{at}", "token": f"t{at}"} for at, each in enumerate(hours)
    ]
    return Coverage(Log([], (), Context(tables={"logins": rows}, **more)))  # type: ignore[arg-type]


def test_sessions_last_as_long_as_19_of_20_views_are_old() -> None:
    views = [seen(HOUR + at * MINUTE, client=Client(token="t0")) for at in (*range(19), 600)]
    rows = [{"time": HOUR, "subject": "c1", "token": "t0"}]
    coverage = Coverage(Log(views, (), Context(tables={"logins": rows})))
    assert coverage.sessions_last(0) == 30 * MINUTE  # the 19th is 18 minutes old
    assert logins(1, sessions_last=7).sessions_last(0) == 7


def test_a_later_login_opens_a_pass_again() -> None:
    def ends(*rows: tuple[int, int | None]) -> int | None:
        tables = {
            "logins": [{"time": time, "ended": ended, "subject": "c1", "token": "t"} for time, ended in rows]
        }
        (issue,) = Coverage(Log([], (), Context(tables=tables))).issues["token", "t"]
        return issue.ends

    assert ends((0, HOUR)) == HOUR
    assert ends((0, HOUR), (2 * HOUR, None)) is None
    assert ends((0, HOUR), (HOUR, None)) == HOUR
    assert ends((0, HOUR), (2 * HOUR, 3 * HOUR)) == 3 * HOUR


@pytest.mark.parametrize(("uses", "later"), [(9, []), (10, [-10 * HOUR, -9 * HOUR])])
def test_logins_of_a_wrong_zone_are_seen_by_ten_views(uses: int, later: list[int]) -> None:
    # in force from 19 to 20 o'clock on paper, used at ten: nine or ten hours earlier they would hold
    tables = {
        "logins": [
            {"time": 19 * HOUR, "ended": 20 * HOUR, "subject": f"c{at}", "token": f"t{at}"}
            for at in range(uses)
        ]
    }
    views = [seen(10 * HOUR, f"c{at}", Client(token=f"t{at}", address=f"a{at}")) for at in range(uses)]
    assert Coverage(Log(views, (), Context(tables=tables))).logins_later(0) == later


@pytest.mark.parametrize(("people", "aside"), [(2, True), (3, False)])
def test_tickets_are_not_believed_where_the_middle_agent_lacks_more_than_a_third(
    people: int, aside: bool
) -> None:
    agents = range(3)
    views = [
        seen(DAY, f"c{agent}-{person}", Client(principal=f"a{agent}"))
        for agent in agents
        for person in range(people)
    ]
    tickets = [
        {"agent": f"a{agent}", "subject": f"c{agent}-{person}", "opened": 0}
        for agent in agents
        for person in range(people - 1)
    ]
    tables = {"staff": [{"staff": f"a{agent}"} for agent in agents], "tickets": tickets}
    assert Coverage(Log(views, (), Context(tables=tables))).tickets_aside(1) is aside


# Places and walks.


def test_places_are_ranks_among_those_known_by_the_end_of_the_day() -> None:
    views = [seen(0, "c20"), seen(0, "c3"), seen(0, "x"), seen(DAY, "c5"), seen(DAY, "d1")]
    places = places_of(Log(views, [asked(2 * DAY, person="c1", status=404)]))
    assert places.on(0) == {"c3": 1_001, "c20": 1_002}
    assert places.on(1) == {"c3": 1_001, "c5": 1_002, "c20": 1_003, "d1": 2_004}
    assert places.on(2)["c20"] == 1_004  # who was only asked for has a place, too


def walked(*rows: tuple[int, int], recent: int = 16, near: int = 4, within: int = HOUR) -> list[bool]:
    walk = Walk(recent=recent, near=near, within=within)
    return [each.step for each in steps(walk, [Row(time, place, "client") for time, place in rows])]


def test_a_step_is_near_somebody_seen_shortly_before() -> None:
    assert walked((0, 10), (1, 14), (2, 19)) == [False, True, False]
    assert walked((0, 10), (HOUR, 14)) == [False, True]
    assert walked((0, 10), (HOUR + 1, 14)) == [False, False]
    assert walked((0, 10), (1, 100), (2, 13), recent=2) == [False, False, True]
    assert walked((0, 10), (1, 100), (2, 13), recent=1) == [False, False, False]


def test_somebody_seen_again_is_new_after_a_while_and_no_step_from_themselves() -> None:
    assert walked((0, 10), (5, 10)) == [False]
    assert walked((0, 10), (HOUR, 10)) == [False, False]
    assert walked((0, 10), (HOUR - 1, 10)) == [False]
    assert walked((0, 10), (HOUR - 1, 10), (HOUR + 1, 10)) == [False]  # they were never gone for an hour


def test_a_stride_of_three_makes_two_steps() -> None:
    assert walked((0, 100), (1, 200), (2, 300)) == [False, True, True]
    assert walked((0, 100), (1, 200), (2, 301)) == [False, False, False]
    assert walked((0, 100), (1, 200), (2 * HOUR, 300)) == [False, True, True]
    assert walked((0, 100), (1, 200), (2 * HOUR + 1, 300)) == [False, False, False]


def test_chains_are_rows_that_hang_together() -> None:
    walk = Walk(recent=16, near=4, within=HOUR)
    found = steps(walk, [Row(at, place, "c", at) for at, place in enumerate((10, 100, 12, 103, 500, 14))])
    assert chains(found) == [0, 1, 0, 1, 4, 0]


def test_a_step_by_accident_is_as_likely_as_there_are_places_beside_those_before() -> None:
    assert Walk(recent=16, near=4, within=HOUR).chance(12_800) == 0.01
    assert Walk(recent=16, near=4, within=HOUR).chance(5) == 1.0
