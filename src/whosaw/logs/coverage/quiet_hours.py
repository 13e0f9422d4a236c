"""Hours in which a source has no traffic by itself: stated by the user, or learnt from weeks of its own log.

An hour without a line is quiet only where the log shows life right before and right after: a run of empty hours that begins
before the quiet time, or ends after it, is missing as a whole, for a log that was lost then may have been lost all night. The
hours at which nothing was ever seen are quiet also where those around them are often empty by themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import groupby

import numpy as np

from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, parse_zone
from whosaw.core.week_times import clock, days
from whosaw.store.journal import Journal

__all__ = ["LEARNT", "STATED", "QuietRule", "keep_quiet", "quiet_hours", "quiet_rules", "read_quiet"]

STATED, LEARNT = "stated-quiet", "learnt-quiet"
_SETTING = "quiet"
_RULE = re.compile(r"(?:(?P<source>.+)=)?(?:(?P<days>[A-Za-z1-7;,-]+) )?(?P<start>[\d:]+)-(?P<end>[\d:]+)\Z")
_WEEK, _DAY = 168, 24
_WEEKS = 4  # an hour of the week must have been seen so often
_BUSY = 10  # and at most one time in so many with an event
_DAYS = 28  # or an hour of the day on so many days, and most of them without an event
_OFTEN = 5  # an hour of the day is often empty where it is on one day in so many
_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietRule:
    """From `start` to `end` (minutes of the day, on the clock of `zone`) on `days` (a bit each, Monday the lowest) the sources
    that fit have no traffic. A time that ends before it begins goes over midnight, and is of the day on which it began."""

    source: str
    days: int
    start: int
    end: int
    zone: str

    def holds(self, hour: int) -> bool:
        """Whether this hour since 1970 UTC lies in it as a whole."""
        local = from_micros(hour * _HOUR).astimezone(parse_zone(self.zone))
        minute = local.hour * 60 + local.minute
        length = (self.end - self.start) % 1440 or 1440
        for day in (local.weekday(), (local.weekday() - 1) % 7):
            since = minute - self.start + (0 if day == local.weekday() else 1440)
            if self.days >> day & 1 and since >= 0 and since + 60 <= length:
                return True
        return False


def read_quiet(texts: Sequence[str], zone: str | None) -> tuple[QuietRule, ...]:
    """What `--quiet-hours` says, such as `web=sat,sun 22:00-06:00`. Raises `WhosawError`."""
    return tuple(_read(text, zone or "UTC") for text in texts)


def _read(text: str, zone: str) -> QuietRule:
    found = _RULE.match(text.strip())
    start, end = (clock(found["start"]), clock(found["end"])) if found else (None, None)
    on = days(found["days"]) if found and found["days"] else 127
    if found is None or start is None or end is None or on is None:
        raise WhosawError(
            "quiet.rule",
            f"{text!r} does not say when a source has no traffic",
            hint="Write it like --quiet-hours 22:00-06:00 or --quiet-hours 'web=sat;sun 00:00-24:00'",
        )
    return QuietRule(source=found["source"] or "*", days=on, start=start, end=end, zone=zone)


def keep_quiet(journal: Journal, rules: Sequence[QuietRule]) -> None:
    """Keep the rules given now for later scans; without any, those given before stay."""
    if rules:
        said = [[rule.source, rule.days, rule.start, rule.end, rule.zone] for rule in rules]
        with journal.transaction() as connection:
            journal.set_setting(connection, _SETTING, json.dumps(said))


def quiet_rules(journal: Journal) -> tuple[QuietRule, ...]:
    """The rules in force."""
    return tuple(
        QuietRule(source=source, days=on, start=start, end=end, zone=zone)
        for source, on, start, end, zone in json.loads(journal.setting(_SETTING) or "[]")
    )


def quiet_hours(
    source: str, hours: Sequence[int], events: Mapping[int, int], rules: Sequence[QuietRule]
) -> dict[int, str]:
    """Which of the `hours` of a source are quiet, and by which rule. `events` has those with any."""
    own = [rule for rule in rules if fnmatchcase(source, rule.source)]
    usual, never, often = _learnt(hours, events)
    empty = [hour for hour in hours if not events.get(hour)]
    said = {hour: _why(hour, own, usual) for hour in empty}
    quiet: dict[int, str] = {}
    for _, run in groupby(enumerate(empty), key=lambda each: each[1] - each[0]):
        of_run = [hour for _, hour in run]
        beyond = [hour for hour in of_run if not said[hour]]
        if not beyond:
            quiet.update({hour: said[hour] for hour in of_run})
        elif all(hour % _DAY in often for hour in beyond):
            quiet.update({hour: LEARNT for hour in of_run if hour % _DAY in never})
    return quiet


def _why(hour: int, rules: Sequence[QuietRule], usual: frozenset[int]) -> str:
    if any(rule.holds(hour) for rule in rules):
        return STATED
    return LEARNT if hour % _WEEK in usual else ""


def _learnt(
    hours: Sequence[int], events: Mapping[int, int]
) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
    """The hours of the week at which the source regularly has no traffic: that hour of the week itself, or that hour of the day;
    the hours of the day at which it never has any, and those at which it often has none.

    Only weeks with an event teach the one, only days with one the other: what is missing from a log must not make its hours usual.
    """
    alive = [hour for hour, count in events.items() if count > 0]
    weeks, days_alive = {hour // _WEEK for hour in alive}, {hour // _DAY for hour in alive}
    every = np.array(hours, np.int64)
    had = np.array([events.get(hour, 0) > 0 for hour in hours], np.bool_)
    of_weeks, of_days = np.isin(every // _WEEK, list(weeks)), np.isin(every // _DAY, list(days_alive))
    seen, busy = (np.bincount(every[each] % _WEEK, minlength=_WEEK) for each in (of_weeks, of_weeks & had))
    days_seen, days_busy = (
        np.bincount(every[each] % _DAY, minlength=_DAY) for each in (of_days, of_days & had)
    )
    of_week = (seen >= _WEEKS) & (busy * _BUSY <= seen)
    of_day = (days_seen >= _DAYS) & (2 * days_busy < days_seen)
    never = (days_seen >= _DAYS) & (days_busy == 0)
    often = (days_seen >= _DAYS) & ((days_seen - days_busy) * _OFTEN >= days_seen)
    regular = of_week | np.tile(of_day, 7)
    told = tuple(frozenset(np.flatnonzero(each).tolist()) for each in (regular, never, often))
    return told[0], told[1], told[2]
