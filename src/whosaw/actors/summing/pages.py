"""How many people were seen on each page in each hour of the clock: in views that count, and in any."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.kinds import kind

from .plan import Plan
from .who import column, rows_once

__all__ = ["pages"]

_HOUR = 3_600_000_000
Ints = npt.NDArray[np.int64]


def pages(views: pa.Table, answers: pa.Table, plan: Plan) -> pa.Table:
    """The rows of `pages` of one day, without the day; `rule` is its place in `Plan.hourly`."""
    route, person = column(views, "route"), column(views, "person")
    some = np.flatnonzero((route >= 0) & (person >= 0))
    hour = column(views, "time") // _HOUR
    page = _pairs(route[some], hour[some])
    places, at, every = np.unique(page, return_index=True, return_inverse=True)[:3]
    made = [kind("pages").columns.empty_table()]
    seen = _people(every, person[some], len(places))
    for number, rule in enumerate(plan.hourly):
        counts = plan.told.counts(answers, rule)[some]
        made.append(
            pa.table(
                {
                    "route": route[some][at],
                    "hour": hour[some][at],
                    "rule": np.full(len(places), number),
                    "people": _people(every[counts], person[some][counts], len(places)),
                    "every": seen,
                }
            ).cast(kind("pages").columns)
        )
    rows = pa.concat_tables(made)
    return rows.sort_by([("route", "ascending"), ("hour", "ascending"), ("rule", "ascending")])


def _pairs(route: Ints, hour: Ints) -> Ints:
    return (route << 40) | hour


def _people(place: Ints, person: Ints, places: int) -> Ints:
    """How many people each place has."""
    return np.bincount(rows_once(place, person)[0], minlength=places)
