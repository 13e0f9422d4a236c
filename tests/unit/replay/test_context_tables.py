"""What the shop's other systems know, and how incomplete their record of logins may be."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from whosaw.replay.context_tables import ContextTables
from whosaw.replay.items import load_replay
from whosaw.replay.people import People, make_people
from whosaw.replay.setting import DAY_MS, Setting, make_setting
from whosaw.replay.traffic import Issued, Tickets, staff_code


def setting_of(**overrides: object) -> Setting:
    values = {f"logins.{name}": value for name, value in overrides.items()}
    shop, breach = load_replay(breach="forged-token", overrides=values)
    return make_setting(shop, breach, 1, 0.005)


def issued(times: Sequence[int], *, refresh: bool = False) -> Issued:
    count = len(times)
    return Issued(
        time=np.asarray(times, np.int64),
        subject=np.arange(count, dtype=np.int64) + 10_000_001,
        token=np.arange(count, dtype=np.uint64) + np.uint64(1),
        key=np.zeros(count, np.int16),
        address=np.full(count, (198 << 24) + (18 << 16) + 5, np.int64),
        refresh=np.full(count, refresh),
    )


def written(
    setting: Setting, people: People, folder: Path, *parts: Issued, tickets: Sequence[Tickets] = ()
) -> Path:
    with ContextTables(setting, people, folder) as tables:
        tables.add("day 0", parts, tickets)
        tables.finish()
    return folder


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_login_by_hand(tmp_path: Path) -> None:
    setting = setting_of()
    moment = setting.calendar.start + 5_999  # 3 March 2025, 00:00:05.999 in Seoul
    one = issued([moment])
    staff = Issued(
        time=one.time - 1,
        subject=np.asarray([staff_code(0)]),
        token=one.token,
        key=np.asarray([-1], np.int16),
        address=np.asarray([1 << 32]),
        refresh=np.asarray([True]),
    )
    folder = written(setting, make_people(setting), tmp_path / "context", one, staff)
    lines = (folder / "logins.csv").read_text(encoding="ascii").splitlines()
    assert lines == [
        "time,subject,token,key,address,event",
        f"2025-03-03T00:00:05+09:00,{setting.claimants.texts[0]},0000000000000001,,2001:db8:0:3::1a01,refresh",
        "2025-03-03T00:00:05+09:00,10000001,0000000000000001,k-2024-04,198.18.0.5,login",
    ]


def test_the_login_service_has_a_clock_of_its_own(tmp_path: Path) -> None:
    setting = setting_of(clock_off_ms=-90_000)
    folder = written(setting, make_people(setting), tmp_path / "context", issued([setting.calendar.start]))
    assert rows(folder, "logins")[0]["time"] == "2025-03-02T23:58:30+09:00"


def test_about_the_stated_share_of_rows_is_lost(tmp_path: Path) -> None:
    setting = setting_of(lost_share=0.2)
    start = setting.calendar.start
    folder = written(setting, make_people(setting), tmp_path / "context", issued(range(start, start + 5000)))
    assert 3850 < len(rows(folder, "logins")) < 4150


def test_refreshed_tokens_may_not_be_recorded(tmp_path: Path) -> None:
    setting = setting_of(refresh_recorded_share=0.0)
    start = setting.calendar.start
    both = issued([start, start + 1]), issued([start + 2, start + 3], refresh=True)
    found = rows(written(setting, make_people(setting), tmp_path / "context", *both), "logins")
    assert [row["event"] for row in found] == ["login", "login"]


def test_older_rows_than_are_kept_are_gone(tmp_path: Path) -> None:
    setting = setting_of(remembered_days=10, kept_days=10)
    start = setting.calendar.start
    times = [start - 10 * DAY_MS - 1, start - 10 * DAY_MS, start + 1]
    folder = written(setting, make_people(setting), tmp_path / "context", issued(times))
    found = [datetime.fromisoformat(row["time"]) for row in rows(folder, "logins")]
    stated = tomllib.loads((folder / "context.toml").read_text(encoding="utf-8"))
    assert len(found) == 2
    assert found[0] == stated["logins"]["from"]
    assert stated["sessions_last"] == "10d"
    assert stated["logins"]["until"] - stated["logins"]["from"] == timedelta(days=55)


def test_tickets_are_in_order_of_opening(tmp_path: Path) -> None:
    setting, start = setting_of(), 1_740_927_600_000
    people = make_people(setting)
    tickets = Tickets(
        agent=np.asarray([1, 0]),
        who=np.asarray([2, 1]),
        opened=np.asarray([start + 60_000, start]),
        closed=np.asarray([start + 120_000, start + 61_000]),
    )
    folder = written(setting, people, tmp_path / "context", tickets=[tickets])
    assert rows(folder, "tickets") == [
        {
            "agent": setting.claimants.texts[0],
            "subject": str(people.numbers[1]),
            "opened": "2025-03-03T00:00:00+09:00",
            "closed": "2025-03-03T00:01:01+09:00",
        },
        {
            "agent": setting.claimants.texts[1],
            "subject": str(people.numbers[2]),
            "opened": "2025-03-03T00:01:00+09:00",
            "closed": "2025-03-03T00:02:00+09:00",
        },
    ]


def test_people_keys_staff_canaries_and_known_machines(tmp_path: Path) -> None:
    setting = setting_of()
    people = make_people(setting)
    folder = written(setting, people, tmp_path / "context")
    subjects = rows(folder, "subjects")
    assert [row["subject"] for row in subjects] == [str(number) for number in people.numbers.tolist()]
    assert subjects[0]["contact"] == "m10000001@example.org"
    assert {row["jurisdiction"] for row in subjects} <= set(setting.shop.customers.jurisdictions)
    assert [row["subject"] for row in rows(folder, "canaries")] == [
        str(number) for number in people.numbers[people.canaries].tolist()
    ]
    assert {row["id"] for row in rows(folder, "staff")} >= {each.id for each in setting.staff}
    keys = {row["key"]: row for row in rows(folder, "keys")}
    assert keys["k-2024-04"]["holders"] == "s-0007;s-0019"
    services = {row["service"]: row for row in rows(folder, "services")}
    for partner in setting.shop.partner:
        assert (services[partner.id]["key"], services[partner.id]["route"]) == (partner.key, partner.page)
    assert {job.id for job in setting.shop.job} <= set(services)


def test_shifts_are_those_in_which_agents_work(tmp_path: Path) -> None:
    setting = setting_of()
    folder = written(setting, make_people(setting), tmp_path / "context")
    shifts = rows(folder, "shifts")
    assert {row["agent"] for row in shifts} == {each.id for each in setting.support}
    for row in shifts:
        start, end = (datetime.fromisoformat(row[each]) for each in ("start", "end"))
        assert start.hour in setting.shop.support.shift_starts
        assert end - start == timedelta(hours=setting.shop.support.shift_hours)
    assert rows(folder, "roles") == [{"role": "support agent", "route": "support-customer"}]


def test_agents_are_customers_who_live_somewhere(tmp_path: Path) -> None:
    setting = setting_of()
    people = make_people(setting)
    folder = written(setting, people, tmp_path / "context")
    own = {row["id"]: row["customer"] for row in rows(folder, "staff")}
    agents = [each.id for each in setting.support]
    assert all(own[each] in {str(number) for number in people.numbers.tolist()} | {""} for each in agents)
    assert any(own[each] for each in agents)
    homes = [row["home"] for row in rows(folder, "subjects")]
    number_of = dict(zip(homes, people.home.tolist(), strict=True))
    assert len(number_of) == len(set(people.home.tolist()))
    assert [number_of[home] for home in homes] == people.home.tolist()


def test_one_customer_in_four_thousand_is_a_public_figure(tmp_path: Path) -> None:
    shop, breach = load_replay(breach="quiet")
    setting = make_setting(shop, breach, 1, 0.45)  # 9,000 customers
    folder = written(setting, make_people(setting), tmp_path / "context")
    assert sum(row["public_figure"] == "yes" for row in rows(folder, "subjects")) == 2


def test_a_job_is_on_record_with_its_hours(tmp_path: Path) -> None:
    setting = setting_of()
    folder = written(setting, make_people(setting), tmp_path / "context")
    (job,) = (row for row in rows(folder, "services") if row["service"] == setting.shop.job[0].id)
    assert (job["runs_from"], job["runs_until"]) == ("02:00", "06:00")
