"""Views that bear a sign which was known only later, gathered on the day on which it was: what sums and looks ask of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from whosaw.store.kinds import kind

from .who import Digests, column, who_was_seen

__all__ = ["OF_VIEWS", "known"]

_COLUMNS = kind("known").in_hand
_NOT_OF_VIEWS = ("day", "view_day", "position", "sign", "known", "who", "way", "answers")
OF_VIEWS = tuple(each for each in _COLUMNS.names if each not in _NOT_OF_VIEWS)
"""The columns of views among those of `known`."""


def known(
    late: pa.Table, views: pa.Table, manners: pa.Table, answers: pa.Table, digests: Digests
) -> pa.Table:
    """The rows of `known`, beside those of `late`. `views`, and row by row `manners` and `answers`, hold whole days, of each that `late`
    names."""
    if not late.num_rows:
        return _COLUMNS.empty_table()
    day = column(views, "day")
    named = np.unique(column(late, "view_day"))
    first = np.searchsorted(day, named)
    last = np.searchsorted(day, named, "right")
    who = np.full(views.num_rows, -1, np.int64)
    for start, stop in zip(first.tolist(), last.tolist(), strict=True):
        who[start:stop] = who_was_seen(views.slice(start, stop - start), digests)
    at = first[np.searchsorted(named, column(late, "view_day"))] + column(late, "position")
    rows = pa.array(at)
    made = {
        **{name: late[name] for name in ("day", "view_day", "position", "sign", "known")},
        **{name: views[name].take(rows) for name in OF_VIEWS},
        "who": who[at],
        "way": manners["way"].take(rows),
        "answers": answers["answers"].take(rows),
    }
    return pa.table({name: made[name] for name in _COLUMNS.names}).cast(_COLUMNS)
