"""What all lines of one service and day have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from whosaw.replay.people import People
from whosaw.replay.setting import Setting
from whosaw.replay.shop_item import Page

from .columns import HomesV6, fixed

__all__ = ["Scene", "from_browser", "offset_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One day of one service. `agents`, `claimants` and `keys` hold the names known when the day was complete."""

    pages: tuple[Page, ...]
    day: date  # on the shop's clock
    start: int  # its first moment, milliseconds since 1970 in UTC
    offset_minutes: int  # of the shop's clock, east of UTC
    homes: HomesV6
    people: People | None  # where lines say how many rows a range held
    agents: tuple[str, ...]
    claimants: tuple[str, ...]
    keys: tuple[str, ...]

    @staticmethod
    def of(setting: Setting, people: People | None, day: int) -> Scene:
        """The scene of a day of the calendar."""
        shop = setting.shop
        return Scene(
            pages=shop.page,
            day=date.fromordinal(shop.span.first_day.toordinal() + day),
            start=setting.calendar.day_start(day),
            offset_minutes=shop.span.offset_minutes,
            homes=HomesV6(shop.network.homes_v6),
            people=people,
            agents=tuple(setting.agents.texts),
            claimants=tuple(setting.claimants.texts),
            keys=tuple(setting.keys.texts),
        )

    @property
    def claimant_texts(self) -> pa.StringArray:
        """The names of claimants that are no customers."""
        return fixed(self.claimants)


def offset_text(minutes: int, colon: str = "") -> str:
    """An offset from UTC as +0900, or with a colon as +09:00."""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{colon}{abs(minutes) % 60:02d}"


def from_browser(agent: str) -> bool:
    """Whether a person's browser sends that agent: only those send a referer."""
    return agent.startswith("Mozilla/") and "bot" not in agent
