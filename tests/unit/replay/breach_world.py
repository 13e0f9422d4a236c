"""A shop with a handful of members whose numbers are known, for tests of breaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from whosaw.replay.actors import Live
from whosaw.replay.breach_actors import make_breach_actors
from whosaw.replay.breach_item import Breach, Pool, Step
from whosaw.replay.items import load_shop
from whosaw.replay.people import People
from whosaw.replay.setting import Setting, make_setting
from whosaw.replay.traffic import Day, Issued, Traffic

MEMBERS = (100, 101, 103, 104, 108)  # 102, 105, 106 and 107 have no member
POOL = Pool(id="pool", network="198.51.100.0/24", addresses=3)
ALL_DAY = (1.0,) * 24
SHOP = load_shop()


def people_of(numbers: Sequence[int]) -> People:
    none = np.empty(0, dtype=np.int64)
    count = len(numbers)
    return People(
        numbers=np.asarray(numbers, dtype=np.int64),
        home=np.zeros(count, dtype=np.int64),
        others_in_book=np.zeros(count, dtype=np.uint8),
        jurisdiction=np.zeros(count, dtype=np.uint8),
        canaries=none,
        visitors=np.arange(count, dtype=np.int32),
        by_house=np.arange(count, dtype=np.int32),
        carrier=none,
        offices=none,
        travel=none,
        books=3,
    )


def step_of(**fields: Any) -> Step:
    usual: dict[str, Any] = {
        "id": "walk",
        "means": "forged",
        "key": "k-2024-04",
        "page": "my-info",
        "pool": "pool",
        "agent": "agent/1",
        "pause_ms": (1000,),
        "hours": ALL_DAY,
        "from_day": 0,
        "to_day": 1,
    }
    return Step(**(usual | fields))


def breach_of(*steps: Step, **fields: Any) -> Breach:
    return Breach(**({"id": "test", "title": "", "about": "", "pool": (POOL,), "step": steps} | fields))


def setting_of(breach: Breach, seed: int = 1, days: int = 10) -> Setting:
    shop = replace(SHOP, span=replace(SHOP.span, days=days))
    return make_setting(shop, breach, seed, 1.0)


class NoVisitors:
    """Nobody is signed in."""

    def alive(self, day: int) -> int:
        return len(self.live(day).who)

    def live(self, day: int) -> Live:
        none = np.empty(0, dtype=np.int64)
        return Live(who=none, token=none.astype(np.uint64), key=none.astype(np.int16), address=none)


class Sent:
    """All that a breach sends, in order of time, and the rows of its logins."""

    def __init__(
        self,
        breach: Breach,
        members: Sequence[int] = MEMBERS,
        *,
        seed: int = 1,
        days: int = 10,
        visitors: Any = None,
    ) -> None:
        self.setting = setting_of(breach, seed, days)
        self.people = people_of(members)
        actors = make_breach_actors(self.setting, breach, self.people, visitors or NoVisitors())
        self.days: list[list[Day]] = [[actor.day(day) for actor in actors] for day in range(days)]
        parts = [part for day in self.days for each in day for part in each.traffic]
        self.all = Traffic.joined(parts)
        self.issued: list[Issued] = [rows for day in self.days for each in day for rows in each.issued]

    def page(self, page_id: str) -> Traffic:
        return self.all.take(self.all.page == self.setting.shop.page_at(page_id))

    def step(self, step_id: str) -> Traffic:
        part = next(at for at, part in enumerate(self.setting.parts) if part.step == step_id)
        return self.all.take(self.all.part == part)

    def by_day(self, traffic: Traffic) -> list[int]:
        day = (traffic.time - self.setting.calendar.start) // 86_400_000
        return np.bincount(day, minlength=len(self.days)).tolist()

    def tokens_issued(self) -> dict[int, int]:
        """Token to the one it was issued to."""
        return {
            token: subject
            for rows in self.issued
            for token, subject in zip(rows.token.tolist(), rows.subject.tolist(), strict=True)
        }
