"""What was seen of the named persons: sets, and arrays by person, filled from one stream of views.

Persons are numbered without holes and there may be tens of millions, each with many views: in SQL the same costs several times
the work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyroaring import BitMap

__all__ = ["COLUMNS", "People", "category_sets", "groups_of_people"]

COLUMNS: Final = ("person", "route", "part", "source", "time", "extra", "held")
_HOUR: Final = 3_600_000_000
_DAY: Final = 24 * _HOUR
_SHORT: Final = 48  # hours: whoever was seen for longer was not seen in one gap alone
_MIDDLE: Final = 1 << 30  # more than hours from 1970, either way: arrays begin with 0 for nothing
_SEVERAL: Final = -1

_ONLY_WITHIN: Final = pa.schema(
    [("source", pa.int16()), ("first", pa.int64()), ("last", pa.int64()), ("persons", pa.int64())]
)
# what is told of some views: sets by name and key; of persons with a held view their arrays; further persons by route; places by name
_SETS: Final = pa.schema(
    [("name", pa.string()), ("key", pa.int64()), ("held", pa.bool_()), ("persons", pa.binary())]
)
_SPANS: Final = pa.schema(
    [("person", pa.int32()), ("first", pa.int32()), ("last", pa.int32()), ("source", pa.int16())]
)
_FURTHER: Final = pa.schema([("route", pa.int16()), ("person", pa.int32()), ("many", pa.int32())])
_PLACES: Final = pa.schema([(name, pa.int64()) for name in ("possible", "held", "first", "last")])

Ints = npt.NDArray[np.int64]
Rows = Ints | slice


class People:
    """Fed with `add`, or with what others were `told`. Arrays begin as zeros, so what a small scope never touches takes no memory.

    `jurisdictions` has person and name, or is None. Of some people alone, `first` is the least number, and only `told` is asked.
    """

    def __init__(self, size: int, jurisdictions: pa.Table | None = None, *, first: int = 0) -> None:
        self._size, self._from = size, first
        self._seen: dict[str, dict[tuple[int, bool], BitMap]] = {
            name: defaultdict(BitMap) for name in ("route", "part", "day")
        }
        self._most: dict[int, int] = {}
        self._extra: dict[int, npt.NDArray[np.int32]] = {}
        self._open: dict[int, npt.NDArray[np.int32]] = {}
        # of held views: how far the hour of the first lies before _MIDDLE, and that of the last after -_MIDDLE
        self._first, self._last = (np.zeros(size, np.int32) for _ in range(2))
        self._source = np.zeros(size, np.int16)  # of held views, from 1; _SEVERAL
        self._places = None if jurisdictions is None else _Places(size, jurisdictions, first)

    def add(self, batch: pa.RecordBatch) -> None:
        """Views with the columns COLUMNS, each of a named person."""
        person, route, part, source, time, held = (
            batch[name].to_numpy(zero_copy_only=False) for name in COLUMNS if name != "extra"
        )
        if not len(person):
            return
        if np.any(person[1:] < person[:-1]):
            order = np.argsort(person, kind="stable")
            batch = batch.take(pa.array(order))
            person, route, part, source, time, held = (
                each[order] for each in (person, route, part, source, time, held)
            )
        who = person.astype(np.uint32)
        for name, key in (("route", route), ("part", part), ("day", time // _DAY)):
            sets = self._seen[name]
            for value, rows in _groups(key.astype(np.int64) * 2 + held):
                sets[value >> 1, bool(value & 1)] |= BitMap(_each_once(who[rows]))
        person = person - np.int32(self._from)
        self._more(batch["extra"], person, route)
        if held.any():
            self._span(person[held], source[held], time[held] // _HOUR)
        if self._places is not None:
            self._places.add(person, time, held)

    def _more(self, extra: pa.Array, person: npt.NDArray[np.int32], route: npt.NDArray[np.int16]) -> None:
        """Further persons of one response."""
        most = np.asarray(extra.fill_null(-1).to_numpy(zero_copy_only=False), np.int32)
        if not most.any():
            return
        for value, rows in _groups(route.astype(np.int64)):
            of, many = person[rows], most[rows]
            shown = many > 0
            if shown.any():
                np.maximum.at(self._array(self._extra, value), of[shown], many[shown])
            unknown = many < 0
            if unknown.any():
                np.add.at(self._array(self._open, value), of[unknown], 1)

    def _array(self, arrays: dict[int, npt.NDArray[np.int32]], route: int) -> npt.NDArray[np.int32]:
        if route not in arrays:
            arrays[route] = np.zeros(self._size, np.int32)
        return arrays[route]

    def _span(
        self, person: npt.NDArray[np.int32], source: npt.NDArray[np.int16], hour: npt.NDArray[np.int64]
    ) -> None:
        """Persons in order; each once after this, so that places of an array are written once."""
        starts = np.flatnonzero(np.diff(person, prepend=-1))
        who = person[starts]
        first = _MIDDLE - np.minimum.reduceat(hour, starts)
        last = _MIDDLE + np.maximum.reduceat(hour, starts)
        self._first[who] = np.maximum(self._first[who], first.astype(np.int32))
        self._last[who] = np.maximum(self._last[who], last.astype(np.int32))
        low, high = (each.reduceat(source, starts) + 1 for each in (np.minimum, np.maximum))
        known = self._source[who]
        same = (low == high) & ((known == 0) | (known == low))
        self._source[who] = np.where(same, low, _SEVERAL)

    def told(self) -> dict[str, pa.Table]:
        """All of it, for `take`."""
        sets = [
            (name, key, held, persons.serialize())
            for name, own in self._seen.items()
            for (key, held), persons in sorted(own.items())
        ]
        seen = np.flatnonzero(self._source)
        told = {
            "sets": _rows(_SETS, *(list(zip(*sets, strict=True)) or ([],) * len(_SETS))),
            "spans": _rows(
                _SPANS, seen + self._from, self._first[seen], self._last[seen], self._source[seen]
            ),
            "extra": self._further(self._extra),
            "open": self._further(self._open),
        }
        return told if self._places is None else {**told, "places": self._places.table()}

    def _further(self, arrays: Mapping[int, npt.NDArray[np.int32]]) -> pa.Table:
        tables = [_FURTHER.empty_table()]
        for route, array in sorted(arrays.items()):
            who = np.flatnonzero(array)
            tables.append(_rows(_FURTHER, np.full(len(who), route), who + self._from, array[who]))
        return pa.concat_tables(tables)

    def take(self, told: Mapping[str, pa.Table]) -> None:
        """Add what was told of some views."""
        for row in told["sets"].to_pylist():
            self._seen[row["name"]][row["key"], row["held"]] |= BitMap.deserialize(row["persons"])
        who, first, last, source = _columns(told["spans"])
        self._first[who] = np.maximum(self._first[who], first)
        self._last[who] = np.maximum(self._last[who], last)
        known = self._source[who]
        self._source[who] = np.where((known == 0) | (known == source), source, _SEVERAL)
        for name, arrays, add in (("extra", self._extra, np.maximum), ("open", self._open, np.add)):
            route, who, many = _columns(told[name])
            for value, rows in _groups(route.astype(np.int64)) if len(route) else ():
                array, own = self._array(arrays, value), who[rows]
                array[own] = add(array[own], many[rows])
        if self._places is not None:
            self._places.take(told["places"])

    def held(self) -> BitMap:
        """Persons with a held view."""
        return BitMap.union(BitMap(), *(own for (_, held), own in self._seen["route"].items() if held))

    def possible(self) -> BitMap:
        """Persons with views, none of which is held."""
        return BitMap.union(BitMap(), *self._seen["route"].values()) - self.held()

    def held_by_route(self) -> dict[int, BitMap]:
        return {route: own for (route, held), own in self._seen["route"].items() if held}

    def accounts_by(self, name: str) -> dict[int, Mapping[str, Any]]:
        """By `route`, `part` or `day` (from 1970 UTC): `accounts` held, and `possible` further ones."""
        sets = self._seen[name]
        found: dict[int, Mapping[str, Any]] = {}
        for key in sorted({key for key, _ in sets}):
            held, other = sets.get((key, True), BitMap()), sets.get((key, False), BitMap())
            found[key] = {"accounts": len(held), "possible": len(other - held)}
        return found

    def routes(self) -> dict[int, Mapping[str, Any]]:
        """By route: route, accounts, possible, others, every_other, open_held, open_every, most.

        `others` are further persons on the pages of accounts that were surely seen there, `every_other` those of all; `open_held`
        and `open_every` are views for which nothing bounds them; `most` is that of one view.
        """
        held = self.held_by_route()
        told: dict[int, Mapping[str, Any]] = {}
        for route, named in self.accounts_by("route").items():
            own = np.frombuffer(held.get(route, BitMap()).to_array(), np.uint32)
            sums = {}
            for some, every, arrays in (
                ("others", "every_other", self._extra),
                ("open_held", "open_every", self._open),
            ):
                array = arrays.get(route)
                sums[some] = 0 if array is None else int(array[own].sum(dtype=np.int64))
                sums[every] = 0 if array is None else int(array.sum(dtype=np.int64))
            most = self._extra.get(route)
            told[route] = {
                "route": route,
                **named,
                **sums,
                "most": 0 if most is None else int(most.max(initial=0)),
            }
        return told

    def only_within(self) -> pa.Table:
        """Persons all of whose held views lie in one source within two days: source, first, last (hours), persons."""
        found = []
        for source in range(int(self._source.max(initial=0))):
            own = np.flatnonzero(self._source == source + 1)
            first = _MIDDLE - self._first[own].astype(np.int64)
            length = self._last[own] - _MIDDLE - first
            short = length < _SHORT
            if not short.any():
                continue
            start = int(first[short].min())
            cells = np.bincount(
                (first[short] - start) * _SHORT + length[short]
            )  # hours are few, persons many
            (cell,) = np.nonzero(cells)
            hour = start + cell // _SHORT
            found.append(
                pa.table(
                    {
                        "source": pa.array(np.full(len(cell), source), pa.int16()),
                        "first": pa.array(hour, pa.int64()),
                        "last": pa.array(hour + cell % _SHORT, pa.int64()),
                        "persons": pa.array(cells[cell], pa.int64()),
                    }
                )
            )
        return pa.concat_tables([_ONLY_WITHIN.empty_table(), *found])

    def jurisdictions(self) -> tuple[Mapping[str, Any], ...]:
        """In order of their names: accounts, possible ones, views of either, first and last."""
        return () if self._places is None else self._places.told(self.held(), self.possible())


class _Places:
    """Where the persons live, as far as the context says."""

    def __init__(self, size: int, rows: pa.Table, first: int) -> None:
        name = rows["name"].combine_chunks()
        name = name if pa.types.is_dictionary(name.type) else name.dictionary_encode()
        told = name.dictionary.to_pylist()
        names = sorted({*told, "unknown"})
        number = np.array([names.index(each) for each in told], np.int16)
        self._names, self._of = names, np.full(size, names.index("unknown"), np.int16)
        person = rows["person"].to_numpy().astype(np.int64) - first
        here = (person >= 0) & (person < size)
        self._of[person[here]] = number[name.indices.to_numpy()[here]]
        self._views = np.zeros((2, len(names)), np.int64)
        self._first = np.full(len(names), np.iinfo(np.int64).max)
        self._last = np.full(len(names), np.iinfo(np.int64).min)

    def add(self, person: npt.NDArray[np.int32], time: Ints, held: npt.NDArray[np.bool_]) -> None:
        of = self._of[person]
        for at, some in enumerate((of[~held], of[held])):
            self._views[at] += np.bincount(some, minlength=len(self._names))
        for value, rows in _groups(of.astype(np.int64)):
            times = time[rows]
            self._first[value] = min(int(self._first[value]), int(times.min()))
            self._last[value] = max(int(self._last[value]), int(times.max()))

    def table(self) -> pa.Table:
        """By name in the order of all names."""
        return _rows(_PLACES, *self._views, self._first, self._last)

    def take(self, told: pa.Table) -> None:
        possible, held, first, last = _columns(told)
        self._views += np.stack([possible, held])
        self._first, self._last = np.minimum(self._first, first), np.maximum(self._last, last)

    def told(self, held: BitMap, possible: BitMap) -> tuple[Mapping[str, Any], ...]:
        accounts, others = (
            np.bincount(self._of[np.frombuffer(each.to_array(), np.uint32)], minlength=len(self._names))
            for each in (held, possible)
        )
        return tuple(
            {
                "name": name,
                "accounts": int(accounts[at]),
                "possible": int(others[at]),
                "views": int(self._views[1, at]),
                "possible_views": int(self._views[0, at]),
                "first": int(self._first[at]),
                "last": int(self._last[at]),
            }
            for at, name in enumerate(self._names)
            if accounts[at] or others[at]
        )


def _rows(schema: pa.Schema, *columns: Any) -> pa.Table:
    arrays = [pa.array(each, field.type) for each, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def _columns(table: pa.Table) -> Iterator[npt.NDArray[Any]]:
    return (each.to_numpy() for each in table.columns)


def category_sets(
    held_by_route: Mapping[int, BitMap], categories: Mapping[int, Iterable[str]]
) -> dict[str, BitMap]:
    """By category, persons with a held view of a route that carries it. `categories` has every route of the scope."""
    sets: dict[str, BitMap] = {}
    for route in sorted(categories):
        for name in categories[route]:
            sets[name] = sets.get(name, BitMap()) | held_by_route.get(route, BitMap())
    return dict(sorted(sets.items()))


def groups_of_people(
    held_by_route: Mapping[int, BitMap], categories: Mapping[int, Iterable[str]]
) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Disjoint groups of held persons by all categories seen of them."""
    kinds: dict[frozenset[str], BitMap] = {}
    for route in sorted(held_by_route):
        kind = frozenset(categories[route])
        kinds[kind] = kinds.get(kind, BitMap()) | held_by_route[route]
    groups = {frozenset[str](): BitMap.union(BitMap(), *kinds.values())}
    for kind, seen in kinds.items():
        parted: dict[frozenset[str], BitMap] = {}
        for own, persons in groups.items():
            for name, some in ((own | kind, persons & seen), (own, persons - seen)):
                if some:
                    parted[name] = parted.get(name, BitMap()) | some
        groups = parted
    return tuple(sorted((tuple(sorted(own)), len(persons)) for own, persons in groups.items() if persons))


def _each_once(person: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Persons in order, without repeats."""
    return person[np.concatenate(([True], person[1:] != person[:-1]))]


def _groups(key: Ints) -> Iterator[tuple[int, Rows]]:
    """Each value of `key` with its rows, in order."""
    low, high = int(key.min()), int(key.max())
    if low == high:
        yield low, slice(None)
        return
    near = key - low
    # numbers of two bytes are sorted by counting them
    order = np.argsort(near.astype(np.uint16) if high - low < 1 << 16 else near, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=low - 1))
    for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
        yield int(key[order[start]]), order[start:end]
