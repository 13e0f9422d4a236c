"""How each view is explained by all that is tried, as exposures tell it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from whosaw.actors.explaining.answers import over
from whosaw.actors.explanation import CANNOT_TELL, UNEXPLAINED

from .who import column

__all__ = ["explained_as"]


def explained_as(views: pa.Table, answers: pa.Table, tried: Sequence[str]) -> pa.Array:
    """Beside each view its answer. Of a view that is only possible it cannot be told whether anything has to explain it."""
    told = over(answers["answers"].to_numpy().astype(np.uint16), tuple(tried))
    possible = column(views, "unsure") != 0
    return pa.array(np.where(possible & (told == UNEXPLAINED), np.uint8(CANNOT_TELL), told))
