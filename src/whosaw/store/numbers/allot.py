"""Numbers for digests: known ones keep theirs, new ones get the next, in the order of the digests.

What is new is counted by range, added up, and then given. Nothing is given before the caller commits it, and the same digests after the same commits get the same numbers, in whatever order and
pieces they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from whosaw.core.errors import WhosawError
from whosaw.store.digest_words import Places, Words
from whosaw.store.partitions import PART_ROWS, Partitions
from whosaw.store.side_by_side import in_order

from .known import Known, Numbers, Run

__all__ = ["MOST_DENSE", "Allotted", "Fresh", "allot", "full", "in_order_of_digest", "scratch"]

MOST_DENSE = (1 << 31) - 1
_ROW = np.dtype([("high", np.uint64), ("low", np.uint64), ("place", np.int64)])
_CHUNK = 1 << 20
_RANGE_SHIFT = (
    40  # while it is not known where a range begins, a new number is the range and an ordinal of so many bits
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """New digests of one range in ascending order, with their numbers, and the first place of each."""

    run: Run
    places: Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotted:
    """What digests got: `numbers` by place, `rows` new ones in all, and by row of numbers (of which there is one, 0) the next that is free."""

    numbers: Numbers
    rows: int
    next: Mapping[int, int]
    parts: tuple[Fresh | Path, ...]

    def fresh(self) -> Iterator[Fresh]:
        """The new ones, range by range, in ascending order."""
        for part in self.parts:
            yield _load(part) if isinstance(part, Path) else part

    def close(self) -> None:
        """Remove what did not fit memory."""
        for part in self.parts:
            if isinstance(part, Path):
                part.unlink(missing_ok=True)


def allot(
    known: Known,
    free: Mapping[int, int],
    digests: Iterable[tuple[Words, Words, Places]],
    *,
    expected: int,
    folder: Path,
    threads: int = 1,
    into: Numbers | None = None,
) -> Allotted:
    """Give every digest its number. `digests` come with their places, which ascend; `expected` is how many there are. `free` gives by row of numbers the next that nobody has. Numbers are written `into` an array by place, which holds none of this
    kind yet, or into one of as many places as are expected. What does not fit memory stands in `folder`, as `*.rows`."""
    numbers = scratch(folder / f"{known.kind}-given.rows", expected) if into is None else into
    spread = Partitions(folder, f"{known.kind}-asked", _ROW, expected)
    in_memory = expected <= PART_ROWS
    counts: list[int] = []
    parts: list[Fresh | Path] = []
    try:
        for high, low, places in digests:
            rows = np.empty(len(high), _ROW)
            rows["high"], rows["low"] = high, low
            rows["place"] = places
            spread.add(high, rows)

        def work(at_part: tuple[int, npt.NDArray[Any]]) -> Fresh:
            at, part = at_part
            return _numbered(known, part, at, numbers)

        with ThreadPoolExecutor(threads, thread_name_prefix="numbers") as pool:
            for at, fresh in enumerate(in_order(pool, work, enumerate(spread.parts()), ahead=threads)):
                counts.append(len(fresh.places))
                parts.append(fresh if in_memory else _save(folder / f"{known.kind}-new-{at}.rows", fresh))
    finally:
        spread.close()
    each = np.array(counts, np.int64)
    first = free.get(0, 0)
    if first + int(each.sum()) > MOST_DENSE:
        raise full(known.kind)
    starts = first + np.cumsum(each) - each
    if each.any():
        _resolve(numbers, starts)
    settled = tuple(_settle(part, int(start)) for part, start in zip(parts, starts.tolist(), strict=True))
    return Allotted(
        numbers=numbers, rows=int(each.sum()), next={**free, 0: first + int(each.sum())}, parts=settled
    )


def in_order_of_digest(high: Words, low: Words) -> npt.NDArray[np.int64]:
    """Positions in ascending order of the digests; equal ones in the order they stand in."""
    count = len(high)
    bits = max(1, int(count - 1).bit_length()) if count else 1
    mask = np.uint64((1 << bits) - 1)
    packed = (high & ~mask) | np.arange(count, dtype=np.uint64)  # sorted as values, which is faster
    packed.sort()
    order = (packed & mask).astype(np.int64)
    same_top = (packed[1:] & ~mask) == (packed[:-1] & ~mask)
    of_high, of_low = high[order], low[order]
    mixed = same_top & ((of_high[1:] != of_high[:-1]) | (of_low[1:] != of_low[:-1]))
    if mixed.any():  # digests that differ only behind the bits that were sorted: their runs are sorted whole
        run = np.concatenate(([0], np.cumsum(~same_top)))
        within = np.isin(run, run[1:][mixed])
        some = np.sort(order[within])
        order[within] = some[np.lexsort((low[some], high[some]))]
    return order


def _numbered(known: Known, part: npt.NDArray[Any], at: int, numbers: Numbers) -> Fresh:
    """The numbers of one range, written to `numbers` by place; new ones as the range and their ordinal in it."""
    high, low, places = (np.ascontiguousarray(part[name]) for name in ("high", "low", "place"))
    order = in_order_of_digest(high, low)
    high, low = high[order], low[order]
    first = np.ones(len(high), bool)
    first[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    starts = np.flatnonzero(first)
    given = known.find(high[starts], low[starts])
    new = given < 0
    fresh_at = starts[new]
    given[new] = -2 - ((at << _RANGE_SHIFT) + np.arange(len(fresh_at)))
    each = np.empty(len(high), np.int64)
    each[order] = np.repeat(given, np.diff(np.append(starts, len(high))))
    numbers[places] = (
        each  # in the order the rows came in, so that a mapped file is written from beginning to end
    )
    # equal digests stand in the order they came in, so the first of them has the first place
    run = Run(high=high[fresh_at], low=low[fresh_at], numbers=given[new])
    return Fresh(run=run, places=places[order[fresh_at]])


def _resolve(numbers: Numbers, starts: Numbers) -> None:
    """Turn (range, ordinal) into numbers, now that it is known where each range begins."""
    for start in range(0, len(numbers), _CHUNK):
        chunk = numbers[start : start + _CHUNK]
        code = -2 - chunk
        new = code >= 0
        chunk[new] = starts[code[new] >> _RANGE_SHIFT] + (code[new] & ((1 << _RANGE_SHIFT) - 1))


def _settle(part: Fresh | Path, start: int) -> Fresh | Path:
    fresh = _load(part) if isinstance(part, Path) else part
    count = len(fresh.run)
    run = Run(high=fresh.run.high, low=fresh.run.low, numbers=np.arange(start, start + count))
    settled = Fresh(run=run, places=fresh.places)
    return _save(part, settled) if isinstance(part, Path) else settled


def _save(path: Path, fresh: Fresh) -> Path:
    with path.open("wb") as handle:
        for each in (fresh.run.high, fresh.run.low, fresh.run.numbers, fresh.places):
            np.save(handle, each)
    return path


def _load(path: Path) -> Fresh:
    with path.open("rb") as handle:
        high, low, numbers, places = (np.load(handle) for _ in range(4))
    return Fresh(run=Run(high=high, low=low, numbers=numbers), places=places)


def scratch(path: Path, rows: int) -> Numbers:
    """Room for numbers by place: in memory where they are few, else in a file that is gone when nobody holds it any more."""
    if rows <= PART_ROWS:
        return np.full(rows, -1, np.int64)
    made: Numbers = np.memmap(
        path, np.int64, "w+", shape=(rows,)
    )  # zeros: no page is written before a number is
    path.unlink()
    return made


def full(kind: str) -> WhosawError:
    """That no number is left."""
    return WhosawError(
        "ledger.full",
        f"more identifiers of one kind ({kind}) than there are numbers",
        hint="Split the logs over workspaces",
    )
