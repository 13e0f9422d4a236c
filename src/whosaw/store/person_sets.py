"""Sets of numbers as bytes: absent below three, a sorted list of differences below two thousand, above these or roaring, whichever is less.

One set has one spelling: it is made from the sorted numbers, never from the set as it grew. A set that is absent says nothing but
that it holds fewer than three numbers; how many it is, is beside it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from .distinct import distinct, distinct_pairs

__all__ = [
    "FEWEST",
    "LISTED",
    "bitmap",
    "count",
    "counts",
    "counts_at_most",
    "pack",
    "pack_ascending",
    "pack_runs",
    "union_by",
    "united",
    "unpack",
    "unpack_rows",
]

Numbers: TypeAlias = npt.NDArray[np.int64]
FEWEST: Final = 3  # numbers below which a set is absent
LISTED: Final = 2_000  # numbers from which on it is roaring where that is not more bytes than a list
_LIST: Final = 1
_ROARING: Final = 2
_NARROW_BITS: Final = 32
_MOST: Final = 1 << _NARROW_BITS  # numbers that roaring can hold are below
_MOST_BYTES: Final = 1 << 31  # of a column of one piece
_BLOCK: Final = 1 << 16  # numbers that roaring keeps together
_IN_HAND: Final = 1 << 20  # bytes of lists that are read at once
_BITS: Final = 7  # of a byte of a list; the eighth says that more follow


def pack(numbers: npt.ArrayLike) -> bytes | None:
    """The set of these numbers, none of them below 0, in whatever order and however often."""
    own = np.unique(np.asarray(numbers, np.int64))
    packed: bytes | None = pack_runs(own, np.array([0, len(own)], np.int64))[0].as_py()
    return packed


def pack_runs(numbers: Numbers, borders: Numbers, *, fewest: int = FEWEST) -> pa.Array:
    """The sets of `numbers[borders[i]:borders[i + 1]]`, each ascending without repeats, as a column. Below `fewest` they are absent."""
    sizes = np.diff(borders)
    if len(numbers) and int(numbers.min()) < 0:
        raise ValueError("a set holds no number below 0")
    there = sizes >= fewest
    listed_rows = there & ((sizes < LISTED) | ~_narrow(numbers, borders))
    roaring: dict[int, bytes] = {}
    for at in np.flatnonzero(there & ~listed_rows & (sizes > 0)).tolist():
        its = numbers[borders[at] : borders[at + 1]]
        one = _roaring_if_less(its, np.diff(its, prepend=0))
        if one is None:
            listed_rows[at] = True
        else:
            roaring[at] = one
    in_lists = np.where(listed_rows, sizes, 0)
    own = numbers if len(numbers) == in_lists.sum() else numbers[np.repeat(listed_rows, sizes)]
    kept = np.concatenate([[0], np.cumsum(in_lists)])  # numbers in lists before each row
    differences = np.diff(own, prepend=0)
    starts = kept[:-1][in_lists > 0]
    differences[starts] = own[starts]
    written, ends = _written(differences)
    if len(written) + len(sizes) >= _MOST_BYTES:
        raise MemoryError("more sets than one column of bytes holds")
    lists = _lists(listed_rows, np.diff(ends[kept]), written)
    pieces, last = [], 0
    for at, one in roaring.items():
        pieces += [lists.slice(last, at - last), pa.array([one], pa.binary())]
        last = at + 1
    return pa.concat_arrays([*pieces, lists.slice(last)]) if pieces else lists


def pack_ascending(numbers: Numbers) -> bytes:
    """The set of numbers that ascend without repeats, none of them below 0. It is there however small it is."""
    if len(numbers) and int(numbers[0]) < 0:
        raise ValueError("a set holds no number below 0")
    differences = np.diff(numbers, prepend=0)
    if len(numbers) >= LISTED and int(numbers[-1]) < _MOST:
        made = _roaring_if_less(numbers, differences)
        if made is not None:
            return made
    return bytes((_LIST,)) + _written(differences)[0].tobytes()


def _roaring_if_less(numbers: Numbers, differences: Numbers) -> bytes | None:
    """The set as roaring where that is not more bytes than a list. It is not made where that can be told before."""
    listed = _listed_bytes(differences)
    if _least_roaring(numbers, differences) > listed:
        return None
    made = bitmap(numbers)
    made.run_optimize()
    one = bytes((_ROARING,)) + made.serialize()
    return one if len(one) <= listed else None


def _listed_bytes(differences: Numbers) -> int:
    """How many bytes numbers that lie so far apart take as a list."""
    groups = range(1, -(-int(differences.max()).bit_length() // _BITS))
    return (
        1 + len(differences) + sum(int(np.count_nonzero(differences >= 1 << _BITS * each)) for each in groups)
    )


def _least_roaring(numbers: Numbers, differences: Numbers) -> int:
    """How many bytes they take as roaring at least: of each block of 65,536, two for each number, four for each run, or a bit for each of
    the block, whichever is less."""
    blocks = np.arange(int(numbers[0]) // _BLOCK, int(numbers[-1]) // _BLOCK + 2) * _BLOCK
    borders = np.searchsorted(numbers, blocks)
    runs = np.searchsorted(np.flatnonzero(differences != 1), borders)
    of_block = np.minimum(2 * np.diff(borders), 4 * np.diff(runs))
    return int(np.minimum(of_block, _BLOCK // 8).sum())


def _lists(there: npt.NDArray[np.bool_], sizes: Numbers, written: npt.NDArray[np.uint8]) -> pa.Array:
    """Lists of so many bytes each, one behind the other in `written`, as a column; absent where none is there."""
    offsets = np.concatenate([[0], np.cumsum(np.where(there, sizes + 1, 0))]).astype(np.int32)
    out = np.empty(int(offsets[-1]), np.uint8)
    marks = np.zeros(len(out), bool)
    marks[offsets[:-1][there]] = True
    out[marks], out[~marks] = _LIST, written
    valid = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(out)]
    return pa.Array.from_buffers(pa.binary(), len(there), buffers)


def unpack(packed: bytes | None) -> Numbers:
    """The numbers of a set, ascending; none of an absent one."""
    if packed is None:
        return np.empty(0, np.int64)
    if packed[0] == _ROARING:
        return np.asarray(_roaring(packed).to_array(), np.uint32).astype(np.int64)
    return np.cumsum(_read(np.frombuffer(packed, np.uint8)[1:]))


def unpack_rows(column: pa.Array | pa.ChunkedArray) -> tuple[Numbers, Numbers]:
    """The numbers of all sets of a column, one set behind the other, and the row of each."""
    packed = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    offsets, data = _bytes_of(packed)
    there = packed.is_valid().to_numpy(zero_copy_only=False)
    kinds = np.zeros(len(packed), np.uint8)
    kinds[there] = data[offsets[:-1][there]]
    lists = kinds == _LIST
    body = np.repeat(lists, np.diff(offsets))
    body[offsets[:-1][lists]] = False  # the first byte says what it is
    joined = data[body]
    differences = _read(joined)
    # how many bytes of lists, and numbers that end in these, there are before each row
    before = np.append(0, np.cumsum(np.where(lists, np.diff(offsets) - 1, 0)))
    row_of = np.repeat(np.arange(len(packed)), np.diff(np.append(0, np.cumsum(joined < 1 << _BITS))[before]))
    total = np.cumsum(differences)
    first = np.flatnonzero(np.diff(row_of, prepend=-1))
    listed = total - np.repeat((total - differences)[first], np.diff(np.append(first, len(row_of))))
    roaring = {row: unpack(packed[row].as_py()) for row in np.flatnonzero(kinds == _ROARING).tolist()}
    if not roaring:
        return listed, row_of
    many = np.bincount(row_of, minlength=len(packed))
    for row, numbers in roaring.items():
        many[row] = len(numbers)
    starts = np.append(0, np.cumsum(many))
    found, of_lists = np.empty(int(starts[-1]), np.int64), np.ones(int(starts[-1]), bool)
    for row, numbers in roaring.items():
        found[starts[row] : starts[row + 1]] = numbers
        of_lists[starts[row] : starts[row + 1]] = False
    found[of_lists] = listed
    return found, np.repeat(np.arange(len(packed)), many)


def _bytes_of(column: pa.Array) -> tuple[Numbers, npt.NDArray[np.uint8]]:
    """Where the bytes of each row begin and end, and the bytes."""
    if not len(column):
        return np.zeros(1, np.int64), np.empty(0, np.uint8)
    column = column.cast(pa.binary())
    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    written = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return (places - places[0]).astype(np.int64), written[places[0] : places[-1]]


def count(packed: bytes | None) -> int:
    """How many numbers a set holds; 0 of an absent one, which may hold two."""
    if packed is None:
        return 0
    if packed[0] == _ROARING:
        return len(_roaring(packed))
    return int((np.frombuffer(packed, np.uint8)[1:] < 1 << _BITS).sum())


def counts(column: pa.Array | pa.ChunkedArray) -> Numbers:
    """How many numbers each set of a column holds."""
    return np.asarray([count(each) for each in column.to_pylist()], np.int64)


def counts_at_most(column: pa.Array) -> Numbers:
    """How many numbers each set of a column holds at most, without reading lists: each of their bytes may be a number."""
    offsets, data = _bytes_of(column)
    many: Numbers = np.maximum(np.diff(offsets) - 1, 0)
    starts = offsets[:-1][many > 0]
    for row in np.flatnonzero(many > 0)[data[starts] == _ROARING].tolist():
        many[row] = count(column[row].as_py())
    return many


def bitmap(numbers: npt.NDArray[np.integer[Any]]) -> BitMap:
    """Numbers below 2**32 as a set. Handed over as an array of C: numbers of numpy would be taken one by one, in ten times the time."""
    return BitMap(array("I", numbers.astype(np.uint32).tobytes()))


def union_by(columns: Iterable[pa.ChunkedArray], rows: Numbers, groups: Numbers, many: int) -> list[BitMap]:
    """All numbers of the sets of each of so many groups. `columns`: sets, one column behind the other; `rows`: places among all of them,
    ascending, a set of several groups as often as that; `groups`: of each the group."""
    found = [BitMap() for _ in range(many)]
    first = 0
    for column in columns:
        its = slice(*np.searchsorted(rows, [first, first + len(column)]))
        own, of = rows[its] - first, groups[its]
        read = np.cumsum(pc.fill_null(pc.binary_length(column), 0).to_numpy()[own]) // _IN_HAND
        borders = np.searchsorted(read, np.arange(int(read.max(initial=-1)) + 2))
        for begin, stop in pairwise(borders.tolist()):
            numbers, row = unpack_rows(column.take(pa.array(own[begin:stop])))
            group, each = distinct_pairs(of[begin:stop][row], numbers)
            starts = np.flatnonzero(np.diff(group, prepend=-1))
            for start, end in pairwise([*starts.tolist(), len(group)]):
                found[group[start]] |= bitmap(each[start:end])
        first += len(column)
    return found


def united(sets: Iterable[bytes]) -> Numbers:
    """The numbers that sets hold together, ascending, each once, however large they are."""
    there = list(sets)
    lists = [each for each in there if each[0] == _LIST]
    roaring = BitMap.union(BitMap(), *(_roaring(each) for each in there if each[0] == _ROARING))
    found = np.asarray(roaring.to_array(), np.uint32).astype(np.int64)
    first = 0
    while first < len(lists):
        # as many as what they have come to so far: each number is gone through few times, and sets that share most of theirs stay small
        most, end = max(_IN_HAND, len(found)), first
        while end < len(lists) and most > 0:
            most -= len(lists[end])
            end += 1
        own = unpack_rows(pa.array(lists[first:end], pa.binary()))[0]
        found, first = distinct(np.concatenate([found, own])), end
    return found


def _narrow(numbers: Numbers, borders: Numbers) -> npt.NDArray[np.bool_]:
    """Whether each set holds no number beyond 32 bits."""
    last = np.maximum(borders[1:] - 1, 0)
    return np.asarray(numbers[last] < _MOST if len(numbers) else np.ones(len(borders) - 1, bool))


def _roaring(packed: bytes) -> BitMap:
    return BitMap.deserialize(packed[1:])


def _written(values: Numbers) -> tuple[npt.NDArray[np.uint8], Numbers]:
    """Values in groups of seven bits, the lowest first; and where each ends, with a 0 before them."""
    highest = int(values.max(initial=0))
    most = -(-highest.bit_length() // _BITS)  # groups
    if most < 2:
        return values.astype(np.uint8), np.arange(len(values) + 1)
    left: npt.NDArray[np.unsignedinteger[Any]] = values.astype(np.uint32 if highest < _MOST else np.uint64)
    sizes = np.ones(len(left), np.uint8)
    for more in range(1, most):
        sizes += left >= 1 << (_BITS * more)
    ends = np.zeros(len(left) + 1, np.int64)
    np.cumsum(sizes, out=ends[1:])
    written = np.empty(int(ends[-1]), np.uint8)
    longer: npt.NDArray[np.unsignedinteger[Any]] = left
    starts, at = ends[:-1], 0
    while True:
        further = sizes > at + 1
        written[starts + at] = (longer & 0x7F) | (further.view(np.uint8) << _BITS)
        if not further.any():
            return written, ends
        # few are longer than one group
        starts, sizes, at = starts[further], sizes[further], at + 1
        longer = np.right_shift(longer[further], _BITS, dtype=left.dtype)


def _read(written: npt.NDArray[np.uint8]) -> Numbers:
    ends = np.flatnonzero(written < 1 << _BITS)
    if not len(ends):
        return np.empty(0, np.int64)
    starts = np.concatenate([[0], ends[:-1] + 1])
    sizes = ends - starts + 1
    if len(ends) == len(written):
        return written.astype(np.int64)
    values: Numbers = (written[starts] & 0x7F).astype(np.int64)
    longer, at = np.flatnonzero(sizes > 1), 1
    while len(longer):
        values[longer] |= (written[starts[longer] + at] & 0x7F).astype(np.int64) << (_BITS * at)
        at += 1
        longer = longer[sizes[longer] > at]
    return values
