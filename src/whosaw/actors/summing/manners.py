"""What the visit of each view says of it: the way of reading, and the page at which a visit began that saw one person."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from whosaw.actors.signing.belonging import visit_of, whole
from whosaw.actors.signing.columns import plain, positions
from whosaw.store.kinds import kind

__all__ = ["manners", "with_manners"]


def manners(views: pa.Table, visits: pa.Table) -> pa.Table:
    """The rows of `manners`, beside `views`, which are whole days. `visits` are those of these days and of the day after, in which a
    visit stands that went on through midnight."""
    told = whole(visits)
    at = visit_of(views, told)
    some = at >= 0
    columns = {}
    one = plain(told["least"], -1) == plain(told["most"], -2)
    for name, known in (("way", np.ones(told.num_rows, bool)), ("page", one)):
        values = np.append(np.where(known, plain(told[name], -1).astype(np.int64), -1), -1)[at]
        columns[name] = pa.array(values, mask=~some | (values < 0))
    day = plain(views["day"]).astype(np.int32)
    rows = pa.table({"day": day, "position": positions(day), **columns})
    return rows.select(kind("manners").in_hand.names).cast(kind("manners").in_hand)


def with_manners(views: pa.Table, rows: pa.Table) -> pa.Table:
    """Views with the columns of `manners` beside them."""
    return views.append_column("way", rows["way"]).append_column("page", rows["page"])
