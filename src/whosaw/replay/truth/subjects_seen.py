"""Whose data each response carried: the member it names, the signed-in one, or all of a list or a range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from whosaw.replay.dice import Bools, Ints
from whosaw.replay.people import People
from whosaw.replay.shop_item import Shop
from whosaw.replay.traffic import Traffic

__all__ = ["SPANS", "SubjectsSeen", "may_carry", "spans_of"]

SPANS = ("list", "range")  # pages that show many members at once
_MOST = 1 << 22  # members of lists and ranges that are held at once


def may_carry(shop: Shop, part: Traffic) -> Bools:
    """Which responses show a page with personal data in full."""
    private = np.asarray([bool(page.categories) for page in shop.page])
    carries: Bools = (part.status == 200) & private[part.page]
    return carries


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectsSeen:
    """Members whose data responses of one page carried: positions among the customers, and the response of each.

    `responses` is how many different ones there are.
    """

    row: Ints  # position in the traffic that was asked about, rising
    who: Ints
    responses: int

    @staticmethod
    def of(shop: Shop, people: People, part: Traffic, rows: Ints, page: int) -> Iterator[SubjectsSeen]:
        """The members of these responses, all of which show that page, in pieces.

        A response about nobody who exists is in none of them. No response is in two.
        """
        kind = shop.page[page].number_is
        if kind in SPANS:
            yield from _of_many(people, part.number[rows], part.records[rows].astype(np.int64), rows, kind)
            return
        who, exists = people.position_of((part.number if kind == "member" else part.principal)[rows])
        if not exists.all():
            rows, who = rows[exists], who[exists]
        yield SubjectsSeen(row=rows, who=who, responses=len(rows))


def spans_of(shop: Shop, people: People, part: Traffic, rows: Ints, page: int) -> tuple[Ints, Ints]:
    """The members on each of these responses of a page of `SPANS`: positions from the first up to, not including, the
    second."""
    return _spans(people, part.number[rows], part.records[rows].astype(np.int64), shop.page[page].number_is)


def _spans(people: People, number: Ints, records: Ints, kind: str) -> tuple[Ints, Ints]:
    if kind == "list":
        many = len(people.numbers)
        low = np.clip(number * records, 0, many)
        return low, np.clip(low + records, low, many)
    low = np.searchsorted(people.numbers, number)
    return low, np.maximum(low, np.searchsorted(people.numbers, number + records))


def _of_many(people: People, number: Ints, records: Ints, rows: Ints, kind: str) -> Iterator[SubjectsSeen]:
    low, high = _spans(people, number, records, kind)
    size = high - low
    total = np.cumsum(size)
    begin = 0
    while begin < len(rows):
        done = int(total[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, done + _MOST, side="right")))
        sizes = size[begin:end]
        at = np.repeat(np.arange(begin, end, dtype=np.int64), sizes)
        before = np.repeat(np.cumsum(sizes) - sizes, sizes)
        who = low[at] + np.arange(len(at), dtype=np.int64) - before
        yield SubjectsSeen(row=rows[at], who=who, responses=int(np.count_nonzero(sizes)))
        begin = end
