"""Jobs: a nightly one that reads every member in ranges, and the shop's own program at the database."""

from __future__ import annotations

from ipaddress import IPv4Address

import numpy as np

from whosaw.replay.dice import Dice
from whosaw.replay.people import People
from whosaw.replay.responses import response_sizes, sizes_of_page
from whosaw.replay.setting import HOUR_MS, Setting
from whosaw.replay.shop_item import Job, Reader
from whosaw.replay.traffic import Day, Issued, Traffic

__all__ = ["Jobs"]


class Jobs:
    """Day by day what database roles read. They hold no tokens and show no user agent."""

    def __init__(self, setting: Setting, people: People) -> None:
        self._setting, self._people = setting, people
        self._no_agent = setting.agents.code("")
        ids = [*(job.id for job in setting.shop.job), *(reader.id for reader in setting.shop.reader)]
        self._claims = {each: setting.claim(each) for each in ids}

    def before(self) -> Issued | None:
        """Roles hold no tokens."""
        return None

    def day(self, day: int) -> Day:
        """Each job once in its hour, and each reader's sample over the day."""
        setting, shop = self._setting, self._setting.shop
        jobs = (self._job(job, setting.dice(f"job {job.id} day {day}"), day) for job in shop.job)
        readers = (
            self._reader(each, setting.dice(f"reader {each.id} day {day}"), day) for each in shop.reader
        )
        return Day(traffic=(*jobs, *readers))

    def _job(self, job: Job, dice: Dice, day: int) -> Traffic:
        setting, people, page = self._setting, self._people, self._setting.shop.page_at(job.page)
        first = np.arange(people.first_number, people.last_number + 1, job.records, dtype=np.int64)
        start = setting.calendar.day_start(day) + job.hour * HOUR_MS
        return Traffic.of(
            len(first),
            time=start + np.cumsum(dice.quantiles(len(first), job.pause_ms)),
            principal=self._claims[job.id],
            address=int(IPv4Address(job.address)),
            agent=self._no_agent,
            page=page,
            number=first,
            records=job.records,
            size=sizes_of_page(setting.shop, dice, len(first), page),
        )

    def _reader(self, reader: Reader, dice: Dice, day: int) -> Traffic:
        setting, people, shop = self._setting, self._people, self._setting.shop
        count = setting.sized(reader.per_day, 1) if reader.per_day else 0
        ids = np.asarray([shop.page_at(page) for page in reader.weights], dtype=np.int64)
        page = ids[dice.pick(count, reader.weights)]
        who = people.visitors[dice.below(count, len(people.visitors))]
        return Traffic.of(
            count,
            time=setting.calendar.moments(dice, count, day),
            principal=self._claims[reader.id],
            address=int(IPv4Address(reader.address)),
            agent=self._no_agent,
            page=page,
            number=people.numbers[who],
            size=response_sizes(shop, dice, page),
        )
