"""An estimate of accounts between the bounds, from what the actor did in whole hours near those that were lost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from whosaw.core.counts import Count
from whosaw.core.scope_version import Estimate

from .gaps import SourceGaps
from .source_hours import SURE

__all__ = ["estimate_of"]

_LEVEL: Final = 0.95
_NORMAL: Final = 1.96  # standard deviations on either side that hold 95 in 100 of a normal distribution


def estimate_of(accounts: Count, gaps: Mapping[str, SourceGaps]) -> Estimate | None:
    """Between the bounds; None where nothing was lost, or nothing can be compared with what was."""
    mean = variance = 0.0
    losses = [each for one in gaps.values() for each in one.losses]
    for loss in losses:
        if loss.accounts is None or (loss.run.chance < SURE and loss.accounts.most > 0):
            return None
        seen = loss.accounts.seen
        chance = loss.run.chance
        mean += chance * float(seen.mean())
        variance += chance * float((seen**2).mean()) - (chance * float(seen.mean())) ** 2
    if not losses:
        return None
    spread = _NORMAL * math.sqrt(max(variance, 0.0))
    low, high = accounts.lower, accounts.upper
    values = [accounts.lower + each for each in (mean, max(0.0, mean - spread), mean + spread)]
    value, least, most = (
        max(low, round(each) if high is None else min(high, round(each))) for each in values
    )
    return Estimate(value=value, low=least, high=most, level=_LEVEL)
