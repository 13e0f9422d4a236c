"""Distinct people in a window at each instant, by counting; sums of records; lists that were opened to their end.

The window of length W that ends at t holds what came after t - W and not after t.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import groupby

from .rows import HOUR

__all__ = ["Row", "lists", "persons", "records", "share_in"]

Row = tuple[int, Hashable, bool]  # instant, person, whether it counts


def persons(rows: Sequence[Row], length: int) -> Iterator[tuple[int, int, int]]:
    """(instant, people who count, all people) within the window, at each instant at which one who counts comes into it."""
    inside: deque[Row] = deque()
    counted: Counter[Hashable] = Counter()
    every: Counter[Hashable] = Counter()
    for instant, group in groupby(sorted(rows, key=lambda row: row[0]), key=lambda row: row[0]):
        while inside and inside[0][0] <= instant - length:
            _, person, counts = inside.popleft()
            _less(every, person)
            if counts:
                _less(counted, person)
        new = False
        for row in group:
            inside.append(row)
            every[row[1]] += 1
            if row[2]:
                new = new or row[1] not in counted
                counted[row[1]] += 1
        if new:
            yield instant, len(counted), len(every)


def _less(counter: Counter[Hashable], person: Hashable) -> None:
    counter[person] -= 1
    if not counter[person]:
        del counter[person]


def share_in(rows: Sequence[Row], length: int) -> Callable[[int], tuple[int, int]]:
    """How many views count and how many there are in the window that ends at an instant. Its start is rounded down to a sixtieth of
    its length."""
    step = max(1, length // 60)
    every = sorted(row[0] for row in rows)
    counting = sorted(row[0] for row in rows if row[2])

    def counted(instant: int) -> tuple[int, int]:
        start = (instant - length) // step * step
        return _between(counting, start, instant), _between(every, start, instant)

    return counted


def _between(times: Sequence[int], first: int, last: int) -> int:
    """How many of these instants, which ascend, lie between two, both in."""
    return bisect_right(times, last) - bisect_left(times, first)


def records(rows: Sequence[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    """(instant, sum of records within the window) at each instant."""
    inside: deque[tuple[int, int]] = deque()
    total = 0
    for instant, group in groupby(sorted(rows), key=lambda row: row[0]):
        while inside and inside[0][0] <= instant - length:
            total -= inside.popleft()[1]
        for row in group:
            inside.append(row)
            total += row[1]
        yield instant, total


def lists(pages: Sequence[tuple[int, int]], least: int) -> Iterator[Sequence[tuple[int, int]]]:
    """Of one list's pages (instant, records), in order: each run of at least so many pages of one size and then a shorter one. A
    pause of more than an hour begins anew."""
    first = 0
    for at in range(1, len(pages)):
        goes_on = pages[at][0] - pages[at - 1][0] <= HOUR
        if goes_on and pages[at][1] == pages[at - 1][1]:
            continue
        if goes_on and pages[at][1] < pages[at - 1][1] and at - first >= least:
            yield pages[first : at + 1]
        first = at
