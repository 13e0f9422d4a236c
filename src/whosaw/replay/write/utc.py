"""Clocks of services that log in UTC: a day of the shop then spans two dates."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from whosaw.replay.setting import DAY_MS

from .columns import Piece, clock, fixed, pick

__all__ = ["first_second", "utc_seconds"]

_EPOCH = dt.date(1970, 1, 1)


def utc_seconds(start: int, between: str, second: NDArray[np.int32]) -> tuple[Piece, Piece]:
    """Two pieces that make YYYY-MM-DD, `between`, HH:MM:SS of each second of the 24 hours from `start`.

    `start` is in milliseconds since 1970. No table of a whole day is made: on most days far fewer seconds are asked for.
    """
    day, into = divmod(start, DAY_MS)
    later, of_day = np.divmod(second + np.int32(into // 1000), np.int32(86_400))
    dates = fixed(f"{(_EPOCH + dt.timedelta(days=day + at)).isoformat()}{between}" for at in (0, 1))
    return pick(dates, later), pick(clock(), of_day)


def first_second(start: int, between: str) -> str:
    """The text of the first of these seconds."""
    moment = dt.datetime.fromtimestamp(start // 1000, dt.UTC)
    return f"{moment:%Y-%m-%d}{between}{moment:%H:%M:%S}"
