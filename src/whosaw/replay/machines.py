"""Who else is in the log: crawlers, the monitor, and support agents who work through tickets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .dice import Ints
from .people import People
from .requests import Requests, response_sizes, staff_code
from .setting import DAY_MS, MINUTE_MS, Setting
from .visits import Logins

__all__ = ["Tickets", "make_machines", "make_support"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets:
    """`staff` is a position in shop.support.staff, `who` a position among the customers."""

    staff: Ints
    who: Ints
    opened: Ints
    closed: Ints


def make_machines(setting: Setting) -> list[Requests]:
    """Crawlers that page through what is on sale, and a monitor that asks whether the shop is up."""
    shop, calendar, dice = setting.shop, setting.calendar, setting.dice("machines")
    addresses, agents = setting.addresses, setting.agents
    parts = []
    for crawler in shop.crawler:
        count = setting.sized(crawler.per_day, 1) * calendar.days
        page = np.full(count, shop.page_at("product"), dtype=np.int64)
        status = np.where(dice.yes(count, 0.03), 404, 200)
        number = 1 + dice.below(count, shop.page[shop.page_at("product")].numbers)
        parts.append(
            Requests.of(
                count,
                time=np.sort(calendar.start + dice.below(count, calendar.days * DAY_MS)),
                page=page,
                number=number,
                status=status,
                size=response_sizes(shop, dice, page, status),
                address=addresses.code(crawler.address),
                agent=agents.code(crawler.agent),
            )
        )
    beats = np.arange(calendar.start, calendar.end, shop.monitor.every_seconds * 1000, dtype=np.int64)
    address, agent = addresses.code(shop.monitor.address), agents.code(shop.monitor.agent)
    page = np.full(len(beats), shop.page_at("health"), dtype=np.int64)
    parts.append(Requests.of(len(beats), time=beats, address=address, agent=agent, page=page, size=15))
    return parts


def make_support(setting: Setting, people: People) -> tuple[Requests, Tickets, Logins]:
    """On working days each ticket is opened, its customer's page is read once or more, and it is closed."""
    shop, calendar, dice = setting.shop, setting.calendar, setting.dice("support")
    week = (calendar.first_weekday + np.arange(calendar.days)) % 7
    working = np.flatnonzero(week < 5) if (week < 5).any() else np.zeros(1, dtype=np.int64)
    count = setting.sized(shop.support.tickets_per_day, 1) * len(working)
    day = np.repeat(working, count // len(working))
    staff = dice.below(count, len(shop.support.staff))
    who = people.visitors[dice.below(count, len(people.visitors))]
    opened = calendar.start + day * DAY_MS + 9 * 60 * MINUTE_MS + dice.below(count, 8 * 60 * MINUTE_MS)
    lasts = dice.quantiles(count, shop.support.open_minutes) * MINUTE_MS
    tickets = Tickets(staff=staff, who=who, opened=opened, closed=opened + lasts)
    # one login for each agent and working day
    shifts = np.repeat(working, len(shop.support.staff))
    on_shift = np.tile(np.arange(len(shop.support.staff)), len(working))
    tokens = dice.raw(len(shifts)) | np.uint64(1)
    key, address = shop.key_at(shop.support.key), setting.addresses.code(shop.support.address)
    codes = np.asarray([staff_code(at) for at in range(len(shop.support.staff))], dtype=np.int64)
    half_past_eight = calendar.start + shifts * DAY_MS + (8 * 60 + 30) * MINUTE_MS
    logins = Logins(
        time=half_past_eight + dice.below(len(shifts), 25 * MINUTE_MS),
        subject=codes[on_shift],
        token=tokens,
        key=np.full(len(shifts), key),
        address=np.full(len(shifts), address),
    )
    views = dice.quantiles(count, shop.support.views_per_ticket)
    of = np.repeat(np.arange(count), views)
    page = np.full(len(of), shop.page_at("support-customer"), dtype=np.int64)
    shift = np.searchsorted(working, day[of]) * len(shop.support.staff) + staff[of]
    group = [kind.text for kind in shop.agent if kind.group == "support"]
    requests = Requests.of(
        len(of),
        time=opened[of] + 20_000 + dice.below(len(of), np.maximum(1, lasts[of] - 40_000)),
        principal=codes[staff[of]],
        address=address,
        agent=setting.agents.code(group[0]),
        page=page,
        number=people.numbers[who[of]],
        size=response_sizes(shop, dice, page, np.full(len(of), 200)),
        token=tokens[shift],
        key=key,
    )
    return requests, tickets, logins
