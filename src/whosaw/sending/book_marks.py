"""What columns of an address book say of a person besides where they are: whether they live, and whether they are of age."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["marked", "minors"]

_NO: Final = pa.array(["0", "no", "false", "n", "f", "nein", "hapana"])
_DAYS_OF_YEAR: Final = 365.2425

Bools = npt.NDArray[np.bool_]


def marked(column: pa.Array) -> Bools:
    """Where something stands that does not say no."""
    return np.asarray(pc.and_(column.is_valid(), pc.invert(pc.is_in(pc.utf8_lower(column), value_set=_NO))))


def minors(born: pa.Array, *, under: int, now: datetime) -> Bools:
    """Who is younger than so many years; of whom no birthday is known (YYYY-MM-DD) is not."""
    days = pc.strptime(born, format="%Y-%m-%d", unit="s", error_is_null=True)
    since = (now.timestamp() - np.asarray(pc.fill_null(days.cast(pa.int64()), -(1 << 40)))) / 86_400
    return np.asarray(since < under * _DAYS_OF_YEAR)
