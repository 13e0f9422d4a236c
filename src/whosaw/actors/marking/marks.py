"""What the flags that are about a day count of it: views by the set of flags that hold them, in sums that add up over days."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.summing.who import Digests
from whosaw.store.distinct import alike, distinct_pairs, order_of
from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs
from whosaw.store.schemas import MAYBE_TWIN, UNSURE_SPELLED

from .bits import COUNTS
from .flag_sets import NO_NUMBER, ClientSets, FlagSets, by_mark, nullable, sets_of_day
from .flagged import Holder
from .holding import Asked, Hand, held_by_clause
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
    some, row_set, sets, days = sets_of_day(held, hand, flags)
    of_clients = {
        "marked_clients": marked_clients(hand, days, bearing, asked, digests),
        "desks": desks(hand, asked, digests),
    }
    if not len(some) and not days.sets.keys:
        return {name: kind(name).columns.empty_table() for name in MARKS} | of_clients
    rows = _Rows.of(hand, some, row_set, asked)
    return {
        "marks": _marks(rows, sets),
        "mark_flags": _mark_flags(sets, days),
        "marked_lines": _marked_lines(hand, rows, sets, some),
        "lines": _lines(hand, sets, some, row_set),
        "marked_places": _places(hand, sets, some, row_set, digests),
        "marked_addresses": _addresses(hand, sets, some, row_set, digests),
        **of_clients,
    }


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
        unsure, person = hand.column("unsure")[some], hand.column("person")[some]
        doubt = np.where(unsure & UNSURE_SPELLED, 3, np.where(unsure & MAYBE_TWIN, 2, (unsure != 0) * 1))
        return cls(
            columns={
                "set": row_set,
                "route": hand.column("route")[some],
                "doubt": doubt,
                "answers": hand.answer[some],
                "named": (person >= 0) * 1,
            },
            extra=hand.column("extra")[some],
            time=hand.column("time")[some],
            person=person,
            planted=np.isin(person, asked.planted),
        )


def _marks(rows: _Rows, sets: FlagSets) -> pa.Table:
    place, first = alike(*rows.columns.values(), rows.extra)
    count = len(first)
    earliest, latest = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(earliest, place, rows.time)
    np.maximum.at(latest, place, rows.time)
    columns = {name: each[first] for name, each in rows.columns.items()}
    named = columns["named"] > 0
    made = pa.table({
        "mark": sets.of_rows(columns["set"]),
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
    packed = pack_runs(own, np.searchsorted(group, np.arange(len(named) + 1)), fewest=0)
    return pc.if_else(pa.array(named), packed, pa.scalar(None, pa.binary()))


def _mark_flags(sets: FlagSets, days: ClientSets) -> pa.Table:
    """The flags of all sets, of views and of clients."""
    known = set(sets.keys)
    more = np.array([each not in known for each in days.sets.keys], bool)
    marks, bits, flags = [], [], []
    for of, own in ((sets, np.arange(len(sets.of_set))), (days.sets, np.flatnonzero(more[days.sets.of_set]))):
        marks.append(of.of_rows(of.of_set[own]))
        flags.append(pa.array(of.flags, pa.binary(16)).take(pa.array(of.flag[own])))
        bits.append(of.bits[own])
    made = pa.table(
        {"mark": pa.chunked_array(marks), "flag": pa.chunked_array(flags), "bits": np.concatenate(bits)}
    )
    return _in_order(made.combine_chunks(), "mark_flags")


def _marked_lines(hand: Hand, rows: _Rows, sets: FlagSets, some: Ints) -> pa.Table:
    """Lines by what their views are."""
    place, first = alike(*rows.columns.values())
    line, _ = alike(hand.column("content")[some], hand.column("line")[some])
    of, part = distinct_pairs(line, place)
    starts = np.searchsorted(of, np.arange(int(line.max(initial=-1)) + 2))
    sizes = np.diff(starts)
    singles = np.bincount(part[starts[:-1][sizes == 1]], minlength=len(first))
    told = {(each,): int(singles[each]) for each in np.flatnonzero(singles).tolist()}
    for at in np.flatnonzero(sizes > 1).tolist():
        of_line = tuple(part[starts[at] : starts[at + 1]].tolist())
        told[of_line] = told.get(of_line, 0) + 1
    columns = {name: each[first] for name, each in rows.columns.items()}
    texts = _texts(columns, sets)
    keys = [
        hashlib.sha256("\n".join(sorted([texts[each] for each in of_line])).encode()).digest()[:16]
        for of_line in told
    ]
    parts = np.array(list(chain.from_iterable(told)), np.int64)
    of_lines = np.repeat(np.arange(len(told)), [len(of_line) for of_line in told])
    made = pa.table({
        "lines": pa.array(keys, pa.binary(16)).take(pa.array(of_lines)),
        "mark": sets.of_rows(columns["set"][parts]),
        "route": nullable(columns["route"][parts]),
        "doubt": columns["doubt"][parts],
        "answers": columns["answers"][parts],
        "named": columns["named"][parts] > 0,
        "many": np.array(list(told.values()), np.int64)[of_lines],
    })  # fmt: skip
    return _in_order(made, "marked_lines")


def _texts(columns: Mapping[str, Ints], sets: FlagSets) -> list[str]:
    """What kinds of views are as texts, of which the key of a line is made."""
    marks = [repr(each) for each in sets.keys]
    rows = zip(
        *(columns[name].tolist() for name in ("set", "route", "doubt", "answers", "named")), strict=True
    )
    return [
        f"[('answers', {answers}), ('doubt', {doubt}), ('mark', {marks[at]}), ('named', {named > 0}), "
        f"('route', {None if route == NO_NUMBER else route})]"
        for at, route, doubt, answers, named in rows
    ]


def _lines(hand: Hand, sets: FlagSets, some: Ints, row_set: Ints) -> pa.Table:
    made = pa.table({
        "mark": pa.array(sets.keys, pa.binary(16)),
        "positions": _sets_of(row_set, some, len(sets.keys)),
        "clients": _sets_of(row_set, hand.column("client")[some], len(sets.keys)),
    })  # fmt: skip
    return _in_order(made, "lines")


def _sets_of(place: Ints, numbers: Ints, count: int) -> pa.Array:
    group, own = distinct_pairs(place, numbers)
    return pack_runs(own, np.searchsorted(group, np.arange(count + 1)), fewest=0)


def _places(hand: Hand, sets: FlagSets, some: Ints, row_set: Ints, digests: Digests) -> pa.Table:
    """The first views of each set that any flag counts, in order of time, digest of the file and line."""
    time, content, line = (hand.column(name)[some] for name in ("time", "content", "line"))
    counts = sets.any_has(COUNTS)
    its = np.flatnonzero(counts[row_set]) if len(row_set) else row_set
    order = its[order_of(row_set[its], time[its], hand.ranks("content", digests)[some][its], line[its])]
    starts = np.searchsorted(row_set[order], np.arange(len(sets.keys)))
    kept = order[np.arange(len(order)) - starts[row_set[order]] < PLACES]
    made = pa.table({
        "mark": sets.of_rows(row_set[kept]), "time": time[kept], "content": content[kept], "line": line[kept],
    }).cast(kind("marked_places").columns)  # fmt: skip
    return by_mark(made)


def _addresses(hand: Hand, sets: FlagSets, some: Ints, row_set: Ints, digests: Digests) -> pa.Table:
    address = hand.column("address")[some]
    known = address >= 0
    of, address = row_set[known], address[known]
    place, first = alike(of, hand.ranks("address", digests)[some][known])
    made = pa.table({
        "mark": sets.of_rows(of[first]), "address": address[first], "views": np.bincount(place, minlength=len(first)),
    }).cast(kind("marked_addresses").columns)  # fmt: skip
    return by_mark(made)


def _in_order(rows: pa.Table, name: str) -> pa.Table:
    """The rows in the total order of their kind, by columns that hold no number of an identifier."""
    order = [(each, "ascending") for each in kind(name).order]
    return rows.cast(kind(name).columns).sort_by(order)
