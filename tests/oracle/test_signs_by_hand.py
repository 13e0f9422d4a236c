"""What the page of the design changes of signs and baselines, in worlds small enough to be worked out by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

import pytest
from tests.oracle.detect import Oracle
from tests.oracle.rows import DAY, HOUR, SECOND, Client, Context, Log, Request, View
from tests.oracle.signs import Told
from tests.oracle.test_items import EXPLANATIONS

MINUTE = 60 * SECOND
FILE = b"one"
PHONE = Client(address="a", network="home", agent="phone", token="t")
LAPTOP = Client(address="b", network="away", agent="laptop", token="t")


def view(time: int, person: str | None = "c1", client: Client = PHONE, route: str = "page") -> View:
    return View(time=time, file=FILE, line=time, client=client, person=person, route=route)


def asked(time: int, client: Client, person: str | None = None, status: int | None = 200) -> Request:
    return Request(time=time, file=FILE, line=-1 - time, client=client, person=person, status=status)


def told(
    sign: str,
    views: Sequence[View],
    others: Iterable[Request] = (),
    tables: dict[str, list[dict[str, object]]] | None = None,
) -> list[Told]:
    return Oracle(Log(views, others, Context(tables=tables or {})), EXPLANATIONS).told(sign, 0)


def bears(sign: str, views: Sequence[View], others: Iterable[Request] = ()) -> bool | None:
    """Of the first view."""
    return told(sign, views, others)[0].bears


# Two devices.


@pytest.mark.parametrize(("apart", "second"), [(0, True), (30, True), (31, False), (60, False)])
def test_two_devices_of_one_pass_are_compared_within_thirty_days(apart: int, second: bool) -> None:
    thief = view(apart * DAY + HOUR, client=LAPTOP)
    assert told("second-device", [view(0), thief])[1].bears is second


def test_the_second_device_is_known_when_it_is_there() -> None:
    # the phone did nothing but read, on the first day; five days later the laptop did the rest of a visit
    later = 5 * DAY + HOUR
    found = told("second-device", [view(HOUR)], [asked(later, LAPTOP)])
    assert found == [Told(bears=True, known=later)]
    assert told("second-device", [view(HOUR)], [asked(40 * DAY, LAPTOP)]) == [Told(bears=False, known=HOUR)]


def test_it_is_known_when_both_another_agent_and_another_network_were_there() -> None:
    tablet = PHONE._replace(agent="tablet")  # another agent at two o'clock, another network at three
    found = told("second-device", [view(HOUR), view(2 * HOUR, client=tablet)], [asked(3 * HOUR, LAPTOP)])
    assert found[0] == Told(bears=True, known=3 * HOUR)


def test_what_a_known_device_does_later_tells_nothing_new() -> None:
    # both devices read on the first day, the phone first; that the laptop did the rest of a visit comes later, and no device with it
    both = [view(HOUR), view(2 * HOUR, client=LAPTOP)]
    assert [each.bears for each in told("second-device", both, [asked(5 * DAY, LAPTOP)])] == [False, True]
    tablet = Client(address="c", network="train", agent="tablet", token="t")
    found = told("second-device", both, [asked(5 * DAY, LAPTOP), asked(5 * DAY + 9, tablet)])
    assert found[0] == Told(bears=True, known=5 * DAY + 9)


def test_a_pass_with_one_agent_or_one_network_is_in_one_hand() -> None:
    for other in (LAPTOP._replace(network="home"), LAPTOP._replace(agent="phone")):
        assert told("second-device", [view(0), view(1, client=other)])[1].bears is False


def test_the_network_from_which_a_pass_was_issued_is_its_own() -> None:
    tables: dict[str, list[dict[str, object]]] = {
        "logins": [{"time": 0, "subject": "c1", "token": "t", "address": "b"}]
    }
    found = told("second-device", [view(0), view(1, client=LAPTOP)], (), tables)
    assert [each.bears for each in found] == [True, False]


def test_a_device_that_shares_the_agent_or_the_network_of_the_first_view_is_not_the_second() -> None:
    tablet, clone = PHONE._replace(agent="tablet"), PHONE._replace(network="train")
    found = told(
        "second-device", [view(0), view(1, client=LAPTOP), view(2, client=tablet), view(3, client=clone)]
    )
    assert [each.bears for each in found] == [False, True, False, False]


# Visits.


@pytest.mark.parametrize(("views", "sign"), [(10, True), (11, None)])
def test_who_did_nothing_else_did_not_come_often_that_week(views: int, sign: bool | None) -> None:
    for apart in (1, 12 * HOUR):  # in one visit, and in as many
        assert told("nothing-else", [view(at * apart, f"c{at}") for at in range(views)])[-1].bears is sign
    week = [view(at, f"c{at}") for at in range(views)]
    assert told("nothing-else", [*week, view(8 * DAY, "c0")])[-1].bears is True
    assert told("nothing-else", [*week, view(7 * DAY, "c0")])[-1].bears is None


# Numbers nobody has.


def guesses(address: str, count: int, at: int) -> list[Request]:
    return [
        asked(at + each, PHONE._replace(address=address, token=None), f"nobody-{each}", 404)
        for each in range(count)
    ]


def test_one_guess_for_four_people_in_three_hours() -> None:
    people = [view(10 * HOUR + each, f"c{each}", PHONE._replace(token=None)) for each in range(5)]
    assert bears("guessed", people, guesses("a", 2, 9 * HOUR)) is True
    assert bears("guessed", people, guesses("a", 1, 9 * HOUR)) is False  # of five people
    assert bears("guessed", people, guesses("a", 2, 9 * HOUR - 2)) is False  # the hours of the clock
    assert bears("guessed", people, guesses("b", 2, 9 * HOUR)) is False
    assert told("guessed", people[:1], guesses("a", 1, 11 * HOUR))[0] == Told(bears=True, known=11 * HOUR)


def test_a_page_that_is_gone_is_missed_and_one_that_is_forbidden_is_not() -> None:
    client = PHONE._replace(token=None)
    for status, sign in ((404, True), (410, True), (403, False)):
        assert bears("guessed", [view(0, client=client)], [asked(1, client, "nobody", status)]) is sign


def test_who_was_seen_the_day_after_hindsight_ended_was_not_nobody() -> None:
    client = PHONE._replace(token=None)
    past = [view(day * DAY, "old", Client(address="x")) for day in range(27)]
    person, later = (
        view(27 * DAY + HOUR, "c1", client),
        view(28 * DAY + HOUR, "nobody-0", Client(address="y")),
    )
    assert told("guessed", [*past, person, later], guesses("a", 1, 27 * DAY + 2 * HOUR))[27].bears is False


def test_nobody_is_who_was_not_seen_by_the_end_of_the_next_day() -> None:
    """After the first 28 days on which anybody was seen; until then, who was not seen in them."""
    past = [view(day * DAY, "old", Client(address="x")) for day in range(28)]
    person, after = view(40 * DAY + HOUR, "c1", PHONE._replace(token=None)), Client(address="y")
    for seen, sign in ((42 * DAY - 1, False), (42 * DAY, True)):
        later = view(seen, "nobody-0", after)
        assert told("guessed", [*past, person, later], guesses("a", 1, 40 * DAY))[28].bears is sign
    person = view(HOUR, "c1", PHONE._replace(token=None))
    for seen, sign in ((27 * DAY, False), (30 * DAY, True)):
        later = view(seen, "nobody-0", after)
        assert told("guessed", [person, *past[1:], later], guesses("a", 1, 2 * MINUTE))[0].bears is sign


@pytest.mark.parametrize(("hours", "sign"), [(-9, True), (-10, False), (8, True), (9, False)])
def test_many_guess_in_the_nine_hours_before_and_the_eight_after(hours: int, sign: bool) -> None:
    client = PHONE._replace(token=None)
    missed = asked((30 + hours) * HOUR + 59 * MINUTE, client._replace(address="b"), "nobody", 404)
    assert bears("guessed-by-many", [view(30 * HOUR + MINUTE, client=client)], [missed]) is sign


def test_a_midnight_between_guess_and_view_is_no_matter() -> None:
    for shift in range(24):
        at = DAY + shift * HOUR
        views = [
            view(at + each * MINUTE, f"c{each}", PHONE._replace(token=None, address=f"a{each}"))
            for each in range(20)
        ]
        missed = guesses("m", 2, at - 2 * MINUTE)
        assert [each.bears for each in told("guessed-by-many", views, missed)] == [True] * 20
        assert all(each.bears for each in told("guessed-anywhere", views[:2], missed))


def test_who_did_something_else_in_that_visit_did_not_only_ask_for_people() -> None:
    client = PHONE._replace(token=None)
    missed = guesses("a", 1, HOUR)
    assert bears("guessed-anywhere", [view(HOUR, client=client)], missed) is True
    assert bears("guessed-anywhere", [view(HOUR, client=client)], [*missed, asked(HOUR, client)]) is False
    assert bears("guessed-anywhere", [view(HOUR, client=client)], [*missed, asked(6 * HOUR, client)]) is True


# Failures.


def failed(count: int, at: int) -> list[Request]:
    return [asked(at + each, PHONE._replace(token=None), None, 401) for each in range(count)]


def test_more_failures_than_people_in_three_hours_and_as_many_in_the_24_before() -> None:
    view_at = 30 * HOUR
    assert bears("among-failures", [view(view_at)], failed(2, view_at)) is True
    assert bears("among-failures", [view(view_at)], failed(1, view_at)) is False
    assert (
        bears("among-as-many-failures", [view(view_at), view(view_at + 1, "c2")], failed(2, view_at)) is True
    )
    assert bears("among-as-many-failures", [view(view_at)], failed(1, view_at)) is False
    late = told("among-as-many-failures", [view(view_at)], failed(2, view_at + MINUTE))
    assert late == [Told(bears=True, known=view_at + MINUTE + 1)]  # the second of two
    crowd = [
        view(7 * HOUR + each, f"m{each}") for each in range(3)
    ]  # in the 24 hours up to the end of hour 30
    assert told("among-failures", [*crowd, view(view_at)], failed(2, view_at))[3].bears is False
    assert (
        told("among-failures", [*crowd, view(view_at)], [*failed(2, 8 * HOUR), *failed(2, view_at)])[3].bears
        is True
    )
    earlier = [view(7 * HOUR - 9 + each, f"m{each}") for each in range(3)]
    assert told("among-failures", [*earlier, view(view_at)], failed(2, view_at))[3].bears is True


# Tables.


@pytest.mark.parametrize(("people", "sign"), [(8, True), (9, False)])
def test_a_home_of_nine_is_a_building(people: int, sign: bool) -> None:
    subjects = [{"subject": f"c{at}", "home": "here", "family": f"f{at}"} for at in range(people)]
    tables: dict[str, list[dict[str, object]]] = {
        "subjects": [*subjects],
        "staff": [{"staff": "anna", "subject": "c0"}],
    }
    assert told("relative", [view(0, "c1", Client(principal="anna"))], (), tables)[0].bears is sign


def test_a_job_of_the_next_day_may_be_some_minutes_early() -> None:
    tuesday = {
        "principal": "nightly",
        "address": "cron",
        "runs_from": 0,
        "runs_until": 120,
        "days": 0b0000010,
    }
    client = Client(principal="nightly", address="cron")
    midnight = 4 * DAY + DAY  # 1970-01-06, a Tuesday
    for time, answer in (
        (midnight - 5 * MINUTE, 1),
        (midnight - 5 * MINUTE - 1, 2),
        (midnight + 125 * MINUTE, 2),
    ):
        log = Log([view(time, "c1", client)], (), Context(tables={"services": [tuesday]}))
        assert Oracle(log, EXPLANATIONS).answers(["service-job"]) == [answer]


# Baselines.


def customers(address: str, people: Iterable[int], *, day: int = 0, forged: Iterable[int] = ()) -> list[View]:
    """Each with a token of their own; hollow are those whose visit is nothing but the view (see `busy`)."""
    return [
        view(day * DAY + HOUR + each, f"c{each}", PHONE._replace(address=address, token=f"t{each}-{day}"))
        for each in people
    ]


def busy(views: Iterable[View]) -> list[Request]:
    return [asked(each.time + 1, each.client) for each in views]


ASKED = ("hollow", 0, ())


def test_people_at_an_address_count_by_day_and_by_month() -> None:
    honest = [*customers("shop", range(10)), *customers("shop", range(5, 12), day=1)]
    thief = [*customers("shop", range(20, 22)), *customers("shop", range(20, 21), day=1)]
    oracle = Oracle(Log([*honest, *thief], busy(honest)), EXPLANATIONS)
    day, month = (oracle.usual(ASKED, of_month=each, day=5) for each in (False, True))
    assert (day.signed, day.people) == (2 + 1, 12 + 8)
    assert (month.signed, month.people) == (2, 2 + 12)
    assert day.middle == 4 / 22
    assert month.middle == 3 / 16


def test_whoever_one_token_read_counts_once_and_two_groups_are_no_busy_address() -> None:
    honest = customers("shop", range(10))
    many = [
        view(HOUR + 100 + each, f"m{each}", PHONE._replace(address="shop", token="one")) for each in range(50)
    ]
    few = customers("home", range(50, 52))
    log = Log([*honest, *many, *few], busy([*honest, *few]))
    for sample, people in ((1, 13), (0, 11)):
        usual = Oracle(log, EXPLANATIONS, sample).usual(ASKED, of_month=False, day=0)
        assert (usual.signed, usual.people) == (1, people)
    three = customers("home", range(50, 53))
    oracle = Oracle(Log([*honest, *three], busy([*honest, *three])), EXPLANATIONS, 0)
    assert oracle.usual(ASKED, of_month=False, day=0).people == 13


def test_of_addresses_that_are_not_busy_those_with_the_smallest_digests_say_what_is_usual() -> None:
    flats = sorted(
        (f"flat-{each}" for each in range(3)), key=lambda each: sha256(f"address:{each}".encode()).digest()
    )
    homes = [customers(flat, range(10 * at, 10 * at + 2)) for at, flat in enumerate(flats)]
    # in the first both do something else beside, in the second and the third one of two does
    log = Log([each for home in homes for each in home], busy([*homes[0], homes[1][0], homes[2][0]]))
    for sample, told in ((0, (0, 0)), (1, (0, 2)), (2, (1, 3)), (3, (2, 4))):
        usual = Oracle(log, EXPLANATIONS, sample).usual(ASKED, of_month=False, day=0)
        assert (usual.signed, usual.people) == told


def test_without_a_token_each_person_is_one_group() -> None:
    honest = [view(HOUR + each, f"c{each}", Client(address="shop", agent="phone")) for each in range(5)]
    oracle = Oracle(Log(honest, busy(honest)), EXPLANATIONS)
    usual = oracle.usual(("nothing-else", 0, ()), of_month=False, day=0)
    assert (usual.signed, usual.people) == (0, 5)


# Shifted, reordered, cut.


def test_no_order_of_rows_and_no_cut_into_files_moves_a_flag() -> None:
    import random
    from dataclasses import replace

    from tests.oracle.cases import case_log
    from tests.oracle.test_items import DETECTORS

    for name in (
        "hollow-session",
        "session-in-two-hands",
        "numbers-nobody-has",
        "passwords-tried",
        "one-manner",
    ):
        detector = DETECTORS[name]
        for case in detector["case"][:6]:
            log = case_log(case)
            flags = Oracle(log, EXPLANATIONS).flags(detector)
            chance = random.Random(len(log.views))
            views = [replace(each, file=bytes([chance.randrange(3)])) for each in log.views]
            others = [replace(each, file=bytes([chance.randrange(3)])) for each in log.others]
            chance.shuffle(views)
            chance.shuffle(others)
            assert Oracle(Log(views, others, log.context), EXPLANATIONS).flags(detector) == flags


def test_a_breach_shifted_by_hours_is_the_same_breach() -> None:
    """Of the kinds that once asked for UTC days or slots of hours; what is learnt by day may differ, so all of it lies in hindsight."""
    from dataclasses import replace

    from tests.oracle.cases import case_log
    from tests.oracle.test_items import DETECTORS

    for name, title in (
        ("numbers-nobody-has", "manner: "),
        ("passwords-tried", "address: "),
        ("one-manner", ""),
    ):
        detector = DETECTORS[name]
        case = next(
            each
            for each in detector["case"]
            if each["title"].startswith(title) and each["expect"] == "finding"
        )
        log = case_log(case)
        raised = {flag.raised for flag in Oracle(log, EXPLANATIONS).flags(detector)}
        assert raised
        for hours in range(0, 24, 3):
            by = hours * HOUR
            views = [replace(each, time=each.time + by) for each in log.views]
            others = [replace(each, time=each.time + by) for each in log.others]
            again = Oracle(Log(views, others, log.context), EXPLANATIONS).flags(detector)
            assert {flag.raised - by for flag in again} == raised, (name, hours)
