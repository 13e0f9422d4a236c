"""Tables of the context as sources of days: of each day the rows that its views and passes meet, and the sum of their digests.

What was met on a day is kept for the digest of the day's `meets`. So a row that came or went is looked up among the days there are, and
a new day among the rows there are, and nothing else is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from threading import RLock
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.build.state import Runs, Source
from whosaw.build.step import Span
from whosaw.store.distinct import alike, distinct, numbered_from_0, order_of
from whosaw.store.mapped import mapped
from whosaw.store.spilled import Spilled

from .context_rows import numbered_schema
from .digested import CLAIMS, DIGEST
from .keeping import KeptTable, Shelf, between, rows_kept
from .kept_context import RECORDED, TABLES, KeptContext, spellings
from .meeting import MET, Once, Pairs, Present, met_among, met_on, moved, summed
from .meets import sets_of
from .near import near, with_spellings
from .numbering import Numbers, numbered, numbers_known

__all__ = ["Memo", "MetRows", "Remembered", "context_sources"]

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
_CLAIMS: Final = pa.schema([("principal", pa.int32()), ("person", pa.int32())])
_LARGE: Final = 1 << 18  # rows of a table from which on it lies in a file while it is in hand
_MEETS: Final = "meets"
_KEPT: Final = 64 << 20  # bytes of places of rows that days met, in memory
_ONCE: Final = 8 << 20  # rows of tables up to which it is kept together which of them are of whom
_WHOLE: Final = 1 << 24  # fields of a table up to which all of it is kept with numbers
_CLOSE: Final = 8  # times as many numbers as are asked for that a table of them may have
_AT_ONCE: Final = 31  # days whose identifiers are in hand
_PAIRS: Final = (
    1 << 24
)  # rows that are met on so many days, counted as often, that are in hand, unless one day meets more
_FEW: Final = (
    4  # days that are asked for together, up to which a large table is looked into from what they hold
)
_SEVERAL: Final = 16  # days that were, from which on what is worked out of the whole table takes less
_PART: Final = 8  # of so many rows one is numbered alone
DigestsOf = Callable[[str, Ints], pa.Array]
"""The digests by which the ledger knows numbers of a kind."""


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


def context_sources(
    shelf: Shelf, context: KeptContext, numbers: Numbers, memo: Memo, digests: DigestsOf, spill: Path
) -> list[Source]:
    """A source for each table that there may be, and `recorded`: hours of logins and tickets. `spill`: a folder for what is not kept."""
    tables = MetRows(shelf, context, numbers, memo, digests, spill=spill)
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
        self,
        shelf: Shelf,
        context: KeptContext,
        numbers: Numbers,
        memo: Memo | None = None,
        digests: DigestsOf | None = None,
        *,
        spill: Path,
    ) -> None:
        self._shelf, self._context, self._numbers, self._memo = shelf, context, numbers, memo
        self._digests = digests
        self._looked: dict[str, int] = {}  # by table, days from which it was looked into
        self._rows, self._spill = _Tables(shelf, context.tables, spill), spill
        self._spellings = spellings(shelf, context)
        self._remembered: Remembered | None = None
        self._places: Spilled[tuple[str, int, str]] = Spilled(_KEPT, spill)
        self._whole: dict[str, tuple[pa.Table, Ints]] = {}
        self._once = self._nothing_yet()
        self._lock = RLock()

    def _nothing_yet(self) -> Once:
        return Once(keeps=sum(each.rows for each in self._context.tables.values()) <= _ONCE)

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
            each=partial(self._each, name, runs, told),
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
            parts = {name: [sums.get(name, MET.empty_table())] for name in self._rows}
            for names in self._together():
                once = self._once if old else Once()  # of every day it is written down what it meets
                for some in self._by_few(names, new):
                    present = self._present(runs, some, once)
                    for name in names:
                        places = self._places_on(name, runs, some, present, once)
                        parts[name].append(summed(self._rows[name], places))
            sums = {name: pa.concat_tables(each).sort_by("day") for name, each in parts.items()}
        sums = {name: each.filter(pc.greater(each["rows"], 0)) for name, each in sums.items()}
        self._remembered = Remembered(context=self._context, days=days, sums=sums)
        self._memo.store(self._remembered)
        return sums

    def _together(self) -> Iterator[Sequence[str]]:
        """Tables that are gone through one group after the other: what is worked out of a whole table is worked out once for all days, and is in
        hand for few large tables at a time."""
        some: list[str] = []
        rows = 0
        for name in self._rows:
            many = self._context.tables[name].rows
            if some and rows + many > _ONCE:
                yield some
                some, rows = [], 0
            some.append(name)
            rows += many
        if some:
            yield some

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
        return moved(
            sums, told, _Tables(self._shelf, last.tables, self._spill, self._rows), self._rows, present
        )

    def _read(
        self, name: str, runs: Runs, told: Mapping[int, str], span: Span, columns: Sequence[str] | None
    ) -> pa.Table:
        """What these days meet, day by day."""
        asked = [day for day in range(span.first, span.last + 1) if day in told]
        if not asked:
            return _nothing(name, span, columns)
        places = self._places_on(name, runs, asked)
        day = np.repeat(np.array(asked, np.int32), [len(places[each]) for each in asked])
        at = np.concatenate([places[each] for each in asked])
        if self._in_whole(name, len(at)):
            rows = self._all(name)[0].take(pa.array(at))
        else:
            own, at = numbered_from_0(at)
            rows = self._known_of(name, own)[0].take(pa.array(at))
        return _picked(rows.add_column(0, "day", pa.array(day)), columns)

    def _each(self, name: str, runs: Runs, told: Mapping[int, str], span: Span) -> pa.Table:
        """What any of these days meets, each row once: of those that are alike with numbers, one."""
        asked = [day for day in range(span.first, span.last + 1) if day in told]
        if not asked:
            return _nothing(name, span, None).drop_columns(["day"])
        there = np.zeros(self._rows[name].num_rows, bool)
        for places in self._places_on(name, runs, asked).values():
            there[places] = True
        own = np.flatnonzero(there)
        if self._in_whole(name, len(own)):
            rows, like = self._all(name)
            return rows.take(pa.array(distinct(like[own])))
        rows, like = self._known_of(name, own)
        return rows.take(pa.array(distinct(like)))

    def _places_on(
        self,
        name: str,
        runs: Runs,
        days: Sequence[int],
        present: Present | None = None,
        once: Once | None = None,
    ) -> dict[int, Places]:
        """By day the places of the rows of a table that it meets, ascending. Several steps ask for the same days, one after the other."""
        found = {
            day: places
            for day in days
            if (places := self._places.get(self._key(name, runs, day))) is not None
        }
        lacking = [day for day in days if day not in found]
        for some in self._by_few([name], lacking):
            told = self._met_near(name, runs, some) if len(lacking) <= _FEW else None
            own = once or self._once
            if told is None and not own.keeps:
                left = [day for day in lacking if day >= some[0]]
                if self._looked.get(name, 0) + len(left) > _SEVERAL:
                    self._go_through(name, runs, left)
                    return found | self._places_on(name, runs, left, present, once)
                self._looked[name] = self._looked.get(name, 0) + len(some)
            rows, on = told or met_on(name, self._rows, present or self._present(runs, some, own), own)
            found |= self._put(name, runs, some, rows, on)
        return found

    def _by_few(self, names: Sequence[str], days: Sequence[int]) -> Iterator[Sequence[int]]:
        """Days in parts, of so few that rows of these tables that are met on them fit in hand."""
        most = max(1, *(self._context.tables[name].rows for name in names))
        many = max(1, min(_AT_ONCE, _PAIRS // most))
        return (days[at : at + many] for at in range(0, len(days), many))

    def _key(self, name: str, runs: Runs, day: int) -> tuple[str, int, str]:
        return name, day, runs.digest(_MEETS, day)

    def _put(self, name: str, runs: Runs, days: Sequence[int], rows: Ints, on: Ints) -> dict[int, Places]:
        """From now on these rows are those of the table that each of these days meets."""
        borders = np.searchsorted(on, [*days, days[-1] + 1]).tolist()
        found = {
            day: rows[first:end].astype(np.int32)
            for day, (first, end) in zip(days, pairwise(borders), strict=True)
        }
        for day, places in found.items():
            self._places.put(self._key(name, runs, day), places)
        return found

    def _go_through(self, name: str, runs: Runs, days: Sequence[int]) -> None:
        """Find what each of these days, and each other of which it is not known, meets of a table so large that what is worked out of it is not
        kept: once several days were asked about, it takes less than to work it out for each that is still to come."""
        with self._lock:
            every = sorted({*days, *runs.days(_MEETS)})
            lacking = [day for day in every if self._key(name, runs, day) not in self._places]
            once = Once()
            for some in self._by_few([name], lacking):
                self._put(name, runs, some, *met_on(name, self._rows, self._present(runs, some, once), once))

    def _met_near(self, name: str, runs: Runs, days: Sequence[int]) -> Pairs | None:
        """The same where these are few, from what they hold; None where the whole table is asked."""
        looked = self._looked.get(name, 0) + len(days)
        if self._digests is None or looked > _SEVERAL:
            return None
        digests, sets = self._digests, _Sets(runs, days)

        def there(kind: str) -> pa.Array:
            numbers = sets.every("principal" if kind == "claimed" else kind)
            if kind == "claimed":
                return pa.array(numbers)
            return with_spellings(kind, digests(kind, numbers).cast(DIGEST), self._spellings)

        own = near(name, self._rows, there)
        if own is None:
            return None
        self._looked[name] = looked
        rows, on = met_among(name, self._rows, own, self._present(runs, days))
        return own[rows], on

    def _in_whole(self, name: str, many: int) -> bool:
        """Whether all of the table is numbered where so many of its rows are asked for."""
        rows = self._rows[name]
        small = rows.num_rows * rows.num_columns <= _WHOLE
        return bool(small and (name in self._whole or many * _PART >= rows.num_rows))

    def _all(self, name: str) -> tuple[pa.Table, Ints]:
        """The same of a whole table, which is kept."""
        with self._lock:
            if name not in self._whole:
                self._whole[name] = self._known_of(name, None)
            return self._whole[name]

    def _known_of(self, name: str, places: Ints | None) -> tuple[pa.Table, Ints]:
        """Rows of a table (None: all) with numbers, and of each the first that is like it."""
        rows = self._rows[name] if places is None else self._rows[name].take(pa.array(places))
        if name == CLAIMS:
            told = rows.select(_CLAIMS.names).cast(_CLAIMS)
        else:
            told = numbered(name, rows, self._spellings, self._numbers)
        return told, _first_alike(told)

    def _present(self, runs: Runs, days: Sequence[int], once: Once | None = None) -> Present:
        """`once`: the values that are asked of are kept, and asked of again."""
        own = once or Once(keeps=False)
        sets = _Sets(runs, days)

        def known(kind: str, values: pa.Array) -> tuple[pa.Array, _Numbers]:
            """The values, that they stay where they are, and their numbers."""
            if pa.types.is_integer(values.type):
                told = values.cast(pa.int64())
            else:
                told = numbers_known(kind, values, self._spellings, self._numbers)
            return values, _Numbers.of(told)

        def present(kind: str, values: pa.Array) -> pa.Table:
            return sets.holding(kind, own.of((kind, id(values)), lambda: known(kind, values))[1])

        return present


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Numbers that are asked for, ascending, and the place of each. Where they lie close together and none is there twice, there is in their
    stead a `table` that has by number its place, -1 where there is none."""

    asked: Ints
    place: Places
    table: Places | None

    @classmethod
    def of(cls, told: pa.Array) -> _Numbers:
        """Of what stands at each place, be it null."""
        place = np.flatnonzero(told.is_valid().to_numpy(zero_copy_only=False)).astype(np.int32)
        asked = told.drop_null().to_numpy()
        order = order_of(asked)
        asked, place = asked[order], place[order]
        if len(asked) and asked[0] >= 0 and asked[-1] < _CLOSE * len(asked) and (np.diff(asked) > 0).all():
            table = np.full(int(asked[-1]) + 1, -1, np.int32)
            table[asked] = place
            return cls(asked[:0].copy(), place[:0].copy(), table)
        return cls(asked, place, None)

    @property
    def any(self) -> bool:
        return self.table is not None or bool(len(self.asked))

    def among(self, there: Ints) -> Places:
        """The places of those that are among these, which ascend."""
        if self.table is not None:
            found = self.table[there[: np.searchsorted(there, len(self.table))]]
            return np.asarray(found[found >= 0])
        if len(there) < len(self.asked):
            begins, ends = (np.searchsorted(self.asked, there, side=side) for side in ("left", "right"))
            many = ends - begins
            inside = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            return np.asarray(self.place[np.repeat(begins, many) + inside])
        at = np.searchsorted(there, self.asked)
        return np.asarray(
            self.place[(at < len(there)) & (there[np.minimum(at, len(there) - 1)] == self.asked)]
        )


class _Sets:
    """Identifiers of some days by kind, read once."""

    def __init__(self, runs: Runs, days: Sequence[int]) -> None:
        self._runs, self._days = runs, days
        self._sets: dict[int, dict[str, Ints]] = {}

    def holding(self, kind: str, numbers: _Numbers) -> pa.Table:
        """On which days each of these numbers is there: its place, day."""
        days = self._days if numbers.any else ()
        places = [numbers.among(self._of(day)[kind]) for day in days]
        day = np.repeat(np.array(days, np.int32), [len(each) for each in places])
        return pa.table({"place": np.concatenate([np.zeros(0, np.int64), *places]), "day": pa.array(day)})

    def every(self, kind: str) -> Ints:
        """All of a kind, ascending."""
        return distinct(np.concatenate([self._of(day)[kind] for day in self._days]))

    def _of(self, day: int) -> dict[str, Ints]:
        if day not in self._sets:
            near = self._days.index(day) // _AT_ONCE * _AT_ONCE
            some = self._days[near : near + _AT_ONCE]
            rows = self._runs.rows(_MEETS, some, ["kind", "number"]).combine_chunks()
            borders = np.searchsorted(rows["day"].to_numpy(), [*some, some[-1] + 1])
            for each, (first, end) in zip(some, pairwise(borders.tolist()), strict=True):
                self._sets[each] = sets_of(rows.slice(first, end - first))
        return self._sets[day]


class _Tables(Mapping[str, pa.Table]):
    """Tables as they were kept, each read when it is asked for, large ones as pages of files in the folder `spill`; those of `others` that hold the same
    rows are theirs."""

    def __init__(
        self, shelf: Shelf, tables: Mapping[str, KeptTable], spill: Path, others: _Tables | None = None
    ) -> None:
        self._spill = spill
        self._shelf, self._kept, self._others = shelf, tables, others
        self._read: dict[str, pa.Table] = {}
        self._lock = RLock()

    def __getitem__(self, name: str) -> pa.Table:
        with self._lock:
            others = self._others
            if others is not None and name in others and others.kept(name).held == self._kept[name].held:
                return others[name]
            if name not in self._read:
                rows = rows_kept(self._shelf, name, self._kept[name])
                large = rows.num_rows > _LARGE
                self._read[name] = mapped(rows, self._spill) if large else rows.combine_chunks()
            return self._read[name]

    def kept(self, name: str) -> KeptTable:
        """A table as it was kept."""
        return self._kept[name]

    def __contains__(self, name: object) -> bool:
        return name in self._kept

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _first_alike(rows: pa.Table) -> Ints:
    """Of each row the first that is like it. What holds lists is few, and it makes no difference to any rule."""
    if not rows.num_rows or any(pa.types.is_list(each.type) for each in rows.schema):
        return np.arange(rows.num_rows)
    codes = (each.combine_chunks().dictionary_encode().indices for each in rows.columns)
    place, first = alike(*(each.fill_null(-1).to_numpy().astype(np.int64) for each in codes))
    return first[place]


def _nothing(name: str, _span: Span, columns: Sequence[str] | None) -> pa.Table:
    schema = _CLAIMS if name == CLAIMS else numbered_schema(name)
    return _picked(pa.schema([("day", pa.int32()), *schema]).empty_table(), columns)


def _picked(rows: pa.Table, columns: Iterable[str] | None) -> pa.Table:
    return rows if columns is None else rows.select(["day", *(each for each in columns if each != "day")])
