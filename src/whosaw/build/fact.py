"""Facts of the whole: one small value as of a day, learnt from many days and rounded, so that one row does not make a year again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .step import Inputs

__all__ = ["Fact", "known_days"]

KNOWN = 28  # days that a fact is learnt from
REACH = 400  # days back; what lies further is of another time


def known_days(known: Sequence[int], day: int, *, many: int = KNOWN, reach: int = REACH) -> Sequence[int]:
    """Of the days that are known, ascending, those that a fact as of `day` is learnt from: the last before it, or, while there are
    fewer, the first there are (hindsight). What lies further back than `reach`, or before such a gap, does not count: a ledger
    that goes on after one begins anew."""
    first = bisect_left(known, day) - many
    if first >= 0 and day - known[first] <= reach:
        return known[first : first + many]
    breaks = [at for at in range(1, len(known)) if known[at] - known[at - 1] > reach]
    start = max((at for at in breaks if known[at] <= day), default=0)
    since = known[start : min((at for at in breaks if known[at] > day), default=len(known))]
    if since and day - since[-1] > reach:
        return ()
    before = bisect_left(since, day)
    if before < many:
        return since[:many]
    return [each for each in since[before - many : before] if day - each <= reach]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact. The days on which the first kind of `reads` has rows are known; `window` says which of them it is learnt from as of a
    day. `run` is given the rows of all these days and gives the value as of each day it is asked of, in JSON's types and rounded;
    real numbers are rounded to six digits behind the point besides. The rest is as in a step."""

    name: str
    reads: tuple[str, ...]
    run: Callable[[Inputs, Sequence[int]], Mapping[int, Any]]
    window: Callable[[Sequence[int], int], Sequence[int]] = known_days
    facts: tuple[str, ...] = ()
    items: Callable[[Any], Any] | None = None
    memory: Callable[[int], int] = lambda rows: 400 * rows + (64 << 20)
