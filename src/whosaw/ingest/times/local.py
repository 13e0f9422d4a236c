"""From a wall clock without an offset, or without a year, to an instant.

A zone is never guessed: it is given. Where clocks go back, an hour comes twice; lines are held to be in
order, so the first pass is taken until the wall clock jumps back by more than five minutes, and the second
from then on. Where clocks go forward, an hour does not exist; such a time is read with the offset before
the change (as `zoneinfo` does), so it comes out as the same instant as the time an hour later.

Where a text has no year, lines are held to be in order and the newest of a block is given the last year in
which it is not later than the hint (the file's last change, plus a day for clocks that are off). Going back
through the lines, a step from January to December is a step to the year before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
import numpy.typing as npt

from .read import REFERENCE_YEAR

__all__ = ["FoldState", "instants_of", "with_years"]

_BLOCK = 15 * 60 * 1_000_000  # zones change their offset at full quarters of an hour
_BACK = 5 * 60 * 1_000_000
_DAY = 86_400 * 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Micros = npt.NDArray[np.int64]
FoldState = tuple[
    int, int, bool
]  # the doubled hour (its day), the latest wall clock in it so far, second pass or not


def instants_of(walls: Micros, zone: tzinfo, state: FoldState | None) -> tuple[Micros, FoldState | None]:
    """Instants of wall clocks in line order. Give the state back with the next lines of the same content."""
    if not len(walls):
        return walls, state
    blocks, inverse = np.unique(walls // _BLOCK, return_inverse=True)
    first, second = np.empty(len(blocks), dtype=np.int64), np.empty(len(blocks), dtype=np.int64)
    for at, block in enumerate(blocks.tolist()):
        moment = _EPOCH + timedelta(microseconds=block * _BLOCK)
        first[at] = _offset_of(moment, zone, 0)
        second[at] = _offset_of(moment, zone, 1)
    offsets = first[inverse]
    doubled = (first > second)[inverse]
    if doubled.any():
        state = _second_pass(walls, doubled, offsets, second[inverse], state)
    return walls - offsets, state


def _second_pass(
    walls: Micros, doubled: npt.NDArray[np.bool_], offsets: Micros, second: Micros, state: FoldState | None
) -> FoldState | None:
    days = walls // _DAY
    for day in np.unique(days[doubled]).tolist():
        rows = np.flatnonzero(doubled & (days == day))
        clock = walls[rows]
        before, late = (
            (state[1], state[2]) if state is not None and state[0] == day else (int(clock[0]), False)
        )
        highest = np.maximum(np.maximum.accumulate(clock), before)
        back = clock < highest - _BACK
        start = 0 if late else int(np.argmax(back)) if back.any() else len(rows)
        offsets[rows[start:]] = second[rows[start:]]
        state = (day, int(highest[-1]), start < len(rows))
    return state


def _offset_of(moment: datetime, zone: tzinfo, fold: int) -> int:
    offset = moment.replace(tzinfo=zone, fold=fold).utcoffset()
    if offset is None:
        raise ValueError("the zone gives no offset")
    return (offset.days * 86_400 + offset.seconds) * 1_000_000 + offset.microseconds


def with_years(walls: Micros, hint: datetime | int) -> Micros:
    """Wall clocks in line order, read in the reference year, moved to their own years.

    A hint that is a year means its end.
    """
    if not len(walls):
        return walls
    steps = np.diff(walls)
    half = 183 * _DAY
    relative = np.concatenate([[0], np.cumsum(np.where(steps < -half, 1, 0) - np.where(steps > half, 1, 0))])
    newest = int(np.lexsort((walls, relative))[-1])
    limit = _limit(hint)
    year = limit.year
    if _moved(walls[newest : newest + 1], np.array([year]))[0] > _since_epoch(limit):
        year -= 1
    return _moved(walls, relative - relative[newest] + year)


def _limit(hint: datetime | int) -> datetime:
    if isinstance(hint, int):
        return datetime(hint, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    return hint.astimezone(UTC) + timedelta(days=1)


def _since_epoch(moment: datetime) -> int:
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _moved(walls: Micros, years: npt.NDArray[np.int64]) -> Micros:
    start = _since_epoch(datetime(REFERENCE_YEAR, 1, 1, tzinfo=UTC))
    march = (walls - start) // _DAY >= 60  # from 1 March on; the reference year is a leap year
    february_29 = (walls - start) // _DAY == 59
    leap = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    # 29 February is only in a leap year: the last one up to the year found
    years = np.where(february_29 & ~leap, years - years % 4, years)
    leap |= february_29
    first = ((years - 1970).astype("datetime64[Y]")).astype("datetime64[D]").astype(np.int64) * _DAY
    moved: Micros = first + (walls - start) - np.where(march & ~leap, _DAY, 0)
    return moved
