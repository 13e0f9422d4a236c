"""What a map said of events, in the shape in which a segment takes it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from whosaw.mapping.apply import Mapped as MappedEvents
from whosaw.store.segment import Mapped

__all__ = ["as_mapped"]


def as_mapped(mapped: MappedEvents | None, count: int) -> Mapped:
    """`mapped` for a segment of `count` events; None stands for no map."""
    if mapped is None:  # no map: no route, no person, no view
        no = pa.array(np.zeros(count, bool))
        columns = {
            "view": no,
            "unknown": no,
            "undecided": no,
            "person": pa.nulls(count, pa.string()),
            "extra": pa.nulls(count, pa.int32()),
        }
        columns["unsure"] = pa.array(np.zeros(count), pa.int8())
        return Mapped(table=pa.table({"route": pa.array(np.full(count, -1), pa.int16()), **columns}))
    rows = mapped.rows
    return Mapped(
        table=pa.table(
            {
                "route": rows["route"],
                "view": rows["view"],
                "person": rows["person"],
                "unknown": rows["subject_unknown"],
                "extra": rows["extra_at_most"],
                "undecided": rows["undecided"],
                "unsure": rows["unsure"],
            }
        ),
        more=mapped.more,
    )
