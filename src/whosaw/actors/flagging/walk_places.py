"""How many people have a number, as of the end of each day that is judged."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from whosaw.actors.summing.who import column

__all__ = ["numbered_as_of"]


def numbered_as_of(values: pa.Table, days: Iterable[int]) -> dict[int, int]:
    """How many people have a number as of the end of each day."""
    known = np.sort(column(values, "known"))
    return {day: int(np.searchsorted(known, day, "right")) for day in days}
