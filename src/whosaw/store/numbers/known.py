"""Known digests: sorted files that are mapped and searched, never read whole, and give the number of each digest.

Those of one kind stand in levels, each an eighth of the one before at most: the new ones of a commit are a small level, and two
levels are merged when the smaller has grown to an eighth of the larger. A level is cut into ranges by the first bits of the
digests, so that no file is larger than can be merged in memory. A file is named by the digest of its bytes and never changes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from whosaw.core.errors import WhosawError
from whosaw.store.digest_words import Words
from whosaw.store.files import ContentStore
from whosaw.store.mapped import pages_of

__all__ = ["KNOWN", "LATER_SHIFT", "NARROW", "RANGE_ROWS", "Known", "KnownFile", "Run", "merged"]

KNOWN = "known"  # the kind of these files in the store
NARROW = 1 << 31  # numbers are below it; some of clients, which earlier programs gave, are not
LATER_SHIFT = 40  # of these, the bits of the ordinal
RANGE_ROWS = 1 << 21  # digests in one file, about
_MERGE_AT = 8  # a level is merged into the one before when it has an eighth of its rows
_MOST_BITS = 16
_IN_HAND = 1 << 26  # digests of a kind of which it is kept in hand where each number stands: 256 MB
_SPARSE = 4  # times as many numbers as digests, at most
_HEAD = struct.Struct("<4s16sBBxxIQ4x")  # magic, kind, bytes of a number, bits, range, rows
_MAGIC = b"WSK1"
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Digests in ascending order, as two words each, with their numbers."""

    high: Words
    low: Words
    numbers: Numbers

    def __len__(self) -> int:
        return len(self.high)

    @property
    def digests(self) -> npt.NDArray[np.uint8]:
        """(n, 16): the digests as bytes."""
        return np.stack([self.high, self.low], axis=1).astype(">u8").view(np.uint8).reshape(-1, 16)

    def part(self, start: int, end: int) -> Run:
        return Run(high=self.high[start:end], low=self.low[start:end], numbers=self.numbers[start:end])


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class KnownFile:
    """One file: the digests that begin with the `bits` bits of `prefix`, of one level (0 is the largest)."""

    level: int
    prefix: int
    bits: int
    rows: int
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The known digests of one kind. It never changes: `grown` gives another one."""

    store: ContentStore
    kind: str
    files: tuple[KnownFile, ...] = ()
    _mapped: dict[str, Run] = field(default_factory=dict, repr=False, compare=False)
    _standing: list[npt.NDArray[np.int32]] = field(default_factory=list, repr=False, compare=False)

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.files)

    def find(self, high: Words, low: Words) -> Numbers:
        """The numbers of digests in ascending order; -1 of those that are not known."""
        found = np.full(len(high), -1, np.int64)
        for each in self.files:
            start, end = _range_in(high, each.bits, each.prefix)
            if start == end:
                continue
            run = self.open(each)
            at = places(run, high[start:end], low[start:end])
            inside = np.minimum(at, len(run) - 1)
            hit = (
                (at < len(run)) & (run.high[inside] == high[start:end]) & (run.low[inside] == low[start:end])
            )
            found[start:end][hit] = run.numbers[inside[hit]]
        return found

    def digests(self, numbers: Numbers) -> npt.NDArray[np.uint8]:
        """(n, 16): the digests of numbers, in their order. Where it is not in hand where numbers stand, files are run through, for they are
        sorted by digest. A number that nobody has is an error of the caller."""
        wanted, back = np.unique(numbers, return_inverse=True)
        found = np.zeros((len(wanted), 2), np.uint64)
        held = np.zeros(len(wanted), bool)
        dense = self._of_dense(wanted, found, held)
        for each in self.files if dense < len(wanted) and not held.all() else ():
            run = self.open(each)
            at = np.minimum(np.searchsorted(wanted, run.numbers), len(wanted) - 1)
            rows = np.flatnonzero(wanted[at] == run.numbers)
            found[at[rows], 0], found[at[rows], 1] = run.high[rows], run.low[rows]
            held[at[rows]] = True
        if not held.all():
            raise IndexError(f"a number of the kind {self.kind} that nobody has")
        return found[back].astype(">u8").view(np.uint8).reshape(-1, 16)

    def _of_dense(self, wanted: Numbers, found: Words, held: npt.NDArray[np.bool_]) -> int:
        """Put the digests of dense numbers, which go first, where they belong; returns how many these are. Where they stand is looked up once,
        for who asks for those of one day asks for the next."""
        rows = self._places()
        some = len(wanted) > 0 and wanted[0] >= 0
        at = rows[wanted[: np.searchsorted(wanted, len(rows))]] if some else rows[:0]
        first = 0
        for each in self.files if len(at) else ():
            mine = np.flatnonzero((at >= first) & (at < first + each.rows))
            if len(mine):
                run, own = self.open(each), at[mine] - first
                found[mine, 0], found[mine, 1] = run.high[own], run.low[own]
                held[mine] = True
            first += each.rows
        return len(at)

    def _places(self) -> npt.NDArray[np.int32]:
        """By number the row of all files one behind the other, -1 where there is none; of numbers that are dense, and of no kind that has too
        many to keep that in hand."""
        if not self._standing:
            runs = [self.open(each) for each in self.files] if self.rows <= _IN_HAND else []
            end = 1 + max((int(run.numbers.max(initial=-1, where=_dense(run))) for run in runs), default=-1)
            rows = np.full(end if end <= _SPARSE * self.rows else 0, -1, np.int32)
            first = 0
            for run in runs if len(rows) else ():
                mine = np.flatnonzero(_dense(run))
                rows[run.numbers[mine]] = first + mine
                first += len(run)
            self._standing.append(rows)
        return self._standing[0]

    def grown(self, fresh: Iterable[Run], rows: int) -> Known:
        """With so many digests more, which come in ascending order and are not known yet. All files are written when it returns."""
        if not rows:
            return self
        levels = self._levels()
        levels.append(self._written(len(levels), _bits_for(rows), fresh))
        while len(levels) > 1 and _MERGE_AT * _rows(levels[-1]) >= _rows(levels[-2]):
            small, large = levels.pop(), levels.pop()
            levels.append(self._merge(len(levels), large, small))
        return Known(
            store=self.store, kind=self.kind, files=tuple(sorted(each for level in levels for each in level))
        )

    def runs(self) -> Iterator[Run]:
        """All known digests, file by file."""
        for each in self.files:
            yield self.open(each)

    def open(self, each: KnownFile) -> Run:
        """A file, mapped: its pages are read where they are looked at."""
        run = self._mapped.get(each.file)
        if run is None:
            run = self._mapped[each.file] = _mapped(self.store.path(each.file), self.kind, each)
        return run

    def _levels(self) -> list[list[KnownFile]]:
        levels: dict[int, list[KnownFile]] = {}
        for each in self.files:
            levels.setdefault(each.level, []).append(each)
        return [levels[level] for level in sorted(levels)]

    def _written(self, level: int, bits: int, runs: Iterable[Run]) -> list[KnownFile]:
        """Write digests in ascending order as one level."""
        out: list[KnownFile] = []
        waiting: list[Run] = []
        now = 0

        def finish() -> None:
            whole = _joined(waiting)
            waiting.clear()
            if len(whole):
                name = self.store.put(KNOWN, _bytes(self.kind, bits, now, whole))
                out.append(KnownFile(level=level, prefix=now, bits=bits, rows=len(whole), file=name))

        for run in runs:
            for prefix in _prefixes(run.high, bits):
                if prefix != now:
                    finish()
                    now = prefix
                waiting.append(run.part(*_range_in(run.high, bits, prefix)))
        finish()
        return out

    def _merge(self, level: int, large: list[KnownFile], small: list[KnownFile]) -> list[KnownFile]:
        """Two levels as one, range by range; a file that nothing joins stays as it is."""
        bits = max(large[0].bits, _bits_for(_rows(large) + _rows(small)))
        of_large = {each.prefix: each for each in large}
        out: list[KnownFile] = []
        for prefix in range(1 << large[0].bits):
            joining = _joined(list(self._within(small, large[0].bits, prefix)))
            mine = of_large.get(prefix)
            if mine is not None and not len(joining) and bits == mine.bits:
                out.append(KnownFile(level=level, prefix=prefix, bits=bits, rows=mine.rows, file=mine.file))
                continue
            whole = joining if mine is None else merged(self.open(mine), joining)
            out.extend(self._written(level, bits, [whole]))
        return out

    def _within(self, level: list[KnownFile], bits: int, prefix: int) -> Iterator[Run]:
        for each in level:
            run = self.open(each)
            yield run.part(*_range_in(run.high, bits, prefix))


def places(run: Run, high: Words, low: Words) -> npt.NDArray[np.intp]:
    """Where each digest stands in a run, or would stand."""
    at = np.searchsorted(run.high, high)
    while len(run):  # nearly never twice: two digests of one kind with the same first half
        here = np.minimum(at, len(run) - 1)
        behind = (at < len(run)) & (run.high[here] == high) & (run.low[here] < low)
        if not behind.any():
            break
        at = at + behind
    return at


def merged(one: Run, other: Run) -> Run:
    """Both, in order."""
    at = places(one, other.high, other.low)
    return Run(
        high=np.insert(one.high, at, other.high),
        low=np.insert(one.low, at, other.low),
        numbers=np.insert(one.numbers.astype(np.int64), at, other.numbers),
    )


def _joined(runs: Sequence[Run]) -> Run:
    if len(runs) == 1:
        return runs[0]
    none = np.zeros(0, np.uint64)
    return Run(
        high=np.concatenate([none, *(each.high for each in runs)]),
        low=np.concatenate([none, *(each.low for each in runs)]),
        numbers=np.concatenate([np.zeros(0, np.int64), *(each.numbers for each in runs)]),
    )


def _rows(level: Sequence[KnownFile]) -> int:
    return sum(each.rows for each in level)


def _bits_for(rows: int) -> int:
    bits = 0
    while bits < _MOST_BITS and rows >> bits > RANGE_ROWS:
        bits += 1
    return bits


def _range_in(high: Words, bits: int, prefix: int) -> tuple[int, int]:
    """Where the digests of a range stand among digests in ascending order."""
    if not bits:
        return 0, len(high)
    edges = [np.uint64(prefix << (64 - bits))]
    if prefix + 1 < 1 << bits:
        edges.append(np.uint64((prefix + 1) << (64 - bits)))
    found = np.searchsorted(high, np.array(edges, np.uint64))
    return int(found[0]), int(found[1]) if len(found) > 1 else len(high)


def _prefixes(high: Words, bits: int) -> list[int]:
    """The ranges that digests in ascending order lie in."""
    if not bits:
        return [0] if len(high) else []
    return [int(each) for each in np.unique(high >> np.uint64(64 - bits))]


def _bytes(kind: str, bits: int, prefix: int, run: Run) -> bytes:
    width = 8 if len(run) and int(run.numbers.max()) >= NARROW else 4
    head = _HEAD.pack(_MAGIC, kind.encode(), width, bits, prefix, len(run))
    return b"".join(
        (
            head,
            run.high.astype("<u8").tobytes(),
            run.low.astype("<u8").tobytes(),
            run.numbers.astype(f"<i{width}").tobytes(),
        )
    )


def _mapped(path: Path, kind: str, told: KnownFile) -> Run:
    try:
        with open(path, "rb") as file:
            data = np.frombuffer(pages_of(file), np.uint8)
    except (OSError, ValueError) as fault:
        raise WhosawError(
            "store.missing",
            f"{path} is gone or empty",
            hint="Restore it from a backup, or scan the logs again",
        ) from fault
    rows = told.rows
    width = (len(data) - _HEAD.size) // max(1, rows) - 16
    head = _HEAD.pack(_MAGIC, kind.encode(), width, told.bits, told.prefix, rows) if width in (4, 8) else b"-"
    if len(data) != len(head) + rows * (16 + width) or data[: len(head)].tobytes() != head:
        raise WhosawError(
            "store.damaged", f"{path} does not hold what the journal says", hint="Restore it from a backup"
        )
    words = data[len(head) : len(head) + 16 * rows].view("<u8")
    numbers = data[len(head) + 16 * rows :].view(f"<i{width}")
    return Run(high=words[:rows], low=words[rows:], numbers=numbers)


def _dense(run: Run) -> npt.NDArray[np.bool_]:
    """Which of its numbers are narrow."""
    return np.asarray(run.numbers < NARROW)
