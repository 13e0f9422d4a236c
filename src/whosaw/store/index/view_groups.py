"""Views of a group of segments in person order, and their exposures: numbers put for local codes, then sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.files import open_parquet
from whosaw.store.schemas import EXPOSURES, MAYBE_TWIN, VIEWS

from .twin_lines import TwinLines, stands_in

__all__ = ["NOBODY", "Numbers", "Wanted", "as_views", "exposures_of", "sorted_views", "views_of"]

NOBODY = np.int32(2**31 - 1)  # sorts behind every person; null in the files
_COLUMNS = ["line", "time", "client", "person", "route", "view", "extra", "duplicate", "unsure"]
Ints = npt.NDArray[np.int32]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What stands for the local codes of one segment: numbers of identities and clients, address of each client, route
    of each position of its map, the lines that repeat an event of an earlier segment (ascending), and its lines that have
    a twin."""

    identity: Ints
    client: Ints
    address: Ints
    route: npt.NDArray[np.int16]
    repeated: npt.NDArray[np.int64]
    twins: TwinLines | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A segment to take views from: its number, where its events and (if any) further persons stand, its numbers."""

    segment: int
    events: str
    more: str | None
    numbers: Numbers


@dataclass(slots=True)
class _Columns:
    person: Ints
    time: npt.NDArray[np.int64]
    segment: Ints
    line: npt.NDArray[np.int64]
    client: Ints
    address: Ints
    route: npt.NDArray[np.int16]
    extra: Ints  # -1 for null
    duplicate: npt.NDArray[np.bool_]
    unsure: npt.NDArray[np.int8]

    def take(self, rows: npt.NDArray[np.int64]) -> _Columns:
        return _Columns(**{name: getattr(self, name)[rows] for name in VIEWS.names})


def views_of(wanted: Wanted) -> _Columns:
    """The views of one segment, a row for each person that a response named."""
    numbers = wanted.numbers
    with open_parquet(wanted.events) as file:
        table = file.read(columns=_COLUMNS, use_threads=False)
    rows = np.flatnonzero(_plain(table["view"], np.bool_))
    line = _plain(table["line"], np.int64)[rows]
    if numbers.twins is not None:
        own = ~stands_in(numbers.twins.witnesses, line)
        rows, line = rows[own], line[own]
    person = _numbered(_plain(table["person"], np.int32, -1)[rows], numbers.identity, NOBODY)
    if wanted.more is not None:
        rows, line, person = _with_more(wanted, wanted.more, rows, line, person)
    extra = _plain(table["extra"], np.int32, -1)[rows]
    # the one who is not named has a row of his own beside those who may be meant
    extra -= (extra > 0) & (person != NOBODY) & np.isin(line, line[person == NOBODY])
    codes = _plain(table["client"], np.int32, -1)[rows]
    client, address, unsure = numbers.client[codes], numbers.address[codes], _unsure(table)[rows]
    if numbers.twins is not None:
        client, address = numbers.twins.told(line, client, address)
        unsure = unsure | np.where(stands_in(numbers.twins.possible, line), MAYBE_TWIN, 0).astype(np.int8)
    duplicate = _plain(table["duplicate"], np.bool_)[rows]
    if len(numbers.repeated):
        at = np.minimum(np.searchsorted(numbers.repeated, line), len(numbers.repeated) - 1)
        duplicate = duplicate | (numbers.repeated[at] == line)
    return _Columns(
        person=person,
        time=_plain(table["time"], np.int64)[rows],
        segment=np.full(len(rows), wanted.segment, np.int32),
        line=line,
        client=client,
        address=address,
        route=numbers.route[_plain(table["route"], np.int16, 0)[rows]],
        extra=extra,
        duplicate=duplicate,
        unsure=unsure,
    )


def _unsure(table: pa.Table) -> npt.NDArray[np.int8]:
    """Marks of possible views; none in a segment that was written before there were any."""
    if "unsure" not in table.column_names:
        return np.zeros(table.num_rows, np.int8)
    return _plain(table["unsure"], np.int8)


def _with_more(
    wanted: Wanted, further: str, rows: npt.NDArray[np.int64], line: npt.NDArray[np.int64], person: Ints
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Ints]:
    """A row for each distinct person of the responses that named several; and one for nobody where the subject of a response is
    unknown, and what it names is only what some server may have read there."""
    with open_parquet(further) as file:
        more = file.read(use_threads=False)
    more_line = _plain(more["line"], np.int64)
    more_person = _numbered(_plain(more["person"], np.int32, -1), wanted.numbers.identity, NOBODY)
    at = np.searchsorted(line, more_line)
    held = (at < len(line)) & (
        line[np.minimum(at, max(len(line) - 1, 0))] == more_line if len(line) else False
    )
    first = np.isin(line, more_line[held])
    position = np.concatenate((np.flatnonzero(first), at[held]))
    persons = np.concatenate((person[first], more_person[held]))
    pairs = np.unique(position << 31 | persons)
    where = np.concatenate((np.flatnonzero(~first), pairs >> 31))
    who = np.concatenate((person[~first], (pairs & (2**31 - 1)).astype(np.int32)))
    order = np.argsort(where, kind="stable")
    where, who = where[order], who[order]
    return rows[where], line[where], who


def sorted_views(parts: Sequence[_Columns]) -> _Columns:
    """Views of several segments, given in the order of their numbers, by person (nobody last), time, segment and line."""
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in VIEWS.names
    }
    whole = _Columns(**joined)
    # in order of time first (logs nearly are already); then person and place in that order as one number
    by_time = np.argsort(whole.time, kind="stable")
    packed = whole.person[by_time].astype(np.uint64) << np.uint64(32)
    packed |= np.arange(len(by_time), dtype=np.uint64)
    packed.sort()
    return whole.take(by_time[(packed & np.uint64(2**32 - 1)).astype(np.int64)])


def as_views(views: _Columns) -> pa.Table:
    """Sorted views in the columns of their file."""
    columns = [
        pa.array(views.person, mask=views.person == NOBODY),
        pa.array(views.time),
        pa.array(views.segment),
        pa.array(views.line),
        pa.array(views.client),
        pa.array(views.address, mask=views.address < 0),
        pa.array(views.route),
        pa.array(views.extra, mask=views.extra < 0),
        pa.array(views.duplicate),
        pa.array(views.unsure),
    ]
    return pa.table(columns, schema=VIEWS)


def exposures_of(views: _Columns) -> pa.Table:
    """Exposures by person, client and route of sorted views; not of repeats, nor of persons nobody can name."""
    rows = np.flatnonzero((views.person != NOBODY) & ~views.duplicate)
    person, client, route = views.person[rows], views.client[rows], views.route[rows]
    # views of one person stand together, so few rows have to be put in order: those of a person with several
    key = client.astype(np.int64) << 16 | route
    order = _within(person, key)
    rows, person, key = rows[order], person[order], key[order]
    starts = np.flatnonzero(
        np.concatenate(([len(rows) > 0], (person[1:] != person[:-1]) | (key[1:] != key[:-1])))
    )
    time, extra = views.time[rows], views.extra[rows]
    if not len(starts):
        return EXPOSURES.empty_table()
    most = np.maximum.reduceat(extra, starts)
    columns = [
        pa.array(person[starts]),
        pa.array((key[starts] >> 16).astype(np.int32)),
        pa.array((key[starts] & 0xFFFF).astype(np.int16)),
        pa.array(np.minimum.reduceat(time, starts)),
        pa.array(np.maximum.reduceat(time, starts)),
        pa.array(np.diff(np.append(starts, len(rows))).astype(np.int64)),
        pa.array(most, mask=most < 0),
        pa.array(np.add.reduceat((extra < 0).astype(np.int64), starts)),
        pa.array(np.add.reduceat((views.unsure[rows] != 0).astype(np.int64), starts)),
    ]
    return pa.table(columns, schema=EXPOSURES)


def _within(person: Ints, key: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The order by person and key of rows that are in order of person."""
    out_of_order = np.flatnonzero((person[1:] == person[:-1]) & (key[1:] < key[:-1]))
    order = np.arange(len(person))
    if not len(out_of_order):
        return order
    rows = np.flatnonzero(_marked(person, out_of_order))
    order[rows] = rows[np.lexsort((key[rows], person[rows]))]
    return order


def _marked(person: Ints, at: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Rows of the persons at these rows."""
    change = np.concatenate(([True], person[1:] != person[:-1]))
    group = np.cumsum(change) - 1
    marked = np.zeros(int(group[-1]) + 1, bool)
    marked[group[at]] = True
    found: npt.NDArray[np.bool_] = marked[group]
    return found


def _numbered(codes: Ints, numbers: Ints, none: np.int32) -> Ints:
    """Numbers of codes; `none` for -1."""
    if not len(numbers):
        return np.full(len(codes), none, np.int32)
    return np.where(codes < 0, none, numbers[np.maximum(codes, 0)]).astype(np.int32)


def _plain(column: pa.ChunkedArray, dtype: type[T], null: int | None = None) -> npt.NDArray[T]:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        return np.zeros(0, dtype)
    if array.null_count:
        array = array.fill_null(null)
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype)
