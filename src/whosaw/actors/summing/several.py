"""Which entities saw more than one person on a day: as many as could walk through numbers by accident."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from whosaw.store.distinct import distinct_rows
from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs

from .plan import Plan
from .seen import Seen
from .told import Rule
from .who import column, starts_of

__all__ = ["several"]


def several(seen: Seen, plan: Plan, code: int, rule: Rule) -> pa.Table:
    """The rows of `several` of one kind and rule; none of a day on which there is no such entity."""
    entity = plan.kinds.groupings[code].entities(seen.views, plan.agents)
    person, day = column(seen.views, "person"), column(seen.views, "day")
    some = (entity >= 0) & (person >= 0) & plan.told.counts(seen.answers, rule)
    of_day, entities, _ = distinct_rows(day[some], entity[some], person[some])
    starts = starts_of(of_day, entities)
    found = starts[np.diff(np.append(starts, len(entities))) > 1]
    days = starts_of(of_day[found])
    return pa.table(
        {
            "day": of_day[found][days],
            "kind": np.full(len(days), code),
            "entities": pack_runs(entities[found], np.append(days, len(found)), fewest=1),
        }
    ).cast(kind("several").in_hand)
