"""The account of what happened, on a few requests whose truth is worked out by hand."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from whosaw.replay.dice import Dice
from whosaw.replay.items import load_shop
from whosaw.replay.people import People
from whosaw.replay.setting import Setting, make_setting
from whosaw.replay.traffic import COLUMNS, HONEST, NOBODY, Traffic
from whosaw.replay.truth.count import TruthAccount
from whosaw.replay.truth.tables import LinesTable, write_seen
from whosaw.replay.truth.tallies import NEVER, Distinct, Members, ViewTally, distinct

NUMBERS = (10, 12, 15, 20, 21)
OTHERS = (3, 0, 1, 0, 2)  # in the address books of these five
DAY_MS = 86_400_000


@pytest.fixture
def setting() -> Setting:
    setting = make_setting(load_shop(), None, 1, 1.0)
    assert setting.part("thief", "breach", "first") == 0
    assert setting.part("thief", "breach", "second") == 1
    assert setting.part("s-0041", "nosy", "") == 2
    return setting


def people() -> People:
    none = np.zeros(5, np.int64)
    return People(
        numbers=np.asarray(NUMBERS, np.int64),
        home=none,
        others_in_book=np.asarray(OTHERS, np.uint8),
        jurisdiction=none.astype(np.uint8),
        canaries=np.asarray([2]),
        visitors=np.asarray([0, 1, 3, 4], np.int32),
        by_house=np.arange(5, dtype=np.int32),
        carrier=none,
        offices=none,
        travel=none,
        books=3,
    )


def requests(setting: Setting, *rows: dict[str, Any]) -> Traffic:
    usual = {
        "time": 0, "principal": NOBODY, "address": 7, "agent": 0, "page": "home", "number": -1, "records": 0,
        "status": 200, "size": 1, "token": 0, "key": -1, "part": HONEST,
    }  # fmt: skip
    whole = [{**usual, **row} for row in rows]
    for row in whole:
        row["page"] = setting.shop.page_at(row["page"])
        row["time"] += setting.calendar.start
    return Traffic(**{name: np.asarray([row[name] for row in whole], kind) for name, kind in COLUMNS.items()})


def two_days(setting: Setting) -> TruthAccount:
    account = TruthAccount(setting, people())
    carries = account.add(
        requests(
            setting,
            {"time": 1000, "page": "my-info", "principal": 10},  # honest
            {"time": 2000, "page": "my-info", "principal": 10},
            {"time": 3000, "page": "home", "principal": 21},
            {"time": 4999, "page": "my-addresses", "principal": 12, "part": 0, "token": 5},
            {"time": 5000, "page": "my-addresses", "principal": 13, "part": 0, "status": 404, "token": 6},
            {"time": 6000, "page": "my-info", "principal": 15, "part": 0, "token": 7, "address": 8},
            {"time": 7000, "page": "support-customer", "number": 21, "principal": -2, "part": 2},
        )
    )
    assert carries.tolist() == [True, True, False, True, False, True, True]
    account.add(
        requests(
            setting,
            {"time": DAY_MS + 1000, "page": "my-addresses", "principal": 15, "part": 1, "token": 7},
            {
                "time": DAY_MS + 2000,
                "page": "db-range",
                "number": 12,
                "records": 9,
                "principal": -3,
                "part": 1,
            },
            {
                "time": DAY_MS + 3000,
                "page": "db-range",
                "number": 16,
                "records": 4,
                "principal": -3,
                "part": 1,
            },
            {"time": DAY_MS + 4000, "page": "partner-orders", "number": 1, "records": 3, "principal": -3},
            {"time": DAY_MS + 5000, "page": "partner-orders", "number": 2, "records": 3, "principal": -3},
        )
    )
    return account


def test_views_accounts_and_persons_are_three_counts(setting: Setting) -> None:
    told = two_days(setting).told()
    nosy, thief = told["actors"]
    assert (nosy["id"], nosy["kind"], thief["id"], thief["kind"]) == ("s-0041", "nosy", "thief", "breach")
    # pages of 12 and of 15 twice; the range from 12 to 20 holds 12, 15 and 20; that from 16 to 19 holds nobody
    assert (thief["requests"], thief["views"], thief["misses"], thief["accounts"]) == (6, 4, 1, 3)
    # address lists of 12 and 15 were read, whose books hold 0 and 1 others
    assert (thief["others_in_address_books"], thief["persons"]) == (1, 4)
    assert thief["accounts_sha256"] == hashlib.sha256(b"12\n15\n20\n").hexdigest()
    assert (thief["canaries_read"], thief["tokens"], thief["addresses"]) == (1, 3, 2)
    assert (nosy["views"], nosy["accounts"], nosy["persons"]) == (1, 1, 1)


def test_each_page_category_step_and_day_is_counted(setting: Setting) -> None:
    thief = two_days(setting).told()["actors"][1]
    pages = {name: count for name, count in thief["views_by_page"].items() if count}
    assert pages == {"my-addresses": 2, "my-info": 1, "db-range": 1}
    accounts = {name: count for name, count in thief["accounts_by_page"].items() if count}
    assert accounts == {"my-addresses": 2, "my-info": 1, "db-range": 3}
    assert thief["categories"] == {
        "contact.address": 3,
        "contact.email": 3,
        "contact.phone": 3,
        "identity.name": 3,
    }
    assert [(step["id"], step["requests"], step["views"], step["accounts"]) for step in thief["steps"]] == [
        ("first", 3, 2, 2),
        ("second", 3, 2, 3),
    ]
    assert thief["new_accounts_by_day"] == {"2025-03-03": 2, "2025-03-04": 1}
    assert thief["first_view"] == "2025-03-02T15:00:04Z"
    assert thief["last_view"] == "2025-03-03T15:00:02Z"


def test_honest_views_and_customers_of_a_day(setting: Setting) -> None:
    told = two_days(setting).told()
    pages = {name: count for name, count in told["honest"]["views_by_page"].items() if count}
    # the second page of the list, three each, holds 20 and 21; the third one nobody
    assert pages == {"my-info": 2, "partner-orders": 1}
    assert told["honest"]["accounts"] == 3
    assert told["customers_per_day"] == 2 / 45  # 10 and 21 on the first day


def test_a_day_without_a_request_adds_nothing(setting: Setting) -> None:
    account = two_days(setting)
    before = account.told()
    assert account.add(Traffic.joined([])).tolist() == []
    assert account.told() == before


def test_the_table_has_a_row_for_each_actor_member_and_category(setting: Setting, tmp_path: Path) -> None:
    account = two_days(setting)
    path = tmp_path / "truth.parquet"
    rows = write_seen(path, setting, people(), account.actors.values())
    table = pq.read_table(path).to_pylist()
    assert rows == len(table) == 3 + 3 * 4
    start = setting.calendar.start // 1000
    found = {
        (row["actor"], row["person"], row["category"]): (
            row["views"],
            int(row["first"].timestamp()) - start,
            int(row["last"].timestamp()) - start,
        )
        for row in table
    }
    assert found["thief", 15, "contact.email"] == (2, 6, 86_402)  # its own page, and the range
    assert found["thief", 15, "contact.address"] == (2, 86_401, 86_402)
    assert found["thief", 12, "identity.name"] == (2, 4, 86_402)
    assert found["s-0041", 21, "commerce.orders"] == (1, 7, 7)
    assert list(found) == sorted(found)


def test_the_table_of_lines_says_whose_each_is(tmp_path: Path) -> None:
    with LinesTable(tmp_path / "lines.parquet") as table:
        for name, part in (("a.log.1", [-1, 1]), ("a.log", [0, -1, -1])):
            count = len(part)
            times = np.arange(count, dtype=np.int64)
            table.add(name, times, np.asarray(part, np.int16), ["thief", "s-0041"], np.arange(count) % 2 == 0)
    rows = pq.read_table(tmp_path / "lines.parquet").to_pylist()
    assert [(row["file"], row["line"], row["part"], row["views"]) for row in rows] == [
        ("a.log.1", 1, None, True),
        ("a.log.1", 2, "s-0041", False),
        ("a.log", 1, "thief", True),
        ("a.log", 2, None, False),
        ("a.log", 3, None, True),
    ]


@pytest.mark.parametrize("count", [200, 400_000])  # kept as rows, and soon as arrays
def test_tallies_say_the_same_however_they_are_kept(count: int) -> None:
    tally, members = ViewTally(count), Members(count)
    draws = np.random.PCG64(5).random_raw(60_000).astype(np.int64) % 150
    for begin in range(0, len(draws), 20_000):
        who = draws[begin : begin + 20_000]
        tally.add(who, np.arange(begin, begin + len(who)))
        members.add(who)
    views, first, last = tally.between(0, 200)
    for each in (0, 7, 149):
        where = np.flatnonzero(draws == each)
        assert (views[each], first[each], last[each]) == (len(where), where[0], where[-1])
    assert (views[150], first[150], last[150]) == (0, NEVER, 0)
    assert members.positions().tolist() == list(range(150))
    assert len(members) == 150


def test_distinct_values_are_given_up_beyond_the_limit() -> None:
    few, many = Distinct(3), Distinct(3)
    few.add(np.asarray([1, 1, 2]))
    few.add(np.asarray([2, 3]))
    many.add(np.asarray([1, 2, 3, 4]))
    assert (few.count(), many.count(), Distinct(3).count()) == (3, None, 0)
    assert distinct(np.asarray([3, 1, 3, 2])).tolist() == [1, 2, 3]


@pytest.mark.parametrize("seed", range(6))
def test_members_of_spans_are_each_of_those_between(seed: int) -> None:
    dice = Dice(seed, "spans")
    low = dice.below(40, 900)
    high = low + dice.below(40, 30)  # some of them empty
    members = Members(1000)
    members.add(np.asarray([990, 5]))
    members.add_spans(low, high)
    members.add(np.asarray([997, 997]))
    members.add_spans(low[:0], high[:0])
    inside = {at for begin, end in zip(low.tolist(), high.tolist(), strict=True) for at in range(begin, end)}
    assert members.positions().tolist() == sorted(inside | {990, 5, 997})
