"""Machines, partners and jobs: what comes at which time, and what it may see."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from whosaw.replay.actors import Jobs, Machines, Partners, honest_actors
from whosaw.replay.items import load_shop
from whosaw.replay.people import People, make_people
from whosaw.replay.setting import DAY_MS, HOUR_MS, MINUTE_MS, Setting, make_setting
from whosaw.replay.traffic import HONEST, NOBODY, Traffic, staff_index

SHOP = load_shop()


@pytest.fixture(scope="module")
def setting() -> Setting:
    return make_setting(SHOP, None, 1, 1.0)


@pytest.fixture(scope="module")
def people(setting: Setting) -> People:
    return make_people(setting)


def hours_of(setting: Setting, part: Traffic, day: int) -> set[int]:
    return set(((part.time - setting.calendar.day_start(day)) // HOUR_MS).tolist())


def test_machines_claim_nobody_and_read_nothing_personal(setting: Setting) -> None:
    day = Machines(setting).day(4)
    for part in day.traffic:
        assert (part.principal == NOBODY).all()
        assert (part.token == 0).all()
        assert not any(SHOP.page[at].categories for at in set(part.page.tolist()))
    assert sum(len(part) for part in day.traffic) == 140 + 70 + 288 + 30


def test_the_monitor_asks_every_five_minutes_at_any_scale() -> None:
    small = make_setting(SHOP, None, 1, 0.01)
    part = next(part for part in Machines(small).day(0).traffic if part.page[0] == SHOP.page_at("health"))
    assert len(part) == 288
    assert np.diff(part.time).tolist() == [5 * MINUTE_MS] * 287
    assert part.time[0] == small.calendar.start


def test_crawlers_read_what_is_on_sale_and_sometimes_what_no_longer_is(setting: Setting) -> None:
    parts = [part for day in range(20) for part in Machines(setting).day(day).traffic[:2]]
    crawled = Traffic.joined(parts)
    assert set(crawled.page.tolist()) == {SHOP.page_at("product")}
    assert crawled.number.min() >= 1
    assert crawled.number.max() <= 6000
    assert (crawled.status == 404).mean() == pytest.approx(0.03, abs=0.01)


def test_payments_are_posted_from_the_network_of_the_provider(setting: Setting) -> None:
    part = next(p for p in Machines(setting).day(1).traffic if p.page[0] == SHOP.page_at("payment-callback"))
    assert len(part) == 30
    base = (192 << 24) + (2 << 8) + 96
    assert set(part.address.tolist()) <= {base + 1, base + 2, base + 3}


def test_partners_page_through_the_list_and_go_on_where_they_ended(setting: Setting, people: People) -> None:
    partners = Partners(setting, people)
    of_day = {
        setting.claimants.texts[staff_index(int(part.principal[0]))]: [] for part in partners.day(0).traffic
    }
    for day in range(3):
        for part in partners.day(day).traffic:
            of_day[setting.claimants.texts[staff_index(int(part.principal[0]))]].append(part)
    assert [len(runs) for runs in of_day.values()] == [6, 3]
    parcel = of_day["partner-parcel"]
    assert [part.number.tolist() for part in parcel[:2]] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert all(len(people.members_of_list(int(page), 100)) == 100 for part in parcel for page in part.number)
    assert [hours_of(setting, part, 0) for part in parcel[:2]] == [{6}, {14}]
    assert {setting.keys.texts[int(part.key[0])] for part in parcel} == {"pk-parcel"}
    assert all((part.token == 0).all() for part in parcel)


def test_partners_come_only_while_their_contracts_last(setting: Setting, people: People) -> None:
    partners = Partners(setting, people)
    last = (date(2025, 3, 31) - date(2025, 3, 3)).days
    assert [len(partners.day(day).traffic) for day in (last, last + 1)] == [3, 2]


def test_a_partner_begins_again_at_the_end_of_the_list() -> None:
    shop = load_shop({"partner.partner-parcel.share": 0.75, "span.days": 2})
    setting = make_setting(shop, None, 1, 0.02)
    people = make_people(setting)
    runs = [part.number.tolist() for part in Partners(setting, people).day(0).traffic[:2]]
    assert runs == [[0, 1, 2], [3, 0, 1]]  # 400 members are 4 pages, 3 of them in a run


def test_the_nightly_job_covers_every_number_once_and_in_ranges(setting: Setting, people: People) -> None:
    nightly, _ = Jobs(setting, people).day(2).traffic
    assert hours_of(setting, nightly, 2) == {2}
    assert all(later - earlier == 1000 for earlier, later in pairwise(nightly.number.tolist()))
    assert (nightly.records == 1000).all()
    covered = np.concatenate(
        [people.members_in_range(first, first + 999) for first in nightly.number.tolist()]
    )
    assert covered.tolist() == list(range(len(people)))
    assert {setting.claimants.texts[staff_index(int(code))] for code in nightly.principal} == {
        "job_newsletter"
    }


def test_the_program_of_the_shop_reads_one_member_at_a_time(setting: Setting, people: People) -> None:
    _, reader = Jobs(setting, people).day(2).traffic
    assert len(reader) == 60
    assert set(reader.page.tolist()) == {SHOP.page_at("db-order"), SHOP.page_at("db-member")}
    position, exists = people.position_of(reader.number)
    assert exists.all()
    assert not np.isin(position, people.canaries).any()


def digest_of(scale: float, days: tuple[int, ...]) -> str:
    """One figure for people and for everything that honest actors do on those days."""
    setting = make_setting(SHOP, None, 3, scale)
    people = make_people(setting)
    total = hashlib.sha256()
    for column in (people.numbers, people.home, people.others_in_book, people.jurisdiction, people.visitors):
        total.update(column.tobytes())
    for actor in honest_actors(setting, people):
        for day in (actor.day(at) for at in days):
            for part in (*day.traffic, *day.issued, *day.tickets):
                for each in fields(part):
                    total.update(np.ascontiguousarray(getattr(part, each.name)).tobytes())
    return total.hexdigest()[:16]


def test_what_actors_do_is_the_same_on_every_machine() -> None:
    """One fixed digest, so that another Python, numpy or processor that draws otherwise is noticed."""
    assert digest_of(0.05, (0, 6, 44)) == "025b764e081a06de"


@pytest.mark.parametrize("scale", [0.001, 0.05])
def test_all_actors_stay_within_their_day_and_only_the_nosy_are_a_party(scale: float) -> None:
    setting = make_setting(SHOP, None, 3, scale)
    for actor in honest_actors(setting, make_people(setting)):
        for day in (0, 6, 44):
            for part in actor.day(day).traffic:
                assert (part.time >= setting.calendar.day_start(day)).all()
                assert (part.time < setting.calendar.day_start(day) + 2 * DAY_MS).all()
                kinds = {setting.parts[at].kind for at in set(part.part.tolist()) if at != HONEST}
                assert kinds <= {"nosy"}
