"""Shop and breach items: the shipped ones load, wrong ones name every fault and its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.core.errors import FaultsError
from whosaw.replay.items import SHIPPED, load_breach, load_shop

SHOP = (SHIPPED / "shop.toml").read_text(encoding="utf-8")
BREACH = (SHIPPED / "forged-token.toml").read_text(encoding="utf-8")


def line_of(text: str, start: str) -> int:
    return next(at for at, line in enumerate(text.splitlines(), start=1) if line.startswith(start))


def test_shipped_items_load_and_ids_are_file_names() -> None:
    shop = load_shop()
    assert shop.id == "shop"
    assert load_breach(shop).id == "forged-token"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("days = 45", 'days = "many"', "span.days must be a whole number"),
        ("days = 45", "days = 0", "at least 1"),
        ("v6_share = 0.25", "v6_share = 1.25", "a share lies between 0 and 1"),
        ("count = 20500", "count = 20500\nspeed = 3", "sessions.speed is not known"),
        ("fresh_login_share = 0.7", "# gone\n#", "sessions.fresh_login_share is missing"),
        ("think_ms = [1500, 4000,", "think_ms = [9000, 4000,", "rising"),
        ('key = "k-2024-11"', 'key = "k-1999"', "names 'k-1999'"),
        ('carrier = "203.0.113.0/24"', 'carrier = "203.0.113.0/30"', "do not fit"),
        ('homes = "198.18.0.0/16"', 'homes = "home"', "is no network"),
        ('folder = "web"', 'folder = "../web"', "plain file name"),
        ("hours = [3, 2, 1,", "hours = [3, 2,", "24 weights"),
        ("product = 48,", "produce = 48,", "names 'produce'"),
    ],
)
def test_one_wrong_thing_in_a_shop_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(SHOP.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_shop(path)
    assert any(message in fault.message for fault in caught.value.faults)
    assert all(fault.where.file == "shop.toml" for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("to_day = 43", "to_day = 99", "outside the shop"),
        ('pool = "few"', 'pool = "none"', "names 'none'"),
        ('walk = "customers"', 'walk = "dance"', "names 'dance'"),
        ("block = 420", "block = 0", "at least 1"),
        ("my-orders = 0.00297", "my-orders = 2.0", "a share lies between 0 and 1"),
        ("addresses = 16", "addresses = 160", "do not fit"),
    ],
)
def test_one_wrong_thing_in_a_breach_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "forged-token.toml"
    path.write_text(BREACH.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_breach(load_shop(), path)
    assert [message in fault.message for fault in caught.value.faults] == [True]


def test_all_faults_are_named_at_once_with_their_lines(tmp_path: Path) -> None:
    text = SHOP.replace("\ndays = 45", '\ndays = "many"').replace("canaries = 5", "canaries = 5.5")
    path = tmp_path / "shop.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_shop(path)
    assert [fault.where.line for fault in caught.value.faults] == [
        line_of(text, "days"),
        line_of(text, "canaries"),
    ]
    assert {fault.where.item for fault in caught.value.faults} == {"shop"}
