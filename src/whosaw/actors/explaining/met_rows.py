"""Tables of the context as sources of days: of each day the rows that its views and passes meet, and the sum of their digests.

What was met on a day is kept for the digest of the day's `meets`. So a row that came or went is looked up among the days there are, and
a new day among the rows there are, and nothing else is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from threading import RLock
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.build.state import Runs, Source
from whosaw.build.step import Span
from whosaw.store.recent import Recent

from .context_rows import numbered_schema
from .digested import CLAIMS
from .keeping import KeptTable, Shelf, between, rows_kept
from .kept_context import RECORDED, TABLES, KeptContext, spellings
from .meeting import MET, Once, Present, met, met_on, moved
from .meets import sets_of
from .numbering import Numbers, numbered, numbers_known

__all__ = ["Memo", "MetRows", "Remembered", "context_sources"]

Ints = npt.NDArray[np.int64]
_CLAIMS: Final = pa.schema([("principal", pa.int32()), ("person", pa.int32())])
_MEETS: Final = "meets"
_KEPT: Final = 16 << 20  # bytes of rows that were asked for last
_ONCE: Final = 8 << 20  # rows of all tables up to which it is kept which of them are of whom


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What was met last: of which context, by day the digest of `meets`, and by table `MET`."""

    context: KeptContext = field(default_factory=KeptContext)
    days: Mapping[int, str] = field(default_factory=dict)
    sums: Mapping[str, pa.Table] = field(default_factory=dict)


class Memo(Protocol):
    """Where it is kept from one scan to the next."""

    def load(self) -> Remembered: ...

    def store(self, told: Remembered) -> None: ...


def context_sources(shelf: Shelf, context: KeptContext, numbers: Numbers, memo: Memo) -> list[Source]:
    """A source for each table that there may be, and `recorded`: hours of logins and tickets."""
    tables = MetRows(shelf, context, numbers, memo)
    hours = RECORDED.empty_table() if context.hours is None else shelf.get(context.hours).cast(RECORDED)
    return [*(tables.source(name) for name in TABLES), _recorded(hours)]


def _recorded(hours: pa.Table) -> Source:
    days = hours["day"].to_numpy()
    known, starts, many = np.unique(days, return_index=True, return_counts=True)
    digests, rows = {}, dict(zip(known.tolist(), many.tolist(), strict=True))
    for day, start in zip(known.tolist(), starts.tolist(), strict=True):
        told = repr(hours.slice(start, rows[day]).drop_columns(["day"]).to_pydict())
        digests[day] = sha256(told.encode()).hexdigest()

    def read(span: Span, columns: Sequence[str] | None) -> pa.Table:
        first, last = np.searchsorted(days, (span.first, span.last + 1)).tolist()
        return _picked(hours.slice(first, last - first), columns)

    return Source(kind="recorded", digests=digests, rows=rows, read=read)


class MetRows:
    """Several threads read; what is met is worked out by one, where there is a `memo`: without it, it has to be told (`told`)."""

    def __init__(
        self, shelf: Shelf, context: KeptContext, numbers: Numbers, memo: Memo | None = None
    ) -> None:
        self._shelf, self._context, self._numbers, self._memo = shelf, context, numbers, memo
        self._rows = _Tables(shelf, context.tables)
        self._spellings = spellings(shelf, context)
        self._remembered: Remembered | None = None
        self._last: Recent[tuple[str, tuple[tuple[int, str], ...]], pa.Table] = Recent(_KEPT)
        self._once = Once(keeps=sum(each.rows for each in context.tables.values()) <= _ONCE)
        self._lock = RLock()

    def source(self, name: str) -> Source:
        """The source of a table before anything is known of the runs."""
        again = partial(self._again, name)
        return Source(
            kind=name, digests={}, rows={}, read=partial(_nothing, name), after=(_MEETS,), again=again
        )

    def told(self, name: str, runs: Runs, digests: Mapping[int, str], rows: Mapping[int, int]) -> Source:
        """The source of a table where it is known of these days what they meet of it."""
        read = partial(self._read, name, runs, digests)
        return Source(kind=name, digests=digests, rows=rows, read=read)

    def _again(self, name: str, runs: Runs) -> Source:
        with self._lock:
            sums = self._met(runs).get(name, MET.empty_table())
        days, rows, high, low = (sums[each].to_pylist() for each in MET.names)
        told = {
            day: f"{many}:{one:016x}{two:016x}"
            for day, many, one, two in zip(days, rows, high, low, strict=True)
        }
        return Source(
            kind=name,
            digests=told,
            rows=dict(zip(days, rows, strict=True)),
            read=partial(self._read, name, runs, told),
            after=(_MEETS,),
            again=partial(self._again, name),
        )

    def _met(self, runs: Runs) -> Mapping[str, pa.Table]:
        if self._memo is None:
            raise ValueError("what days meet of the context has to be told here")
        last = self._memo.load() if self._remembered is None else self._remembered
        days = {day: runs.digest(_MEETS, day) for day in runs.days(_MEETS)}
        held = {name: each.held for name, each in self._context.tables.items()}
        if days == last.days and held == {name: each.held for name, each in last.context.tables.items()}:
            self._remembered = last
            return last.sums
        old = [day for day, told in days.items() if last.days.get(day) == told]
        sums = {
            name: each.filter(pc.is_in(each["day"], pa.array(old, pa.int32())))
            for name, each in last.sums.items()
        }
        if old and held != {name: each.held for name, each in last.context.tables.items()}:
            sums = self._moved(last.context, sums, self._present(runs, old))
        new = sorted(days.keys() - set(old))
        if new:
            fresh = met(self._rows, self._present(runs, new, self._once), self._once)
            parts = {name: [sums.get(name, MET.empty_table()), fresh[name]] for name in fresh}
            sums = {name: pa.concat_tables(each).sort_by("day") for name, each in parts.items()}
        sums = {name: each.filter(pc.greater(each["rows"], 0)) for name, each in sums.items()}
        self._remembered = Remembered(context=self._context, days=days, sums=sums)
        self._memo.store(self._remembered)
        return sums

    def _moved(
        self, last: KeptContext, sums: Mapping[str, pa.Table], present: Present
    ) -> dict[str, pa.Table]:
        none = KeptTable()
        names = {*last.tables, *self._context.tables}
        told = {
            name: between(
                self._shelf, name, last.tables.get(name, none), self._context.tables.get(name, none)
            )
            for name in names
        }
        return moved(sums, told, _Tables(self._shelf, last.tables), self._rows, present)

    def _read(
        self, name: str, runs: Runs, days: Mapping[int, str], span: Span, columns: Sequence[str] | None
    ) -> pa.Table:
        asked = tuple((day, days[day]) for day in range(span.first, span.last + 1) if day in days)
        if not asked:
            return _nothing(name, span, columns)
        return _picked(self._read_last(name, runs, asked), columns)

    def _read_last(self, name: str, runs: Runs, asked: tuple[tuple[int, str], ...]) -> pa.Table:
        """What these days meet, by what they are known to meet. Several steps ask for the same days, one after the other."""
        found = self._last.get((name, asked))
        if found is None:
            found = self._looked_up(name, runs, [day for day, _ in asked])
            self._last.put((name, asked), found, found.nbytes)
        return found

    def _looked_up(self, name: str, runs: Runs, asked: Sequence[int]) -> pa.Table:
        rows, day = met_on(name, self._rows, self._present(runs, asked, self._once), self._once)
        distinct, place = np.unique(rows, return_inverse=True)
        told = self._rows[name].take(pa.array(distinct))
        told = (
            told.select(_CLAIMS.names).cast(_CLAIMS)
            if name == CLAIMS
            else numbered(name, told, self._spellings, self._numbers)
        )
        found = told.take(pa.array(place))
        return found.add_column(0, "day", pa.array(day, pa.int32()))

    def _present(self, runs: Runs, days: Sequence[int], once: Once | None = None) -> Present:
        """`once`: the values that are asked of are kept, and asked of again."""
        own = once or Once(keeps=False)
        sets = _Sets(runs, days)

        def known(kind: str, values: pa.Array) -> tuple[pa.Array, Ints, Ints]:
            """The values, that they stay where they are; in the order of their numbers these, and their places."""
            if pa.types.is_integer(values.type):
                told = values.cast(pa.int64())
            else:
                told = numbers_known(kind, values, self._spellings, self._numbers)
            place = np.flatnonzero(told.is_valid().to_numpy(zero_copy_only=False))
            asked = told.drop_null().to_numpy()
            order = np.argsort(asked, kind="stable")
            return values, asked[order], place[order]

        def present(kind: str, values: pa.Array) -> pa.Table:
            _, asked, place = own.of((kind, id(values)), lambda: known(kind, values))
            return sets.holding(kind, asked, place)

        return present


class _Sets:
    """Identifiers of some days by kind, read once."""

    def __init__(self, runs: Runs, days: Sequence[int]) -> None:
        self._runs, self._days = runs, days
        self._sets: dict[int, dict[str, Ints]] = {}

    def holding(self, kind: str, asked: Ints, place: Ints) -> pa.Table:
        """On which days each of these numbers, ascending, is there: its place, day."""
        places, days = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for day in self._days if len(asked) else ():
            there = self._of(day)[kind]
            if len(there) < len(asked):
                begins, ends = (np.searchsorted(asked, there, side=side) for side in ("left", "right"))
                many = ends - begins
                inside = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
                hits = np.repeat(begins, many) + inside
            else:
                at = np.searchsorted(there, asked)
                hits = np.flatnonzero((at < len(there)) & (there[np.minimum(at, len(there) - 1)] == asked))
            places.append(place[hits])
            days.append(np.full(len(hits), day))
        return pa.table({"place": np.concatenate(places), "day": pa.array(np.concatenate(days), pa.int32())})

    def _of(self, day: int) -> dict[str, Ints]:
        if day not in self._sets:
            self._sets[day] = sets_of(self._runs.rows(_MEETS, [day], ["kind", "number"]))
        return self._sets[day]


class _Tables(Mapping[str, pa.Table]):
    """Tables as they were kept, each read when it is asked for."""

    def __init__(self, shelf: Shelf, tables: Mapping[str, KeptTable]) -> None:
        self._shelf, self._kept = shelf, tables
        self._read: dict[str, pa.Table] = {}
        self._lock = RLock()

    def __getitem__(self, name: str) -> pa.Table:
        with self._lock:
            if name not in self._read:
                self._read[name] = rows_kept(self._shelf, name, self._kept[name]).combine_chunks()
            return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._kept

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _nothing(name: str, _span: Span, columns: Sequence[str] | None) -> pa.Table:
    schema = _CLAIMS if name == CLAIMS else numbered_schema(name)
    return _picked(pa.schema([("day", pa.int32()), *schema]).empty_table(), columns)


def _picked(rows: pa.Table, columns: Iterable[str] | None) -> pa.Table:
    return rows if columns is None else rows.select(["day", *(each for each in columns if each != "day")])
