"""What a step or a fact is given: rows of the days it asked for, facts as of a day, fields of items, a database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.files import ContentStore
from whosaw.store.kinds import DAY, Kind
from whosaw.store.parts import Part
from whosaw.store.run_files import RunCache, read_parts, read_runs
from whosaw.store.sql import Session

from .fact import Fact
from .state import State
from .step import Read, Span, Step

__all__ = ["Bits", "Half", "RunsThere", "StepInputs", "Surroundings", "rows_of_days"]

_HOUR = 3_600_000_000
_LEAST = 64 << 20  # bytes that the engine needs for anything
Bits = Callable[[str, pa.Table], "npt.NDArray[np.uint64] | None"]


def _nothing_numbered(kind: str, _values: pa.Array) -> pa.Array:
    raise KeyError(f"nothing of the kind {kind} is numbered here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What rows are read and made with. `digests` gives the keyed digests of numbers of a kind of identifier; `bits` the first 64
    bits of the digest of whom each row of a kind is about (of the client, where nobody is named), None where it is about nobody.
    `numbers` gives texts, and digests of clients, their numbers for life, and `texts` the texts of numbers; several threads ask.
    `settle` commits what numbers were given, and is called before rows are committed that may have them. `runs` are those that were read
    in this round, for many steps read the same ones."""

    store: ContentStore
    spill: Path | None
    kinds: Mapping[str, Kind]
    digests: Callable[[str, pa.Array], pa.Array]
    bits: Bits = lambda _kind, _rows: None
    numbers: Callable[[str, pa.Array], pa.Array] = _nothing_numbered
    texts: Callable[[str, pa.Array], pa.Array] = _nothing_numbered
    settle: Callable[[], None] = lambda: None
    runs: RunCache | None = None

    def forget_runs(self) -> None:
        """What was read is needed no longer."""
        if self.runs is not None:
            self.runs.clear()


@dataclass(frozen=True, slots=True)
class Half:
    """A share of the persons: those whose digests begin with these bits."""

    depth: int
    number: int

    def halves(self) -> tuple[Half, Half]:
        return Half(self.depth + 1, 2 * self.number), Half(self.depth + 1, 2 * self.number + 1)


@dataclass(slots=True, kw_only=True)
class StepInputs:
    """Rows come from files, from sources, or, of what the step itself just made, from memory (`own`)."""

    around: Surroundings
    state: State
    maker: Step | Fact
    days: Mapping[str, Sequence[int]]  # by kind, the days that are given
    span: Span | None = None
    half: Half | None = None
    memory_bytes: int = 1 << 30
    own: Mapping[str, Mapping[int, pa.Table]] = field(default_factory=dict)
    _session: Session | None = None

    @classmethod
    def of_step(
        cls,
        around: Surroundings,
        state: State,
        step: Step,
        span: Span,
        *,
        half: Half | None,
        memory_bytes: int,
        own: Mapping[str, Mapping[int, pa.Table]],
    ) -> StepInputs:
        days: dict[str, Sequence[int]] = {}
        for read in step.reads:
            wide = (
                span if read.hours == 0 else span.wider(read.back, 0 if read.kind in step.keeps else read.on)
            )
            last = span.first - 1 if read.kind in step.keeps else wide.last
            days[read.kind] = range(wide.first, last + 1)
        return cls(
            around=around,
            state=state,
            maker=step,
            days=days,
            span=span,
            half=half,
            memory_bytes=memory_bytes,
            own=own,
        )

    def rows(self, kind: str, columns: list[str] | None = None, near: Span | None = None) -> pa.Table:
        """Rows of a kind that the step reads, `day` first, in the order of days and in each in its total order; of days of `near` alone."""
        if kind not in self.days:
            raise KeyError(f"{self.maker.name} does not read {kind}")
        wanted = None if columns is None else [each for each in columns if each != DAY.name]
        hours = self._hours(kind)
        needed = wanted if hours is None or wanted is None or "time" in wanted else [*wanted, "time"]
        source = self.state.sources.get(kind)
        days = self.days[kind]
        if near is not None:
            days = range(max(days[0], near.first), min(days[-1], near.last) + 1) if isinstance(days, range) else [each for each in days if each in near]  # fmt: skip
        if source is not None:
            table = source.read(Span(min(days), max(days)) if days else Span(0, -1), needed)
            if not isinstance(days, range):  # of a fact: not all that lies between
                table = table.filter(pc.is_in(table[DAY.name], pa.array(days, pa.int32())))
        else:
            table = self._of_parts(kind, days, needed)
        if hours is not None and self.span is not None:
            first, last = self.span.start - hours * _HOUR, self.span.end + hours * _HOUR
            table = table.filter(
                pc.and_(pc.greater_equal(table["time"], first), pc.less(table["time"], last))
            )
        if self.half is not None:
            bits = self.around.bits(kind, table)
            if bits is not None:
                here = bits >> np.uint64(64 - self.half.depth) == np.uint64(self.half.number)
                table = table.filter(pa.array(here))
        return table if wanted is None else table.select([DAY.name, *wanted])

    def each(self, kind: str) -> pa.Table:
        """Rows of a kind that the step reads, each once, in any order and without days; rows with lists may be there more often."""
        source, days = self.state.sources.get(kind), self.days.get(kind)
        if source is not None and source.each is not None and days and self.half is None:
            return source.each(Span(min(days), max(days)))
        rows = self.rows(kind).drop_columns([DAY.name])
        if any(pa.types.is_list(each.type) for each in rows.schema):
            return rows
        return rows.group_by(rows.column_names, use_threads=False).aggregate([]).select(rows.schema.names)

    def fact(self, name: str, day: int) -> Any:
        """The value of a fact as of a day; None where nothing is known."""
        if name not in self.maker.facts:
            raise KeyError(f"{self.maker.name} does not ask for {name}")
        return self.state.fact(name, day)

    def digests(self, kind: str, numbers: pa.Array) -> pa.Array:
        """Keyed digests of numbers of a kind of identifier, for orders and ties."""
        return self.around.digests(kind, numbers)

    def numbers(self, kind: str, values: pa.Array) -> pa.Array:
        """Numbers for life of texts that are kept in clear, or, of clients, of digests."""
        if not getattr(self.maker, "chain", False):
            raise ValueError(f"{self.maker.name} gives numbers, so it has to be in order")
        return self.around.numbers(kind, values)

    def texts(self, kind: str, numbers: pa.Array) -> pa.Array:
        """The texts, kept in clear, that have these numbers."""
        return self.around.texts(kind, numbers)

    @property
    def items(self) -> Any:
        """The fields of items that the step named."""
        return self.state.items[self.maker.name]

    @property
    def session(self) -> Session:
        """A database of its own, with the memory that the step asked for."""
        if self._session is None:
            self._session = Session(memory_bytes=max(_LEAST, self.memory_bytes), spill=self.around.spill)
        return self._session

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def _hours(self, kind: str) -> int | None:
        reads: list[Read] = [each for each in self.maker.reads if isinstance(each, Read)]
        return next((each.hours for each in reads if each.kind == kind), None)

    def _of_parts(self, kind: str, days: Sequence[int], columns: list[str] | None) -> pa.Table:
        return rows_of_days(
            self.around,
            self.state.parts.get(kind, {}),
            kind,
            days,
            columns,
            self.own.get(kind, {}),
        )


def rows_of_days(
    around: Surroundings,
    kept: Mapping[int, Sequence[Part]],
    kind: str,
    days: Iterable[int],
    columns: list[str] | None,
    mine: Mapping[int, pa.Table],
) -> pa.Table:
    """Rows of the runs of these days, `day` first; of days that are in `mine` from there."""
    schema = around.kinds[kind].columns
    names = list(schema.names) if columns is None else columns
    wanted = pa.schema([DAY, *(schema.field(each) for each in names)])
    tables: list[pa.Table] = []
    sizes: list[tuple[int, int]] = []
    waiting: list[Part] = []  # whole runs of days that follow one another

    def put(*made: pa.Table) -> None:
        runs = [*read_runs(around.store, waiting, names, around.runs), *made]
        waiting.clear()
        first = (tables or runs or [None])[0]
        tables.extend(each if each.schema.equals(first.schema) else each.cast(first.schema) for each in runs)

    for day in sorted(days):
        parts = kept.get(day, ())
        if day in mine:
            put(mine[day].select(names))
            rows = mine[day].num_rows
        elif len(parts) == 1:
            waiting.append(parts[0])
            rows = parts[0].rows
        elif parts:
            put(_of_ranges(around, kind, parts, names))
            rows = sum(each.rows for each in parts)
        else:
            continue
        sizes.append((day, rows))
    put()
    if not tables:
        return wanted.empty_table()
    at = np.repeat(
        np.array([day for day, _ in sizes], np.int32), np.array([rows for _, rows in sizes], np.int64)
    )
    found = pa.concat_tables(tables).add_column(0, DAY, pa.array(at))
    return found if found.schema.equals(wanted) else found.cast(wanted)


def _of_ranges(around: Surroundings, kind: str, parts: Sequence[Part], columns: list[str]) -> pa.Table:
    """The rows of all ranges of a day, in their total order."""
    order = around.kinds[kind].order
    needed = list(dict.fromkeys([*columns, *(each.strip("()") for each in order)]))
    whole = pa.concat_tables(list(read_parts(around.store, parts, needed)))
    keys: list[npt.NDArray[Any]] = []
    for each in order:
        values, none = _filled(whole[each.strip("()")])
        if each.startswith("("):
            known, at = np.unique(values, return_inverse=True)
            digests = around.digests(each.strip("()"), pa.array(known)).to_pylist()
            rank = np.empty(len(known), np.int64)
            rank[sorted(range(len(known)), key=digests.__getitem__)] = np.arange(len(known))
            values = rank[at]
        keys += [none, values]
    return whole.take(pa.array(np.lexsort(keys[::-1]))).select(columns)


def _filled(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Values, and where there is none: those go last."""
    array = column.combine_chunks()
    none = array.is_null().to_numpy(zero_copy_only=False)
    return np.asarray(array.fill_null(0).to_numpy(), np.int64), none


@dataclass(frozen=True, slots=True)
class RunsThere:
    """The runs there are, for sources that hang on them (`Runs`)."""

    around: Surroundings
    state: State

    def days(self, kind: str) -> list[int]:
        return self.state.days(kind)

    def digest(self, kind: str, day: int) -> str:
        return self.state.digest(kind, day)

    def rows(self, kind: str, days: Sequence[int], columns: list[str] | None = None) -> pa.Table:
        return rows_of_days(self.around, self.state.parts.get(kind, {}), kind, days, columns, {})
