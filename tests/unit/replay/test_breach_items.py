"""The shipped breaches, their proportions at every size, and every fault that an item can have."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.replay.breach_world import SHOP, NoVisitors, breach_of

from whosaw.core.errors import FaultsError
from whosaw.replay.actors import Visitors
from whosaw.replay.breach_actors import make_breach_actors, plan_breach
from whosaw.replay.breach_checks import MEANS
from whosaw.replay.breach_item import Breach, Step
from whosaw.replay.items import SHIPPED, breach_names, load_breach, load_replay
from whosaw.replay.means.walk import WALKS
from whosaw.replay.people import make_people
from whosaw.replay.setting import make_setting
from whosaw.replay.traffic import Traffic

FORGED = (SHIPPED / "breach" / "forged-token.toml").read_text(encoding="utf-8")
NAMES = (
    "agent-without-ticket",
    "bulk-export",
    "credential-stuffing-then-read",
    "forged-token",
    "leaver",
    "mimic",
    "own-login",
    "partner-after-contract",
    "quiet",
    "slow-walk",
    "spread",
    "sql-dump",
    "stolen-sessions",
)


def sent(name: str, scale: float, seed: int = 1) -> tuple[Breach, dict[str, Traffic]]:
    """What each step of a shipped breach sends at that scale."""
    shop, breach = load_replay(breach=name)
    assert breach is not None
    setting = make_setting(shop, breach, seed, scale)
    people = make_people(setting)
    visitors = Visitors(setting, people) if name == "stolen-sessions" else NoVisitors()
    actors = make_breach_actors(setting, breach, people, visitors)
    parts: dict[str, list[Traffic]] = {step.id: [] for step in breach.step}
    for day in range(setting.calendar.days):
        for step, actor in zip(breach.step, actors, strict=True):
            parts[step.id].extend(actor.day(day).traffic)
    return breach, {step: Traffic.joined(each) for step, each in parts.items()}


def test_thirteen_breaches_are_shipped_under_their_own_names() -> None:
    assert tuple(breach_names()) == NAMES
    for name in NAMES:
        breach = load_breach(SHOP, name)
        assert breach.id == name
        assert breach.title
        assert breach.about


@pytest.mark.parametrize("name", NAMES)
def test_each_item_begins_with_what_happens_and_what_that_stands_on(name: str) -> None:
    text = (SHIPPED / "breach" / f"{name}.toml").read_text(encoding="utf-8")
    head = [line for line in text.partition("\nid = ")[0].splitlines() if line]
    assert all(line.startswith("#") for line in head)
    assert name == "quiet" or any("stands on" in line for line in head)


@pytest.mark.parametrize("scale", [0.001, 0.02])
@pytest.mark.parametrize("name", NAMES)
def test_every_breach_fits_a_small_shop_and_stays_within_its_days(name: str, scale: float) -> None:
    breach, traffic = sent(name, scale)
    start, end = load_start(breach)
    for step in breach.step:
        made = traffic[step.id]
        assert len(made) or step.means in {"stuffing", "stolen"}
        assert ((made.time >= start) & (made.time < end)).all()


def load_start(breach: Breach) -> tuple[int, int]:
    calendar = make_setting(SHOP, breach, 1, 1.0).calendar
    return calendar.start, calendar.end


def test_what_is_planned_is_what_is_sent() -> None:
    shop, _ = load_replay(breach="quiet")
    for name in NAMES:
        breach, traffic = sent(name, 0.02)
        setting = make_setting(shop, breach, 1, 0.02)
        for plan in plan_breach(setting, breach, make_people(setting)):
            made = traffic[plan.step]
            step = next(step for step in breach.step if step.id == plan.step)
            page = made.take(made.page == shop.page_at(step.page))
            assert int((page.status == 200).sum()) == plan.reads, (name, plan.step)
            assert int((page.status == 404).sum()) == plan.misses, (name, plan.step)
            for other, many in plan.then.items():
                assert int((made.page == shop.page_at(other)).sum()) == many, (name, plan.step, other)


def test_the_case_has_its_addresses_waves_and_misses_in_the_demo() -> None:
    breach, traffic = sent("forged-token", 1.0)
    shop, _ = load_replay(breach="forged-token")
    whole = Traffic.joined(list(traffic.values()))
    assert len(np.unique(whole.address)) == 2313
    assert len(np.unique(traffic["address-list"].address)) == 16
    assert len({step.agent for step in breach.step}) == 3
    views = {
        page: int(((whole.page == shop.page_at(page)) & (whole.status == 200)).sum())
        for page in ("my-info", "my-addresses", "my-address-edit", "my-orders")
    }
    # 20,000 customers instead of 33.7 million; the tests are four and seven at any size
    assert views["my-info"] == 4 + round(20_000 * (33_673_817 - 4) / 33_700_000)
    assert views["my-addresses"] == 7 + round(20_000 * (148_056_502 - 7) / 33_700_000)
    assert views["my-address-edit"] == round(views["my-info"] * 50_000 / 33_673_817)
    assert views["my-orders"] == round(views["my-info"] * 100_000 / 33_673_817)
    list_walk = traffic["address-list"]
    assert int((list_walk.status == 404).sum()) == round(20_000 * 1.3067)
    start = load_start(breach)[0]
    first_days = [int((traffic[step.id].time.min() - start) // 86_400_000) for step in breach.step]
    assert first_days == [2, 7, 12, 29]


def test_a_slow_walk_reads_fifty_other_people_on_every_day() -> None:
    breach, traffic = sent("slow-walk", 1.0)
    walk, start = traffic["walk"], load_start(breach)[0]
    day = (walk.time - start) // 86_400_000
    assert np.bincount(day).tolist() == [50] * 45
    assert len(np.unique(walk.principal)) == 2250


def test_a_spread_breach_uses_no_address_twice() -> None:
    _, traffic = sent("spread", 0.2)
    assert len(np.unique(traffic["walk"].address)) == len(traffic["walk"])


def test_the_partner_reads_only_after_its_contract_ended() -> None:
    shop, breach = load_replay(breach="partner-after-contract")
    assert breach is not None
    partner = next(each for each in shop.partner if each.id == breach.step[0].claim)
    assert (partner.until - shop.span.first_day).days + 1 == min(step.from_day for step in breach.step)


def test_the_leaver_had_left_before_her_first_evening() -> None:
    shop, breach = load_replay(breach="leaver")
    assert breach is not None
    (row,) = breach.staff
    assert row.left is not None
    assert row.left < shop.span.first_day
    assert {step.claim for step in breach.step} == {row.id}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('page = "my-info"', 'page = "my-secrets"', "names 'my-secrets'"),
        ('page = "my-info"', 'page = "cart"', "'cart' shows nobody's data"),
        ('page = "my-info"', 'page = "partner-orders"', "'forged' does not read 'partner-orders'"),
        ('page = "my-info"', 'page = "db-member"', "'forged' does not read 'db-member'"),
        ('means = "forged"', 'means = "magic"', "names 'magic'"),
        ('means = "forged"', 'means = "own-login"', "'own-login' does not read 'my-info'"),
        ('walk = "customers"', 'walk = "dance"', "names 'dance'"),
        ('walk = "customers"', 'walk = "sessions"', "'forged' does not walk 'sessions'"),
        ('pool = "scout"', 'pool = "none"', "names 'none'"),
        ('key = "k-2024-04"', 'key = "k-1999"', "names 'k-1999'"),
        ('key = "k-2024-04"', 'key = "k-2024-04"\nkey_on_record = false', "is on record"),
        ('key = "k-2024-04"', "# no key", "must name the key"),
        (
            'key = "k-2024-04"',
            'key = "k-2024-04"\nclaim = "s-0007"',
            "claim says nothing to the means 'forged'",
        ),
        ('key = "k-2024-04"', 'key = "k-2024-04"\naccounts = 3', "accounts says nothing"),
        ('key = "k-2024-04"', 'key = "k-2024-04"\nhit_share = 0.1', "hit_share says nothing"),
        ("to_day = 43", "to_day = 99", "lie outside the shop's 45"),
        ("to_day = 43", "to_day = 29", "lie outside the shop's 45"),
        ("from_day = 2\n", "from_day = -1\n", "at least 0"),
        ("block = 420", "block = 0", "at least 1"),
        ("rounds = 4.39336780415", "rounds = 0.5", "at least 1"),
        ("at_most = 4", "at_most = -4", "at least 0"),
        ("start = 0.31", "start = 1.31", "a share lies between 0 and 1"),
        ("share = 0.999222937685", "share = 2.0", "a share lies between 0 and 1"),
        ("my-orders = 0.00296966666", "my-orders = 2.0", "a share lies between 0 and 1"),
        ("my-orders = 0.00296966666", "my-odours = 0.1", "names 'my-odours'"),
        ("block = 8", "block = 8\nbetween = { my-orders = 1.0 }", "shows people's data"),
        ("block = 8", "block = 8\nbetween = { nowhere = 1.0 }", "names 'nowhere'"),
        ("block = 8", "block = 8\nbetween = { home = -1.0 }", "between 0 and 100"),
        ("block = 8", "block = 8\nspeed = 8", "speed is not known"),
        ("pause_ms = [4000,", "pause_ms = [90000, 4000,", "rising"),
        ("hours = [1, 2,", "hours = [1,", "24 weights"),
        ("course = [3,", "course = [-3,", "none below 0"),
        ("block = 8", "block = 8\nweekdays = [1, 1]", "7 weights"),
        ("addresses = 16", "addresses = 160", "do not fit"),
        ('network = "198.51.100.64/26"', 'network = "2001:db8::/64"', "no IPv4 network"),
        ('id = "few"', 'id = "scout"', "'scout' more than once"),
        ('id = "second-test"', 'id = "first-test"', "'first-test' more than once"),
        ('id = "second-test"', 'id = "second/test"', "small letters"),
        ('id = "forged-token"', 'id = "Forged Token"', "small letters"),
    ],
)
def test_one_wrong_thing_in_a_breach_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in FORGED
    path = tmp_path / "mine.toml"
    path.write_text(FORGED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_breach(SHOP, path)
    assert any(message in fault.message for fault in caught.value.faults), str(caught.value)
    assert all(fault.where.file == "mine.toml" and fault.where.line for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("leaver", 'claim = "s-9004"', 'claim = "s-1111"', "names 's-1111'"),
        ("leaver", 'claim = "s-9004"', "# nobody", "must name a member of staff"),
        ("leaver", 'id = "s-9004"', 'id = "s-0007"', "'s-0007' more than once"),
        ("partner-after-contract", 'claim = "partner-loyalty"', 'claim = "acme"', "names 'acme'"),
        (
            "partner-after-contract",
            'walk = "pages"',
            'walk = "ranges"',
            "'ranges' does not read 'partner-orders'",
        ),
        (
            "bulk-export",
            'walk = "ranges"',
            'walk = "customers"',
            "'customers' does not read 'export-customers'",
        ),
        ("bulk-export", 'page = "export-customers"', 'page = "db-range"', "does not read 'db-range'"),
        ("sql-dump", 'claim = "dba_jun"', "# nobody", "must name a role of the database"),
        ("sql-dump", 'page = "db-member"', 'page = "member-profile"', "does not read 'member-profile'"),
        ("credential-stuffing-then-read", "hit_share = 0.012", "rounds = 2", "hit_share must be above 0"),
        ("stolen-sessions", "share = 0.004", "share = 0.004\nrounds = 2", "makes no rounds"),
    ],
)
def test_a_means_names_what_does_not_go_with_it(
    tmp_path: Path, name: str, old: str, new: str, message: str
) -> None:
    text = (SHIPPED / "breach" / f"{name}.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_breach(SHOP, path)
    assert any(message in fault.message for fault in caught.value.faults), str(caught.value)


def test_all_faults_of_an_item_are_named_at_once(tmp_path: Path) -> None:
    text = FORGED.replace("block = 420", "block = 0").replace('pool = "many"', 'pool = "none"')
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('means = "forged"', 'means = "magic"', 1), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_breach(SHOP, path)
    assert len(caught.value.faults) == 3
    known = next(fault for fault in caught.value.faults if "magic" in fault.message).hint
    assert "credential" not in known
    assert "forged, own-login, partner, staff, stolen, stuffing" in known


def test_the_variants_that_the_case_describes_load(tmp_path: Path) -> None:
    retired = FORGED.replace("k-2024-04", "k-2023-07") + (
        '\n[[key]]\nid = "k-2023-07"\nmade = 2023-07-03\nretired = 2024-04-30\nholders = ["s-0019"]\n'
    )
    unknown = FORGED.replace('key = "k-2024-04"', 'key = "k-0000"\nkey_on_record = false')
    for text in (retired, unknown):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        assert len(load_breach(SHOP, path).step) == 4


def test_a_step_is_changed_by_its_id() -> None:
    breach = load_breach(SHOP, steps={"member-details": {"from_day": 30, "then.my-orders": 0.5}})
    step = next(step for step in breach.step if step.id == "member-details")
    usual = next(step for step in load_breach(SHOP).step if step.id == "member-details")
    assert step == replace(usual, from_day=30, then=usual.then | {"my-orders": 0.5})
    with pytest.raises(FaultsError, match="no-such-step"):
        load_breach(SHOP, steps={"no-such-step": {"from_day": 30}})


def test_a_breach_changes_values_of_its_shop(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(FORGED.replace("[[pool]]", "[shop.span]\ndays = 60\n\n[[pool]]", 1), encoding="utf-8")
    shop, breach = load_replay(breach=path)
    assert shop.span.days == 60
    assert breach is not None


def test_the_page_about_breaches_names_every_field_means_and_walk() -> None:
    page = (Path(__file__).parents[3] / "docs" / "howto" / "write-a-breach.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_-]+)`", page))
    assert {field.name for field in fields(Step)} <= named
    assert set(MEANS) | set(WALKS) <= named


def test_a_breach_in_code_has_no_tables_of_its_own() -> None:
    assert breach_of().staff == breach_of().key == breach_of().partner == ()
