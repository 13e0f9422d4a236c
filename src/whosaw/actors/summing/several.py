"""Which entities saw more than one person on a day: as many as could walk through numbers by accident."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs

from .plan import Plan
from .told import Rule
from .who import column, rows_once

__all__ = ["several"]


def several(views: pa.Table, answers: pa.Table, plan: Plan, code: int, rule: Rule) -> pa.Table:
    """The row of `several` of one day, kind and rule, without the day; none where there is no such entity."""
    entity, person = plan.kinds.groupings[code].entities(views, plan.agents), column(views, "person")
    some = (entity >= 0) & (person >= 0) & plan.told.counts(answers, rule)
    pairs = rows_once(entity[some], person[some])
    entities, people = np.unique(pairs[0], return_counts=True)
    found = entities[people > 1]
    rows = pa.table(
        {"kind": np.array([code]), "entities": pack_runs(found, np.array([0, len(found)]), fewest=1)}
    )
    return rows.slice(0, int(len(found) > 0)).cast(kind("several").columns)
