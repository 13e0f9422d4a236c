"""Rows of all days added up for what is told: which clients and lines a finding counts, what is proven of them, and what is said of each
exposure. There may be as many rows as the log has lines, so they are put in order as whole numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.summing.who import column, starts_of
from whosaw.store.distinct import alike, distinct_rows, order_of
from whosaw.store.schemas import ANSWERS, PROOFS

__all__ = ["PROVEN_OF", "answers_of", "each_once", "proven_of"]

Ints = npt.NDArray[np.int64]
_KEYS = 3  # columns of answers that name an exposure
PROVEN_OF = pa.schema([("story", pa.int32()), *list(PROOFS)[1:]])


def each_once(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    """These columns with each row once, ordered by the first of them, then by the next."""
    own = distinct_rows(*(column(rows, name) for name in names))
    return pa.table([pa.array(each) for each in own], names=list(names)).cast(
        pa.schema([rows.schema.field(name) for name in names])
    )


def proven_of(views: pa.Table, mixed: Collection[int]) -> pa.Table:
    """Of the counted views of these stories what is proven, company, or asked (`standing`): clients all of whose views have one, without a
    line, and lines of other clients, each with the least. In the order of story, client, and line, clients first."""
    story, client, standing = (column(views, name) for name in ("story", "client", "standing"))
    own = np.flatnonzero(np.isin(story, list(mixed)))
    story, client, standing = story[own], client[own], standing[own]
    of, first = alike(story, client)
    whole = standing[first] >= 0
    whole[of[standing != standing[first][of]]] = False
    single = (standing >= 0) & ~whole[of]
    lines = (column(views, name)[own[single]] for name in ("content", "line"))
    by, content, line, least = distinct_rows(of[single], *lines, standing[single])
    alone = np.ones(len(by), bool)
    alone[1:] = (by[1:] != by[:-1]) | (content[1:] != content[:-1]) | (line[1:] != line[:-1])
    clients = np.flatnonzero(whole)
    which = np.concatenate([clients, by[alone]])
    order = order_of(which)
    none = np.full(len(clients), -1)
    content, line = np.concatenate([none, content[alone]])[order], np.concatenate([none, line[alone]])[order]
    least = np.concatenate([standing[first[clients]], least[alone]])[order]
    at = first[which[order]]
    columns = [
        pa.array(story[at]),
        pa.array(client[at]),
        *(pa.array(each, mask=each < 0) for each in (content, line)),
        pa.array(least),
    ]
    return pa.table(columns, names=PROVEN_OF.names).cast(PROVEN_OF)


def answers_of(exposures: pa.Table) -> pa.Table:
    """What the explanations say of each exposure (person, client, page), of all days together, in that order."""
    if not exposures.num_rows:
        return ANSWERS.empty_table()
    columns = [column(exposures, name) for name in ANSWERS.names]
    order = order_of(*columns[:_KEYS])
    keys = [each[order] for each in columns[:_KEYS]]
    starts = starts_of(*keys)
    told = [each[starts] for each in keys]
    told += [np.add.reduceat(each[order], starts) for each in columns[_KEYS:]]
    return pa.table([pa.array(each) for each in told], names=ANSWERS.names).cast(ANSWERS)
