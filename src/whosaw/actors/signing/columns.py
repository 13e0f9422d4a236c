"""What this package is handed beside the kinds of `whosaw.store.kinds`, and how signs stand in one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.signs import SIGNS
from whosaw.store.kinds import CLIENT_COLUMNS, DAY

__all__ = [
    "BEARS", "CLIENT", "EVENTS", "HOUR", "LACKS", "ONE_DAY", "OPEN", "PASS_NAMES", "SEEN", "SESSION", "SHIFTS", "TOKEN", "UNTOLD",
    "Bools", "Digests", "Ints", "among", "by_digest", "coded", "digest_halves", "keys_of", "plain", "positions",
]  # fmt: skip

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Digests = Callable[[str, pa.Array], pa.Array]
"""Keyed digests (16 bytes) of numbers of one kind of identifier, as `build.step.Inputs.digests` gives them."""

HOUR: Final = 3_600_000_000
ONE_DAY: Final = 24 * HOUR
TOKEN, SESSION, CLIENT = 0, 1, 2
PASS_NAMES: Final = ("token", "session", "client")
"""Kinds of a pass by their number, the first that an event has goes before the others."""

LACKS, BEARS, UNTOLD = 0, 1, 2
SHIFTS: Final = {name: 2 * at for at, name in enumerate(SIGNS)}
"""By sign, the lower of its two bits in `answers.signs`."""

EVENTS: Final = pa.schema(
    [
        DAY,
        ("time", pa.int64()),
        ("client", pa.int64()),
        ("view", pa.bool_()),  # it carried a person's data
        ("tried", pa.bool_()),  # it is a row of `tries`
        *CLIENT_COLUMNS,
    ]
)
"""Every event that is no repeat and no witness of another, once, in any order."""

OPEN: Final = pa.schema(
    [
        DAY,
        ("kind", pa.int8()),
        ("visit", pa.int64()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("events", pa.int32()),
        ("others", pa.int32()),
        ("tries", pa.int32()),
        ("views", pa.int32()),
        ("least", pa.int32()),
        ("most", pa.int32()),
        ("page", pa.int16()),
        ("page_at", pa.int64()),  # when that page was opened
        ("rows", pa.int32()),  # rows of `views` on pages of the map, the first and the last of them
        ("first_row", pa.int64()),
        ("last_row", pa.int64()),
        ("routes", pa.list_(pa.int16())),  # pages so far
        ("opened", pa.list_(pa.int64())),  # and when each was opened first
        ("agents", pa.list_(pa.int32())),
        ("networks", pa.list_(pa.int32())),
    ]
)
"""Visits that a request of the next day may still belong to, as they stand at the end of the day."""

SEEN: Final = pa.schema([("person", pa.int32()), ("first", pa.int32())])
"""People whose pages were asked for in vain: the first day on which one was seen."""


def plain(column: pa.ChunkedArray | pa.Array, null: Any = None) -> npt.NDArray[Any]:
    """A column as an array of numbers, with `null` where there is none."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if array.null_count:
        array = array.fill_null(null)
    found: npt.NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return found


def among(values: Ints, asked: Ints) -> Bools:
    """Which of these values are asked for; what is asked for is in order."""
    if not len(asked):
        return np.zeros(len(values), bool)
    found: Bools = asked[np.minimum(np.searchsorted(asked, values), len(asked) - 1)] == values
    return found


def coded(numbers: Ints) -> tuple[Ints, Ints]:
    """The numbers that there are, each once and in any order, and which of them each is."""
    told = pa.array(numbers).dictionary_encode()
    return np.asarray(told.dictionary, np.int64), np.asarray(told.indices, np.int64)


def digest_halves(digests: pa.Array) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Digests of 16 bytes as two numbers each, which sort as they do."""
    if pa.types.is_fixed_size_binary(digests.type) and not digests.null_count:
        width = digests.type.byte_width
        joined = memoryview(digests.buffers()[1])[width * digests.offset :][: width * len(digests)]
    else:
        joined = memoryview(b"".join(digests.to_pylist()))
    both = np.frombuffer(joined, ">u8").reshape(-1, 2).astype(np.uint64)
    return both[:, 0], both[:, 1]


def by_digest(high: npt.NDArray[np.uint64], low: npt.NDArray[np.uint64]) -> Ints:
    """The order of digests, given as halves. The first one mostly tells them all apart."""
    order: Ints = np.argsort(high)
    ordered = high[order]
    return np.lexsort((low, high)) if (ordered[1:] == ordered[:-1]).any() else order


def keys_of(rows: pa.Table) -> tuple[npt.NDArray[np.int8], Ints]:
    """By row the kind and the number of what its visit goes by: its token, else its session, else its client."""
    kind = np.full(rows.num_rows, CLIENT, np.int8)
    key = plain(rows["client"], 0).astype(np.int64)
    for number in (SESSION, TOKEN):
        column = rows[PASS_NAMES[number]]
        has = column.is_valid().to_numpy()
        kind[has] = number
        key[has] = plain(column, 0).astype(np.int64)[has]
    return kind, key


def positions(day: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The place of each row among those of its day. Rows of one day stand together."""
    starts = np.flatnonzero(np.append(True, day[1:] != day[:-1])) if len(day) else np.zeros(0, np.int64)
    sizes = np.diff(np.append(starts, len(day)))
    found: npt.NDArray[np.int32] = (np.arange(len(day)) - np.repeat(starts, sizes)).astype(np.int32)
    return found
