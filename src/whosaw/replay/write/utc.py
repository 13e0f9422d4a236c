"""Clocks of services that log in UTC: a day of the shop then spans two dates."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
import pyarrow as pa

from whosaw.replay.setting import DAY_MS

from .columns import Same, clock, joined

__all__ = ["utc_seconds"]

_EPOCH = dt.date(1970, 1, 1)


@lru_cache(maxsize=8)
def utc_seconds(start: int, between: str) -> pa.StringArray:
    """Every second of the 24 hours from `start` (milliseconds since 1970) as YYYY-MM-DD, `between`, HH:MM:SS."""
    day, into = divmod(start, DAY_MS)
    seconds = np.arange(86_400, dtype=np.int32) + into // 1000
    parts = []
    for later in (0, 1):
        here = seconds[seconds // 86_400 == later] % 86_400
        if len(here):
            date = (_EPOCH + dt.timedelta(days=day + later)).isoformat()
            parts.append(joined([Same(f"{date}{between}"), clock().take(pa.array(here))], len(here)))
    return pa.concat_arrays(parts)
