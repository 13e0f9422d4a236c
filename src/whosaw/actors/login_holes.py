"""Where a table of logins is whole: its hours as they add up, and the holes in it.

Rows are missing from such a table where a file was lost, not only before its first row and after its last. A pause alone says
nothing: at night, on a Sunday, or in a small shop nobody logs in for hours. So a pause is held against what is usual at that hour of
the week, as the days before it teach. It is a hole where so many logins were to be expected that chance leaves none out, and far more
than in the longest pause of a usual day, so that a table that is written in batches, or knows days alone, has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["HOURS", "KNOWN_DAYS", "Hole", "added", "hours_of", "login_holes", "longest_pause", "usual_days"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

KNOWN_DAYS: Final = (
    28  # what is usual is learnt from so many days before, or where there are fewer from the first so many
)
HOURS: Final = pa.schema(
    [("hour", pa.int64()), ("rows", pa.int64()), ("first", pa.int64()), ("last", pa.int64())]
)
_HOUR: Final = 3_600_000_000
_DAY: Final = 24 * _HOUR
_ANEW: Final = 400  # days after which a table begins anew
_EXPECTED: Final = (
    40  # with a quarter of the usual traffic, as on a holiday, none of these comes once in 22,000 times
)
_TIMES: Final = 4  # so many times what is expected in the longest pause of the middle day
_ALIKE: Final = 3  # days of a kind before they say what is usual


@dataclass(frozen=True, slots=True, order=True)
class Hole:
    """From the last login before it to the first after it, microseconds since 1970: of what lies between nothing is known."""

    since: int
    until: int


def hours_of(times: Ints) -> pa.Table:
    """By hour since 1970: how many logins, the first and the last; in order of hours. Times need no order."""
    ordered = np.sort(times)
    hours = ordered // _HOUR
    starts = np.flatnonzero(np.append(True, np.diff(hours) != 0)) if len(hours) else np.zeros(0, np.int64)
    ends = np.append(starts[1:], len(ordered)) if len(hours) else starts
    return pa.table([hours[starts], ends - starts, ordered[starts], ordered[ends - 1]], schema=HOURS)


def added(*tables: pa.Table) -> pa.Table:
    """What `hours_of` gives of all rows together, from what it gave of each part of them."""
    every = (
        pa.concat_tables(tables)
        .group_by("hour")
        .aggregate([("rows", "sum"), ("first", "min"), ("last", "max")])
    )
    return (
        every.select(["hour", "rows_sum", "first_min", "last_max"])
        .rename_columns(HOURS.names)
        .sort_by("hour")
        .cast(HOURS)
    )


def usual_days(known: Ints, day: int) -> Ints:
    """Of known days, in order, those that teach what is usual on `day`: the last 28 before it, or where there are fewer the first 28,
    of those that no 400 days part from it."""
    parts = np.split(known, np.flatnonzero(np.diff(known) > _ANEW) + 1)
    part = next((each for each in reversed(parts) if len(each) and each[0] <= day), parts[0])
    before = int(np.searchsorted(part, day))
    return part[before - KNOWN_DAYS : before] if before >= KNOWN_DAYS else part[:KNOWN_DAYS]


def login_holes(hours: pa.Table) -> tuple[Hole, ...]:
    """The holes between the first and the last row, in order. A pause of an hour or less is none."""
    if hours.num_rows < 2:
        return ()
    begins, ends = _pauses(hours)
    days, known = begins // _DAY, np.unique(hours["hour"].to_numpy() // 24)
    found: list[Hole] = []
    for day in np.unique(days[ends - begins > _HOUR]).tolist():
        usual = _Usual.of(hours, usual_days(known, day), begins, ends)
        own = (days == day) & (ends - begins > _HOUR)
        missed = usual.expected(begins[own], ends[own]) >= usual.bar
        found += [
            Hole(*each) for each in zip(begins[own][missed].tolist(), ends[own][missed].tolist(), strict=True)
        ]
    return tuple(found)


def longest_pause(
    hours: pa.Table, holes: tuple[Hole, ...], *, since_day: int | None = None, until_day: int | None = None
) -> int:
    """The longest time between logins of two hours that is no hole, and begins from a day on and before another; 0 where there are none."""
    begins, ends = _pauses(hours)
    counts = ~np.isin(begins, np.array([each.since for each in holes], np.int64))
    if since_day is not None:
        counts &= begins >= since_day * _DAY
    if until_day is not None:
        counts &= begins < until_day * _DAY
    return int((ends - begins)[counts].max(initial=0))


def _pauses(hours: pa.Table) -> tuple[Ints, Ints]:
    """When each pause between hours with logins begins and ends."""
    return hours["last"].to_numpy()[:-1], hours["first"].to_numpy()[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Usual:
    """How many logins an hour of the week usually has, and how many have to be missing for a pause to be a hole."""

    until: Floats  # expected from the week's begin until each of its hours, and until its end
    bar: float = np.inf

    @classmethod
    def of(cls, hours: pa.Table, days: Ints, begins: Ints, ends: Ints) -> _Usual:
        near = slice(*np.searchsorted(hours["hour"].to_numpy() // 24, [days[0], days[-1] + 1]).tolist())
        hours, begins, ends = hours.slice(near.start, near.stop - near.start), begins[near], ends[near]
        usual = cls(until=np.append(0.0, np.cumsum(_rates(hours, days))))
        own = np.isin(begins // _DAY, days)
        _, place = np.unique(begins[own] // _DAY, return_inverse=True)
        longest = np.zeros(place.max(initial=-1) + 1)
        np.maximum.at(longest, place, usual.expected(begins[own], ends[own]))
        return cls(
            until=usual.until, bar=max(_EXPECTED, _TIMES * _middle(longest)) if len(longest) else np.inf
        )

    def expected(self, begins: Ints, ends: Ints) -> Floats:
        """How many logins were to be expected between two instants, to a millionth."""
        return np.round(self._since_1970(ends) - self._since_1970(begins), 6)

    def _since_1970(self, at: Ints) -> Floats:
        week, inside = np.divmod(at + 3 * _DAY, 7 * _DAY)  # 1970 began on a Thursday
        hour = inside // _HOUR
        part = (inside - hour * _HOUR) / _HOUR
        told: Floats = (
            week * self.until[-1] + self.until[hour] + part * (self.until[hour + 1] - self.until[hour])
        )
        return told


def _middle(values: Floats) -> float:
    """The middle one; of two the lower."""
    return float(np.sort(values)[(len(values) - 1) // 2])


def _rates(hours: pa.Table, days: Ints) -> Floats:
    """Logins that are usual in each hour of the week, Monday first, as these days teach. Where single hours have too few to say,
    those of a whole day are spread over it."""
    counts = np.zeros((len(days), 24))
    at = hours["hour"].to_numpy()
    place = np.searchsorted(days, at // 24)
    own = (place < len(days)) & (days[np.minimum(place, len(days) - 1)] == at // 24)
    counts[place[own], at[own] % 24] = hours["rows"].to_numpy()[own]
    weekdays = (days + 3) % 7
    by_hour = _by_weekday(counts, weekdays)
    if 2 * by_hour[weekdays].sum() >= counts.sum():
        return by_hour.reshape(-1)
    return np.repeat(_by_weekday(counts.sum(axis=1, keepdims=True), weekdays)[:, 0] / 24, 24)


def _by_weekday(counts: Floats, weekdays: Ints) -> Floats:
    """Usual counts by day of the week: the middle of three days or more of it, else that of all days, where one of its own had as many.
    A day of the week on which nobody ever logged in has none: it may be a day of rest."""
    out = np.zeros((7, counts.shape[1]))
    for weekday in range(7):
        own = counts[weekdays == weekday]
        if len(own) >= _ALIKE:
            out[weekday] = np.sort(own, axis=0)[(len(own) - 1) // 2]
        elif len(own) and len(counts) >= _ALIKE:
            out[weekday] = np.minimum(np.sort(counts, axis=0)[(len(counts) - 1) // 2], own.max(axis=0))
    return out
