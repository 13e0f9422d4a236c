"""Which days are days off in a country: its weekend and its public holidays."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, Protocol

from whosaw.core.errors import WhosawError

__all__ = ["Calendar", "EveryDay", "calendar_of"]


class Calendar(Protocol):
    """Says of a day whether it is a day off."""

    def off(self, day: date) -> bool: ...


class EveryDay:
    """No day is off: for periods that run through."""

    def off(self, day: date) -> bool:
        del day
        return False


class _Country:
    def __init__(self, holidays: Any) -> None:
        self._holidays = holidays

    def off(self, day: date) -> bool:
        return not self._holidays.is_working_day(day)


@cache
def calendar_of(country: str | None) -> Calendar:
    """The calendar of a country code (KR) or of a part of one (US-NY). None: no day is off."""
    if country is None:
        return EveryDay()
    import holidays

    name, _, part = country.partition("-")
    try:
        return _Country(holidays.country_holidays(name, subdiv=part or None))
    except NotImplementedError as fault:
        raise WhosawError(
            "law.no-holidays",
            f"no calendar of public holidays is known for {country}",
            hint="Use the two letters of a country, such as KR or IE",
        ) from fault
