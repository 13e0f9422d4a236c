"""The two sides of a score: what a replay did, and what whosaw found in its logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["HONEST_LINE", "Found", "Kind", "Party", "Said", "Truth"]

Kind = Literal["breach", "nosy"]
HONEST_LINE = -1  # in `Truth.lines`: a line of nobody whom somebody should find


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody whose views should be found: the breach, or staff of the honest shop who look without a reason."""

    id: str
    kind: Kind
    views: int  # responses that carried a person's data
    persons: int | None  # members and the others in their address books; None where the truth does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a replay did.

    `members` are the members whom any party saw, each once, as they stand in the logs. `exposures` has one row per
    party, member and category: party (position), member (position), category, first (milliseconds since 1970 in UTC).
    `lines` holds the party of every line of text that was written, or HONEST_LINE.
    """

    parties: tuple[Party, ...]
    members: pa.Array
    exposures: pa.Table
    lines: NDArray[np.int16]
    days: int
    customers: int
    customers_per_day: (
        float | None
    )  # who used the shop on one day, on average; None where the truth does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A finding. `raised_ms` is the true time of the line that raised it, whatever clock the log went by."""

    id: str
    detector: str
    raised_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What whosaw found.

    Clients that belong to the same findings are one group: `groups` holds the positions of these findings.
    `views` has one row for each view that a finding counts and each person in it: group; view (position in
    `Truth.lines`; below 0, and one number for each view, where the truth has no such line); person (ledger number, or
    null where the log names nobody); route.
    `numbers` are the ledger numbers of `Truth.members`, -1 for those whom the ledger never met.
    """

    findings: tuple[Said, ...]
    groups: tuple[tuple[int, ...], ...]
    views: pa.Table
    routes: Mapping[int, tuple[str, ...]]  # categories by route
    numbers: NDArray[np.int32]
    notes: tuple[str, ...] = ()
