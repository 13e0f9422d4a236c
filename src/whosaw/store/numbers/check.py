"""Whether the numbers that were given hold: digests in order and each once, numbers each once, and none beyond the next free one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from whosaw.store.kinds import WIDE

from .allot import LATER_SHIFT
from .history import History
from .known import Known, Numbers

__all__ = ["history_faults"]


def history_faults(history: History) -> Iterator[str]:
    """What does not hold, one sentence each. Files are read as the journal names them; their bytes are checked elsewhere."""
    for kind, known in sorted(history.known.items()):
        yield from _order_faults(kind, known)
        yield from _number_faults(kind, known, dict(history.free.get(kind, {})))
        yield from _twice_faults(kind, known)


def _order_faults(kind: str, known: Known) -> Iterator[str]:
    for each in known.files:
        run = known.open(each)
        high, low = run.high, run.low
        if not np.all((high[1:] > high[:-1]) | ((high[1:] == high[:-1]) & (low[1:] > low[:-1]))):
            yield f"{kind}: the digests in {each.file} are not in order, each once"
        if each.bits and np.any(high >> np.uint64(64 - each.bits) != each.prefix):
            yield f"{kind}: {each.file} holds digests of another range"


def _twice_faults(kind: str, known: Known) -> Iterator[str]:
    """A digest stands in one level alone."""
    for level in sorted({each.level for each in known.files})[1:]:
        before = Known(
            store=known.store, kind=kind, files=tuple(each for each in known.files if each.level < level)
        )
        for each in known.files:
            if each.level == level:
                run = known.open(each)
                twice = int(np.count_nonzero(before.find(run.high, run.low) >= 0))
                if twice:
                    yield f"{kind}: {twice:,} digests of {each.file} have a number in an older file, too"


def _number_faults(kind: str, known: Known, free: dict[int, int]) -> Iterator[str]:
    numbers: Numbers = np.concatenate(
        [np.zeros(0, np.int64), *(run.numbers.astype(np.int64) for run in known.runs())]
    )
    ordered = np.sort(numbers)
    if np.any(ordered[1:] == ordered[:-1]):
        yield f"{kind}: a number was given twice"
    wide = kind in WIDE
    rows = ordered >> LATER_SHIFT if wide else np.zeros(len(ordered), np.int64)
    ordinals = ordered & ((1 << LATER_SHIFT) - 1) if wide else ordered
    for row in sorted({*free, *np.unique(rows).tolist()}):
        here = ordinals[rows == row]
        following = free.get(row, 0)
        if len(here) != following or (len(here) and int(here[-1]) != following - 1):
            name = f"{kind}, row {row}" if wide else kind
            yield f"{name}: {len(here):,} numbers up to {int(here[-1]) if len(here) else -1:,}, but the next free one is {following:,}"
    if wide:
        for run in known.runs():
            row = run.numbers >> LATER_SHIFT
            if np.any((row != 0) & (row != 1 + (run.high >> np.uint64(56)).astype(np.int64))):
                yield f"{kind}: a number is not of the range of its digest"
