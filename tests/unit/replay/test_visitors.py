"""Visitors: sessions and their tokens, what they look at, where they come from."""

from __future__ import annotations

import hashlib
from dataclasses import fields

import numpy as np
import pytest

from whosaw.replay.actors import Visitors
from whosaw.replay.actors.sessions import plan_sessions
from whosaw.replay.items import load_shop
from whosaw.replay.people import V6_BASE, People, make_people
from whosaw.replay.setting import DAY_MS, HOUR_MS, Setting, make_setting
from whosaw.replay.shop_item import Shop
from whosaw.replay.traffic import NOBODY, Day, Issued, Traffic

SHOP = load_shop()
PRIVATE = np.asarray([bool(page.categories) for page in SHOP.page])


class Shown:
    """A replay of visitors, all days at once."""

    def __init__(self, shop: Shop = SHOP, scale: float = 0.2, seed: int = 1) -> None:
        self.setting: Setting = make_setting(shop, None, seed, scale)
        self.people: People = make_people(self.setting)
        self.visitors = Visitors(self.setting, self.people)
        self.before: Issued = self.visitors.before()
        self.days: list[Day] = [self.visitors.day(day) for day in range(shop.span.days)]
        self.all = Traffic.joined([part for day in self.days for part in day.traffic])
        self.issued = [self.before, *(part for day in self.days for part in day.issued)]

    def issue(self, name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in self.issued])

    def of_pages(self, *ids: str) -> Traffic:
        return self.all.take(np.isin(self.all.page, [self.setting.shop.page_at(page) for page in ids]))


@pytest.fixture(scope="module")
def shown() -> Shown:
    return Shown()


def test_every_token_was_issued_once_to_whoever_shows_it_before_it_is_shown(shown: Shown) -> None:
    token, subject, time = shown.issue("token"), shown.issue("subject"), shown.issue("time")
    assert len(set(token.tolist())) == len(token)
    assert 0 not in token
    record = {
        each: (who, when)
        for each, who, when in zip(token.tolist(), subject.tolist(), time.tolist(), strict=True)
    }
    used = shown.all.take(shown.all.token != 0)
    for each, who, when in zip(used.token.tolist(), used.principal.tolist(), used.time.tolist(), strict=True):
        issued_to, issued_at = record[each]
        assert issued_to == who
        assert issued_at < when


def test_no_token_is_shown_longer_than_logins_are_remembered() -> None:
    shown = Shown(load_shop({"logins.remembered_days": 10, "sessions.fresh_login_share": 0.1}))
    at = dict(zip(shown.issue("token").tolist(), shown.issue("time").tolist(), strict=True))
    used = shown.all.take(shown.all.token != 0)
    age = used.time - np.asarray([at[token] for token in used.token.tolist()])
    assert 5 * DAY_MS < age.max() < 10 * DAY_MS


def test_some_sessions_come_back_with_a_login_from_before_the_log_and_some_logins_are_never_seen(
    shown: Shown,
) -> None:
    assert (shown.before.time < shown.setting.calendar.start).all()
    seen = np.isin(shown.before.token, shown.all.token)
    assert seen.sum() > 100
    assert (~seen).sum() == 2400  # logins.earlier at this scale
    oldest = shown.setting.calendar.start - shown.before.time[seen]
    assert oldest.max() <= 45 * DAY_MS


def test_a_refresh_swaps_the_token_in_mid_visit(shown: Shown) -> None:
    asked = shown.of_pages("refresh")
    assert (asked.status == 200).all()
    swapped = [part for part in shown.issued if part.refresh.any()]
    assert sum(int(part.refresh.sum()) for part in swapped) == len(asked)
    old_of = dict(zip(asked.time.tolist(), asked.token.tolist(), strict=True))
    checked = 0
    for part in swapped:
        for time, new, who in zip(
            part.time.tolist(), part.token.tolist(), part.subject.tolist(), strict=True
        ):
            mine = shown.all.take(
                (shown.all.principal == who) & (shown.all.page != shown.setting.shop.page_at("static"))
            )
            old = mine.take(mine.token == old_of[time])
            assert old.time.max() <= time
            after = mine.take(mine.token == new)
            assert after.time.min() > time
            checked += 1
        if checked > 40:
            break
    sessions = plan_sessions(shown.setting, shown.people)[0]
    assert len(asked) == pytest.approx(0.06 * (sessions.signed_in & (sessions.pages > 1)).sum(), rel=0.3)


def test_swaps_may_be_missing_from_the_record_while_the_log_shows_them() -> None:
    shown = Shown(load_shop({"logins.refresh_share": 0.5, "logins.refresh_recorded_share": 0.0}))
    assert len(shown.of_pages("refresh")) > 500
    assert not any(part.refresh.any() for part in shown.issued)
    used = shown.all.token[shown.all.token != 0]
    unknown = ~np.isin(used, shown.issue("token"))
    assert 0.05 < unknown.mean() < 0.6


def test_no_swaps_and_no_record_before_where_the_item_says_so() -> None:
    shown = Shown(
        load_shop({"logins.refresh_share": 0, "logins.earlier": 0, "sessions.fresh_login_share": 1})
    )
    assert len(shown.of_pages("refresh")) == 0
    assert len(shown.before.time) == 0


def test_requests_begin_on_their_day_and_keep_the_rhythm(shown: Shown) -> None:
    calendar = shown.setting.calendar
    for at, day in enumerate(shown.days):
        assert all((part.time >= calendar.day_start(at)).all() for part in day.traffic)
    logins = shown.of_pages("login")
    hour = (logins.time - calendar.start) % DAY_MS // HOUR_MS
    assert (hour == 21).sum() > 6 * (hour == 4).sum()


def test_pages_of_a_session_follow_with_think_times() -> None:
    values: dict[str, object] = {"span.days": 2, "logins.refresh_share": 0}
    for device in ("browser", "app", "script"):
        values |= {f"device.{device}.pages": [3], f"device.{device}.think_ms": [7000]}
        values |= {f"device.{device}.signed_in_share": 1.0, f"device.{device}.static_per_page": [0]}
    shown = Shown(load_shop(values))
    pages = Traffic.joined([part for part in shown.days[0].traffic if len(part) and part.token[0] != 0])
    sessions = plan_sessions(shown.setting, shown.people)[0]
    first_day = sessions.take(np.flatnonzero(sessions.start < shown.setting.calendar.day_start(1)))
    first = first_day.start + 600 + 7000 // 50
    assert sorted(pages.time.tolist()) == sorted([*first, *(first + 7000), *(first + 14_000)])


def test_visits_begin_where_people_enter_and_one_order_is_opened_from_the_list() -> None:
    shop = load_shop(
        {"device.browser.share": 0, "device.script.share": 0, "span.days": 2, "device.app.think_ms": [50]}
    )
    shown = Shown(shop, scale=1.0)
    sessions, _ = plan_sessions(shown.setting, shown.people)
    pages = Traffic.joined([part for day in shown.days for part in day.traffic if len(part) and part.page[0] not in {
        shop.page_at("login"), shop.page_at("refresh")}])  # fmt: skip
    of_user = pages.take(np.argsort(pages.principal, kind="stable"))
    signed_in = of_user.take(of_user.principal != NOBODY)
    begins = np.ones(len(signed_in), dtype=bool)
    begins[1:] = (np.diff(signed_in.principal) != 0) | (np.diff(signed_in.time) > 60)
    entered = {shop.page[at].id for at in set(signed_in.page[begins].tolist())}
    assert entered == {"app-feed", "home", "product", "my-orders"}
    assert begins.sum() <= len(sessions)
    detail = np.flatnonzero(signed_in.page == shop.page_at("my-order"))
    before = signed_in.page[detail - 1]
    assert len(detail) > 50
    assert set(before.tolist()) == {shop.page_at("my-orders")}


def test_personal_pages_are_about_whoever_is_signed_in(shown: Shown) -> None:
    seen = shown.all.take(PRIVATE[shown.all.page])
    turned_away = seen.principal == NOBODY
    assert set(seen.status[turned_away].tolist()) == {302, 401}
    assert set(seen.status[~turned_away].tolist()) == {200, 401, 404}
    assert (seen.token[turned_away] == 0).all()
    assert (seen.key[turned_away] == -1).all()
    profile = shown.of_pages("member-profile")
    named = profile.take(profile.principal != NOBODY)
    assert 0.9 < (named.number == named.principal).mean() < 1
    edit = shown.of_pages("my-address-edit")
    signed_in = edit.take(edit.principal != NOBODY)
    owner = (signed_in.number - shown.people.first_address_id) // shown.people.books
    assert (shown.people.numbers[owner] == signed_in.principal).all()


def test_some_personal_pages_are_gone_and_some_sessions_have_run_out() -> None:
    shown = Shown(load_shop({"sessions.gone_share": 0.2, "sessions.expired_share": 0.1}))
    for page, gone in (("my-order", 0.2 * 0.9), ("my-address-edit", 0.2 * 0.9), ("my-info", 0.0)):
        seen = shown.of_pages(page)
        seen = seen.take(seen.principal != NOBODY)
        assert (seen.status == 404).mean() == pytest.approx(gone, abs=0.06)
        assert (seen.status == 401).mean() == pytest.approx(0.1, abs=0.05)


def test_apps_and_scripts_fetch_no_static_files_and_scripts_have_the_agents_of_attackers(
    shown: Shown,
) -> None:
    agents = np.asarray(shown.setting.agents.texts)
    static = agents[shown.of_pages("static").agent]
    assert all(text.startswith("Mozilla/") for text in set(static.tolist()))
    scripts = shown.all.take(
        np.isin(shown.all.agent, np.flatnonzero([t.startswith(("python-", "curl/")) for t in agents]))
    )
    assert len(scripts) > 0
    signed_in = scripts.take(scripts.principal != NOBODY)
    assert 1 <= len(set(signed_in.principal.tolist())) <= 6
    assert set(agents[scripts.agent].tolist()) <= {"python-requests/2.32.3", "curl/8.5.0"}


def test_one_customer_keeps_one_agent_on_a_device(shown: Shown) -> None:
    agents = shown.setting.agents.texts
    seen: dict[int, set[str]] = {}
    for who, agent in zip(shown.all.principal.tolist(), shown.all.agent.tolist(), strict=True):
        if who != NOBODY and agents[agent].startswith("ShopApp/"):
            seen.setdefault(who, set()).add(agents[agent])
    assert len(seen) > 100
    assert all(len(each) == 1 for each in seen.values())


def test_a_browser_fetches_the_files_of_a_page_after_it_and_none_twice() -> None:
    values = {"device.browser.pages": [1], "device.browser.static_per_page": [3], "page.static.numbers": 3}
    shown = Shown(load_shop({**values, "device.browser.share": 1, "span.days": 3, "sessions.count": 900}))
    static = shown.of_pages("static")
    assert len(static) > 100
    assert np.bincount(static.number).tolist() == [0, *[len(static) // 3] * 3]
    assert set(static.status.tolist()) == {200, 304}
    assert (static.status == 304).mean() == pytest.approx(0.3, abs=0.07)
    assert (static.size[static.status == 304] == 0).all()


def test_thousands_leave_through_one_carrier_address() -> None:
    shop = load_shop({"span.days": 10, "sessions.count": 8000})
    shown = Shown(shop, scale=1.0)
    behind = shown.all.take(shown.all.address == shown.people.carrier[0])
    assert len(shown.people.carrier) == 2
    assert len(set(behind.principal.tolist())) > 1000


def test_travellers_and_app_users_change_networks_and_office_workers_share_addresses(shown: Shown) -> None:
    people, traffic = shown.people, shown.all
    assert np.isin(traffic.address, people.travel).any()
    offices = traffic.take(np.isin(traffic.address, people.offices))
    hour = (offices.time - shown.setting.calendar.start) % DAY_MS / HOUR_MS
    assert len(offices) > 0
    assert (hour >= 9).all()
    known = np.concatenate([people.home, people.carrier, people.offices, people.travel])
    assert np.isin(traffic.address, known).all()
    assert (traffic.address >= V6_BASE).any()
    signed_in = traffic.take(traffic.token != 0)
    pairs = np.unique(np.stack([signed_in.token, signed_in.address.astype(np.uint64)]), axis=1)
    moved = np.unique(pairs[0], return_counts=True)[1] > 1
    assert 0.01 < moved.mean() < 0.6


def test_a_visit_that_changes_networks_goes_on_from_the_other_one() -> None:
    values = {"device.app.pages": [2], "device.app.think_ms": [50], "network.changes_network_share": 1}
    shop = load_shop({**values, "device.browser.share": 0, "device.script.share": 0, "span.days": 1})
    shown = Shown(shop, scale=0.01)
    (seen,) = [part for part in shown.days[0].traffic if shop.page_at("app-feed") in part.page]
    first, second = seen.address[0::2], seen.address[1::2]
    at_carrier = [np.isin(half, shown.people.carrier) for half in (first, second)]
    assert len(first) > 100
    assert (at_carrier[0] != at_carrier[1]).all()
    assert 0 < at_carrier[0].sum() < len(first)


def test_a_wrong_password_is_tried_before_the_visit_and_not_before_the_day() -> None:
    values = {"rhythm.hours": [1, *[0] * 23], "sessions.wrong_password_share": 1, "sessions.count": 16_000}
    shown = Shown(load_shop({**values, "span.days": 2}))
    logins = [
        Traffic.joined([p for p in day.traffic if len(p) and p.page[0] == SHOP.page_at("login")])
        for day in shown.days
    ]
    for at, part in enumerate(logins):
        assert (part.status == 401).sum() == (part.status == 302).sum() > 400
        assert part.time.min() == shown.setting.calendar.day_start(at)
        assert part.time[part.status == 401].mean() < part.time[part.status == 302].mean()


def test_canaries_are_never_seen(shown: Shown) -> None:
    canaries = shown.people.numbers[shown.people.canaries]
    assert not np.isin(shown.all.principal, canaries).any()
    assert not np.isin(shown.issue("subject"), canaries).any()


def test_live_sessions_can_be_used_at_the_end_of_their_day(shown: Shown) -> None:
    day, people = 20, shown.people
    live = shown.visitors.live(day)
    end = shown.setting.calendar.day_start(day + 1)
    assert len(live.who) > 50
    assert len(set(live.token.tolist())) == len(live.token)
    at = dict(
        zip(
            shown.issue("token").tolist(),
            zip(shown.issue("time").tolist(), shown.issue("subject").tolist(), strict=True),
            strict=True,
        )
    )
    for who, token in zip(live.who.tolist(), live.token.tolist(), strict=True):
        issued_at, subject = at[token]
        assert subject == people.numbers[who]
        assert issued_at < end + DAY_MS
    assert len(live.address) == len(live.key) == len(live.who)
    assert len(shown.visitors.live(0).who) < len(live.who)


def test_a_very_small_shop_works_and_has_sessions() -> None:
    shown = Shown(scale=0.001)
    assert len(shown.people) == 20
    assert len(shown.all) > 20


def test_days_may_be_asked_for_again_and_the_same_seed_gives_the_same(shown: Shown) -> None:
    again = Shown()
    assert digest(again.days[3]) == digest(shown.days[3]) == digest(shown.visitors.day(3))
    assert digest(Shown(seed=2).days[3]) != digest(shown.days[3])


def digest(day: Day) -> str:
    total = hashlib.sha256()
    for part in (*day.traffic, *day.issued):
        for each in fields(part):
            total.update(np.ascontiguousarray(getattr(part, each.name)).tobytes())
    return total.hexdigest()[:16]
