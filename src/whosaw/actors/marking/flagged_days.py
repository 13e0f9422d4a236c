"""Which flags are about which days: those whose entity a day holds, with what the whole says of them. A table by day, so that a day whose
flags are the same is not marked again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.detectors import Clause, Detector
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.sums import CLIENTS
from whosaw.actors.summing.who import column, halves, starts_of
from whosaw.store.distinct import distinct_pairs, order_of
from whosaw.store.kinds import DAY, kind
from whosaw.store.person_sets import pack_runs, united, unpack, unpack_rows

from .flagged import Holder, sign_of

__all__ = ["CLAUSE_FLAGS", "FLAGGED", "ClauseFlags", "DayFlags", "FlaggedDays", "day_flags"]

Ints = npt.NDArray[np.int64]
_OF_FLAG: Final = ("key", "detector", "clause", "entity", "clients", "homes")
_CLOSE: Final = 8  # times as many numbers as are listed that a table of them may have
_FLAG, _BEARING, _ASKED = range(3)
_DIGEST: Final = hashlib.sha256().digest_size
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
_FLAG_ROWS: Final = pa.schema(list(FLAGGED)[2:])
CLAUSE_FLAGS: Final = pa.schema([
    *(kind("flags").columns.field(name) for name in ("key", "raised", "window")),
    *(FLAGGED.field(name) for name in ("entity", "clients", "homes")),
])  # fmt: skip
"""Of each flag of a clause when it was raised first, and what all its days list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFlags:
    """What is asked of one day."""

    flags: tuple[Holder, ...]
    bearing: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseFlags:
    """The flags of one clause, each once, in the order of their keys: `rows` are `CLAUSE_FLAGS`. What they say of some days is put together
    with rows of further days as these are with one another."""

    detector: Detector
    clause: Clause
    rows: pa.Table

    @classmethod
    def of(cls, detector: Detector, clause: Clause, flags: pa.Table) -> ClauseFlags:
        """From the rows of `flags` of that clause, of all days. Clients are put together over the days; homes are as they were when it
        was raised first."""
        order = [(name, "ascending") for name in ("key", "raised", "window")]
        told = flags.select(CLAUSE_FLAGS.names).sort_by(order).combine_chunks()
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

    @property
    def named(self) -> tuple[str, str]:
        return self.detector.id, self.clause.id


class FlaggedDays:
    """The rows of all days, once anybody is flagged: of a day without any flag it is asked who else was where these are. `present`: day by
    day, by kind of entity which of them were there, ascending, and clients. Of what a flag lists a day has the clients that were there, so
    that a flag that lists more than it did is another one on their days alone."""

    def __init__(
        self,
        clauses: Sequence[ClauseFlags],
        present: Iterable[tuple[int, Mapping[int, Ints]]],
        plan: Plan,
    ) -> None:
        some = sorted((each for each in clauses if each.rows.num_rows), key=lambda each: each.named)
        self._every = pa.concat_tables([_FLAG_ROWS.empty_table(), *map(_flag_rows, some)]).combine_chunks()
        self._bearing = [each.named for each in some if sign_of(each.clause)]
        self._places: dict[int, Ints] = {}  # by day, of its flags where they stand among all
        self._clients: dict[int, dict[int, bytes]] = {}  # by day, of those that list any which were there
        starts = np.cumsum([0, *(each.rows.num_rows for each in some)]).tolist()
        by_kind: dict[int, list[tuple[Ints, Ints]]] = {}
        for start, each in zip(starts, some, strict=False):
            entity = column(each.rows, "entity")
            by_kind.setdefault(plan.kind(each.clause), []).append((entity, start + np.arange(len(entity))))
        entities = {kind: tuple(map(np.concatenate, zip(*its, strict=True))) for kind, its in by_kind.items()}
        listed = _Listed(self._every["clients"])
        for day, there in present if some else ():
            found = [place[_are_in(its, there.get(kind))] for kind, (its, place) in entities.items()]
            self._places[day] = np.sort(np.concatenate(found))
            self._clients[day] = listed.on(self._places[day], there.get(CLIENTS))

    @property
    def rows(self) -> dict[int, int]:
        """How many rows each day has."""
        return {day: len(places) + 1 + len(self._bearing) for day, places in self._places.items()}

    @cached_property
    def digests(self) -> dict[int, str]:
        """By day, a text that changes with any of its rows."""
        names = [each for each in self._every.column_names if each != "clients"]
        rows = self._every.select(names).to_pylist()
        told = _digests(repr([row[name] for name in names]).encode() for row in rows)
        always, none = repr(self._bearing).encode(), _digests([b"none"])

        def of_day(day: int, places: Ints) -> str:
            parts = np.concatenate((told[places], np.repeat(none, len(places), axis=0)), axis=1)
            clients = self._clients[day]
            if clients:
                its = np.searchsorted(places, np.array(list(clients), np.int64))
                parts[its, _DIGEST:] = _digests(clients.values())
            return hashlib.sha256(always + parts.tobytes()).hexdigest()

        return {day: of_day(day, places) for day, places in self._places.items()}

    def of(self, first: int, last: int) -> pa.Table:
        """The rows of these days."""
        found = [FLAGGED.empty_table()]
        at_clients = FLAGGED.get_field_index("clients")
        for day in sorted(each for each in self._places if first <= each <= last):
            beside = [
                {"day": day, "about": _ASKED},
                *(
                    {"day": day, "about": _BEARING, "detector": detector, "clause": clause}
                    for detector, clause in self._bearing
                ),
            ]
            flags = self._every.take(pa.array(self._places[day]))
            for at, (field, value) in enumerate(((DAY, day), (FLAGGED.field("about"), _FLAG))):
                flags = flags.add_column(at, field, pa.array([value] * flags.num_rows, field.type))
            its = [self._clients[day].get(at) for at in self._places[day].tolist()]
            flags = flags.select(FLAGGED.names).set_column(at_clients, "clients", pa.array(its, pa.binary()))
            found += [flags.cast(FLAGGED), pa.Table.from_pylist(beside, FLAGGED)]
        return pa.concat_tables(found)


class _Listed:
    """The clients of all flags that list any, in one order, so that a day is asked of all of them at once."""

    def __init__(self, listed: pa.ChunkedArray) -> None:
        clients, flag = unpack_rows(listed)
        order = order_of(clients)
        self._clients, self._flag = clients[order], flag[order]
        self._lists = ~listed.is_null().to_numpy()
        most = int(self._clients[-1]) + 2 if len(order) else 1
        close = most <= _CLOSE * len(order)  # then it is told by a table where those of each client begin
        self._starts = np.append(0, np.cumsum(np.bincount(self._clients, minlength=most))) if close else None

    def on(self, flags: Ints, there: Ints | None) -> dict[int, bytes]:
        """Of these flags, of those that list any, the clients that were there."""
        lists = flags[self._lists[flags]] if len(flags) else flags
        if not len(lists):
            return {}
        mine, of = self._there(np.empty(0, np.int64) if there is None else there)
        asked = np.zeros(len(self._lists), bool)
        asked[lists] = True
        mine, of = mine[asked[of]], of[asked[of]]
        order = order_of(of, mine)
        mine, of = mine[order], of[order]
        packed = pack_runs(mine, np.append(np.searchsorted(of, lists), len(of)), fewest=0).to_pylist()
        return dict(zip(lists.tolist(), packed, strict=True))

    def _there(self, there: Ints) -> tuple[Ints, Ints]:
        """The clients of flags that are among these, which ascend, with their flags."""
        if self._starts is None:
            begins, ends = (np.searchsorted(self._clients, there, side) for side in ("left", "right"))
        else:
            there = there[: np.searchsorted(there, len(self._starts) - 1)]
            begins, ends = self._starts[there], self._starts[there + 1]
        many = ends - begins
        at = np.repeat(begins, many) + np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        return self._clients[at], self._flag[at]


def _digests(told: Iterable[bytes]) -> npt.NDArray[np.uint8]:
    """The digests of texts, a row each."""
    found = b"".join(hashlib.sha256(each).digest() for each in told)
    return np.frombuffer(found, np.uint8).reshape(-1, _DIGEST)


def _flag_rows(of: ClauseFlags) -> pa.Table:
    many = of.rows.num_rows
    asks = _asks(of.detector, of.clause)
    told = {"detector": of.detector.id, "clause": of.clause.id, "asks": asks}
    always = {name: pa.array([value] * many, pa.string()) for name, value in told.items()}
    return pa.table({name: always[name] if name in always else of.rows[name] for name in _FLAG_ROWS.names})


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
