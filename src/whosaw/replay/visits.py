"""Honest visitors: sessions that log in or come back, look at things, and sometimes at their own data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .dice import Dice, Ints
from .people import People
from .requests import NOBODY, Requests, response_sizes
from .setting import DAY_MS, Setting
from .shop_item import Shop

__all__ = ["Logins", "make_earlier_logins", "make_visits"]

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """Tokens that the login service issued. `subject` is a member number or a staff code."""

    time: Ints
    subject: Ints
    token: NDArray[np.uint64]
    key: Ints
    address: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sessions:
    who: Ints  # position of the customer
    device: Ints
    start: Ints
    address: Ints
    moved_to: Ints  # the address of the session's later part
    signed_in: Bools
    fresh: Bools  # logs in at its start
    agent: Ints
    pages: Ints
    key: Ints  # of the token, where there is one


def make_visits(setting: Setting, people: People) -> tuple[list[Requests], Logins]:
    """The requests of all sessions, and the logins behind them (some from before the log began)."""
    shop = setting.shop
    sessions = _sessions(setting, people)
    token, logins = _issue(setting, people, sessions)
    pages = _pages(shop, people, sessions, token, setting.dice("pages"))
    static = _static(shop, sessions, pages, setting.dice("static"))
    return [pages, static, _login_lines(shop, sessions, setting.dice("login"))], logins


def make_earlier_logins(setting: Setting, people: People) -> Logins:
    """Logins from before the log, whose tokens it never shows: a login service keeps more than one needs."""
    shop, dice = setting.shop, setting.dice("earlier logins")
    count = setting.sized(shop.sessions.earlier_logins, 1)
    who = people.visitors[dice.below(count, len(people.visitors))]
    device = dice.pick(count, [entry.share for entry in shop.device])
    return Logins(
        time=setting.calendar.start - 1 - dice.below(count, shop.sessions.logins_kept_days * DAY_MS),
        subject=people.numbers[who],
        token=dice.raw(count) | np.uint64(1),
        key=np.asarray([shop.key_at(entry.key) for entry in shop.device], dtype=np.int64)[device],
        address=people.home[who],
    )


def _by_device(shop: Shop, dice: Dice, device: Ints, field: str) -> Ints:
    """A draw for each session from its own device's quantiles."""
    out = np.zeros(len(device), dtype=np.int64)
    for at, entry in enumerate(shop.device):
        mine = device == at
        out[mine] = dice.quantiles(int(mine.sum()), getattr(entry, field))
    return out


def _sessions(setting: Setting, people: People) -> _Sessions:
    shop, dice = setting.shop, setting.dice("sessions")
    count = setting.sized(shop.sessions.count, 20)
    # squared: some customers come often, many seldom
    who = people.visitors[(dice.unit(count) ** 2 * len(people.visitors)).astype(np.int64)]
    device = dice.pick(count, [entry.share for entry in shop.device])
    start = setting.calendar.moments(dice, count)
    address, moved_to = _places(setting, people, who, device, start)
    signed_in = dice.unit(count) < np.asarray([entry.signed_in_share for entry in shop.device])[device]
    fresh = dice.yes(count, shop.sessions.fresh_login_share) & signed_in
    key = np.asarray([shop.key_at(entry.key) for entry in shop.device], dtype=np.int64)[device]
    agent = np.zeros(count, dtype=np.int64)
    for at, entry in enumerate(shop.device):
        group = [
            (setting.agents.code(kind.text), kind.share) for kind in shop.agent if kind.group == entry.id
        ]
        mine = np.flatnonzero(device == at)
        # one customer keeps one agent
        edges = np.cumsum([share for _, share in group]) / sum(share for _, share in group)
        where = (people.numbers[who[mine]] * 7919 % 1000 + 0.5) / 1000
        agent[mine] = np.asarray([code for code, _ in group])[np.searchsorted(edges, where)]
    return _Sessions(
        who=who,
        device=device,
        start=start,
        address=address,
        moved_to=moved_to,
        signed_in=signed_in,
        fresh=fresh,
        agent=agent,
        pages=_by_device(shop, dice, device, "pages"),
        key=np.where(signed_in, key, -1),
    )


def _places(setting: Setting, people: People, who: Ints, device: Ints, start: Ints) -> tuple[Ints, Ints]:
    """Where each session starts and where it ends up: home, a carrier's shared address, an office."""
    shop, calendar, dice, count = setting.shop, setting.calendar, setting.dice("places"), len(who)
    at_home = dice.unit(count) < np.asarray([entry.home_share for entry in shop.device])[device]
    carrier = people.carrier[dice.below(count, len(people.carrier))]
    address = np.where(at_home, people.home[who], carrier)
    since = start - calendar.start
    hour, weekday = since % DAY_MS // 3_600_000, (since // DAY_MS + calendar.first_weekday) % 7
    at_work = (weekday < 5) & (hour >= 9) & (hour < 18)
    in_office = (device == 0) & at_work & dice.yes(count, shop.network.office_share)
    address = np.where(in_office, people.offices[who % len(people.offices)], address)
    moves = (device == 1) & dice.yes(count, shop.network.changes_network_share)
    return address, np.where(moves, np.where(at_home, carrier, people.home[who]), address)


def _issue(setting: Setting, people: People, sessions: _Sessions) -> tuple[NDArray[np.uint64], Logins]:
    """A token for every session that is signed in: a new one, or that of the same device's last login."""
    dice, who, device = setting.dice("tokens"), sessions.who, sessions.device
    order = np.lexsort((sessions.start, device, who))
    order = order[sessions.signed_in[order]]
    same = np.zeros(len(order), dtype=bool)
    same[1:] = (who[order][1:] == who[order][:-1]) & (device[order][1:] == device[order][:-1])
    begins = sessions.fresh[order] | ~same
    group = np.cumsum(begins) - 1
    head = order[begins]
    tokens = dice.raw(len(head)) | np.uint64(1)
    token = np.zeros(len(who), dtype=np.uint64)
    token[order] = tokens[group]
    remembered = setting.shop.sessions.remembered_days * DAY_MS
    before = setting.calendar.start - 1 - dice.below(len(head), remembered)
    fresh = sessions.fresh[head]
    logins = Logins(
        time=np.where(fresh, sessions.start[head], before),
        subject=people.numbers[who[head]],
        token=tokens,
        key=sessions.key[head],
        address=np.where(fresh, sessions.address[head], people.home[who[head]]),
    )
    return token, logins


def _pages(
    shop: Shop, people: People, sessions: _Sessions, token: NDArray[np.uint64], dice: Dice
) -> Requests:
    """What each session looks at, with its token, or without one where nobody is signed in."""
    of = np.repeat(np.arange(len(sessions.who)), sessions.pages)
    count, device = len(of), sessions.device[of]
    page = np.zeros(count, dtype=np.int64)
    for at, entry in enumerate(shop.device):
        mine = device == at
        ids = np.asarray([shop.page_at(name) for name in entry.weights], dtype=np.int64)
        page[mine] = ids[dice.pick(int(mine.sum()), entry.weights)]
    think = _by_device(shop, dice, device, "think_ms")
    first = np.concatenate([[0], np.cumsum(sessions.pages)[:-1]])
    think[first] = 600 + think[first] // 50  # the first page comes right after the login
    passed = np.cumsum(think)
    since = passed - np.repeat(passed[first] - think[first], sessions.pages)
    later = np.arange(count) - first[of] > sessions.pages[of] // 2
    private = np.asarray([bool(entry.categories) for entry in shop.page])[page]
    signed_in, who = sessions.signed_in[of], sessions.who[of]
    expired = private & signed_in & dice.yes(count, shop.sessions.expired_share)
    missing = (page == shop.page_at("product")) & dice.yes(count, shop.sessions.not_found_share)
    status = np.where(private & ~signed_in, 302, np.where(expired, 401, np.where(missing, 404, 200)))
    return Requests.of(
        count,
        time=sessions.start[of] + since,
        principal=np.where(signed_in, people.numbers[who], NOBODY),
        address=np.where(later, sessions.moved_to[of], sessions.address[of]),
        agent=sessions.agent[of],
        page=page,
        number=_numbers(shop, people, dice, page, who),
        status=status,
        size=response_sizes(shop, dice, page, status),
        token=token[of],
        key=sessions.key[of],
    )


def _numbers(shop: Shop, people: People, dice: Dice, page: Ints, who: Ints) -> Ints:
    """What stands for {number} in each path."""
    things = np.asarray([max(1, entry.numbers) for entry in shop.page], dtype=np.int64)[page]
    is_address = np.asarray([entry.number_is == "address" for entry in shop.page])[page]
    thing = 1 + (dice.unit(len(page)) ** 2 * things).astype(np.int64)
    return np.where(is_address, people.address_ids(who, dice), thing)


def _static(shop: Shop, sessions: _Sessions, pages: Requests, dice: Dice) -> Requests:
    """Scripts and styles that a browser fetches after a page."""
    of_device = np.repeat(sessions.device, sessions.pages)
    many = np.where(pages.status == 200, _by_device(shop, dice, of_device, "static_per_page"), 0)
    of = np.repeat(np.arange(len(pages)), many)
    count, page = len(of), shop.page_at("static")
    # files in a row from some place on: a page does not fetch the same file twice
    start, nth = (
        dice.below(len(pages), shop.page[page].numbers),
        np.arange(count) - (np.cumsum(many) - many)[of],
    )
    status = np.where(dice.yes(count, 0.3), 304, 200)
    static = np.full(count, page, dtype=np.int64)
    return Requests.of(
        count,
        time=pages.time[of] + 40 + dice.below(count, 900),
        principal=pages.principal[of],
        address=pages.address[of],
        agent=pages.agent[of],
        page=static,
        number=1 + (start[of] + nth) % shop.page[page].numbers,
        status=status,
        size=np.where(status == 304, 0, response_sizes(shop, dice, static, status)),
        token=pages.token[of],
        key=pages.key[of],
    )


def _login_lines(shop: Shop, sessions: _Sessions, dice: Dice) -> Requests:
    """POST /login of each session that logs in, some with a wrong password shortly before."""
    good = np.flatnonzero(sessions.fresh)
    bad = good[dice.yes(len(good), shop.sessions.wrong_password_share)]
    of = np.concatenate([good, bad])
    early = np.concatenate([np.zeros(len(good), dtype=np.int64), 4000 + dice.below(len(bad), 16000)])
    status = np.concatenate([np.full(len(good), 302), np.full(len(bad), 401)])
    page = np.full(len(of), shop.page_at("login"), dtype=np.int64)
    return Requests.of(
        len(of),
        time=sessions.start[of] - early,
        address=sessions.address[of],
        agent=sessions.agent[of],
        page=page,
        status=status,
        size=response_sizes(shop, dice, page, status),
    )
