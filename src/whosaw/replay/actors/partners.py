"""Partners: companies whose keys page through lists of members while their contracts last."""

from __future__ import annotations

from ipaddress import IPv4Address

import numpy as np

from whosaw.replay.dice import Dice
from whosaw.replay.people import People
from whosaw.replay.responses import sizes_of_page
from whosaw.replay.setting import HOUR_MS, MINUTE_MS, Setting
from whosaw.replay.shop_item import Partner
from whosaw.replay.traffic import Day, Issued, Traffic

__all__ = ["Partners"]


class Partners:
    """Day by day what partners fetch. They show a key and no token; the log names them by their partner id."""

    def __init__(self, setting: Setting, people: People) -> None:
        self._setting, self._people = setting, people
        self._offset = setting.shop.span.offset_minutes
        self._claims = {each.id: setting.claim(each.id) for each in setting.shop.partner}
        self._agents = {each.id: setting.agents.code(each.agent) for each in setting.shop.partner}
        self._keys = {each.id: setting.keys.code(each.key) for each in setting.shop.partner}

    def before(self) -> Issued | None:
        """Partners hold no tokens."""
        return None

    def day(self, day: int) -> Day:
        """A run in each of its hours for every partner under contract on that day."""
        return Day(
            traffic=tuple(
                self._run(partner, self._setting.dice(f"partner {partner.id} {hour} day {day}"), day, at)
                for partner in self._setting.shop.partner
                for at, hour in enumerate(partner.hours)
                if self._under_contract(partner, day)
            )
        )

    def _under_contract(self, partner: Partner, day: int) -> bool:
        calendar = self._setting.calendar
        first, last = (calendar.day_of(each, self._offset) for each in (partner.since, partner.until))
        return first <= day <= last

    def _run(self, partner: Partner, dice: Dice, day: int, run: int) -> Traffic:
        setting, shop = self._setting, self._setting.shop
        pages = -(-len(self._people) // partner.records)
        count, page = max(1, round(partner.share * pages)), shop.page_at(partner.page)
        began = (day * len(partner.hours) + run) * count  # each run goes on where the last one ended
        start = setting.calendar.day_start(day) + partner.hours[run] * HOUR_MS
        step = min(1500, HOUR_MS // count)
        return Traffic.of(
            count,
            time=start + dice.below(1, 5 * MINUTE_MS) + np.arange(count) * step + dice.below(count, step),
            principal=self._claims[partner.id],
            address=int(IPv4Address(partner.address)),
            agent=self._agents[partner.id],
            page=page,
            number=(began + np.arange(count)) % pages,
            records=partner.records,
            size=sizes_of_page(shop, dice, count, page),
            key=self._keys[partner.id],
        )
