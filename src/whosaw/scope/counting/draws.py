"""What a lost stretch of time may hold, as values with weights, and the most that a sum of such draws comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["CHANCE", "Draws", "bound"]

CHANCE: Final = 1e-3  # that more was lost than the bound says, for all gaps of a source together
_CELLS: Final = 1 << 15  # of the grid on which large sums are added up

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Whole numbers and how likely each is. `seen` is those that were looked at, without what nobody saw."""

    values: Floats
    weights: Floats
    seen: Floats

    @classmethod
    def nothing(cls) -> Self:
        """Surely none."""
        return cls(values=np.zeros(1), weights=np.ones(1), seen=np.zeros(1))

    @classmethod
    def like(cls, seen: Floats, hour: float) -> Self:
        """One of those seen, or one busier than any of them: a lost window is the busiest of n + 1 with chance 1 in n + 1. That
        one holds as much more as the busiest hour near it, and one."""
        values = np.append(seen, seen.max() + hour + 1)
        return cls(values=values, weights=np.full(len(values), 1 / len(values)), seen=seen)

    def within(self, most: float, out_of: int) -> Self:
        """No more than `most`, which none of so many passed: one more passes it with chance 1 in `out_of` + 1."""
        often = out_of / (out_of + 1)
        return type(self)(
            values=np.concatenate([np.minimum(self.values, most), self.values]),
            weights=np.concatenate([self.weights * often, self.weights * (1 - often)]),
            seen=np.minimum(self.seen, most),
        )

    @property
    def most(self) -> float:
        return float(self.values.max())


def bound(lost: Sequence[tuple[float, Draws | None]], chance: float = CHANCE) -> int | None:
    """What the sum of independent draws exceeds with at most `chance`; each is made with the likelihood that stands beside it.
    None where something has no values.

    Sums are added up exactly; where they are large on a grid, on which every value is rounded up.
    """
    given = [(likely, draws) for likely, draws in lost if draws is not None]
    if len(given) < len(lost):
        return None
    given = [(likely, draws) for likely, draws in given if draws.most > 0]
    if not given:
        return 0
    most = sum(int(draws.most) for _, draws in given)
    step = max(1, -(-most // _CELLS))
    cells = sum(-(-int(draws.most) // step) for _, draws in given) + 1
    size = 1 << (cells - 1).bit_length()  # no sum wraps around
    product = np.ones(size // 2 + 1, np.complex128)
    for likely, draws in given:
        places = -(-draws.values.astype(np.int64) // step)
        each = np.bincount(places, weights=draws.weights * likely, minlength=size)
        each[0] += 1 - likely
        product *= np.fft.rfft(each)
    at_least = np.cumsum(np.fft.irfft(product, size)[::-1])[::-1][:cells]
    rare = np.flatnonzero(at_least <= chance)
    return min(most, (int(rare[0]) - 1 if len(rare) else cells - 1) * step)
