"""What is said of each exposure, added up. There may be as many rows as the log has lines, so they are put in order as whole numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.summing.who import column, starts_of
from whosaw.store.distinct import order_of
from whosaw.store.schemas import ANSWERS

__all__ = ["answers_of"]

Ints = npt.NDArray[np.int64]
_KEYS = 3  # columns of answers that name an exposure


def answers_of(exposures: pa.Table) -> pa.Table:
    """What the explanations say of each exposure (person, client, page), of some days together, in that order."""
    if not exposures.num_rows:
        return ANSWERS.empty_table()
    columns = [column(exposures, name) for name in ANSWERS.names]
    order = order_of(*columns[:_KEYS])
    keys = [each[order] for each in columns[:_KEYS]]
    starts = starts_of(*keys)
    told = [each[starts] for each in keys]
    told += [np.add.reduceat(each[order], starts) for each in columns[_KEYS:]]
    return pa.table([pa.array(each) for each in told], names=ANSWERS.names).cast(ANSWERS)
