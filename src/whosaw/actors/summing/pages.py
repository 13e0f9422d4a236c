"""How many people were seen on each page in each hour of the clock: in views that count, and in any."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.distinct import distinct_rows
from whosaw.store.kinds import kind

from .plan import Plan
from .seen import Seen
from .who import column

__all__ = ["pages"]

_HOUR = 3_600_000_000
Ints = npt.NDArray[np.int64]


def pages(seen: Seen, plan: Plan) -> pa.Table:
    """The rows of `pages`; `rule` is its place in `Plan.hourly`."""
    day, route, person = (column(seen.views, name) for name in ("day", "route", "person"))
    some = np.flatnonzero((route >= 0) & (person >= 0))
    hour = column(seen.views, "time") // _HOUR
    page = _pairs(route[some], hour[some])
    places, at, every = np.unique(page, return_index=True, return_inverse=True)[:3]
    made = [kind("pages").in_hand.empty_table()]
    people = _people(every, person[some], len(places))
    for number, rule in enumerate(plan.hourly):
        counts = plan.told.counts(seen.answers, rule)[some]
        made.append(
            pa.table(
                {
                    "day": day[some][at],
                    "route": route[some][at],
                    "hour": hour[some][at],
                    "rule": np.full(len(places), number),
                    "people": _people(every[counts], person[some][counts], len(places)),
                    "every": people,
                }
            ).cast(kind("pages").in_hand)
        )
    order = [(name, "ascending") for name in ("day", "route", "hour", "rule")]
    return pa.concat_tables(made).sort_by(order)


def _pairs(route: Ints, hour: Ints) -> Ints:
    return (route << 40) | hour


def _people(place: Ints, person: Ints, places: int) -> Ints:
    """How many people each place has."""
    return np.bincount(distinct_rows(place, person)[0], minlength=places)
