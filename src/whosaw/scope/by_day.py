"""How many accounts were seen on each day: one set of persons for each day, filled from a stream of views."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from pyroaring import BitMap

from whosaw.store.sql import Session

from .statement import statement

__all__ = ["accounts_by_day"]

_ROWS: Final = 1 << 20


def accounts_by_day(session: Session) -> dict[int, Mapping[str, Any]]:
    """By day from 1970 UTC: `accounts` held, and `possible` further ones. In SQL the same costs six times the work."""
    sets: dict[tuple[int, bool], BitMap] = defaultdict(BitMap)
    for batch in session.batches(statement("count_days"), _ROWS):
        day = batch["day"].to_numpy().astype(np.int64) * 2 + batch["held"].to_numpy(zero_copy_only=False)
        person = batch["person"].to_numpy().astype(np.uint32)
        order = np.argsort(day, kind="stable")
        day, person = day[order], person[order]
        starts = np.flatnonzero(np.diff(day, prepend=-1))
        for key, some in zip(day[starts].tolist(), np.split(person, starts[1:]), strict=len(starts) > 0):
            sets[key >> 1, bool(key & 1)] |= BitMap(some)
    days = sorted({day for day, _ in sets})
    return {
        day: {"accounts": len(sets[day, True]), "possible": len(sets[day, False] - sets[day, True])}
        for day in days
    }
