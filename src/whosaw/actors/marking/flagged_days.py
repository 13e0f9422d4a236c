"""Which flags are about which days: those whose entity a day holds, with what the whole says of them. A table by day, so that a day whose
flags are the same is not marked again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.detectors import Clause, Detector
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.sums import CLIENTS
from whosaw.actors.summing.who import column, halves, starts_of
from whosaw.store.distinct import distinct, distinct_pairs
from whosaw.store.kinds import DAY, kind
from whosaw.store.person_sets import pack_runs, united, unpack

from .flagged import Holder, sign_of

__all__ = [
    "CLAUSE_FLAGS",
    "FLAGGED",
    "AllFlags",
    "ClauseFlags",
    "DayFlags",
    "Differing",
    "OfDay",
    "day_flags",
]

Ints = npt.NDArray[np.int64]
_OF_FLAG: Final = ("key", "detector", "clause", "entity", "clients", "homes")
_FLAG, _BEARING, _ASKED = range(3)
FLAGGED: Final = pa.schema(
    [
        DAY,
        (
            "about",
            pa.int8(),
        ),  # a flag; a clause that flagged anybody for a sign; that the day is asked at all
        ("key", pa.binary(16)),
        ("detector", pa.string()),
        ("clause", pa.string()),
        ("asks", pa.string()),  # what of the clause decides which views it holds, and what it takes them for
        ("entity", pa.int64()),
        ("clients", pa.binary()),
        ("homes", pa.binary()),
    ]
)
CLAUSE_FLAGS: Final = pa.schema([
    *(kind("flags").columns.field(name) for name in ("key", "raised", "window")),
    *(FLAGGED.field(name) for name in ("entity", "clients", "homes")),
])  # fmt: skip
"""Of each flag of a clause when it was raised first, and what all its days list."""
_OF_EVERY: Final = ("key", "entity", "homes")
_LISTS: Final = ("clients", "later")
_EVERY: Final = pa.schema(
    [*(FLAGGED.field(name) for name in _OF_EVERY), *((name, pa.binary()) for name in _LISTS)]
)
_FIRST_RAISED: Final = [(name, "ascending") for name in ("key", "raised", "window")]
_NOBODY: Final = np.empty(0, np.int64)
_LISTS_NOBODY: Final = hashlib.sha256(b"none").digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFlags:
    """What is asked of one day."""

    flags: tuple[Holder, ...]
    bearing: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseFlags:
    """The flags of one clause, each once, in the order of their keys: `rows` are `CLAUSE_FLAGS`. What they say of some days is put together
    with rows of further days as these are with one another. `later` is the same of days that may still change: it stands beside them, for
    lists of clients may be long, and to put them together takes as long as all of them do."""

    detector: Detector
    clause: Clause
    rows: pa.Table
    later: pa.Table = field(default_factory=CLAUSE_FLAGS.empty_table)

    @classmethod
    def of(cls, detector: Detector, clause: Clause, flags: pa.Table) -> ClauseFlags:
        """From the rows of `flags` of that clause, of all days. Clients are put together over the days; homes are as they were when it
        was raised first."""
        told = flags.select(CLAUSE_FLAGS.names).sort_by(_FIRST_RAISED).combine_chunks()
        starts = starts_of(*halves(told["key"]))
        group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, told.num_rows)))
        clients = _united(group, told["clients"], len(starts))
        rows = told.take(pa.array(starts))
        at = rows.column_names.index("clients")
        return cls(
            detector=detector, clause=clause, rows=rows.set_column(at, "clients", clients).cast(CLAUSE_FLAGS)
        )

    def with_more(self, flags: pa.Table) -> ClauseFlags:
        """With the rows of `flags` of further days: flags of which these say nothing stay as they are."""
        if not flags.num_rows:
            return self
        said = pc.is_in(self.rows["key"], flags["key"].unique())
        both = pa.concat_tables([self.rows.filter(said), flags.select(CLAUSE_FLAGS.names).cast(CLAUSE_FLAGS)])
        rows = pa.concat_tables(
            [self.rows.filter(pc.invert(said)), self.of(self.detector, self.clause, both).rows]
        )
        return replace(self, rows=rows.sort_by("key"))

    def every(self, keys: pa.Array | None = None) -> pa.Table:
        """All its flags, or those of these keys, each once (`_EVERY`): what it lists on days that may still change stands in `later`."""
        rows, later = (
            each if keys is None else each.filter(pc.is_in(each["key"], keys))
            for each in (self.rows, self.later)
        )
        said = pc.is_in(rows["key"], later["key"].combine_chunks())
        mine = rows.filter(said)
        both = pa.concat_tables([each.drop_columns(["clients"]) for each in (mine, later)])
        both = both.sort_by(_FIRST_RAISED).combine_chunks()
        both = both.take(pa.array(starts_of(*halves(both["key"]))))
        for name, of in (("clients", mine), ("later", later)):
            at = pc.index_in(both["key"], of["key"].combine_chunks())
            both = both.append_column(name, of["clients"].take(at))
        same = rows.filter(pc.invert(said))
        same = same.append_column("later", pa.nulls(same.num_rows, pa.binary()))
        return pa.concat_tables([each.select(_EVERY.names).cast(_EVERY) for each in (same, both)])

    @property
    def named(self) -> tuple[str, str]:
        return self.detector.id, self.clause.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """By kind of entity whose days hold a flag that came, went or says something else of them; and clients of whom a flag says something else,
    as entities of their kind."""

    entities: Mapping[int, Ints]


@dataclass(frozen=True, slots=True)
class OfDay:
    """Of the flags of one day where they stand among all, in their order; and of those that list any, which of these clients were there."""

    places: Ints
    clients: Mapping[int, bytes]


class AllFlags:
    """The flags of all days, asked of one day at a time, once anybody is flagged: of a day without any flag it is asked who else was where these
    are. Of what a flag lists a day has the clients that were there, so that a flag that lists more than it did is another one on their
    days alone. Several threads ask."""

    def __init__(self, clauses: Sequence[ClauseFlags], plan: Plan) -> None:
        self._clauses = sorted(
            (each for each in clauses if each.rows.num_rows or each.later.num_rows),
            key=lambda each: each.named,
        )
        self._plan = plan
        told = [each.every() for each in self._clauses]
        self._every = pa.concat_tables([_EVERY.empty_table(), *told]).combine_chunks()
        self._clause = np.repeat(np.arange(len(told)), [each.num_rows for each in told])
        self._lists = ~(pc.and_(*(self._every[name].is_null() for name in _LISTS))).to_numpy()
        self.clauses = {each.named: each for each in self._clauses}
        self.bearing = [each.named for each in self._clauses if sign_of(each.clause)]
        starts = np.cumsum([0, *(each.num_rows for each in told)]).tolist()
        by_kind: dict[int, list[tuple[Ints, Ints]]] = {}
        for start, each, rows in zip(starts, self._clauses, told, strict=False):
            entity = column(rows, "entity")
            by_kind.setdefault(plan.kind(each.clause), []).append((entity, start + np.arange(len(entity))))
        self._entities = {
            kind: tuple(map(np.concatenate, zip(*its, strict=True))) for kind, its in by_kind.items()
        }
        self._listed: dict[int, tuple[Ints, ...]] = {}
        self._digests: dict[int, bytes] = {}

    def __bool__(self) -> bool:
        return bool(self._clauses)

    @property
    def kinds(self) -> frozenset[int]:
        """Kinds of entities of which it has to be known who was there on a day."""
        return frozenset((*self._entities, *((CLIENTS,) if self._lists.any() else ())))

    def on(self, there: Mapping[int, Ints]) -> OfDay:
        """Those of a day. `there`: by kind of entity which of them were there, ascending, and clients."""
        found = [place[_are_in(its, there.get(kind))] for kind, (its, place) in self._entities.items()]
        places = np.concatenate([np.empty(0, np.int64), *found]).astype(np.int64)
        keys = self._every["key"].take(pa.array(places)).to_pylist()
        clause = self._clause[places].tolist()
        places = places[sorted(range(len(keys)), key=lambda at: (clause[at], keys[at]))]
        lists = places[self._lists[places]] if len(places) else places
        mine = [self._there(place, there.get(CLIENTS, _NOBODY)) for place in lists.tolist()]
        borders = np.cumsum([0, *map(len, mine)])
        packed = pack_runs(np.concatenate([_NOBODY, *mine]), borders, fewest=0).to_pylist()
        return OfDay(places, dict(zip(lists.tolist(), packed, strict=True)))

    def _there(self, place: int, there: Ints) -> Ints:
        """Of the clients that a flag lists those that are among these, which ascend."""
        if place not in self._listed:
            row = self._every.slice(place, 1)
            self._listed[place] = tuple(unpack(row[name][0].as_py()) for name in _LISTS)
        among = np.zeros(len(there), bool)
        for listed in self._listed[place]:
            if len(listed) < len(there):
                among[np.searchsorted(there, listed[_are_in(listed, there)])] = True
            else:
                among |= _are_in(there, listed)
        return there[among]

    def many(self, found: OfDay) -> int:
        """How many rows a day has."""
        return len(found.places) + 1 + len(self.bearing)

    def digest(self, found: OfDay) -> str:
        """A text that changes with any row of a day."""
        parts = [repr(self.bearing).encode()]
        lacking = [each for each in found.places.tolist() if each not in self._digests]
        rows = self._every.take(pa.array(lacking, pa.int64())).select(_OF_EVERY).to_pylist()
        for place, row in zip(lacking, rows, strict=True):
            of = self._clauses[self._clause[place]]
            told = [row["key"], *of.named, _asks(of.detector, of.clause), row["entity"], row["homes"]]
            self._digests[place] = _digest(repr(told).encode())
        for place in found.places.tolist():
            clients = found.clients.get(place)
            parts += [self._digests[place], _LISTS_NOBODY if clients is None else _digest(clients)]
        return hashlib.sha256(b"".join(parts)).hexdigest()

    def rows(self, day: int, found: OfDay) -> pa.Table:
        """The rows of a day (`FLAGGED`)."""
        beside = [
            {"day": day, "about": _ASKED},
            *(
                {"day": day, "about": _BEARING, "detector": detector, "clause": clause}
                for detector, clause in self.bearing
            ),
        ]
        flags = self._every.take(pa.array(found.places)).select(_OF_EVERY)
        of = [self._clauses[at] for at in self._clause[found.places].tolist()]
        asks = {each.named: _asks(each.detector, each.clause) for each in self._clauses}
        told: dict[str, Sequence[Any]] = {
            "day": [day] * len(of),
            "about": [_FLAG] * len(of),
            "detector": [each.detector.id for each in of],
            "clause": [each.clause.id for each in of],
            "asks": [asks[each.named] for each in of],
            "clients": [found.clients.get(at) for at in found.places.tolist()],
        }
        columns = [
            pa.array(told[each.name], each.type) if each.name in told else flags[each.name].cast(each.type)
            for each in FLAGGED
        ]
        return pa.concat_tables([
            pa.table(columns, schema=FLAGGED), pa.Table.from_pylist(beside, FLAGGED)
        ])  # fmt: skip

    def differing(self, before: AllFlags) -> Differing | None:
        """What is another one than before, where who was there on a day is the same; None: something is on every day."""
        if bool(self) != bool(before) or self.bearing != before.bearing:
            return None
        found: dict[int, list[Ints]] = {CLIENTS: [_NOBODY]}
        for named in sorted({*before.clauses, *self.clauses}):
            some = [of.clauses[named] for of in (before, self) if named in of.clauses]
            none = CLAUSE_FLAGS.empty_table()
            was, now = (
                of.clauses.get(named) or replace(some[0], rows=none, later=none) for of in (before, self)
            )
            entities, clients = _differing(was, now)
            found.setdefault(self._plan.kind(some[0].clause), []).append(entities)
            found[CLIENTS].append(clients)
        return Differing(entities={kind: distinct(np.concatenate(its)) for kind, its in found.items()})


def _differing(was: ClauseFlags, now: ClauseFlags) -> tuple[Ints, Ints]:
    """Entities of flags that are not the same, and clients that are listed on one side alone by flags that are the same otherwise."""
    keys = None
    if was.rows is now.rows:
        keys = pa.concat_arrays([each.later["key"].combine_chunks() for each in (was, now)])
    one, other = ({row["key"]: row for row in each.every(keys).to_pylist()} for each in (was, now))
    entities, clients = [], [_NOBODY]
    for key in one.keys() | other.keys():
        before, after = one.get(key), other.get(key)
        if before is None or after is None:
            entities.append((before or after or {})["entity"])
            continue
        listing = [any(row[name] is not None for name in _LISTS) for row in (before, after)]
        if before["homes"] != after["homes"] or listing[0] != listing[1]:
            entities.append(after["entity"])
        elif listing[0]:
            clients.append(_listed_once(before, after))
    return np.array(entities, np.int64), np.concatenate(clients)


def _listed_once(before: Mapping[str, Any], after: Mapping[str, Any]) -> Ints:
    """Clients that only one of two rows of a flag lists."""
    if before["clients"] != after["clients"]:
        one, other = (
            distinct(np.concatenate([unpack(row[name]) for name in _LISTS])) for row in (before, after)
        )
        return np.setxor1d(one, other, assume_unique=True)
    if before["later"] == after["later"]:
        return _NOBODY
    own = np.setxor1d(unpack(before["later"]), unpack(after["later"]), assume_unique=True)
    return np.asarray(own[~_are_in(own, unpack(after["clients"]))])


def _digest(told: bytes) -> bytes:
    return hashlib.sha256(told).digest()


def _united(group: Ints, sets: pa.ChunkedArray, many: int) -> pa.ChunkedArray:
    """The union of the sets of each of so many groups; null where it has none."""
    coded = sets.combine_chunks().dictionary_encode()
    listed = coded.indices.is_valid().to_numpy(zero_copy_only=False)
    of, code = distinct_pairs(group[listed], coded.indices.drop_null().to_numpy().astype(np.int64))
    known = [coded.dictionary.cast(pa.binary())]
    place = np.full(many, -1)
    place[of] = code
    ends = np.searchsorted(of, np.arange(many), "right")
    starts = np.append(0, ends[:-1])
    for at, each in enumerate(np.flatnonzero(ends - starts > 1).tolist(), start=len(known[0])):
        own = united(known[0][its].as_py() for its in code[starts[each] : ends[each]].tolist())
        known.append(pack_runs(own, np.array([0, len(own)], np.int64), fewest=0))
        place[each] = at
    return pa.chunked_array(known).take(pa.array(place, mask=place < 0))


def _are_in(wanted: Ints, numbers: Ints | None) -> npt.NDArray[np.bool_]:
    """Which are among numbers, which ascend."""
    if numbers is None or not len(numbers):
        return np.zeros(len(wanted), bool)
    at = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    return np.asarray(numbers[at] == wanted)


def day_flags(rows: pa.Table, detectors: Mapping[str, Detector]) -> DayFlags:
    """What the rows of one day ask."""
    about = rows["about"].to_numpy()
    flags, bearing = (rows.filter(pa.array(about == each)) for each in (_FLAG, _BEARING))
    clauses = {(of.id, each.id): (of, each) for of in detectors.values() for each in of.clauses}
    columns = (flags[name].to_pylist() for name in _OF_FLAG)
    return DayFlags(
        flags=tuple(
            Holder(
                key=key,
                detector=clauses[detector, clause][0],
                clause=clauses[detector, clause][1],
                entity=entity,
                clients=None if clients is None else unpack(clients),
                homes=None if homes is None else unpack(homes),
            )
            for key, detector, clause, entity, clients, homes in zip(*columns, strict=True)
        ),
        bearing=frozenset(zip(*(bearing[name].to_pylist() for name in ("detector", "clause")), strict=True)),
    )


def _asks(detector: Detector, clause: Clause) -> str:
    told = replace(clause, why="", confidence="low", windows=(), chance=0.0, least_share=0.0, least_times=0.0)
    return repr((detector.kind, detector.needs, detector.explanations, told))
