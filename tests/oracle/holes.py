"""Holes in the table of logins: pauses in which far more of them were to be expected than chance leaves out.

What is to be expected is what that hour of the week usually has, in the 28 known days before (in hindsight in the first 28).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from .baseline import learnt_from
from .rows import DAY, HOUR, day_of, hour_of

__all__ = ["Pause", "holes", "pauses"]

MISSING = 40  # with a quarter of the usual traffic, as on a holiday, chance leaves out the ten that are left once in 22,000 times
TIMES = 4  # so many times what is expected in the longest pause of the middle day
ALIKE = 3  # days of a kind before they say what is usual
MONDAY = 3  # 1970 began on a Thursday

Pause = tuple[int, int]  # from the last login before it to the first after it


def pauses(times: Sequence[int]) -> list[Pause]:
    """Between logins of two hours."""
    return [(one, other) for one, other in pairwise(sorted(times)) if hour_of(one) != hour_of(other)]


def holes(times: Sequence[int]) -> list[Pause]:
    """The pauses of more than an hour in which logins are missing. Each is judged as of the day on which it begins."""
    known, every = {day_of(each) for each in times}, pauses(times)
    by_hour = Counter(map(hour_of, times))
    found = []
    for day in sorted({day_of(begin) for begin, end in every if end - begin > HOUR}):
        days = set(learnt_from(known, day))
        usual = _usual(by_hour, days)
        longest: dict[int, float] = defaultdict(float)
        for since, until in every:
            if day_of(since) in days:  # the last pause of these days may end after them
                longest[day_of(since)] = max(longest[day_of(since)], _expected(usual, since, until))
        if not longest:
            continue  # nothing is known of what is usual
        bar = max(MISSING, TIMES * _middle(list(longest.values())))
        for begin, end in every:
            if day_of(begin) == day and end - begin > HOUR and _expected(usual, begin, end) >= bar:
                found.append((begin, end))
    return found


def _middle(values: Sequence[float]) -> float:
    """The middle one, of two the lower; 0 of none."""
    if not values:
        return 0
    return sorted(values)[(len(values) - 1) // 2]


def _usual(by_hour: Mapping[int, int], days: AbstractSet[int]) -> Mapping[tuple[int, int], float]:
    """By day of the week and hour, how many logins are usual. Where single hours have too few to say, those of a day are spread over
    it."""
    counts = {day: [by_hour.get(24 * day + hour, 0) for hour in range(24)] for day in days}
    told = {
        (weekday, hour): _of_kind({day: count[hour] for day, count in counts.items()}, weekday)
        for weekday in range(7) for hour in range(24)
    }  # fmt: skip
    expected = sum(told[_weekday(day), hour] for day in days for hour in range(24))
    if 2 * expected >= sum(map(sum, counts.values())):
        return told
    whole = {day: sum(count) for day, count in counts.items()}
    return {(weekday, hour): _of_kind(whole, weekday) / 24 for weekday in range(7) for hour in range(24)}


def _of_kind(counts: Mapping[int, int], weekday: int) -> float:
    """The middle of three days of this kind or more; else that of all days, but at most what one of its own had. A day of the week
    on which nobody ever logged in may be a day of rest."""
    own = [count for day, count in counts.items() if _weekday(day) == weekday]
    if len(own) >= ALIKE:
        return _middle(own)
    return min(_middle(list(counts.values())), max(own)) if own and len(counts) >= ALIKE else 0


def _weekday(day: int) -> int:
    return (day + MONDAY) % 7


def _expected(usual: Mapping[tuple[int, int], float], since: int, until: int) -> float:
    """How many logins were to be expected between two instants, to a millionth. Whole weeks are taken at once."""
    weeks, rest = divmod(until - since, 7 * DAY)
    total = weeks * sum(usual.values())
    at, end = since, since + rest
    while at < end:
        stop = min(end, (hour_of(at) + 1) * HOUR)
        total += usual[_weekday(day_of(at)), hour_of(at) % 24] * (stop - at) / HOUR
        at = stop
    return round(total, 6)
