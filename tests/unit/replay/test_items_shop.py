"""Shop items and overrides: the shipped ones load, wrong ones name every fault with its line or its name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from whosaw.core.errors import FaultsError, WhosawError
from whosaw.replay.items import (
    SHIPPED,
    breach_names,
    like_names,
    load_like,
    load_replay,
    load_shop,
    parse_overrides,
)

SHOP = (SHIPPED / "shop.toml").read_text(encoding="utf-8")


def line_of(text: str, start: str) -> int:
    return next(at for at, line in enumerate(text.splitlines(), start=1) if line.startswith(start))


def test_the_shipped_shop_loads_and_its_id_is_its_file_name() -> None:
    assert load_shop().id == "shop"


@pytest.mark.parametrize("name", like_names())
def test_every_shipped_likeness_loads_with_its_breach(name: str) -> None:
    like = load_like(name)
    shop, breach = load_replay(like=name)
    assert like.id == name
    assert (breach.id if breach else "") == like.breach
    assert shop.customers.count >= 1


@pytest.mark.parametrize("name", breach_names())
def test_every_shipped_breach_fits_the_shop(name: str) -> None:
    _, breach = load_replay(breach=name)
    assert breach is not None
    assert breach.id == name


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("days = 45", 'days = "many"', "span.days must be a whole number"),
        ("days = 45", "days = 0", "at least 1"),
        ("v6_share = 0.25", "v6_share = 1.25", "a share lies between 0 and 1"),
        ("count = 20500", "count = 20500\nspeed = 3", "sessions.speed is not known"),
        ("fresh_login_share = 0.7", "# gone\n#", "sessions.fresh_login_share is missing"),
        ("think_ms = [1500, 4000,", "think_ms = [9000, 4000,", "rising"),
        ("pages = [1, 2, 3, 4, 6, 9, 16]", "pages = [0, 2, 3]", "at least one page"),
        ('key = "k-2024-11"', 'key = "k-1999"', "names 'k-1999'"),
        ("carrier_addresses = 2 ", "carrier_addresses = 255 ", "do not fit"),
        ('homes = "198.18.0.0/16"', 'homes = "home"', "is no network"),
        ('folder = "web"', 'folder = "../web"', "plain file name"),
        ("hours = [3, 2, 1,", "hours = [3, 2,", "24 weights"),
        ("product = 48,", "produce = 48,", "names 'produce'"),
        ('number_is = "list"', 'number_is = "heap"', "names 'heap'"),
        ('service = "db"', 'service = "dbs"', "names 'dbs'"),
        ('address = "192.0.2.10"', 'address = "192.0.2.300"', "no IPv4 address"),
        ("until = 2025-03-31", "until = 2022-03-31", "ends before it begins"),
        ("shift_hours = 8", "shift_hours = 12", "ends on the day it begins"),
        ("kept_days = 150", "kept_days = 44", "kept at least as long"),
        ("holes_per_customer = 1.3067", "holes_per_customer = inf", "not endless"),
        ('id = "cart"', 'id = "home"', "more than once"),
    ],
)
def test_one_wrong_thing_in_a_shop_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in SHOP
    path = tmp_path / "shop.toml"
    path.write_text(SHOP.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_shop(path=path)
    assert any(message in fault.message for fault in caught.value.faults)
    assert all(fault.where.file == "shop.toml" for fault in caught.value.faults)


def test_all_faults_are_named_at_once_with_their_lines(tmp_path: Path) -> None:
    text = SHOP.replace("\ndays = 45", '\ndays = "many"').replace("canaries = 5", "canaries = 5.5")
    path = tmp_path / "shop.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_shop(path=path)
    lines = [fault.where.line for fault in caught.value.faults]
    assert lines == [line_of(text, "days"), line_of(text, "canaries")]
    assert {fault.where.item for fault in caught.value.faults} == {"shop"}


def test_overrides_reach_tables_lists_by_id_and_lists_by_position() -> None:
    shop = load_shop({
        "customers.count": 7,
        "device.app.share": 0.3,
        "rhythm.hours.23": 99,
        "customers.jurisdictions.JP": 0.5,
        "key.k-2024-04.retired": date(2025, 3, 9),
        "support.nosy_share": 0,
    })  # fmt: skip
    assert shop.customers.count == 7
    assert {device.id: device.share for device in shop.device}["app"] == 0.3
    assert shop.rhythm.hours[23] == 99.0
    assert shop.customers.jurisdictions == {"KR": 0.97, "TW": 0.02, "JP": 0.5}
    assert shop.key[0].retired == date(2025, 3, 9)
    assert shop.support.nosy_share == 0.0


def test_overriding_leaves_the_item_as_it_was() -> None:
    load_shop({"customers.count": 7})
    assert load_shop().customers.count == 20_000


def test_every_bad_override_is_a_fault_under_its_own_name() -> None:
    bad = {
        "device.app.shar": 1,
        "device.phone.share": 0.2,
        "span.days": "ten",
        "network.homes": "zz",
        "sessions.count": 0,
        "nothing.at.all": 1,
        "agent.99.share": 1,
        "customers.jurisdictions.KR": -2,
        "logins.remembered_days": 500,
        "customers.canaries": True,
    }
    with pytest.raises(FaultsError) as caught:
        load_shop(bad)
    assert sorted(fault.where.item or "" for fault in caught.value.faults) == sorted(bad)


def test_values_given_as_text_are_read_as_toml_and_else_kept_as_text() -> None:
    given = ["a.b=3", "c = 2025-01-01", "d=hello there", 'e="quoted"', "f=[1, 2]", "g=x=y", "h=true"]
    assert parse_overrides(given) == {
        "a.b": 3,
        "c": date(2025, 1, 1),
        "d": "hello there",
        "e": "quoted",
        "f": [1, 2],
        "g": "x=y",
        "h": True,
    }


@pytest.mark.parametrize("text", ["novalue", "=3", "key=", ""])
def test_a_text_without_key_or_value_is_refused(text: str) -> None:
    with pytest.raises(FaultsError) as caught:
        parse_overrides(["a=1", text])
    assert [fault.where.item for fault in caught.value.faults] == [text]


def test_an_unknown_likeness_or_breach_is_refused_with_the_known_ones() -> None:
    with pytest.raises(WhosawError, match="coupang, imperfect"):
        load_like("nothing")
    with pytest.raises(WhosawError, match="forged-token"):
        load_replay(breach="nothing")


def test_later_values_win_over_earlier_ones() -> None:
    shop, breach = load_replay(like="coupang", overrides={"customers.count": 5000})
    assert breach is not None
    assert shop.customers.count == 5000
    assert shop.span.first_day == date(2025, 1, 6)
    steps = {step.id: step for step in breach.step}
    assert (steps["address-list"].from_day, steps["address-list"].to_day) == (98, 176)


def test_a_likeness_gives_its_step_values_to_its_own_breach_only() -> None:
    shop, breach = load_replay(like="coupang", breach="quiet")
    assert shop.customers.count == 33_700_000
    assert breach is not None
    assert breach.step == ()


def test_the_case_is_kept_in_its_proportions() -> None:
    shop, breach = load_replay(like="coupang")
    assert breach is not None
    steps, count = {step.id: step for step in breach.step}, shop.customers.count
    assert count == 33_700_000
    assert round(count * shop.customers.holes_per_customer) == 44_000_000
    address_list, details = steps["address-list"], steps["member-details"]
    # the tests before read four members' details, and the address books of about seven
    assert 4 * count + round((address_list.rounds - 4) * count) == pytest.approx(148_056_502, abs=16)
    assert round(details.share * count) == 33_673_817 - steps["first-test"].at_most
    assert round(details.then["my-address-edit"] * 33_673_813) == 50_000
    assert round(details.then["my-orders"] * 33_673_813) == 100_000
    first = shop.span.first_day.toordinal()
    main = [date.fromordinal(first + day) for day in (address_list.from_day, details.to_day - 1)]
    assert main == [date(2025, 4, 14), date(2025, 11, 8)]
    assert (main[1] - main[0]).days == 208
    assert date.fromordinal(first + address_list.to_day - 1) == date(2025, 6, 30)
    assert {
        date.fromordinal(first + steps[each].from_day).month for each in ("first-test", "second-test")
    } == {1}
    # the busiest week of the address list, in requests a day: views and the 44 million misses
    days = (address_list.to_day - address_list.from_day) / len(address_list.course)
    busiest = max(address_list.course) / sum(address_list.course) * (148_056_502 + 44_000_000) / days
    assert busiest == pytest.approx(6_300_000, rel=0.05)
    assert sum(pool.addresses for pool in breach.pool) == 2313
    assert {pool.id: pool.addresses for pool in breach.pool}[address_list.pool] == 16


def test_the_imperfect_record_loses_three_logins_in_a_thousand() -> None:
    shop, breach = load_replay(like="imperfect")
    assert breach is None
    assert shop.logins.lost_share == 0.003
    assert shop.logins.clock_off_ms == -1400
    assert load_shop().logins.lost_share == 0.0
