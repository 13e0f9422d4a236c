"""Spans of days that what is told of views is kept by: so short that a day more writes little again, so long that files stay few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from whosaw.build.row_digest import RowDigest
from whosaw.build.state import Runs

__all__ = ["DaySpan", "spans_of"]

Ints = npt.NDArray[np.int64]
_MOST: Final = 1 << 18  # views of a span of more than a day
_WIDEST: Final = 16  # a power of two, of days


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Days, ascending, that lie in one span; `name` says which span that is."""

    name: str
    days: tuple[int, ...]


def spans_of(runs: Runs, kinds: Sequence[str], *, most: int = _MOST) -> list[DaySpan]:
    """The days that any of these kinds has rows on, by span: one of a power of two of days is halved as long as it has more views than `most`.
    So a day more or a line more leaves all of them as they are but the one that it lies in."""
    days = sorted({day for kind in kinds for day in runs.days(kind)})
    views = [RowDigest.parse(runs.digest("views", day) or str(RowDigest())).rows for day in days]
    upto = np.append(0, np.cumsum(np.array(views, np.int64)))
    numbers = np.array(days, np.int64)
    found: list[DaySpan] = []
    first = 0
    while first < len(days):
        end = int(np.searchsorted(numbers, ((days[first] >> _WIDEST) + 1) << _WIDEST))
        found += _halved(numbers, upto, first, end, power=_WIDEST, most=most)
        first = end
    return found


def _halved(days: Ints, upto: Ints, first: int, end: int, *, power: int, most: int) -> Iterator[DaySpan]:
    if first == end:
        return
    number = int(days[first]) >> power
    if not power or upto[end] - upto[first] <= most:
        yield DaySpan(f"{number} of {1 << power}", tuple(days[first:end].tolist()))
        return
    middle = (number << power) + (1 << power - 1)
    cut = max(first, int(np.searchsorted(days, middle)))
    for part in ((first, cut), (cut, end)):
        yield from _halved(days, upto, *part, power=power - 1, most=most)
