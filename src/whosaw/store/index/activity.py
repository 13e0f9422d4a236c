"""What a segment says beside its views: how much each client did, and which requests failed that say something."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.files import open_parquet
from whosaw.store.schemas import ACTIVITY, TRIES, UNAUTHORIZED

from .twin_lines import stands_in
from .view_groups import Numbers

__all__ = ["Done", "activity_of", "joined_activity"]

_COLUMNS = ["line", "time", "client", "person", "route", "view", "undecided", "status", "duplicate"]


class Done:
    """The activity and the tries of one segment, with ledger numbers."""

    __slots__ = ("activity", "tries")

    def __init__(self, activity: pa.Table, tries: pa.Table) -> None:
        self.activity, self.tries = activity, tries


def activity_of(segment: int, events: str, numbers: Numbers) -> Done:
    """Count the events of each client, repeats aside, and take the tries: events of a mapped page that name a person,
    and of which the log says that they failed; and whatever was answered with 401, as a wrong password is, whose person
    is null unless it is such an event."""
    with open_parquet(events) as file:
        table = file.read(columns=_COLUMNS, use_threads=False)
    line = _ints(table["line"], np.int64)
    once = ~_flags(table["duplicate"])
    if len(numbers.repeated):
        at = np.minimum(np.searchsorted(numbers.repeated, line), len(numbers.repeated) - 1)
        once &= numbers.repeated[at] != line
    client, view = numbers.client[_ints(table["client"], np.int32)], _flags(table["view"])
    if numbers.twins is not None:
        once &= ~stands_in(numbers.twins.witnesses, line)
        client, _ = numbers.twins.told(line, client, client)
    clients, inverse = np.unique(client[once], return_inverse=True)
    activity = pa.table(
        [
            pa.array(clients.astype(np.int32)),
            pa.array(np.bincount(inverse, minlength=len(clients)).astype(np.int64)),
            pa.array(np.bincount(inverse[view[once]], minlength=len(clients)).astype(np.int64)),
        ],
        schema=ACTIVITY,
    )
    person = _ints(table["person"], np.int32, -1)
    failed = (_ints(table["route"], np.int16, -1) >= 0) & (person >= 0) & ~view & ~_flags(table["undecided"])
    status = _ints(table["status"], np.int16, -1)
    if numbers.twins is not None:  # what either line of an act says of it
        status = np.where(stands_in(numbers.twins.refused, line), UNAUTHORIZED, status)
    refused = (status == UNAUTHORIZED) & ~view
    rows = np.flatnonzero((failed | refused) & once)
    tries = pa.table(
        [
            _persons(numbers, person[rows], failed[rows]),
            pa.array(_ints(table["time"], np.int64)[rows]),
            pa.array(np.full(len(rows), segment, np.int32)),
            pa.array(line[rows]),
            pa.array(client[rows].astype(np.int32)),
            pa.array(status[rows], pa.int16(), mask=status[rows] < 0),
        ],
        schema=TRIES,
    )
    return Done(activity, tries)


def _persons(numbers: Numbers, codes: npt.NDArray[np.int64], named: npt.NDArray[np.bool_]) -> pa.Array:
    """Ledger numbers of the persons whose pages were asked for; null where none was."""
    found = np.full(len(codes), -1, np.int32)
    found[named] = numbers.identity[codes[named]]
    return pa.array(found, pa.int32(), mask=~named)


def joined_activity(parts: Sequence[pa.Table]) -> pa.Table:
    """Activity of several segments, a row for each client, in order of clients."""
    whole = pa.concat_tables(parts)
    client = whole["client"].combine_chunks().to_numpy()
    clients, inverse = np.unique(client, return_inverse=True)
    sums = [
        np.bincount(inverse, weights=whole[name].combine_chunks().to_numpy(), minlength=len(clients))
        for name in ("events", "views")
    ]
    return pa.table([pa.array(clients), *(pa.array(each.astype(np.int64)) for each in sums)], schema=ACTIVITY)


def _ints(column: pa.ChunkedArray, dtype: type[np.integer], null: int | None = None) -> npt.NDArray[np.int64]:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        return np.zeros(0, np.int64)
    if array.null_count:
        array = array.fill_null(null)
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype).astype(np.int64, copy=False)


def _flags(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    return _ints(column.cast(pa.int8()), np.int8, 0).astype(bool)
