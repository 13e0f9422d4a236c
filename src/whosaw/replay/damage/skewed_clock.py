"""A clock that is wrong from a day on: a server that lost its time service."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import islice
from typing import Any, ClassVar

import numpy as np

from whosaw.core.errors import WhosawError
from whosaw.core.instants import MONTHS
from whosaw.replay.dice import Dice

from .log_text import LogText, Outcome, rewritten
from .plan import Day, Plan, chosen, faults_of_day
from .replay_folder import ListedFile, ReplayFolder, Service

__all__ = ["FORMATS", "SkewedClock", "shift_of"]

_DAY = 86_400  # seconds
# Common Log Format, Apache HTTP Server 2.4, mod_log_config, %t; ISO 8601 to the second, what follows it stays
_CLF = re.compile(rb"\[(\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2})")
_FIRST_ISO = re.compile(rb"(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2})")

# by format: the pattern whose first group is the time, and how many times a line holds
FORMATS: dict[str, tuple[re.Pattern[bytes], int]] = {
    **dict.fromkeys(("combined-kv", "combined", "common", "vhost-combined"), (_CLF, 1)),
    **dict.fromkeys(("jsonl", "ecs", "cloudtrail", "pgaudit-stderr"), (_FIRST_ISO, 1)),
    # log_time and session_start
    "postgresql-csvlog": (re.compile(rb"(?:^|,)(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})"), 2),
    # time and request_creation_time
    "alb": (re.compile(rb"(?:^\S+ |\" \d+ )(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})"), 2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SkewedClock:
    """From the start of `from_day` on the text of each line says a time that is `seconds` later (or earlier, below 0).

    Lines stay in their files and in their order, and the list of lines keeps the time at which things happened.
    """

    kind: ClassVar[str] = "skewed-clock"
    seconds: int
    from_day: Day = 0
    services: tuple[str, ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from faults_of_day(from_day=self.from_day)
        if self.seconds == 0 or abs(self.seconds) > 366 * 86_400:
            yield "seconds", "seconds must be above or below 0 and at most a year"

    def plan(self, replay: ReplayFolder, dice: Callable[[str], Dice]) -> Plan:  # noqa: ARG002 - nothing is drawn
        start = replay.day_start(self.from_day)
        shifts: dict[str, Callable[[bytes], bytes]] = {}
        for service in chosen(replay, self.services):
            shift = shift_of(service.format, self.seconds)
            if shift is None:
                message = (
                    f"service {service.id} is written as {service.format}, where the time stands is not known"
                )
                hint = f"Name other services; known formats: {', '.join(sorted(FORMATS))}"
                raise WhosawError("replay-damage.unknown-clock", message, hint=hint)
            shifts[service.id] = shift

        def touches(service: Service, file: ListedFile) -> bool:
            return service.id in shifts and file.last_ms >= start

        def apply(text: LogText) -> Outcome:
            if text.service not in shifts:
                return Outcome.same(text)
            late: Any = np.flatnonzero(text.time_ms >= start).astype(np.int64)
            new, changed = rewritten(text, late, shifts[text.service])
            return Outcome.of(text, new, changed=changed)

        return Plan(touches=touches, apply=apply)


def shift_of(log_format: str, seconds: int) -> Callable[[bytes], bytes] | None:
    """What makes a line's clock read that much later, or None for a format whose times are not known here.

    The offset in the text stays as it is, and so does every fraction of a second. A line without a time stays whole.
    """
    known = FORMATS.get(log_format)
    if known is None:
        return None
    pattern, times = known

    def moved(line: bytes) -> bytes:
        pieces, at = [], 0
        for match in islice(pattern.finditer(line), times):
            start, end = match.span(1)
            pieces += [line[at:start], _later(match[1], seconds)]
            at = end
        return b"".join([*pieces, line[at:]])

    return moved


def _later(text: bytes, seconds: int) -> bytes:
    """The same text so many seconds later; digits that are no time stay as they are."""
    length = 11 if text[2:3] == b"/" else 10
    second = _seconds().get(text[length + 1 :])
    if second is None:
        return text
    days, second = divmod(second + seconds, _DAY)
    day = _date(text[:length], days)
    return text if day is None else day + text[length : length + 1] + _clocks()[second]


@cache
def _clocks() -> list[bytes]:
    """Every second of a day as HH:MM:SS."""
    return [b"%02d:%02d:%02d" % (at // 3600, at // 60 % 60, at % 60) for at in range(_DAY)]


@cache
def _seconds() -> dict[bytes, int]:
    return {clock: at for at, clock in enumerate(_clocks())}


@lru_cache(maxsize=4096)  # lines of a file are of a day or two
def _date(text: bytes, days: int) -> bytes | None:
    """The day so many days later, None where the digits are no day."""
    day = text.decode("ascii")
    try:
        if day[2] != "/":
            return (date.fromisoformat(day) + timedelta(days=days)).isoformat().encode()
        new = date(int(day[7:]), MONTHS.index(day[3:6]) + 1, int(day[:2])) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return f"{new.day:02d}/{MONTHS[new.month - 1]}/{new.year:04d}".encode()
