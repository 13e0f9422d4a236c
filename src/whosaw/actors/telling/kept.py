"""Marks of all days in hand: which flags count which views and clients, once some were taken out of large entities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.detectors import Detector
from whosaw.actors.marking.bits import COUNTS, HOLDS, OF_ENTITY, OF_THE_DAY
from whosaw.actors.marking.flagged import Flagged
from whosaw.actors.proof import asks_no_table, counts_a_crowd, keeps_company
from whosaw.actors.summing.who import column, halves, starts_of
from whosaw.build.state import Runs
from whosaw.store.distinct import distinct_pairs
from whosaw.store.kinds import kind

__all__ = ["Client", "Kept", "Mark"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_NONE: Final[frozenset[int]] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Client:
    """A client on one day, by the flags that count a view of it on that day and those of whose entity it is: what it is taken out of is told
    of all such clients alike, so there is one of each."""

    day: frozenset[int]
    of_entity: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A set of flags, by position: which of them count the views, and the client that made these."""

    counts: frozenset[int]
    client: Client


@dataclass
class Kept:
    """What is kept of all days, with the flags in the order of their turns. `clients`: by flag what those are alike in on a day of whom it holds
    or counts a view; of all others nothing can be taken out of it."""

    flags: Sequence[Flagged]
    runs: Runs
    marks: Mapping[bytes, Mark] = field(init=False)
    clients: Mapping[int, frozenset[Client]] = field(init=False)
    _every: dict[Client, int] = field(init=False)  # what clients of a day are alike in, by number
    _number: Ints = field(init=False)  # of that of each mark
    _rows: tuple[Ints, Ints, Ints] = field(init=False)
    _taken: dict[Client, set[int]] = field(default_factory=lambda: defaultdict(set))
    _known: dict[str, pa.Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        marks, mark, place, bits = self._flags_of_marks()
        self._rows = mark, place, bits
        known: dict[tuple[tuple[int, ...], tuple[int, ...]], Client] = {}
        numbers: dict[Client, int] = {}
        found: dict[bytes, Mark] = {}
        borders = np.arange(len(marks) + 1)
        of_days, of_entities, counting = (
            _cut(place[own], np.searchsorted(mark[own], borders))
            for own in (bits & asked == asked for asked in (OF_THE_DAY, OF_ENTITY, HOLDS | COUNTS))
        )
        for key, day, entity, counts in zip(marks, of_days, of_entities, counting, strict=True):
            what = (tuple(day), tuple(entity))
            client = known.get(what)
            if client is None:
                client = known[what] = Client(frozenset(day), frozenset(entity))
                numbers[client] = len(numbers)
            found[key] = Mark(frozenset(counts), client)
        self.marks, self._every = found, numbers
        own = bits & (HOLDS | OF_THE_DAY) > 0
        self._number = np.array([numbers[each.client] for each in found.values()], np.int64)
        at, client_at = distinct_pairs(place[own], self._number[mark[own]])
        every, starts = list(numbers), starts_of(at)
        its = _cut(client_at, np.append(starts, len(at)))
        self.clients = {
            flag: frozenset(every[each] for each in of)
            for flag, of in zip(at[starts].tolist(), its, strict=True)
        }

    def _flags_of_marks(self) -> tuple[list[bytes], Ints, Ints, Ints]:
        """The marks that any flag is of, in the order in which they come; and of each of their flags, one mark behind the other, which of these it
        is of, its position, and its bits."""
        keys = pa.array([flag.key for flag in self.flags], kind("mark_flags").columns.field("flag").type)
        known: dict[bytes, None] = {}  # one of many days is the same one
        parts = [np.empty((3, 0), np.int64)]
        for day in self.runs.days("mark_flags"):
            rows = self.runs.rows("mark_flags", [day])
            starts = starts_of(*halves(rows["mark"]))
            marks = rows["mark"].take(pa.array(starts)).to_pylist()
            new = np.array([each not in known for each in marks], bool)
            sizes = np.diff(np.append(starts, rows.num_rows))
            own, which = np.repeat(new, sizes), np.repeat(len(known) + np.cumsum(new) - 1, sizes)
            rows, which = rows.filter(pa.array(own)), which[own]
            place = pc.fill_null(pc.index_in(rows["flag"], keys), -1).to_numpy().astype(np.int64)
            there = place >= 0
            parts.append(np.stack([which, place, column(rows, "bits")])[:, there])
            known |= dict.fromkeys(marks)
        which, place, bits = np.concatenate(parts, axis=1)
        marked = np.flatnonzero(np.bincount(which, minlength=len(known)))
        marks = list(known)
        return [marks[each] for each in marked.tolist()], np.searchsorted(marked, which), place, bits

    def rows(self, name: str) -> pa.Table:
        """The rows of a kind of all days, but for the sets that they hold: those may be of everybody."""
        known = self._known.get(name)
        if known is None:
            own = [each.name for each in kind(name).columns if each.type != pa.binary()]
            known = self._known[name] = self.runs.rows(name, self.runs.days(name), own)
        return known

    def sets(self, name: str, column: str) -> Iterator[pa.ChunkedArray]:
        """The sets of a kind of all days, in the order of its rows: those of each day."""
        for day in self.runs.days(name):
            yield self.runs.rows(name, [day], [column])[column]

    @cached_property
    def company(self) -> frozenset[int]:
        """The flags that prove one view of what they count."""
        return self._of_detectors(keeps_company)

    @cached_property
    def asked_of_none(self) -> frozenset[int]:
        """The flags for which no table is asked, but for those of a crowd."""
        return self._of_detectors(lambda each: asks_no_table(each) and not counts_a_crowd(each))

    def _of_detectors(self, asked: Callable[[Detector], bool]) -> frozenset[int]:
        detectors = {flag.detector.id: flag.detector for flag in self.flags}
        own = {name for name, detector in detectors.items() if asked(detector)}
        return frozenset(at for at, flag in enumerate(self.flags) if flag.detector.id in own)

    @cached_property
    def client_marks(self) -> Ints:
        """Of each row of `marked_clients` the place of its mark among `marks`; -1 where no flag has that."""
        rows = self.rows("marked_clients")["mark"]
        found = np.full(len(rows), -1)
        valid = rows.is_valid().to_numpy()
        own = rows.drop_null()
        if len(own):
            starts = starts_of(*halves(own))  # rows of one mark lie together
            marks = pa.array(list(self.marks), rows.type)
            place = pc.fill_null(pc.index_in(own.take(pa.array(starts)), marks), -1).to_numpy()
            found[valid] = np.repeat(place, np.diff(np.append(starts, len(own))))
        return found

    @cached_property
    def told_clients(self) -> tuple[Sequence[Client], pa.Table]:
        """What clients of a day are alike in, and the rows of `marked_clients` that a flag counts a view of, with the place of that (`alike`)."""
        there = self.client_marks >= 0
        told = self.rows("marked_clients").filter(pa.array(there))
        alike = pa.array(self._number[self.client_marks[there]].astype(np.int32))
        return list(self._every), told.append_column("alike", alike)

    @cached_property
    def many(self) -> Ints:
        """How many clients of a day are alike, by the place of what they are alike in."""
        every, told = self.told_clients
        many = np.zeros(len(every), np.int64)
        np.add.at(many, column(told, "alike"), column(told, "clients"))
        return many

    @cached_property
    def sizes(self) -> Mapping[Client, int]:
        """How many clients of a day are alike; of such as there are."""
        return {each: size for each, size in zip(self._every, self.many.tolist(), strict=True) if size}

    def take_out(self, flag: int, client: Client) -> None:
        """Such clients are of that flag no longer."""
        self._taken[client].add(flag)

    def holding(self) -> tuple[Ints, Ints, Ints]:
        """The flags that hold views of a mark: the place of the mark, which ascends, the flag, and its bits."""
        mark, flag, bits = self._rows
        own = (bits & HOLDS > 0) & ~self._gone(self._number[mark], flag)
        return mark[own], flag[own], bits[own]

    def counting_clients(self) -> tuple[Ints, Ints]:
        """The flags that count a view of clients of a day, but for those that these were taken out of: the place of what such clients are alike
        in, which ascends, and the flag."""
        many = np.array([len(each.day) for each in self._every], np.int64)
        client = np.repeat(np.arange(len(many)), many)
        flag = np.fromiter(chain.from_iterable(each.day for each in self._every), np.int64, len(client))
        left = ~self._gone(client, flag)
        return client[left], flag[left]

    def _gone(self, client: Ints, flag: Ints) -> Bools:
        """Which of these clients were taken out of these flags."""
        width = len(self.flags)
        gone = [self._every[each] * width + at for each, of in self._taken.items() for at in of]
        return np.isin(client * width + flag, np.array(gone, np.int64))

    def counting(self, mark: bytes) -> frozenset[int]:
        """The flags that count views of this mark."""
        known = self.marks.get(mark)
        if known is None:
            return _NONE
        taken = self._taken.get(known.client)
        return known.counts - taken if taken else known.counts

    def of_day(self, mark: bytes) -> frozenset[int]:
        """The flags that clients of this mark belong to on their day."""
        known = self.marks.get(mark)
        return _NONE if known is None else self.left(known.client)

    def left(self, client: Client) -> frozenset[int]:
        """The flags that count a view of such a client on its day, but for those it was taken out of."""
        taken = self._taken.get(client)
        return client.day - taken if taken else client.day


def _cut(numbers: Ints, borders: Ints) -> Iterator[list[int]]:
    """The numbers between these borders."""
    own = numbers.tolist()
    return (own[start:end] for start, end in pairwise(borders.tolist()))
