"""What was read last of a context, row by row, and which rows came and went since.

A table lies in files named by what they hold, large ones in up to 256 shards by their pass or person. What came and went since lies in one small
file beside them and is put in order when it is an eighth of the table: so a hundred rows more cost a hundred rows, and no shard is written
again for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.digest_words import halves
from whosaw.store.files import ContentStore, parquet_bytes
from whosaw.store.numbers.allot import in_order_of_digest

from .digested import digested_schema
from .row_digests import LANES, Words, row_digests

__all__ = [
    "MANY",
    "SHARDED_BY",
    "Changes",
    "ContentShelf",
    "KeptTable",
    "Shelf",
    "Work",
    "between",
    "changes",
    "kept",
    "rows_kept",
]

SHARDED_BY: Final = {
    "logins": ("token", "session"),
    "tickets": ("subject",),
    "subjects": ("subject",),
    "delegations": ("subject",),
}
"""Tables of passes and people, with the columns of which the first that says something chooses the shard."""
SHARDS: Final = 256  # at most
LARGE = 1 << 16  # rows that a shard has at most, while there are not so many
_BESIDE: Final = 8  # of so many rows one may lie beside the shards
MANY: Final = "many"  # how often a row is there; below zero in the file beside: how often it went
_KEYS: Final = (*LANES, MANY)
Ints = npt.NDArray[np.int64]


class Shelf(Protocol):
    """Where tables are kept, each under a name that follows from what it holds."""

    def put(self, table: pa.Table) -> str: ...

    def get(self, name: str, columns: Sequence[str] | None = None) -> pa.Table: ...


class ContentShelf:
    """Tables as files of a workspace."""

    def __init__(self, store: ContentStore) -> None:
        self._store = store

    def put(self, table: pa.Table) -> str:
        return self._store.put("context", parquet_bytes(table))

    def get(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        import pyarrow.parquet as pq  # who keeps nothing reads none

        return pq.read_table(self._store.path(name), columns=None if columns is None else list(columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTable:
    """One table as it was read last. `shards`: names of files, in the order of shards, None where one has no rows; `beside` names the file of what came and
    went since these were written, which has `beside_rows` rows. `rows` counts the rows of the table; `high` and `low` are the sums of their
    digests, so that two that hold the same rows are known by them."""

    shards: tuple[str | None, ...] = (None,)
    beside: str | None = None
    beside_rows: int = 0
    rows: int = 0
    high: int = 0
    low: int = 0

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> KeptTable:
        """From what `as_json` gave."""
        return cls(**{**told, "shards": tuple(told["shards"])})

    def as_json(self) -> dict[str, Any]:
        """The same in JSON's types."""
        return {**asdict(self), "shards": list(self.shards)}

    @property
    def held(self) -> tuple[int, int, int]:
        """What tells one state of the table from another, wherever its rows lie."""
        return self.rows, self.high, self.low

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it needs."""
        return tuple(each for each in (*self.shards, self.beside) if each is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How many digests were compared, and how many rows were read back and written."""

    compared: int = 0
    read: int = 0
    written: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Rows of a table that came and went, each with its digest (`high`, `low`) and how often (`many`)."""

    added: pa.Table
    taken: pa.Table

    @property
    def any(self) -> bool:
        return bool(self.added.num_rows or self.taken.num_rows)


def _of_file(shelf: Shelf, name: str, file: str) -> pa.Table:
    """The rows of a file, with the columns that there are now: one of an earlier program may have another beside them."""
    schema = _schema(name)
    return shelf.get(file).select(schema.names).cast(schema)


def _schema(name: str) -> pa.Schema:
    return pa.schema([*((each, pa.uint64()) for each in LANES), (MANY, pa.int64()), *digested_schema(name)])


def changes(shelf: Shelf, name: str, last: KeptTable, rows: pa.Table, key: bytes) -> tuple[Changes, Work]:
    """Which rows of the table of this name came and which went since it was kept as `last`. `rows` has the columns of
    `digested_schema`."""
    high, low = row_digests(name, rows, key)
    if (len(high), *(int(each.sum(dtype=np.uint64)) for each in (high, low))) == last.held:
        return Changes(added=_schema(name).empty_table(), taken=_schema(name).empty_table()), Work()
    files = last.files
    held = [shelf.get(each, _KEYS) for each in files]
    before = pa.concat_tables(
        [
            *held,
            pa.table(
                [pa.array([], each) for each in (pa.uint64(), pa.uint64(), pa.int64())], names=list(_KEYS)
            ),
        ]
    )
    all_high = np.concatenate([before["high"].to_numpy(), high])
    all_low = np.concatenate([before["low"].to_numpy(), low])
    many = np.concatenate([-before[MANY].to_numpy(), np.ones(len(high), np.int64)])
    old = before.num_rows
    order, starts = _groups(all_high, all_low)
    place = np.arange(len(many))
    # of each digest: where it stands among the rows now, and where it was kept as there
    now = _most(np.where(place >= old, place - old, -1), order, starts)
    then = _most(np.where((place < old) & (many < 0), place, -1), order, starts)
    more = np.add.reduceat(many[order], starts) if len(starts) else many
    came, went = more > 0, more < 0
    added = _with_keys(rows.take(pa.array(now[came])), high[now[came]], low[now[came]], more[came], name)
    taken = _fetched(shelf, files, [each.num_rows for each in held], then[went], -more[went], name)
    return Changes(added=added, taken=taken), Work(compared=len(many), read=taken.num_rows)


def kept(shelf: Shelf, name: str, last: KeptTable, told: Changes) -> tuple[KeptTable, Work]:
    """The table as it is after these changes."""
    if not told.any:
        return last, Work()
    rows = last.rows + int(pc.sum(told.added[MANY]).as_py() or 0) - int(pc.sum(told.taken[MANY]).as_py() or 0)
    last = replace(last, high=_sum(last.high, told, "high"), low=_sum(last.low, told, "low"))
    gone = told.taken.set_column(2, MANY, pc.negate(told.taken[MANY]))
    earlier = [] if last.beside is None else [_of_file(shelf, name, last.beside)]
    beside = _net([*earlier, told.added, gone]) if earlier or gone.num_rows else told.added
    read = sum(each.num_rows for each in earlier)
    if beside.num_rows * _BESIDE <= rows:
        file = shelf.put(beside) if beside.num_rows else None
        work = Work(read=read, written=beside.num_rows)
        return replace(last, beside=file, beside_rows=beside.num_rows, rows=rows), work
    shards = min(SHARDS, 1 << (rows // LARGE).bit_length()) if name in SHARDED_BY else 1
    if shards != len(last.shards):
        held = [_of_file(shelf, name, each) for each in last.shards if each is not None]
        every = _net([beside, *held]) if held else beside
        files, written = _parted(shelf, name, every, (None,) * shards, range(shards))
    else:
        own = _shard_of(name, beside, shards)
        touched = np.unique(own).tolist()
        held = [_of_file(shelf, name, file) for each in touched if (file := last.shards[each])]
        every = _net([beside, *held])
        files, written = _parted(shelf, name, every, last.shards, touched)
    read += sum(each.num_rows for each in held)
    return replace(last, shards=files, beside=None, beside_rows=0, rows=rows), Work(
        read=read, written=written
    )


def between(shelf: Shelf, name: str, last: KeptTable, now: KeptTable) -> Changes:
    """Which rows came and which went from one state that was kept to another. Where shards stayed, no more is read than lies beside them."""
    if last.held == now.held:
        return Changes(added=_schema(name).empty_table(), taken=_schema(name).empty_table())
    near = last.shards == now.shards
    states = []
    for each, sign in ((now, 1), (last, -1)):
        files = [file for file in (each.beside,) if file is not None] if near else each.files
        rows = pa.concat_tables(
            [_schema(name).empty_table(), *(_of_file(shelf, name, file) for file in files)]
        )
        states.append(rows if sign > 0 else rows.set_column(2, MANY, pc.negate(rows[MANY])))
    told = _net(states)
    came = pc.greater(told[MANY], 0)
    taken = told.filter(pc.invert(came))
    return Changes(added=told.filter(came), taken=taken.set_column(2, MANY, pc.negate(taken[MANY])))


def rows_kept(shelf: Shelf, name: str, last: KeptTable) -> pa.Table:
    """The rows of a table as it was kept, each with its digest and how often it is there; in the order of digests."""
    return _net([_schema(name).empty_table(), *(_of_file(shelf, name, each) for each in last.files)])


def _sum(before: int, told: Changes, lane: str) -> int:
    """The sum of digests after these changes, modulo 2^64."""
    total = before
    for rows, sign in ((told.added, 1), (told.taken, -1)):
        many = (rows[MANY].to_numpy() * sign).view(np.uint64)
        total += int((rows[lane].to_numpy() * many).sum(dtype=np.uint64))
    return total % (1 << 64)


def _parted(
    shelf: Shelf, name: str, rows: pa.Table, last: Sequence[str | None], touched: Iterable[int]
) -> tuple[tuple[str | None, ...], int]:
    """The files of shards, of which those touched are written anew with these rows."""
    own = _shard_of(name, rows, len(last))
    files = list(last)
    for each in touched:
        part = rows.filter(pa.array(own == each))
        files[each] = shelf.put(part) if part.num_rows else None
    return tuple(files), rows.num_rows


def _shard_of(name: str, rows: pa.Table, shards: int) -> Ints:
    if shards == 1 or not rows.num_rows:
        return np.zeros(rows.num_rows, np.int64)
    chosen = pc.coalesce(*(rows[each] for each in SHARDED_BY[name]))
    high, _ = halves(pc.fill_null(chosen, bytes(16)))
    return (high >> np.uint64(56)).astype(np.int64) * shards // 256


def _groups(high: Words, low: Words) -> tuple[Ints, Ints]:
    """An order in which equal digests stand together, and where each of them begins in it."""
    if bool((high[1:] > high[:-1]).all()):  # as in a file that was kept
        return np.arange(len(high)), np.arange(len(high))
    order = in_order_of_digest(high, low)
    differs = (np.diff(high[order]) != 0) | (np.diff(low[order]) != 0)
    return order, np.flatnonzero(np.append(True, differs)) if len(order) else np.zeros(0, np.int64)


def _most(values: Ints, order: Ints, starts: Ints) -> Ints:
    return np.maximum.reduceat(values[order], starts) if len(starts) else np.zeros(0, np.int64)


def _net(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of all these, each once with how often it is there in all of them; in the order of digests."""
    every = pa.concat_tables(tables)
    order, starts = _groups(every["high"].to_numpy(), every["low"].to_numpy())
    if not len(starts):
        return every
    many = np.add.reduceat(every[MANY].to_numpy()[order], starts)
    if np.array_equal(starts, order) and many.all():
        return every
    chosen = every.take(pa.array(order[starts][many != 0]))
    return chosen.set_column(2, MANY, pa.array(many[many != 0]))


def _with_keys(rows: pa.Table, high: Words, low: Words, many: Ints, name: str) -> pa.Table:
    columns = [pa.array(high), pa.array(low), pa.array(many), *rows.columns]
    return pa.table(columns, schema=_schema(name))


def _fetched(
    shelf: Shelf, files: Sequence[str], sizes: Sequence[int], places: Ints, many: Ints, name: str
) -> pa.Table:
    """The rows at these places in the files one behind the other."""
    ends = np.cumsum(sizes)
    of = np.searchsorted(ends, places, side="right")
    parts = [_schema(name).empty_table()]
    for at in np.unique(of).tolist():
        own = of == at
        rows = _of_file(shelf, name, files[at]).take(pa.array(places[own] - (ends[at] - sizes[at])))
        parts.append(rows.set_column(2, MANY, pa.array(many[own])))
    return pa.concat_tables(parts)
