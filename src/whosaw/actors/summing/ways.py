"""Who was seen on visits that saw nobody else, by the page at which these began: sums of a day for what is usual of a page."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs

from .plan import Plan
from .who import Digests, column, rows_once

__all__ = ["ways"]


def ways(views: pa.Table, plan: Plan, digests: Digests) -> pa.Table:
    """The rows of `ways` of one day, without the day: of the kinds of entities that are asked for ways. `views` carry `page`, where
    the visit that made them began."""
    columns = kind("ways").columns
    parts = [columns.empty_table()]
    if not plan.begun:
        return parts[0]
    page, person = column(views, "page"), column(views, "person")
    for code in plan.begun:
        grouping = plan.kinds.groupings[code]
        entity = grouping.entities(views, plan.agents)
        some = (page >= 0) & (person >= 0) & (entity >= 0)
        seen = rows_once(entity[some], page[some], person[some])
        new = np.ones(len(seen[0]), bool)
        new[1:] = (seen[0][1:] != seen[0][:-1]) | (seen[1][1:] != seen[1][:-1])
        starts = np.flatnonzero(new)
        rows = pa.table(
            {
                "kind": np.full(len(starts), code),
                "entity": seen[0][starts],
                "page": seen[1][starts],
                "people": pack_runs(seen[2], np.append(starts, len(seen[2])), fewest=1),
            }
        ).cast(columns)
        parts.append(rows.take(pa.array(grouping.order(seen[0][starts], digests))))
    return pa.concat_tables(parts)
