"""Who saw whom on which page: of a day from its views, and of a month from its days, in whatever order these come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.digest_words import halves
from whosaw.store.distinct import numbered_from_0, order_of
from whosaw.store.kinds import DAY, kind

from .events import plain

__all__ = ["CANNOT_TELL", "EXPLAINED", "UNEXPLAINED", "added_exposures", "exposures_of"]

EXPLAINED: Final = 1
UNEXPLAINED: Final = 2
CANNOT_TELL: Final = 3
Digests = Callable[[pa.Array], pa.Array]
_COLUMNS: Final = kind("exposures").columns
_SUMS: Final = ("views", "unbounded", "possible")
_ANSWERS: Final = {"explained": EXPLAINED, "unexplained": UNEXPLAINED, "cannot_tell": CANNOT_TELL}
Ints = npt.NDArray[np.int64]


def exposures_of(views: pa.Table, digests: Digests, answers: pa.Array | None = None) -> pa.Table:
    """Exposures of each day, `day` first, of views of people who are named. `digests` gives the keyed digests of clients by number;
    `answers` stand beside the views: how each is explained. Without them these three columns are null: nobody asked yet."""
    named = views["person"].is_valid()
    beside = None if answers is None else plain(pa.chunked_array([answers]).filter(named), np.int64)
    views = views.filter(named)
    count = views.num_rows
    time = plain(views["time"], np.int64)
    extra = plain(views["extra"], np.int64, -1)
    columns = {
        **{name: plain(views[name], np.int64) for name in ("day", "person", "client", "route")},
        "first": time,
        "last": time,
        "extra": extra,
        "views": np.ones(count, np.int64),
        "unbounded": (extra < 0).astype(np.int64),
        "possible": (plain(views["unsure"], np.int8) != 0).astype(np.int64),
    }
    if beside is not None:
        columns.update({name: (beside == code).astype(np.int64) for name, code in _ANSWERS.items()})
    return _added(columns, digests, by_day=True)


def added_exposures(parts: Iterable[pa.Table], digests: Digests) -> pa.Table:
    """The exposures of all parts (days, or what was added up before) in one, a row for each person, client and route. Where nobody
    asked how those of one part are explained, nobody knows it of the whole."""
    names = _COLUMNS.names
    tables = [each.select(names).cast(_COLUMNS) for each in parts if each.num_rows]
    whole = pa.concat_tables([_COLUMNS.empty_table(), *tables])
    told = not any(whole[name].null_count for name in _ANSWERS)
    columns = {name: plain(whole[name], np.int64, -1) for name in names if told or name not in _ANSWERS}
    return _added(columns, digests, by_day=False)


def _added(columns: dict[str, Ints], digests: Digests, *, by_day: bool) -> pa.Table:
    schema = pa.schema([DAY, *_COLUMNS]) if by_day else _COLUMNS
    if not len(columns["person"]):
        return schema.empty_table()
    clients, of = numbered_from_0(columns["client"])
    high, low = halves(digests(pa.array(clients)))
    rank = np.empty(len(clients), np.int64)
    rank[np.lexsort((low, high))] = np.arange(len(clients))
    key = [columns["person"], rank[of], columns["route"]]
    key = [columns["day"], *key] if by_day else key
    order = order_of(*key)
    new = np.zeros(len(order), bool)
    new[0] = True
    for each in key:
        own = each[order]
        new[1:] |= own[1:] != own[:-1]
    starts = np.flatnonzero(new)
    sums = [name for name in (*_SUMS, *_ANSWERS) if name in columns]
    made: dict[str, Ints] = {}
    for name in (each for each in ("day", "person", "client", "route") if each in columns):
        made[name] = columns[name][order][starts]
    made["first"] = np.minimum.reduceat(columns["first"][order], starts)
    made["last"] = np.maximum.reduceat(columns["last"][order], starts)
    made.update({name: np.add.reduceat(columns[name][order], starts) for name in sums})
    extra = np.maximum.reduceat(columns["extra"][order], starts)
    arrays: dict[str, pa.Array] = {name: pa.array(values) for name, values in made.items()}
    arrays["extra"] = pa.array(extra, mask=extra < 0)
    nobody_asked = pa.nulls(len(starts), pa.int64())
    return pa.table([arrays.get(name, nobody_asked) for name in schema.names], names=schema.names).cast(
        schema
    )
