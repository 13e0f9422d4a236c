"""When something may leave: quiet hours where the recipient is, so many a minute to one domain, and pauses after refusals."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from whosaw.core.errors import WhosawError

__all__ = ["GIVE_UP", "Pace", "Quiet", "again_after"]

# RFC 5321, 4.5.4.1: the first attempts after an hour or two, later every two or three hours, and not given up before four to five days
_PAUSES: Final = (5 * 60, 15 * 60, 30 * 60, 60 * 60, 2 * 60 * 60)
_LAST_PAUSE: Final = 3 * 60 * 60
GIVE_UP: Final = 5 * 24 * 60 * 60
_IN_A_ROW: Final = 10  # refusals for now by one domain, after which all of it waits
_LONGEST: Final = 60 * 60
_HOURS: Final = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})\Z")
_MICRO: Final = 1_000_000


def again_after(deferrals: int) -> int:
    """Seconds until the next attempt after so many that were put off."""
    return _PAUSES[deferrals - 1] if deferrals <= len(_PAUSES) else _LAST_PAUSE


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day, where the recipient lives, in which nothing is sent; they may go over midnight."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Quiet:
        """From `21:00-08:00`."""
        found = _HOURS.match(text.strip())
        try:
            if found is None:
                raise ValueError  # noqa: TRY301  # one answer for all that is no span of hours
            start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        except ValueError:
            raise WhosawError(
                "notice.quiet", f"{text!r} are no quiet hours", hint="Write them like 21:00-08:00"
            ) from None
        return cls(start, end)

    def until(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet hours of a zone end; None outside of them."""
        there = now.astimezone(zone)
        at = there.time().replace(tzinfo=None)
        over_midnight = self.start >= self.end
        inside = (at >= self.start or at < self.end) if over_midnight else self.start <= at < self.end
        if not inside:
            return None
        day = there.date() + timedelta(days=1 if over_midnight and at >= self.start else 0)
        return datetime.combine(day, self.end, tzinfo=zone).astimezone(now.tzinfo)


@dataclass(slots=True)
class _Domain:
    free: int = 0  # when the next message may leave, in microseconds
    refused: int = 0  # in a row
    waits: int = 0  # until when all of it waits


@dataclass(slots=True, kw_only=True)
class Pace:
    """At most `a_minute` messages to one receiving domain (None: as many as it takes)."""

    a_minute: int | None = None
    _domains: dict[str, _Domain] = field(default_factory=dict)
    _slots: dict[tuple[int, int], int] = field(
        default_factory=dict
    )  # of recipients that were put off to a time of their own

    def turn(self, recipient: tuple[int, int], domain: str, now: int) -> int | None:
        """None: it may leave now. Else when (microseconds); whoever comes back then keeps that turn."""
        known = self._domains.setdefault(domain, _Domain())
        if known.waits > now:
            self._slots.pop(recipient, None)
            return known.waits
        if self.a_minute is None:
            return None
        own = self._slots.get(recipient)
        if own is None:
            own = max(known.free, now)
            known.free = own + 60 * _MICRO // self.a_minute
        if own > now:
            self._slots[recipient] = own
            return own
        self._slots.pop(recipient, None)
        return None

    def answered(self, domain: str, *, later: bool, now: int) -> None:
        """A server answered for a domain. After ten refusals for now in a row all of it waits five minutes, then ten, up to an hour."""
        known = self._domains.setdefault(domain, _Domain())
        if not later:
            known.refused = 0
            return
        known.refused += 1
        if known.refused >= _IN_A_ROW:
            pause = min(_PAUSES[0] * 2 ** min((known.refused - _IN_A_ROW) // _IN_A_ROW, 5), _LONGEST)
            known.waits = now + pause * _MICRO
