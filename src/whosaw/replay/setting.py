"""What every part of one replay is made with: shop, breach, seed, size, calendar, and the names so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

import numpy as np

from whosaw.core.errors import WhosawError

from .breach_item import Breach
from .dice import Dice, Ints
from .shop_item import Key, Partner, Shop, Staff
from .traffic import staff_code

__all__ = [
    "DAY_MS",
    "HOUR_MS",
    "MINUTE_MS",
    "Calendar",
    "Names",
    "Part",
    "Setting",
    "make_setting",
    "moments_of_day",
]

_Row = TypeVar("_Row", bound=Key | Partner | Staff)
_MOST_CUSTOMERS = 500_000_000  # positions take 32 bits, and memory would end long before they do
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


class Names:
    """Texts and their codes, in order of first mention."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._codes: dict[str, int] = {}

    def code(self, text: str) -> int:
        """The code of this text, a new one when it is mentioned for the first time."""
        if (code := self._codes.get(text)) is None:
            code = self._codes[text] = len(self.texts)
            self.texts.append(text)
        return code


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A party whose views somebody should find.

    `kind` is "breach", or "nosy" for staff of the honest shop who look up people without a reason. `step` is the
    step of a breach, empty for others.
    """

    actor: str
    kind: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The shop's days on its own clock, as milliseconds since 1970 in UTC."""

    start: int
    days: int
    first_weekday: int  # 0 is Monday
    hours: tuple[float, ...]
    weekdays: tuple[float, ...]  # from Monday

    @staticmethod
    def of(shop: Shop) -> Calendar:
        """The calendar of a shop's span."""
        first = shop.span.first_day
        return Calendar(
            start=_since_1970(first) * DAY_MS - shop.span.offset_minutes * MINUTE_MS,
            days=shop.span.days,
            first_weekday=first.weekday(),
            hours=shop.rhythm.hours,
            weekdays=shop.rhythm.weekdays,
        )

    @property
    def end(self) -> int:
        """The first moment after the last day."""
        return self.start + self.days * DAY_MS

    def day_start(self, day: int) -> int:
        """The first moment of a day; day 0 is the first one of the log."""
        return self.start + day * DAY_MS

    def weekday(self, day: int) -> int:
        """0 is Monday."""
        return (self.first_weekday + day) % 7

    def per_day(self, dice: Dice, count: int) -> Ints:
        """How many of `count` moments fall on each day, by the weights of the week; they add up to `count`."""
        weights = [self.weekdays[self.weekday(day)] for day in range(self.days)]
        return np.bincount(dice.pick(count, weights), minlength=self.days).astype(np.int64)

    def moments(self, dice: Dice, count: int, day: int) -> Ints:
        """That many moments of one day that follow its rhythm, in no order."""
        return self.day_start(day) + moments_of_day(dice, count, self.hours)

    def day_of(self, day: date, shop_offset_minutes: int) -> int:
        """The position of a calendar date; below 0 before the log."""
        moment = _since_1970(day) * DAY_MS - shop_offset_minutes * MINUTE_MS
        return (moment - self.start) // DAY_MS


def _since_1970(day: date) -> int:
    return day.toordinal() - 719_163


def moments_of_day(dice: Dice, count: int, hours: tuple[float, ...]) -> Ints:
    """Milliseconds since midnight, as often in each hour as its weight says."""
    return dice.pick(count, hours) * HOUR_MS + dice.below(count, HOUR_MS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One replay. Names and parts grow while its actors are made and asked, always in the same order.

    `support` are as many agents as the scale asks for; `staff` holds the item's people and, after them, these; their
    ids are claimants. `keys` begins with the keys of the item in their order, so `shop.key_at` is a code of `keys` too.
    """

    shop: Shop
    breach: Breach | None
    seed: int
    scale: float
    calendar: Calendar
    staff: tuple[Staff, ...]
    support: tuple[Staff, ...]
    agents: Names = field(default_factory=Names)  # user agents
    claimants: Names = field(default_factory=Names)  # staff ids, partner ids, database roles, service names
    keys: Names = field(default_factory=Names)  # key ids
    parts: list[Part] = field(default_factory=list)

    def dice(self, name: str) -> Dice:
        """The stream of draws of that name."""
        return Dice(self.seed, name)

    def sized(self, count: int, least: int) -> int:
        """A count of the item at this scale."""
        return max(least, round(count * self.scale))

    def part(self, actor: str, kind: str, step: str) -> int:
        """The position of that part in `parts`, a new one when it is mentioned for the first time."""
        part = Part(actor=actor, kind=kind, step=step)
        if part not in self.parts:
            self.parts.append(part)
        return self.parts.index(part)

    def claim(self, text: str) -> int:
        """How this claimant stands in `Traffic.principal`."""
        return staff_code(self.claimants.code(text))


def make_setting(shop: Shop, breach: Breach | None, seed: int, scale: float) -> Setting:
    """The setting of one replay; the shop's own values have been overridden before, rows of the breach are added here.

    Raises `WhosawError` for a scale that is not above 0 and a seed that is not from 0 up to 2**63.
    """
    if not 0 < scale < float("inf"):
        raise WhosawError("replay.bad-scale", f"scale {scale:g} is out of range", hint="Use a number above 0")
    if shop.customers.count * scale > _MOST_CUSTOMERS:
        hint = "Use a smaller scale, or a smaller customers.count"
        raise WhosawError("replay.bad-scale", f"scale {scale:g} is out of range", hint=hint)
    if not 0 <= seed < 2**63:
        raise WhosawError("replay.bad-seed", "the seed is out of range", hint="Use a whole number from 0 up")
    calendar = Calendar.of(shop)
    if breach is not None:
        shop = _with_rows(shop, breach)
    support = _support_agents(shop, Dice(seed, "support staff"), max(2, round(shop.support.agents * scale)))
    setting = Setting(
        shop=shop,
        breach=breach,
        seed=seed,
        scale=scale,
        calendar=calendar,
        staff=(*shop.staff, *support),
        support=support,
    )
    for key in shop.key:
        setting.keys.code(key.id)
    for person in setting.staff:
        setting.claimants.code(person.id)
    return setting


def _with_rows(shop: Shop, breach: Breach) -> Shop:
    """The shop with the staff, keys and partners that the breach brings."""
    return replace(
        shop,
        staff=_added(shop.staff, breach.staff),
        key=_added(shop.key, breach.key),
        partner=_added(shop.partner, breach.partner),
    )


def _added(rows: tuple[_Row, ...], more: tuple[_Row, ...]) -> tuple[_Row, ...]:
    known = {row.id for row in rows}
    return (*rows, *(row for row in more if row.id not in known))


def _support_agents(shop: Shop, dice: Dice, count: int) -> tuple[Staff, ...]:
    """Agents who were all there before the log begins."""
    first = shop.span.first_day.toordinal()
    joined = first - 30 - dice.below(count, 1400)
    known = {person.id for person in shop.staff}
    ids = (f"s-{at:04d}" for at in range(shop.support.first_staff_number, 10**9, 7))
    free = (staff_id for staff_id in ids if staff_id not in known)
    return tuple(
        Staff(id=next(free), role="support agent", joined=date.fromordinal(day)) for day in joined.tolist()
    )
