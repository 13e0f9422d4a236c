"""The days from which a fact as of a day is learnt: the last 28 known ones before it, or the first ones there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["DAYS", "FURTHEST", "Known", "known_days"]

DAYS = 28
FURTHEST = 400  # days; what is older says nothing any more


@dataclass(frozen=True, slots=True)
class Known:
    """Days, ascending; `hindsight`: fewer were known before, so that they are the first there are, the day itself among them or not."""

    days: tuple[int, ...]
    hindsight: bool


def known_days(known: Sequence[int], day: int) -> Known:
    """From which of the days on which anybody was there (ascending) a fact as of `day` is learnt.

    A day that lies more than `FURTHEST` days after the last known one begins anew.
    """
    days = np.asarray(known, np.int64)
    era = days[slice(*_era(days, day))]
    before = era[(era < day) & (era >= day - FURTHEST)][-DAYS:]
    if len(before) == DAYS:
        return Known(tuple(before.tolist()), hindsight=False)
    return Known(tuple(era[:DAYS].tolist()), hindsight=True)


def _era(days: np.ndarray, day: int) -> tuple[int, int]:
    """Between which places the days lie that no long silence parts from `day`."""
    at = int(np.searchsorted(days, day, "right"))
    after = np.flatnonzero(np.diff(days) > FURTHEST) + 1  # places at which something begins anew
    if at == 0 or day - int(days[at - 1]) > FURTHEST:
        start = at
    else:
        begun = after[after < at]
        start = int(begun[-1]) if len(begun) else 0
    ended = after[after > max(start, at - 1)]
    return start, int(ended[0]) if len(ended) else len(days)
