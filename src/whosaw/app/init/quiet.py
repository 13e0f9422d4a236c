"""When a source seems to have no traffic, told by a log that was looked at whole."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.core.instants import from_micros, parse_zone

__all__ = ["proposed_quiet"]

_DAYS: Final = 5  # of the log, and
_EVENTS: Final = 500  # so that an hour of the day with as much as the others is never empty by chance (e^-20)
_LEAST: Final = 3  # hours in a row


def proposed_quiet(events: pa.Table, zone: str) -> str | None:
    """The longest run of hours, on the clock of `zone`, in which no event stands on any day, such as 22:00-06:00; None where it is short,
    or the log too short to tell."""
    if "time" not in events.column_names:
        return None
    times = events["time"].drop_null().cast(pa.int64()).to_numpy()
    clock = parse_zone(zone)
    local = [
        from_micros(int(each) * 3_600_000_000).astimezone(clock) for each in np.unique(times // 3_600_000_000)
    ]
    busy = {each.hour for each in local}
    if len(times) < _EVENTS or len({each.date() for each in local}) < _DAYS:
        return None
    runs = [(length, start) for start in range(24) if (length := _empty_from(start, busy))]
    length, start = max(runs, key=lambda each: (each[0], -each[1]), default=(0, 0))
    return f"{start:02}:00-{(start + length) % 24:02}:00" if length >= _LEAST else None


def _empty_from(start: int, busy: set[int]) -> int:
    """How many hours from this one on are empty, over midnight, up to the first that is not."""
    return next((many for many in range(24) if (start + many) % 24 in busy), 0)
