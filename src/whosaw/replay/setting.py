"""What every part of one replay is made with: shop, seed, size, calendar, and the names so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from .dice import Dice, Ints
from .shop_item import Shop

__all__ = ["DAY_MS", "MINUTE_MS", "Calendar", "Names", "Setting", "moments_of_day"]

MINUTE_MS, DAY_MS = 60_000, 86_400_000


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
        since_1970 = first.toordinal() - 719_163
        return Calendar(
            start=since_1970 * DAY_MS - shop.span.offset_minutes * MINUTE_MS,
            days=shop.span.days,
            first_weekday=first.weekday(),
            hours=shop.rhythm.hours,
            weekdays=shop.rhythm.weekdays,
        )

    @property
    def end(self) -> int:
        return self.start + self.days * DAY_MS

    def moments(self, dice: Dice, count: int) -> Ints:
        """Moments that follow the rhythm of the week and the day."""
        by_day = [self.weekdays[(self.first_weekday + day) % 7] for day in range(self.days)]
        return self.start + dice.pick(count, by_day) * DAY_MS + moments_of_day(dice, count, self.hours)


def moments_of_day(dice: Dice, count: int, hours: tuple[float, ...]) -> Ints:
    """Milliseconds since midnight, as often in each hour as its weight says."""
    return dice.pick(count, hours) * 60 * MINUTE_MS + dice.below(count, 60 * MINUTE_MS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One replay. `addresses` and `agents` grow while its parts are made, always in the same order."""

    shop: Shop
    seed: int
    scale: float
    calendar: Calendar
    addresses: Names = field(default_factory=Names)
    agents: Names = field(default_factory=Names)

    def dice(self, name: str) -> Dice:
        """The stream of draws of that name."""
        return Dice(self.seed, name)

    def sized(self, count: int, least: int) -> int:
        """A count of the item at this scale."""
        return max(least, round(count * self.scale))
