"""Machines that no customer sits at: crawlers, the monitor, and the payment provider's callbacks."""

from __future__ import annotations

from ipaddress import IPv4Address

import numpy as np

from whosaw.replay.dice import Dice
from whosaw.replay.people import hosts_of
from whosaw.replay.responses import sizes_of_page
from whosaw.replay.setting import DAY_MS, Setting
from whosaw.replay.shop_item import Crawler
from whosaw.replay.traffic import Day, Issued, Traffic

__all__ = ["Machines"]


class Machines:
    """Day by day what machines ask for. None of it shows personal data."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._agents = {each.id: setting.agents.code(each.agent) for each in setting.shop.crawler}
        self._monitoring = setting.agents.code(setting.shop.monitor.agent)
        self._calling_back = setting.agents.code(setting.shop.callbacks.agent)

    def before(self) -> Issued | None:
        """Machines hold no tokens."""
        return None

    def day(self, day: int) -> Day:
        """Crawlers page through what is on sale, the monitor asks on the minute, payments come in with the trade."""
        dice = self._setting.dice(f"machines day {day}")
        crawlers = (self._crawler(crawler, dice, day) for crawler in self._setting.shop.crawler)
        return Day(traffic=(*crawlers, self._monitor(day), self._callbacks(dice, day)))

    def _crawler(self, crawler: Crawler, dice: Dice, day: int) -> Traffic:
        setting, shop = self._setting, self._setting.shop
        count, page = setting.sized(crawler.per_day, 1), shop.page_at("product")
        status = np.where(dice.yes(count, crawler.not_found_share), 404, 200)
        return Traffic.of(
            count,
            time=setting.calendar.day_start(day) + np.sort(dice.below(count, DAY_MS)),
            address=int(IPv4Address(crawler.address)),
            agent=self._agents[crawler.id],
            page=page,
            number=1 + dice.below(count, max(1, shop.page[page].numbers)),
            status=status,
            size=sizes_of_page(shop, dice, count, page, status),
        )

    def _monitor(self, day: int) -> Traffic:
        setting, monitor = self._setting, self._setting.shop.monitor
        page = setting.shop.page_at("health")
        beats = np.arange(0, DAY_MS, monitor.every_seconds * 1000, dtype=np.int64)
        return Traffic.of(
            len(beats),
            time=setting.calendar.day_start(day) + beats,
            address=int(IPv4Address(monitor.address)),
            agent=self._monitoring,
            page=page,
            size=setting.shop.page[page].bytes[0],
        )

    def _callbacks(self, dice: Dice, day: int) -> Traffic:
        setting, callbacks = self._setting, self._setting.shop.callbacks
        count = setting.sized(callbacks.per_day, 1) if callbacks.per_day else 0
        page, hosts = (
            setting.shop.page_at("payment-callback"),
            hosts_of(callbacks.network, callbacks.addresses),
        )
        return Traffic.of(
            count,
            time=setting.calendar.moments(dice, count, day),
            address=hosts[dice.below(count, len(hosts))],
            agent=self._calling_back,
            page=page,
            size=sizes_of_page(setting.shop, dice, count, page),
        )
