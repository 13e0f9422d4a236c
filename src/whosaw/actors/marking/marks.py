"""What the flags that are about a day count of it: views by the set of flags that hold them, in sums that add up over days."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.summing.who import Digests, column, ranks
from whosaw.store.distinct import distinct_pairs
from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs
from whosaw.store.schemas import MAYBE_TWIN, UNSURE_SPELLED

from .bits import COUNTS
from .flag_sets import BITS, NO_NUMBER, ClientSets, FlagSets, alike, by_mark, client_sets, nullable, together
from .flagged import Holder
from .holding import NONE, Asked, Hand, Held, held_by_clause
from .whereabouts import desks, marked_clients

__all__ = ["MARKS", "PLACES", "marks_of_day"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
MARKS: Final = (
    "marks", "mark_flags", "marked_lines", "lines", "marked_places", "marked_addresses", "marked_clients", "desks",
)  # fmt: skip
PLACES: Final = 20  # lines of a mark that are kept by themselves


def marks_of_day(
    hand: Hand,
    flags: Sequence[Holder],
    *,
    bearing: Collection[tuple[str, str]],
    asked: Asked,
    digests: Digests,
) -> dict[str, pa.Table]:
    """The rows of each kind of one day, without the day. `flags` are those of whose entities the day may hold views; `bearing` says of
    which detectors and clauses anybody is flagged on whatever day."""
    held = held_by_clause(hand, flags, asked)
    some = np.flatnonzero(np.logical_or.reduce([each.flag != NONE for each in held] or [np.zeros(hand.views.num_rows, bool)]))  # fmt: skip
    client = column(hand.views, "client")
    days = client_sets(held, client, some, flags)
    row_set, sets = _row_sets(held, days.of(client[some]), some, flags, days)
    rows = _Rows.of(hand, some, row_set, asked)
    return {
        "marks": _marks(rows, sets),
        "mark_flags": _mark_flags(sets, days),
        "marked_lines": _marked_lines(hand, rows, sets, some),
        "lines": _lines(hand, sets, some, row_set),
        "marked_places": _places(hand, sets, some, row_set, digests),
        "marked_addresses": _addresses(hand, sets, some, row_set, digests),
        "marked_clients": marked_clients(hand, days, bearing, asked, digests),
        "desks": desks(hand, asked, digests),
    }


def _row_sets(
    held: Sequence[Held], day_set: Ints, some: Ints, flags: Sequence[Holder], days: ClientSets
) -> tuple[Ints, FlagSets]:
    """Of each of these views the place of its set: the flags that hold it, and those of its client. `day_set`: the place of the latter."""
    columns = [day_set + 1]
    columns += [
        np.where(each.flag[some] == NONE, 0, (each.flag[some] + 1) * BITS + each.bits[some]) for each in held
    ]
    place, first = alike(columns)
    sets = []
    for at in first.tolist():
        codes = [int(each[at]) for each in columns[1:] if each[at]]
        own = together(np.array([code - BITS for code in codes], np.int64), flags)
        of_client = days.sets.bits[int(day_set[at])] if day_set[at] != NONE else {}
        sets.append({key: own.get(key, 0) | of_client.get(key, 0) for key in own.keys() | of_client.keys()})
    return place, FlagSets.of(sets)


@dataclass(frozen=True, slots=True)
class _Rows:
    """What each held view is, column by column, and which of them are alike in all but the people."""

    columns: Mapping[str, Ints]  # set, route, doubt, answers, named
    extra: Ints
    time: Ints
    person: Ints
    planted: Bools

    @classmethod
    def of(cls, hand: Hand, some: Ints, row_set: Ints, asked: Asked) -> _Rows:
        unsure, person = column(hand.views, "unsure")[some], column(hand.views, "person")[some]
        doubt = np.where(unsure & UNSURE_SPELLED, 3, np.where(unsure & MAYBE_TWIN, 2, (unsure != 0) * 1))
        return cls(
            columns={
                "set": row_set,
                "route": column(hand.views, "route")[some],
                "doubt": doubt,
                "answers": column(hand.answers, "answers")[some],
                "named": (person >= 0) * 1,
            },
            extra=column(hand.views, "extra")[some],
            time=column(hand.views, "time")[some],
            person=person,
            planted=np.isin(person, asked.planted),
        )


def _marks(rows: _Rows, sets: FlagSets) -> pa.Table:
    place, first = alike([*rows.columns.values(), rows.extra])
    count = len(first)
    earliest, latest = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(earliest, place, rows.time)
    np.maximum.at(latest, place, rows.time)
    columns = {name: each[first] for name, each in rows.columns.items()}
    named = columns["named"] > 0
    made = pa.table({
        "mark": _keys(sets, columns["set"]),
        "route": nullable(columns["route"]),
        "doubt": columns["doubt"],
        "answers": columns["answers"],
        "extra": nullable(rows.extra[first]),
        "named": named,
        "views": np.bincount(place, minlength=count),
        "planted": np.bincount(place[rows.planted], minlength=count),
        "first": earliest,
        "last": latest,
        "people": _people(place, rows.person, named),
    })  # fmt: skip
    return _in_order(made, "marks")


def _people(place: Ints, person: Ints, named: Bools) -> pa.Array:
    """The people of each group of views; null where nobody is named."""
    has = person >= 0
    group, own = distinct_pairs(place[has], person[has])
    packed = pack_runs(own, np.searchsorted(group, np.arange(len(named) + 1)), fewest=0).to_pylist()
    return pa.array(
        [each if kept else None for each, kept in zip(packed, named.tolist(), strict=True)], pa.binary()
    )


def _mark_flags(sets: FlagSets, days: ClientSets) -> pa.Table:
    """The flags of all sets, of views and of clients."""
    told = dict(zip([*sets.keys, *days.sets.keys], [*sets.bits, *days.sets.bits], strict=True))
    made = [
        {"mark": key, "flag": flag, "bits": bits}
        for key, of_set in told.items()
        for flag, bits in of_set.items()
    ]
    return _in_order(pa.Table.from_pylist(made, kind("mark_flags").columns), "mark_flags")


def _marked_lines(hand: Hand, rows: _Rows, sets: FlagSets, some: Ints) -> pa.Table:
    """Lines by what their views are."""
    place, first = alike(list(rows.columns.values()))
    line, _ = alike([column(hand.views, "content")[some], column(hand.views, "line")[some]])
    of, part = distinct_pairs(line, place)
    starts = np.searchsorted(of, np.arange(int(line.max(initial=-1)) + 2))
    sizes = np.diff(starts)
    single, many = np.unique(part[starts[:-1][sizes == 1]], return_counts=True)
    told = {(each,): count for each, count in zip(single.tolist(), many.tolist(), strict=True)}
    for at in np.flatnonzero(sizes > 1).tolist():
        of_line = tuple(part[starts[at] : starts[at + 1]].tolist())
        told[of_line] = told.get(of_line, 0) + 1
    columns = {name: each[first].tolist() for name, each in rows.columns.items()}
    made = []
    for of_line, count in told.items():
        parts = [
            {
                "mark": sets.keys[columns["set"][each]],
                "route": None if columns["route"][each] == NO_NUMBER else columns["route"][each],
                "doubt": columns["doubt"][each],
                "answers": columns["answers"][each],
                "named": columns["named"][each] > 0,
            }
            for each in of_line
        ]
        own = sorted(repr(sorted(each.items())) for each in parts)
        key = hashlib.sha256("\n".join(own).encode()).digest()[:16]
        made += [{"lines": key, **each, "many": count} for each in parts]
    return _in_order(pa.Table.from_pylist(made, kind("marked_lines").columns), "marked_lines")


def _lines(hand: Hand, sets: FlagSets, some: Ints, row_set: Ints) -> pa.Table:
    made = pa.table({
        "mark": pa.array(sets.keys, pa.binary(16)),
        "positions": _sets_of(row_set, some, len(sets.keys)),
        "clients": _sets_of(row_set, column(hand.views, "client")[some], len(sets.keys)),
    })  # fmt: skip
    return _in_order(made, "lines")


def _sets_of(place: Ints, numbers: Ints, count: int) -> pa.Array:
    group, own = distinct_pairs(place, numbers)
    return pack_runs(own, np.searchsorted(group, np.arange(count + 1)), fewest=0)


def _places(hand: Hand, sets: FlagSets, some: Ints, row_set: Ints, digests: Digests) -> pa.Table:
    """The first views of each set that any flag counts, in order of time, digest of the file and line."""
    time, content, line = (column(hand.views, name)[some] for name in ("time", "content", "line"))
    order = np.lexsort((line, ranks("content", content, digests), time, row_set))
    starts = np.searchsorted(row_set[order], np.arange(len(sets.keys)))
    counts = np.array([any(bits & COUNTS for bits in each.values()) for each in sets.bits], bool)
    nth = np.arange(len(order)) - starts[row_set[order]] if len(order) else order
    kept = order[(nth < PLACES) & counts[row_set[order]]] if len(order) else order
    made = pa.table({
        "mark": _keys(sets, row_set[kept]), "time": time[kept], "content": content[kept], "line": line[kept],
    }).cast(kind("marked_places").columns)  # fmt: skip
    return by_mark(made)


def _addresses(hand: Hand, sets: FlagSets, some: Ints, row_set: Ints, digests: Digests) -> pa.Table:
    address = column(hand.views, "address")[some]
    known = address >= 0
    pairs, many = np.unique(np.column_stack((row_set[known], address[known])), axis=0, return_counts=True)
    pairs, many = (
        each[np.argsort(ranks("address", pairs[:, 1], digests), kind="stable")] for each in (pairs, many)
    )
    made = pa.table({"mark": _keys(sets, pairs[:, 0]), "address": pairs[:, 1], "views": many})
    made = made.cast(kind("marked_addresses").columns)
    return by_mark(made)


def _keys(sets: FlagSets, places: Ints) -> pa.Array:
    return pa.array([sets.keys[each] for each in places.tolist()], pa.binary(16))


def _in_order(rows: pa.Table, name: str) -> pa.Table:
    """The rows in the total order of their kind, by columns that hold no number of an identifier."""
    order = [(each, "ascending") for each in kind(name).order]
    return rows.cast(kind(name).columns).sort_by(order)
