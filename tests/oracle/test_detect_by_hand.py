"""Bars of clauses in worlds small enough to be worked out by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from tests.oracle.baseline import eighth
from tests.oracle.detect import Clause, Flag, Oracle, _walkers
from tests.oracle.ranks import Row, Step, Walk
from tests.oracle.rows import DAY, HOUR, Client, Context, Log, View
from tests.oracle.tell import _honest_places
from tests.oracle.test_items import EXPLANATIONS
from tests.oracle.test_signs_by_hand import ASKED, busy, customers

FILE = b"one"
WEEK = 7 * DAY


def view(
    time: int, person: str | None, line: int, client: Client, route: str = "page", extra: int | None = None
) -> View:
    return View(time=time, file=FILE, line=line, client=client, person=person, route=route, extra=extra)


def detector(kind: str, clause: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "made",
        "kind": kind,
        "needs": [],
        "explanations": [],
        "clause": [{"id": "c", "counts": "any", **clause}],
        **more,
    }


def raised(item: dict[str, Any], views: Iterable[View], context: Context | None = None) -> list[int]:
    return [flag.raised for flag in Oracle(Log(views, (), context), EXPLANATIONS).flags(item)]


# Pages.


@pytest.mark.parametrize(("networks", "flagged"), [(4, False), (5, True)])
def test_of_five_networks_one_may_go_its_own_way(networks: int, flagged: bool) -> None:
    # half of the people of each honest network begin at one page, half at the other: at the middle one 1 of 2 does, twice that is all.
    # With the thief's 14th person that is 14 ln 2 = 9.70 nats, where ln(9 pairs x 1,000) = 9.10 are needed
    views = []
    for network in range(networks):
        for person in range(20):
            client = Client(address=f"a{network}-{person}", network=f"n{network}", agent="app")
            page = "one" if network == 0 or person % 2 else "other"
            views.append(view(HOUR + person, f"c{network}-{person}", network, client, page))
    clause = {
        "group_by": ["network"],
        "persons": {"30d": 10},
        "chance": "1 in 1000",
        "least_percent": 90,
        "least_times": 2,
    }
    assert raised(detector("way", clause), views) == ([HOUR + 13] if flagged else [])


def hours(*people_in: tuple[int, int]) -> list[View]:
    """So many people on the page in that hour, each by the same client."""
    return [
        view(hour * HOUR + each, f"c{hour}-{each}", each, Client(address="a"))
        for hour, people in people_in
        for each in range(people)
    ]


SURGE = {"group_by": ["address"], "persons": {"1h": 3}, "least_times": 2}


def test_a_season_is_four_weeks_long_and_three_hours_wide() -> None:
    weeks = [(168 * week, 1) for week in (2, 3, 4, 5)]
    now = (168 * 6, 4)
    item = detector("surge", SURGE)
    assert raised(item, hours(*weeks, now)) == [168 * 6 * HOUR + 2]  # the third of four people
    assert raised(item, hours((168, 10), *weeks, now)) == [168 * 6 * HOUR + 2]  # five weeks ago
    assert (
        raised(item, hours((168 * 2 + 1, 3), *weeks, now)) == []
    )  # three people in the hour beside it: six are needed
    assert raised(item, hours((168 * 2 + 2, 3), *weeks, now)) != []
    assert raised(item, hours((168 * 5, 1), now)) == []  # one week says nothing of the season


# Fixed bars.


def test_a_planted_person_counts_from_the_instant_they_were_planted() -> None:
    context = Context(tables={"canaries": [{"person": "bait", "since": HOUR}]})
    item = detector("canary", {"group_by": ["address"], "canaries": 1}, needs=["canaries"])
    for time, found in ((HOUR, [HOUR]), (HOUR - 1, [])):
        assert raised(item, [view(time, "bait", 1, Client(address="a"))], context) == found


def test_a_list_without_a_bound_is_one_record_at_least() -> None:
    item = detector("records", {"group_by": ["address"], "records": {"1d": 3}})
    views = [
        view(at, None, at, Client(address="a"), extra=extra) for at, extra in ((1, None), (2, None), (3, 1))
    ]
    assert raised(item, views) == [3]
    assert raised(item, views[:2]) == []


def test_two_clients_of_one_agent_are_one_entity_and_one_that_has_what_it_must_lack_is_none() -> None:
    item = detector("persons", {"group_by": ["agent"], "lacks": ["principal"], "persons": {"1h": 2}})
    one, other = Client(address="a", agent="app"), Client(address="b", agent="app")
    assert raised(item, [view(1, "c1", 1, one), view(2, "c2", 2, other)]) == [2]
    assert raised(item, [view(1, "c1", 1, one), view(2, "c2", 2, other._replace(principal="p"))]) == []
    matching = detector("persons", {"group_by": ["agent"], "agent_matches": "^ap", "persons": {"1h": 2}})
    assert raised(matching, [view(1, "c1", 1, one), view(2, "c2", 2, other)]) == [2]
    matching["clause"][0]["agent_matches"] = "^pp"
    assert raised(matching, [view(1, "c1", 1, one), view(2, "c2", 2, other)]) == []


# Bars by luck.


def bar_of(clause: dict[str, Any], length: int) -> Any:
    """Of the shop of `test_people_at_an_address_count_by_day_and_by_month`, as of day 5."""
    honest = [*customers("shop", range(10)), *customers("shop", range(5, 12), day=1)]
    thief = [*customers("shop", range(20, 22)), *customers("shop", range(20, 21), day=1)]
    oracle = Oracle(Log([*honest, *thief], busy(honest)), EXPLANATIONS)
    read = Clause.of(
        {"id": "c", "group_by": ["address"], "counts": "any", "persons": {"30d": 1, "1d": 1}, **clause}
    )
    return oracle._bar(read, ASKED, {("shop",): range(len(oracle.log.views))}, ("shop",), length, 5)


def test_a_window_of_a_day_has_the_baseline_of_a_day_and_one_of_a_month_that_of_the_month() -> None:
    # day: 3 of 20, 4/22 = 2 ** (-19.7 / 8); month: 2 of 14, 3/16 = 2 ** (-19.3 / 8)
    assert bar_of({"chance": "1 in 1000"}, DAY).usual == eighth(4 / 22) == round(2 ** (-20 / 8), 6)
    assert bar_of({"chance": "1 in 1000"}, 30 * DAY).usual == eighth(3 / 16) == round(2 ** (-19 / 8), 6)
    assert bar_of({}, DAY).usual == 0.5  # it asks nothing of what is usual


def test_where_no_day_shows_what_is_usual_of_a_day_it_is_no_less_than_of_the_month() -> None:
    """Five strangers come through one flat, each on a day of their own; who bears it on a day bears it in the month."""
    alone = [each for day in range(5) for each in customers("flat", [day], day=day)]
    oracle = Oracle(Log(alone, busy(alone)), EXPLANATIONS)
    assert [oracle.usual(ASKED, of_month=each, day=5).people for each in (False, True)] == [0, 5]
    read = Clause.of(
        {"id": "c", "group_by": ["address"], "counts": "any", "persons": {"1d": 1}, "chance": "1 in 1000"}
    )
    bar = oracle._bar(read, ASKED, {("flat",): range(5)}, ("flat",), DAY, 5)
    assert bar is not None
    assert bar.usual == eighth(1 / 7)


def test_nobody_among_so_many_is_asked_of_the_month() -> None:
    assert bar_of({"never_among": 14}, 30 * DAY) is None  # two of them bear it
    quiet = customers("shop", range(12))
    oracle = Oracle(Log(quiet, busy(quiet)), EXPLANATIONS)
    for least, known in ((12, True), (13, False)):
        read = Clause.of(
            {"id": "c", "group_by": ["address"], "counts": "any", "persons": {"30d": 1}, "never_among": least}
        )
        assert (oracle._bar(read, ASKED, {}, ("shop",), 30 * DAY, 5) is not None) == known


def test_who_bears_the_sign_on_any_day_is_not_among_the_others_of_the_month() -> None:
    honest = [
        *customers("shop", range(10)),
        *customers("shop", [20], day=1),
        *customers("shop", range(10), day=1),
    ]
    oracle = Oracle(Log([*honest, *customers("shop", [20])], busy(honest)), EXPLANATIONS)
    usual = oracle.usual(ASKED, of_month=True, day=5)
    assert (usual.signed, usual.people) == (1, 11)


def test_unexplained_views_without_the_sign_say_nothing_of_what_is_usual() -> None:
    own = [view(HOUR + at, f"c{at}", at, Client(address="shop", token=f"t{at}")) for at in range(5)]
    others = [
        view(HOUR + 9 + at, f"d{at}", 9 + at, Client(address="shop", token=f"t{at}", agent="x"))
        for at in range(3)
    ]
    context = Context(
        tables={"logins": [{"time": 0, "subject": f"c{at}", "token": f"t{at}"} for at in range(5)]}
    )
    oracle = Oracle(Log([*own, *others], (), context), EXPLANATIONS)
    assert [each.bears for each in oracle.told("never-issued", 0)] == [False] * 8
    assert oracle.usual(("never-issued", 0, ("own-session",)), of_month=False, day=0).people == 5


def at_a_shop(signed: int, others: int) -> Oracle:
    """People who open one page, and others who do something else beside it, none of them with a token."""
    views = [
        view(HOUR + at, f"c{at}", at, Client(address="shop", agent=f"app-{at}"))
        for at in range(signed + others)
    ]
    return Oracle(Log(views, busy(views[signed:])), EXPLANATIONS)


NOTHING_ELSE = ("nothing-else", 0, ())


def test_of_a_way_of_reading_is_usual_what_is_usual_of_its_like() -> None:
    assert at_a_shop(2, 4)._share_alike(NOTHING_ELSE, ("page",), 0) == eighth(3 / 8)
    assert at_a_shop(3, 2)._share_alike(NOTHING_ELSE, ("page",), 0) is None  # fewer do otherwise
    assert at_a_shop(1, 1)._share_alike(NOTHING_ELSE, ("page",), 0) is None  # two people
    assert at_a_shop(1, 2)._share_alike(NOTHING_ELSE, ("page",), 0) == eighth(2 / 5)
    assert at_a_shop(2, 2)._share_alike(NOTHING_ELSE, ("other",), 0) is None
    read = Clause.of({
        "id": "c", "group_by": ["manner"], "counts": "any", "persons": {"1d": 1}, "chance": "1 in 1000",
    })  # fmt: skip
    shop = at_a_shop(2, 4)
    bar = shop._bar(read, NOTHING_ELSE, {("page",): range(6)}, ("page",), DAY, 0)
    assert bar is not None
    assert bar.usual == eighth(3 / 8)
    # of all it is less: at another address nobody bears the sign, who reads in another way
    there = [
        view(HOUR + at, f"d{at}", 100 + at, Client(address="flat", agent=f"app-{at}"), "other")
        for at in range(20)
    ]
    mixed = Oracle(Log([*shop.log.views, *there], [*shop.log.others, *busy(there)]), EXPLANATIONS)
    assert mixed.usual(NOTHING_ELSE, of_month=False, day=0).share == eighth(1 / 22)  # that of the middle one
    other = mixed._bar(read, NOTHING_ELSE, {("page",): range(6)}, ("page",), DAY, 0)
    assert other is not None
    assert other.usual == eighth(3 / 8)


def office() -> Oracle:
    """Kim and Ann share an office, Lee sits elsewhere alone. Ann met the first of Kim's people again, beside something else, and one whom
    nobody names."""
    met = [
        *(("kim", "office", f"c{at}") for at in range(10)),
        *(("ann", "office", f"c{at}") for at in (0, *range(10, 20))),
        *(("lee", "elsewhere", f"c{at}") for at in (20, 21)),
        ("ann", "office", None),
    ]
    views = [
        view(HOUR + at, who, at, Client(address=address, agent=f"app-{at}", principal=principal))
        for at, (principal, address, who) in enumerate(met)
    ]
    quiet = {0, 1, 2, 21, len(met) - 1}  # views of nothing else
    return Oracle(Log(views, busy([each for at, each in enumerate(views) if at not in quiet])), EXPLANATIONS)


def test_one_of_few_colleagues_is_held_against_the_people_of_the_others() -> None:
    # each time the middle one of the people is at the office. Without Kim: nobody of Ann's 11; without Ann: 3 of Kim's 10
    assert office()._share_of_colleagues(NOTHING_ELSE, ("kim",), 0) == eighth(1 / 13)
    assert office()._share_of_colleagues(NOTHING_ELSE, ("ann",), 0) == eighth(4 / 12)
    # without Lee: 3 of 20, for the first was seen by both
    assert office()._share_of_colleagues(NOTHING_ELSE, ("lee",), 0) == eighth(4 / 22)
    read = Clause.of({
        "id": "c", "group_by": ["principal"], "counts": "any", "persons": {"30d": 1}, "chance": "1 in 1000",
    })  # fmt: skip
    shop = office()
    assert shop.usual(NOTHING_ELSE, of_month=True, day=0).share > eighth(1 / 13)
    bar = shop._bar(read, NOTHING_ELSE, {("kim",): range(10)}, ("kim",), 30 * DAY, 0)
    assert bar is not None
    assert bar.usual == eighth(1 / 13)


# Walks.


def walking(*people: int, known: int, near: int) -> list[int]:
    """When an address is flagged that sees these people minute by minute, where so many are known: three steps within thirty days, and no
    fewer than are usual or come by accident."""
    views = [view(each, f"c{each:04}", each, Client(address=f"own-{each}")) for each in range(known)]
    views += [
        view(HOUR + at * 60_000_000, f"c{each:04}", known + at, Client(address="thief"))
        for at, each in enumerate(people)
    ]
    clause = {
        "group_by": ["address"], "persons": {"30d": 3}, "least_times": 1, "members": "all",
        "walk": {"recent": 1, "near": near, "within": "1h"},
    }  # fmt: skip
    return raised(detector("walk", clause), views)


def test_a_walk_needs_more_steps_than_accident_gives_and_than_are_usual() -> None:
    apart = (5, 20, 11, 28, 2, 14)
    # nothing is known of what is usual, so it is 1 of 2; by accident 2 x 1 of 32
    assert walking(*range(4), known=32, near=1) == [HOUR + 3 * 60_000_000]
    assert walking(*apart, 16, 17, 18, 19, known=32, near=1) == []  # 3 of 10
    assert walking(*range(4), known=32, near=16) == []  # any of 32 is near another


def test_whoever_stands_in_no_long_chain_walks_not() -> None:
    rows = [Row(at, at, client, at) for at, client in enumerate("aabbbc")]
    steps = [
        Step(row, step=before is not None, before=None if before is None else rows[before])
        for row, before in zip(rows, [None, 0, 1, None, None, None], strict=True)
    ]
    assert _walkers(Walk(recent=1, near=1, within=1, chain=3), steps) == {"a", "b"}
    assert _walkers(Walk(recent=1, near=1, within=1, chain=3, chained_share=0.5), steps) == {"a"}
    assert _walkers(Walk(recent=1, near=1, within=1, chain=3, chained_share=1 / 3), steps) == {"a", "b"}
    assert _walkers(Walk(recent=1, near=1, within=1, chain=4), steps) == set()


# What a flag counts.


@pytest.mark.parametrize(("forged", "honest"), [(1, True), (2, False)])
def test_an_address_is_somebodys_where_as_many_people_are_explained_as_bear_the_sign(
    forged: int, honest: bool
) -> None:
    own = view(40 * DAY, "c0", 0, Client(address="home", token="t0"))
    lost = [
        view(40 * DAY + 1 + at, f"d{at}", 1 + at, Client(address="home", token=f"lost{at}"))
        for at in range(forged)
    ]
    context = Context(tables={"logins": [{"time": 0, "subject": "c0", "token": "t0"}]})
    oracle = Oracle(Log([own, *lost], (), context), EXPLANATIONS)
    item = detector("sign", {}, explanations=["own-session"])
    bears = [False, *([True] * forged)]
    for raised_on, found in ((40, honest), (70, honest), (71, False), (39, False)):
        flag = Flag(detector="made", clause="c", group_by=("network",), entity=("n",), raised=raised_on * DAY)
        assert (_honest_places(oracle, item, flag, bears) == {"home"}) is found
