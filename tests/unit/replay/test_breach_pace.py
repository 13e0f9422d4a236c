"""When and through which addresses: blocks in turns, days, hours and pauses kept."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import numpy as np
from tests.unit.replay.breach_world import Sent, breach_of, setting_of, step_of

from whosaw.replay.breach_item import Pool
from whosaw.replay.means.pace import pool_addresses

HOUR_MS = 3_600_000


def test_addresses_of_a_pool_differ_lie_in_its_network_and_are_no_more_than_blocks() -> None:
    setting = setting_of(breach_of())
    pool = Pool(id="p", network="203.0.113.0/28", addresses=14)
    made = pool_addresses(setting, pool, 1000).tolist()
    assert sorted(made) == [int(address) for address in IPv4Network(pool.network).hosts()]
    assert len(pool_addresses(setting, pool, 5)) == 5
    one = Pool(id="one", network="192.0.2.34/32", addresses=1)
    assert pool_addresses(setting, one, 7).tolist() == [int(IPv4Address("192.0.2.34"))]


def test_blocks_take_the_addresses_of_a_pool_in_turns() -> None:
    sent = Sent(breach_of(step_of(block=2, rounds=3.0)))
    addresses = sent.all.address.tolist()
    # 15 requests are 8 blocks, which do not overlap: pauses are a second, and a day has 86,400
    turns = [addresses[at] for at in range(0, 15, 2)]
    assert addresses[0:14:2] == addresses[1:15:2]
    assert len(set(turns[:3])) == 3
    assert turns[3:6] == turns[:3]
    assert turns[6:] == turns[:2]


def test_steps_that_share_a_pool_go_on_where_the_one_before_stopped() -> None:
    first = step_of(id="first", at_most=1)
    second = step_of(id="second", at_most=2, from_day=1, to_day=2)
    sent = Sent(breach_of(first, second))
    assert len(set(sent.all.address.tolist())) == 3


def test_requests_of_a_block_follow_with_the_pause_between_them() -> None:
    sent = Sent(breach_of(step_of(block=5)))
    assert np.diff(sent.all.time).tolist() == [1000, 1000, 1000, 1000]


def test_days_and_hours_are_kept() -> None:
    hours = tuple(1.0 if hour in {3, 4} else 0.0 for hour in range(24))
    sent = Sent(breach_of(step_of(from_day=2, to_day=6, rounds=40.0, hours=hours)))
    by_day = sent.by_day(sent.all)
    assert [bool(many) for many in by_day] == [
        False,
        False,
        True,
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    assert sum(by_day) == 200
    # even but for a twentieth to either side
    assert all(45 <= many <= 55 for many in by_day[2:6])
    hour = (sent.all.time - sent.setting.calendar.start) // HOUR_MS % 24
    assert set(hour.tolist()) == {3, 4}


def test_a_course_says_how_much_is_done_in_each_part_of_the_days() -> None:
    sent = Sent(breach_of(step_of(from_day=0, to_day=8, rounds=80.0, course=(1, 3))))
    by_day = sent.by_day(sent.all)
    first, second = sum(by_day[:4]), sum(by_day[4:8])
    assert first + second == 400
    assert 90 <= first <= 110


def test_so_many_a_day_are_people_and_holes_come_on_top() -> None:
    sent = Sent(breach_of(step_of(walk="every-number", per_day=2, to_day=3)))
    good = sent.all.take(sent.all.status == 200)
    assert sent.by_day(good)[:4] == [2, 2, 1, 0]
    # 100 and 101; then 102 to 104; then 105 to 108
    assert sent.by_day(sent.all)[:4] == [2, 3, 4, 0]


def test_so_many_a_day_skip_the_days_off() -> None:
    # the shop's first day, 3 March 2025, is a Monday
    sent = Sent(breach_of(step_of(per_day=1, to_day=0, weekdays=(1, 0, 1, 0, 0, 0, 0))))
    assert sent.by_day(sent.all) == [1, 0, 1, 0, 0, 0, 0, 1, 0, 1]


def test_without_a_last_day_a_step_lasts_as_long_as_the_log() -> None:
    sent = Sent(breach_of(step_of(to_day=0, rounds=20.0)))
    assert all(sent.by_day(sent.all))


def test_nothing_is_sent_after_the_last_day_of_a_step() -> None:
    late = tuple(1.0 if hour == 23 else 0.0 for hour in range(24))
    sent = Sent(breach_of(step_of(block=100, rounds=20.0, pause_ms=(120_000,), hours=late)))
    assert len(sent.all) == 100
    # 99 pauses of two minutes begin in the evening and end before midnight
    assert sent.by_day(sent.all)[0] == 100


def test_same_seed_same_requests_and_another_seed_others() -> None:
    breach = breach_of(step_of(rounds=10.0, pause_ms=(100, 5000)))
    one, again, other = Sent(breach), Sent(breach), Sent(breach, seed=2)
    assert one.all.time.tolist() == again.all.time.tolist()
    assert one.all.token.tolist() == again.all.token.tolist()
    assert one.all.time.tolist() != other.all.time.tolist()
    assert not set(one.all.token.tolist()) & set(other.all.token.tolist())
