"""How many people a group holds day by day, where each is in it for some days on end: told of all days at once from who comes and who goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.distinct import distinct_rows, order_of
from whosaw.store.person_sets import counts_at_most, unpack_rows

from .who import starts_of

__all__ = ["people_at", "people_in_days", "people_of_groups"]

Ints = npt.NDArray[np.int64]
_AT_ONCE: Final = 1 << 19  # people of groups that are in hand at once


def people_in_days(
    groups: int, group: Ints, person: Ints, first: Ints, last: Ints, days: Iterable[int]
) -> Iterator[tuple[int, Ints]]:
    """By day, which have to ascend, how many people each group holds. `group` (one of so many `groups`) is numbered from 0, `person` is never below 0, and
    both may come as often as they like: a row says that somebody is in a group from the day `first` to `last`, both among them."""
    (come, came), (gone, went) = (_by_day(*each) for each in _stays(group, person, first, last))
    many = np.zeros(groups, np.int64)
    at = left = 0
    for day in days:
        upto, off = int(np.searchsorted(come, day, "right")), int(np.searchsorted(gone, day, "right"))
        np.add.at(many, came[at:upto], 1)
        np.subtract.at(many, went[left:off], 1)
        at, left = upto, off
        yield day, many.copy()


def people_at(group: Ints, person: Ints, first: Ints, last: Ints, asked: Ints, day: Ints) -> Ints:
    """How many people a group (`asked`) holds on a day, of groups and days beside one another. Rows are those of `people_in_days`, in which somebody is
    in a group for some days on end."""
    moves = _stays(group, person, first, last)
    days = np.concatenate([day, *(each[0] for each in moves)])
    low = int(days.min(initial=0))
    wide = int(days.max(initial=0)) - low + 1
    # who was in a group before the one that is asked about has come and gone
    at = asked * wide + (day - low)
    come, gone = (np.searchsorted(np.sort(of * wide + (on - low)), at, "right") for on, of in moves)
    return np.asarray(come - gone, np.int64)


def people_of_groups(group: Ints, sets: pa.Array) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Of rows with packed sets of people the numbers of rows (ascending by group, which is a number), of each of their people the row, and the
    person: of some groups at once, of each all its rows, for who is in several of them is one of its people."""
    rows = order_of(group)
    people = np.append(0, np.cumsum(counts_at_most(sets)[rows]))
    new = starts_of(group[rows])
    starts = new[np.flatnonzero(np.diff(people[new] // _AT_ONCE, prepend=-1))].tolist()
    for start, end in pairwise([*starts, len(rows)]):
        some = rows[start:end]
        person, row = unpack_rows(sets.take(pa.array(some)))
        yield some, some[row], person


def _stays(group: Ints, person: Ints, first: Ints, last: Ints) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    """On which day somebody comes to which group, and on which somebody is gone from which, each stay once."""
    if (first > last).any():
        some = np.flatnonzero(first <= last)
        group, person, first, last = group[some], person[some], first[some], last[some]
    people = int(person.max(initial=-1)) + 1
    pair, since, length = distinct_rows(group * people + person, first, last - first)
    until = since + length
    if not len(pair):
        return (since, pair), (until, pair)
    same = pair[1:] == pair[:-1]
    if length.min() < length.max():
        # where an earlier row of somebody reaches further, it goes on for as long
        low, apart = int(since.min()), int(until.max()) - int(since.min()) + 2
        number = np.cumsum(np.append(True, ~same)) - 1
        until = np.maximum.accumulate(number * apart + (until - low)) - number * apart + low
    new = np.append(True, ~same | (since[1:] > until[:-1]))
    over = np.append(new[1:], True)
    return (since[new], pair[new] // people), (until[over] + 1, pair[over] // people)


def _by_day(day: Ints, group: Ints) -> tuple[Ints, Ints]:
    order = order_of(day)
    return day[order], group[order]
