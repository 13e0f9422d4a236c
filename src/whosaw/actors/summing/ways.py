"""Who was seen on visits that saw nobody else, by the page at which these began: sums of a day for what is usual of a page."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from whosaw.store.distinct import distinct_rows
from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs

from .plan import Plan
from .seen import Seen
from .who import Digests, by_day, column, starts_of

__all__ = ["ways"]


def ways(seen: Seen, plan: Plan, digests: Digests) -> pa.Table:
    """The rows of `ways`: of the kinds of entities that are asked for ways. Views carry `page`, where the visit that made them began."""
    columns = kind("ways").in_hand
    parts = [columns.empty_table()]
    if not plan.begun:
        return parts[0]
    day, page, person = (column(seen.views, name) for name in ("day", "page", "person"))
    for code in plan.begun:
        grouping = plan.kinds.groupings[code]
        entity = grouping.entities(seen.views, plan.agents)
        some = (page >= 0) & (person >= 0) & (entity >= 0)
        of_day, entities, begun, people = distinct_rows(day[some], entity[some], page[some], person[some])
        starts = starts_of(of_day, entities, begun)
        rows = pa.table(
            {
                "day": of_day[starts],
                "kind": np.full(len(starts), code),
                "entity": entities[starts],
                "page": begun[starts],
                "people": pack_runs(people, np.append(starts, len(people)), fewest=1),
            }
        ).cast(columns)
        parts.append(rows.take(pa.array(grouping.order(entities[starts], digests))))
    return by_day(parts)
