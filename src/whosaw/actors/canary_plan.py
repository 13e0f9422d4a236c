"""Where to place canaries among numbers, and how likely a walk meets one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from whosaw.core.document import told_as

__all__ = ["CanaryPlan", "Chance", "chance_in_any_order", "chance_in_order", "plan_canaries"]

Ints = npt.NDArray[np.int64]


def _to_millionths(chance: float) -> float:
    return round(chance, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """How likely somebody who reads so many people reads a canary: in the order of their numbers, or in any order."""

    people: int
    in_order: float = field(metadata=told_as(form=_to_millionths))
    in_any_order: float = field(metadata=told_as(form=_to_millionths))


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryPlan:
    """Free numbers to give to made-up people, and the chances that they stand for. `people` counts the real ones."""

    numbers: tuple[int, ...]
    people: int
    first_number: int
    last_number: int
    chances: tuple[Chance, ...]


def chance_in_any_order(read: int, people: int, canaries: int) -> float:
    """Of `people` numbers, `canaries` of them planted, `read` are read in any order: the chance to meet at least one.

    One minus the chance to draw none, without putting back: (p-c)(p-c-1).../(p)(p-1)...
    """
    if read + canaries > people:
        return 1.0
    missed = 1.0
    for at in range(canaries):
        missed *= (people - read - at) / (people - at)
    return 1.0 - missed


def chance_in_order(read: int, gaps: Ints) -> float:
    """Numbers are read one after another from a place that could be any, `read` of them, round the end: the chance to
    meet a canary, where `gaps` are the numbers of people from each canary to the next, these included.

    A walk of n misses where it begins within the first gap - n of a gap.
    """
    total = int(gaps.sum())
    return 1.0 - float(np.maximum(gaps - read, 0).sum()) / total if total else 0.0


def plan_canaries(
    taken: Ints, count: int, draw: Callable[[int], int], *, sizes: tuple[int, ...] = ()
) -> CanaryPlan:
    """Place `count` canaries among the numbers `taken` (ascending, distinct): one in each of as many equal parts of the
    people, at a free number that `draw(n)` picks from 0 up to n.

    Where a part has no free number, its canary goes to the nearest one that has. Raises `ValueError` where there are
    fewer free numbers between the first and the last than canaries.
    """
    first, last = int(taken[0]), int(taken[-1])
    free = last - first + 1 - len(taken)
    if free < count:
        raise ValueError(
            f"{free:,} numbers are free between {first} and {last}, {count:,} canaries were asked for"
        )
    chosen: set[int] = set()
    edges = np.linspace(0, len(taken), count + 1).astype(np.int64)
    for part in range(count):
        low = int(taken[edges[part]])
        high = int(taken[min(edges[part + 1], len(taken) - 1)])
        chosen.add(_free_near(taken, low + draw(max(1, high - low)), chosen))
    numbers = tuple(sorted(chosen))
    everyone = np.sort(np.concatenate([taken, np.asarray(numbers, dtype=np.int64)]))
    places = np.searchsorted(everyone, np.asarray(numbers, dtype=np.int64))
    gaps = np.diff(np.append(places, places[0] + len(everyone)))
    wanted = sizes or _sizes(len(everyone))
    return CanaryPlan(
        numbers=numbers,
        people=len(taken),
        first_number=first,
        last_number=last,
        chances=tuple(
            Chance(
                people=read,
                in_order=chance_in_order(read, gaps),
                in_any_order=chance_in_any_order(read, len(everyone), count),
            )
            for read in wanted
        ),
    )


def _free_near(taken: Ints, wanted: int, chosen: set[int]) -> int:
    """The free number nearest to the one wanted, the lower one first."""
    low, high = int(taken[0]), int(taken[-1])
    for distance in range(high - low + 1):
        for number in (wanted - distance, wanted + distance):
            if low < number < high and number not in chosen:
                at = int(np.searchsorted(taken, number))
                if int(taken[at]) != number:
                    return number
    raise ValueError("no number is free")


def _sizes(people: int) -> tuple[int, ...]:
    """Walks worth naming: 10, 100, 1,000 ... and everybody."""
    sizes = [10**power for power in range(1, 12) if 10**power < people]
    return (*sizes, people)
