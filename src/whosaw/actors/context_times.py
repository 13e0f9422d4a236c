"""Times of context tables: texts to microseconds since 1970 in UTC, never with a zone that nobody stated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core.instants import to_micros
from whosaw.store.sql import Session

from .statement import statement

__all__ = ["Times", "read_times", "wall_offsets"]

Ints = npt.NDArray[np.int64]
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """`micros` beside each text; rows whose text is no time, or has no offset where no zone is stated."""

    micros: pa.Array
    unreadable: list[int]
    without_zone: list[int]
    days: int  # how many were days without a time, read in UTC for want of a zone


def read_times(session: Session, texts: pa.Array, zone: tzinfo | None, *, end: bool) -> Times:
    """Read RFC 3339, ISO 8601 and numbers of seconds, milliseconds, microseconds or nanoseconds since 1970.

    A day without a time starts there, or with `end` lasts until the next day starts.
    """
    given = pa.table({"row": pa.array(np.arange(len(texts))), "text": texts})
    found = session.query(statement("read_times"), given_times=given)
    shape = np.asarray(found["shape"].combine_chunks().fill_null(0).to_numpy(zero_copy_only=False))
    micros = np.asarray(found["micros"].combine_chunks().fill_null(0).to_numpy(zero_copy_only=False)).astype(
        np.int64
    )
    known = found["micros"].combine_chunks().is_valid().to_numpy(zero_copy_only=False)
    filled = texts.is_valid().to_numpy(zero_copy_only=False)
    days = known & (shape == 3)
    local = known & (shape == 2)
    if end:
        micros[days] += _DAY
    if zone is not None:
        micros = _in_zone(micros, local | days, zone)
        local = np.zeros_like(local)
    usable = known & ~local
    return Times(
        micros=pa.array(micros, pa.int64(), mask=~usable),
        unreadable=np.flatnonzero(filled & ~known).tolist(),
        without_zone=np.flatnonzero(local).tolist(),
        days=0 if zone is not None else int(days.sum()),
    )


def _in_zone(micros: Ints, chosen: npt.NDArray[np.bool_], zone: tzinfo) -> Ints:
    """The chosen local times as instants. A local time that occurs twice is the earlier one."""
    out = micros.copy()
    # a zone's offset is the same throughout any quarter of an hour, so each quarter is asked once
    quarter = 900_000_000
    quarters, place = np.unique(micros[chosen] // quarter, return_inverse=True)
    start = datetime(1970, 1, 1, tzinfo=zone)  # adding to it moves the clock on the wall
    shifts = np.array(
        [
            to_micros(start + timedelta(microseconds=int(each) * quarter)) - int(each) * quarter
            for each in quarters.tolist()
        ],
        np.int64,
    )
    if len(shifts):
        out[chosen] += shifts[place]
    return out


def wall_offsets(zone: tzinfo | None) -> tuple[tuple[int, int], ...]:
    """From when on (microseconds since 1970) by how much the clock on the wall is ahead of UTC; UTC without a zone.

    Changes are found to the quarter of an hour, from 2000 to 2049.
    """
    if zone is None:
        return ((0, 0),)
    first, last = datetime(2000, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
    found = [(0, _ahead(first, zone))]
    day, ahead = first, found[0][1]
    while day < last:
        after = day + timedelta(days=1)
        if _ahead(after, zone) != ahead:
            while _ahead(day, zone) == ahead:
                day += timedelta(minutes=15)
            ahead = _ahead(day, zone)
            found.append((to_micros(day), ahead))
        day = after
    return tuple(found)


def _ahead(instant: datetime, zone: tzinfo) -> int:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None  # an aware instant has one
    return offset // timedelta(microseconds=1)
