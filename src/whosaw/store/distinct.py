"""Whole numbers without repeats, and rows of them in order. Of numbers that lie close together, as those for life do, it is told by a table of
them; of others by sorting: of hundred thousand numbers a sort takes a tenth of what a table of hashes does, and a sort of one number a quarter
of that of the three it is put together from.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = [
    "alike",
    "distinct",
    "distinct_pairs",
    "distinct_rows",
    "numbered_from_0",
    "order_by_first",
    "order_of",
    "places_among",
    "repeated",
]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_WIDE = 1 << 62
_BITS = 63  # of a number that is not below 0
_SHORT = 16  # bits of numbers that are put in order digit by digit, without comparing them
_CLOSE = 8  # times as many numbers as rows that a table of them may have
_CLOSE_ANYHOW = 1 << 12


def distinct(numbers: Ints) -> Ints:
    """The numbers that there are, ascending, each once."""
    low = _low_of_close(numbers)
    if low is not None:
        return (np.flatnonzero(_table(_from(numbers, low))) + low).astype(numbers.dtype, copy=False)
    own = _sorted(numbers.copy())
    if len(own) < 2:
        return own
    return np.asarray(own[np.append(True, own[1:] != own[:-1])])


def distinct_pairs(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """The pairs that there are, each once, in the order of the first and then of the second; the second is never below -1."""
    if not len(first):
        return first, second
    known, code = first, first
    if int(first.min()) < 0 or int(first.max()) >= _WIDE // (int(second.max()) + 2):
        known, code = np.unique(first, return_inverse=True)
        known, code = np.asarray(known), np.asarray(code, np.int64)
    width = int(second.max()) + 2
    pairs = distinct(code * width + (second + 1))
    its = pairs // width
    return (its if known is first else known[its]), pairs % width - 1


def distinct_rows(*columns: Ints) -> list[Ints]:
    """Columns with each row once, ordered by the first of them, then by the next."""
    packed = _Packed.of(columns, 0) if len(columns[0]) else None
    if packed is not None:
        return packed.columns(distinct(packed.code))
    order = order_of(*columns)
    ordered = [each[order] for each in columns]
    changed = np.zeros(len(order), bool)
    changed[:1] = True
    for each in ordered:
        changed[1:] |= each[1:] != each[:-1]
    return [each[changed] for each in ordered]


def order_of(*columns: Ints) -> Ints:
    """The places of rows ordered by the first column, then by the next; rows that are alike stay as they stand."""
    many = len(columns[0])
    bits = many.bit_length()
    packed = _Packed.of(columns, 0) if many else None
    last = 0 if packed is None else packed.bits + bits - _BITS
    if packed is not None and last > 0:
        if last + 2 * bits <= _BITS:
            return _order_by_most(packed.code, last, bits)
        packed = _Packed.of(columns, bits)
    if packed is None:
        return _order_by_turns(columns)
    if _in_order(packed.code):
        return np.arange(many)
    if packed.bits <= _SHORT:
        return np.argsort(packed.code.astype(np.uint16), kind="stable")
    packed.code <<= bits
    packed.code |= np.arange(many)
    packed.code.sort()  # no two are alike, so it need not be a stable sort, which takes ten times as long
    packed.code &= (1 << bits) - 1
    return packed.code


def _order_by_most(code: Ints, last: int, bits: int) -> Ints:
    """The same of codes beside which their places (of so many bits) do not fit: by all but the last bits, and by these only where rows are alike
    in all others."""
    if _in_order(code):
        return np.arange(len(code))
    ordered = code >> last
    ordered <<= bits
    ordered |= np.arange(len(code))
    ordered.sort()
    order = ordered & ((1 << bits) - 1)
    ordered >>= bits
    same = ordered[1:] == ordered[:-1]
    if same.any():
        tied = np.append(False, same) | np.append(same, False)
        rows = order[tied]
        order[tied] = rows[order_of(np.cumsum(np.append(True, ~same))[tied], code[rows] & ((1 << last) - 1))]
    return order


def _order_by_turns(columns: Sequence[Ints]) -> Ints:
    """The same of columns that do not fit into one number: by the last ones first, then what comes of it by those before."""
    if len(columns) == 1:
        return _order_of_wide(columns[0])
    half = len(columns) // 2
    order = order_of(*columns[half:])
    return order[order_of(*(each[order] for each in columns[:half]))]


def _order_of_wide(numbers: Ints) -> Ints:
    """The same of one column whose numbers leave no room for the places of rows: those that are alike are put in order afterwards."""
    if _in_order(numbers):
        return np.arange(len(numbers))
    order = np.argsort(numbers)
    same = np.diff(numbers[order]) == 0
    tied = np.flatnonzero(np.append(False, same) | np.append(same, False))
    run, rows = np.cumsum(np.append(True, ~same))[tied], order[tied]
    order[tied] = rows[order_of(run, rows)]
    return order


def order_by_first(first: Ints, *others: Ints) -> Ints:
    """The same order, where few rows are alike in the first column: only of these the others are compared."""
    order = order_of(first)
    if len(order) > 1:
        same = first[order[1:]] == first[order[:-1]]
        tied = np.append(False, same) | np.append(same, False)
        rows = order[tied]
        order[tied] = rows[np.lexsort((*(each[rows] for each in reversed(others)), first[rows]))]
    return order


def numbered_from_0(numbers: Ints) -> tuple[Ints, Ints]:
    """The numbers that there are, ascending, and the place of each among them."""
    low = _low_of_close(numbers)
    if low is not None:
        at = _from(numbers, low)
        there = _table(at)
        known = (np.flatnonzero(there) + low).astype(numbers.dtype, copy=False)
        return known, (np.cumsum(there) - 1)[at]
    place, first = _alike(numbers)
    return numbers[first], place


def places_among(known: Ints, numbers: Ints) -> Ints:
    """The place of each number among those that are known, which ascend without repeats; below 0 where it is none of them."""
    if not len(known) or not len(numbers):
        return np.full(len(numbers), -1, np.int64)
    low, wide = int(known[0]), int(known[-1]) - int(known[0]) + 1
    if wide > _CLOSE * (len(known) + len(numbers)) + _CLOSE_ANYHOW:
        at = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
        at[known[at] != numbers] = -1
        return at
    table = np.full(wide + 1, -1, np.int64)
    table[known - low] = np.arange(len(known))
    at = numbers - low
    at[(at < 0) | (at > wide)] = wide  # of which nobody is there
    return np.asarray(table[at])


def repeated(numbers: Ints) -> Bools:
    """Whether each number is there more than once. Of numbers that do not lie close together it may be said of others, too."""
    low = _low_of_close(numbers)
    if low is None:
        return np.ones(len(numbers), bool)
    at = _from(numbers, low)
    return np.asarray((np.bincount(at) > 1)[at])


def alike(*columns: Ints) -> tuple[Ints, Ints]:
    """By row, numbered from 0 in the order of the first column and then of the next, which rows are alike in all of them; and the first row of
    each number."""
    code, bits = columns[0], _width(columns[0])
    room = _BITS - len(code).bit_length()  # else a sort takes several times as long
    for each in columns[1:]:
        more = _width(each)
        if not more:
            continue
        further = each
        if bits + more > room:
            code, further = (_alike(its)[0] for its in (code, each))
            bits, more = _width(code), _width(further)
        code, bits = (code - code.min() << more) | (further - further.min()), bits + more
    return _alike(code)


def _alike(numbers: Ints) -> tuple[Ints, Ints]:
    low = _low_of_close(numbers)
    if low is not None:
        at = _from(numbers, low)
        first = np.full(int(at.max()) + 1, -1, np.int64)
        first[at[::-1]] = np.arange(len(at) - 1, -1, -1)  # what is put last stays
        there = first >= 0
        return (np.cumsum(there) - 1)[at], first[there]
    narrow = _width(numbers) + len(numbers).bit_length() <= _BITS
    order = order_of(numbers) if narrow else np.argsort(numbers)
    ordered = numbers[order]
    changed = np.ones(len(order), bool)
    changed[1:] = ordered[1:] != ordered[:-1]
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(changed) - 1
    starts = np.flatnonzero(changed)
    return place, order[starts] if narrow or not len(starts) else np.minimum.reduceat(order, starts)


def _low_of_close(numbers: Ints) -> int | None:
    """The least of numbers that lie so close together that a table of them is small, else None."""
    if (
        not len(numbers)
        or int(numbers.max()) - (low := int(numbers.min())) > _CLOSE * len(numbers) + _CLOSE_ANYHOW
    ):
        return None
    return low


def _from(numbers: Ints, low: int) -> Ints:
    """Places in a table that begins with the least."""
    return np.asarray(numbers, np.int64) - low


def _table(places: Ints) -> Bools:
    there = np.zeros(int(places.max()) + 1, bool)
    there[places] = True
    return there


def _in_order(numbers: Ints) -> bool:
    return bool((numbers[1:] >= numbers[:-1]).all())


def _sorted(numbers: Ints) -> Ints:
    """The same array in order. Mostly it is so already."""
    if not _in_order(numbers):
        numbers.sort()
    return numbers


def _width(numbers: Ints) -> int:
    """How many bits tell them apart, counted from the least."""
    return (int(numbers.max()) - int(numbers.min())).bit_length() if len(numbers) else 0


class _Packed:
    """Rows as one number each (`code`), in the order of the rows."""

    def __init__(self, code: Ints, of: Sequence[tuple[int, int, Ints | None]]) -> None:
        self.code = code
        self.bits = sum(bits for _, bits, _ in of)
        self._of = of  # of each column its least number, its bits, and its numbers where they stand as places among these

    @classmethod
    def of(cls, columns: Sequence[Ints], spare: int) -> _Packed | None:
        """Of one row or more, with so many bits left; None where they do not fit. What is wide is numbered anew, the widest first."""
        columns = [np.asarray(each, np.int64) for each in columns]
        known: list[Ints | None] = [None] * len(columns)
        lows = [int(each.min()) for each in columns]
        bits = [(int(each.max()) - low).bit_length() for each, low in zip(columns, lows, strict=True)]
        most = len(columns[0]).bit_length()
        while sum(bits) + spare > _BITS:
            at = int(np.argmax(bits))
            if bits[at] <= most or known[at] is not None:
                return None
            known[at], columns[at] = numbered_from_0(columns[at])
            lows[at], bits[at] = 0, _width(columns[at])
        code = columns[0] - lows[0]
        for each, low, many in zip(columns[1:], lows[1:], bits[1:], strict=True):
            code <<= many
            code |= each - low
        return cls(code, list(zip(lows, bits, known, strict=True)))

    def columns(self, code: Ints) -> list[Ints]:
        """The columns of such rows."""
        found = []
        for low, bits, known in reversed(self._of):
            numbers = (code & ((1 << bits) - 1)) + low
            found.append(numbers if known is None else known[numbers])
            code = code >> bits
        return found[::-1]
