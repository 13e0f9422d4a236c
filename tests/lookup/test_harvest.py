"""Who asks for many contacts is answered later, never refused; the warning comes at once and reaches the case; all of it survives a restart."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from bench.lookup_harvest import Attack, attacked
from bench.lookup_timing import interval
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lookup.page import Clock, Page, open_page
from tests.sending.peer import Peer
from tests.sending.shop import NOW, Shop
from tests.wide import WIDE, examples

from whosaw.app.lookup.reports import brake, take_in
from whosaw.core.errors import WhosawError
from whosaw.lookup.limits import Known, Limits, Share, brake_until, judge
from whosaw.lookup.requests import network_of
from whosaw.packs.contacts import read_contact
from whosaw.store.lookup.lookup_store import NEW, Request
from whosaw.store.workspace import journal_of

SECOND = 1_000_000
FAST = 1_000_000 if WIDE else 3_000


@pytest.mark.parametrize("known", [0.3755, 1.0], ids=["guessed", "all real"])
def test_a_harvest_gets_less_than_a_hundred_answers_and_raises_the_warning(
    tmp_path: Path, known: float
) -> None:
    attack = Attack(name="fast", numbers=FAST, addresses=FAST // 100, a_second=1_000, known=known)
    told = attacked(tmp_path / "fast", attack)
    assert told["answers"] == told["messages"] < 100
    assert told["warning_after_seconds"] < 60
    assert "crowd" in told["warnings"]


@pytest.mark.parametrize("browsers", [False, True])
def test_a_slow_harvest_of_guessed_numbers_is_stopped_by_how_few_of_them_are_known(
    tmp_path: Path, browsers: bool
) -> None:
    attack = Attack(name="slow", numbers=120, addresses=10_000, a_second=0.4, known=0.3755, browsers=browsers)
    told = attacked(tmp_path / "slow", attack)
    assert told["answers"] < 100
    assert told["warning_after_seconds"] < 60
    assert told["warnings"] == ["guessing", *(() if browsers else ("programs",)), "strangers"]


def kinds_of(
    many: int, pause: float, unknown: float, *, browsers: bool, seed: int = 1
) -> list[tuple[float, str]]:
    """The warnings of so many requests, one every `pause` seconds, each from a network of its own, with the second of each."""
    dice, told, settings_now = random.Random(seed), [], dict[str, str]()
    for at in range(many):
        asked = Request(
            id=at, time=0, contact="", key=f"{at}", network=f"n{at}", device=f"d{at}" if browsers else f"n{at}", language="en", state=NEW,
            due=0, turn=0, tries=0,
        )  # fmt: skip
        now = int((1 + at) * pause * SECOND)
        judged = judge(
            [asked], [Known(there=dice.random() >= unknown, canary=False)], Limits(expected=100_000), rates={}, settings=settings_now,
            open_keys=set(), now=now,
        )  # fmt: skip
        settings_now.update(judged.settings)
        told += [(now / SECOND, each.kind) for each in judged.warnings]
    return told


def test_requests_as_they_usually_come_warn_seldom_and_a_harvest_mostly_within_a_minute() -> None:
    usual = kinds_of(6_000, 0.1, 0.2, browsers=True)
    assert [kind for _, kind in usual if kind in ("guessing", "programs")] == []
    assert not kinds_of(2_000, 2.5, 0.05, browsers=True)
    slow = [kinds_of(60, 2.5, 0.6245, browsers=True, seed=at) for at in range(50)]
    first = sorted(next((second for second, _ in each), 1e9) for each in slow)
    assert first[25] < 45
    assert first[40] <= 60
    programs = kinds_of(60, 2.5, 0.0, browsers=False)
    assert programs[0][1] == "programs", "even of contacts that are all known"
    assert programs[0][0] < 30


@pytest.fixture
def asking(table_folder: Path, tmp_path: Path) -> Page:
    return open_page(table_folder, tmp_path, limits=Limits(network_a_day=2, device_a_day=2, a_minute=5))


def put(page: Page, *contacts: str, address: str = "192.0.2.7", device: str = "") -> None:
    """As if it had come over the network."""
    at = int(page.clock().timestamp() * SECOND)
    read = [read_contact(each, "KE") for each in contacts]
    page.store.add(
        [
            page.answering.sealing.asked(each, address=address, device=device, language="en", now=at)
            for each in read
            if each is not None
        ]
    )


def to(page: Page) -> list[str]:
    return [each["to"] for each in page.sent()]


def test_beyond_its_share_a_network_is_answered_day_by_day(asking: Page) -> None:
    numbers = [f"+25471234500{at}" for at in range(6)]
    put(asking, *numbers)
    asking.work(3)
    assert to(asking) == numbers[:2]
    asking.clock.later(hours=13)
    asking.work(3)
    assert to(asking) == numbers[:3]
    asking.clock.later(days=2)
    asking.work(3)
    assert to(asking) == numbers, "later, and never refused"
    asking.close()


def test_who_asks_for_few_goes_before_who_asks_for_many(table_folder: Path, tmp_path: Path) -> None:
    page = open_page(table_folder, tmp_path, limits=Limits(a_minute=1))
    put(page, *[f"+25471234500{at}" for at in range(5)], address="192.0.2.7")
    page.work()
    put(page, "+254712345678", address="198.51.100.9")
    page.clock.later(minutes=2)
    page.work()
    assert to(page) == ["+254712345000", "+254712345678"]
    page.close()


def test_a_contact_gets_one_answer_a_day_however_often_it_is_asked_for(asking: Page) -> None:
    for address in ("192.0.2.7", "198.51.100.9", "203.0.113.4"):
        put(asking, "+254712345678", address=address)
        put(asking, "0712 345 678", address=address)
    asking.work(2)
    assert to(asking) == ["+254712345678"]
    put(asking, "+254712345678")
    asking.work(2)
    assert len(to(asking)) == 1
    asking.clock.later(hours=25)
    asking.work(2)
    assert len(to(asking)) == 2, "the second one asked for waited for its day"
    asking.close()


def test_limits_and_brake_survive_a_restart(table_folder: Path, tmp_path: Path) -> None:
    clock = Clock()
    limits = Limits(network_a_day=2, device_a_day=2)
    for at in range(3):
        page = open_page(table_folder, tmp_path, limits=limits, clock=clock)
        put(page, f"+25471234500{at}")
        page.work(2)
        assert len(to(page)) == min(at + 1, 2)
        page.close()
    page = open_page(table_folder, tmp_path, limits=limits, clock=clock)
    put(page, "canary@example.org", address="198.51.100.9")
    assert [each.kind for each in page.work().warnings] == ["canary"]
    page.close()
    page = open_page(table_folder, tmp_path, limits=limits, clock=clock)
    put(page, "+254712345678", address="203.0.113.4")
    page.work(2)
    assert "+254712345678" not in to(page), "nothing is answered while the brake holds"
    clock.later(hours=7)
    page.work(2)
    assert "+254712345678" in to(page)
    page.close()


def test_a_warning_reaches_the_case_and_a_person_lets_go(
    shop: Shop, table_folder: Path, tmp_path: Path
) -> None:
    page = open_page(table_folder, tmp_path)
    put(page, "canary@example.org")
    put(page, "+254712345678", address="198.51.100.9")
    page.work(2)
    assert to(page) == []
    key, kept = table_folder / "t.lookup.key", tmp_path / "kept"
    taken = take_in(kept, table_key=key, workspace=shop.workspace, now=NOW)
    assert (taken.fresh, [each.kind for each in taken.warnings]) == (1, ["canary"])
    assert taken.warnings[0].at == page.clock()
    assert take_in(kept, table_key=key, workspace=shop.workspace, now=NOW).fresh == 0
    page.clock.later(minutes=1)
    brake(
        kept,
        until=None,
        reason="it was a test of ours",
        table_key=key,
        workspace=shop.workspace,
        now=page.clock(),
    )
    page.work()
    assert to(page) == ["+254712345678"]
    page.clock.later(minutes=1)
    brake(
        kept, until=page.clock() + timedelta(hours=1), reason="wait", table_key=key, workspace=shop.workspace, now=page.clock()
    )  # fmt: skip
    put(page, "+254712345000", address="203.0.113.4")
    page.work(2)
    assert len(to(page)) == 1
    journal = journal_of(shop.workspace)
    warnings, brakes = journal.entries("lookup.warning"), journal.entries("lookup.brake")
    journal.close()
    assert json.loads(warnings[0].body)["case"] == "spring"
    assert [json.loads(each.body)["reason"] for each in brakes] == ["it was a test of ours", "wait"]
    page.close()


def test_a_changed_report_is_refused(shop: Shop, table_folder: Path, tmp_path: Path) -> None:
    page = open_page(table_folder, tmp_path)
    put(page, "canary@example.org")
    page.work()
    page.close()
    path = tmp_path / "kept" / "warnings.jsonl"
    whole = path.read_text()
    for changed in (
        whole.replace("canary", "crowd"),
        whole + whole,
        whole.replace('"many":1', '"many":0'),
        "x\n",
    ):
        path.write_text(changed)
        with pytest.raises(WhosawError, match="is not what the look-up page wrote"):
            take_in(
                tmp_path / "kept", table_key=table_folder / "t.lookup.key", workspace=shop.workspace, now=NOW
            )


def test_a_brake_that_nobody_signed_is_not_heard(table_folder: Path, tmp_path: Path) -> None:
    page = open_page(table_folder, tmp_path)
    (tmp_path / "kept" / "brake.json").write_text(
        '{"at":"2027-01-01T00:00:00Z","until":"2030-01-01T00:00:00Z","check":"00"}'
    )
    put(page, "+254712345678")
    page.work(2)
    assert len(to(page)) == 1
    page.close()


def test_a_lost_reply_is_unknown_and_nothing_goes_twice(table_folder: Path, tmp_path: Path) -> None:
    rules = {
        "p2@example.org": "drop-after",
        "other@example.org": "451 later",
        "p7@example.org": "550 5.1.1 nobody",
    }
    with Peer(lambda address, times: rules[address] if times == 1 else "250 ok") as peer:
        page = open_page(table_folder, tmp_path, port=peer.port)
        for at, contact in enumerate(rules):
            put(page, contact, address=f"192.0.{at}.7")
        page.work(3)
        assert page.store.states() == {"failed": 1, "unknown": 1, "waiting": 1}
        page.clock.later(minutes=6)
        page.work(2)
        assert page.store.states() == {"answered": 1, "failed": 1, "unknown": 1}
        page.close()
    assert sorted(address for address, _, _ in peer.taken) == ["other@example.org", "p2@example.org"]


def test_what_was_in_the_air_when_a_run_was_killed_is_unknown(table_folder: Path, tmp_path: Path) -> None:
    page = open_page(table_folder, tmp_path)
    put(page, "+254712345678")
    (request,) = page.store.new(10)
    page.store.move(request.id, "handed over", now=0)
    page.close()
    again = open_page(table_folder, tmp_path)
    assert again.answering.recover() == 1
    again.work(2)
    assert again.store.states() == {"unknown": 1}
    assert to(again) == []
    again.close()


def test_what_is_kept_goes_after_its_days(asking: Page) -> None:
    put(asking, "+254712345678")
    asking.work(2)
    assert asking.store.states() == {"answered": 1}
    asking.clock.later(days=8)
    asking.work()
    assert asking.store.states() == {}
    asking.close()


def test_a_network_is_a_household_and_not_one_address_of_many() -> None:
    assert network_of("192.0.2.7") == network_of("192.0.2.200") == network_of("::ffff:192.0.2.9")
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:ffff::2")
    assert network_of("192.0.3.7") != network_of("192.0.2.7")
    assert network_of("strange") == "none"


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(1, 20), st.lists(st.integers(0, 7_200), min_size=1, max_size=60))
def test_no_more_than_its_share_is_due_in_any_day(many: int, pauses: list[int]) -> None:
    day = 86_400
    share, until, now, dues = Share(many=many, each=day // many), 0, 0, []
    for pause in pauses:
        now += pause
        until, due = share.take(until, now)
        assert due >= now
        dues.append(due)
    assert dues == sorted(dues)
    for start in dues:
        within = sum(1 for each in dues if start <= each < start + day - day // many)
        assert within <= 2 * many - 1


def test_equal_requests_are_judged_equally_whether_the_table_knows_them() -> None:
    requests = [
        Request(id=at, time=0, contact="", key=f"{at}", network=f"{at % 7}", device="d", language="en", state=NEW, due=0, turn=0, tries=0)
        for at in range(30)
    ]  # fmt: skip
    turns = [
        judge(
            requests, [Known(there=there, canary=False)] * 30, Limits(strangers=100), rates={}, settings={}, open_keys=set(), now=5 * SECOND
        ).turns
        for there in (True, False)
    ]  # fmt: skip
    assert turns[0] == turns[1]
    assert brake_until({}) == 0


def test_the_interval_of_two_medians_is_that_of_what_was_drawn() -> None:
    dice = np.random.default_rng(3)
    one, other = dice.normal(100, 2, 4_000), dice.normal(100.5, 2, 4_000)
    difference, low, high = interval(one, other, 300)
    assert low < difference < high
    assert low < -0.5 < high
    assert high < 0, "half a millisecond is seen"
