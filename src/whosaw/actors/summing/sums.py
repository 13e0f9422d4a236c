"""The sums of a span: by day, what each entity saw and which of its people bear which sign, and who was there at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.build.step import Span
from whosaw.store.distinct import distinct_rows
from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs

from .alike import alike
from .colleagues import colleagues
from .held import Held, held
from .named import grouping_name, of, rule_name
from .pages import pages
from .places import places
from .plan import Plan
from .seen import Seen
from .several import several
from .signed_hours import signed_hours
from .ways import ways
from .who import Digests, by_day, column, starts_of

__all__ = [
    "CLIENTS",
    "PEOPLE",
    "sums_of",
]

Ints = npt.NDArray[np.int64]
PEOPLE = -1  # the kind of the row of `present` that holds people
CLIENTS = -2  # and of the one that holds clients
_SEVERAL = 2  # people from which on an entity has a row
_NEVER = np.iinfo(np.int64).max


def sums_of(
    views: pa.Table, answers: pa.Table, known: pa.Table, *, span: Span, plan: Plan, digests: Digests
) -> dict[str, pa.Table]:
    """By kind of run the rows of each day of the span, each day for itself. `views` and `answers` hold the days of the span and the day
    before it, and `known` the rows of that kind of these. A view that bears a sign in `answers` bore it when it was made."""
    every = Seen.of(views, answers, known, digests)
    seen = every.within(span.first, span.last)
    days = seen.each_day()
    by_kind = held(seen, plan)
    made = {
        "entities": _entity_rows(by_kind, plan, digests),
        "signed": _signed_rows(by_kind, plan, digests),
        "signed_hours": signed_hours(every, days, plan, digests),
        "tellable": _tellable(by_kind, days),
        "places": places(seen, plan, digests),
        "alike": alike(seen, plan),
        "colleagues": colleagues(seen, plan),
        "present": _present(by_kind, seen, days),
        "pages": pages(seen, plan),
        "ways": ways(seen, plan, digests),
    }
    for code, rule in plan.walked:
        name = of("several", grouping_name(plan.kinds.groupings[code]), rule_name(rule))
        made[name] = several(seen, plan, code, rule)
    return made


def _entity_rows(kinds: Mapping[int, Held], plan: Plan, digests: Digests) -> pa.Table:
    """The rows of `entities`, day by day. An entity that showed one person and no list has none."""
    made = [(each, _entities(code, each)) for code, each in sorted(kinds.items())]
    return _together("entities", made, plan, digests)


def _signed_rows(kinds: Mapping[int, Held], plan: Plan, digests: Digests) -> pa.Table:
    """The rows of `signed`, day by day: of whoever bears a sign; and of entities with a row in `entities`, where something cannot be told of
    some of their people."""
    made = []
    for code, each in sorted(kinds.items()):
        if pairs := plan.asked.get(code):
            bearing = _Bearing.of(each, pairs)
            made.append((each, pa.concat_tables([_signed(code, each, pair, bearing) for pair in pairs])))
    return _together("signed", made, plan, digests)


def _records(of_kind: Held) -> Ints:
    """How many records each entity saw of people whom no log names."""
    records = np.zeros(len(of_kind.entity), np.int64)
    has = np.flatnonzero(of_kind.records)
    np.add.at(records, of_kind.place[has], of_kind.records[has])
    return records


def _entities(code: int, of_kind: Held) -> pa.Table:
    records = _records(of_kind)
    several = (of_kind.seen >= _SEVERAL) | (records > 0)
    rows = np.flatnonzero(several[of_kind.place] & (of_kind.views > 0))
    starts = starts_of(of_kind.place[rows])

    def each(values: npt.NDArray[np.generic], how: np.ufunc = np.add) -> Ints:
        return np.asarray(
            how.reduceat(values[rows], starts, dtype=np.int64) if len(starts) else rows, np.int64
        )

    place = of_kind.place[rows][starts]
    return pa.table(
        {
            "kind": pa.array(np.full(len(place), code), pa.int8()),
            "entity": place,
            "views": each(of_kind.views),
            "seen": of_kind.seen[place],
            "counted": each(of_kind.counted & np.uint8(1)),
            "unexplained": each((of_kind.counted >> np.uint8(1)) & np.uint8(1)),
            "records": records[place],
            "first": each(of_kind.first, np.minimum),
            "last": each(of_kind.last, np.maximum),
            "people": _sets(of_kind, rows, place),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bearing:
    """Of one kind, how many people each entity saw, and whether something may be lacking of it; the rows that bear any sign; and those
    that were seen of which some sign cannot be told, where that matters."""

    seen: Ints
    lacking: npt.NDArray[np.bool_]
    bears: Ints
    untold: Ints
    made: dict[bytes, tuple[Any, ...]]  # by the rows of a pair, for many pairs have the same

    @classmethod
    def of(cls, of_kind: Held, pairs: Sequence[int]) -> Self:
        every = np.uint64(sum(1 << pair for pair in pairs))
        lacking = (of_kind.seen >= _SEVERAL) | (_records(of_kind) > 0)
        bears = np.flatnonzero(of_kind.signed)
        untold = np.flatnonzero((of_kind.told & every) != every)
        asked = lacking.copy()
        asked[of_kind.place[bears]] = True
        untold = untold[asked[of_kind.place[untold]] & (of_kind.views[untold] > 0)]
        return cls(seen=of_kind.seen, lacking=lacking, bears=bears, untold=untold, made={})

    def of_pair(self, of_kind: Held, pair: int) -> tuple[Any, ...]:
        """The entities that have a row, how many of the people of each can be told, how many bear the sign, and who these are."""
        bit = np.uint64(pair)
        bears = (of_kind.signed[self.bears] >> bit) & np.uint64(1) > 0
        lacks = (of_kind.told[self.untold] >> bit) & np.uint64(1) == 0
        which = bears.tobytes() + lacks.tobytes()
        if which not in self.made:
            rows, size = self.bears[bears], len(of_kind.entity)
            signed, untold = (
                np.bincount(of_kind.place[of], minlength=size) for of in (rows, self.untold[lacks])
            )
            kept = np.flatnonzero((signed > 0) | ((untold > 0) & self.lacking))
            self.made[which] = kept, (self.seen - untold)[kept], signed[kept], _sets(of_kind, rows, kept)
        return self.made[which]


def _signed(code: int, of_kind: Held, pair: int, rows: _Bearing) -> pa.Table:
    kept, told, signed, people = rows.of_pair(of_kind, pair)
    at, *of_views = of_kind.signs[pair]
    at = np.searchsorted(kept, at)  # whoever bears a sign is kept
    views, first, last = (np.full(len(kept), none) for none in (0, _NEVER, _NEVER))
    views[at], first[at], last[at] = of_views
    return pa.table(
        {
            "kind": pa.array(np.full(len(kept), code), pa.int8()),
            "entity": kept,
            "pair": pa.array(np.full(len(kept), pair), pa.int8()),
            "told": told,
            "signed": signed,
            "views": views,
            "first": pa.array(first, pa.int64(), mask=signed == 0),
            "last": pa.array(last, pa.int64(), mask=signed == 0),
            "people": people,
        }
    )


def _sets(of_kind: Held, rows: Ints, wanted: Ints) -> pa.Array:
    """The people, by name, of each wanted entity in these rows."""
    is_wanted = np.zeros(len(of_kind.entity), bool)
    is_wanted[wanted] = True
    kept = rows[(of_kind.who[rows] >= 0) & is_wanted[of_kind.place[rows]]]
    place = of_kind.place[kept]
    return pack_runs(of_kind.who[kept], np.append(np.searchsorted(place, wanted), len(place)))


def _present(by_kind: Mapping[int, Held], seen: Seen, days: Ints) -> pa.Table:
    """Which entities of each kind there were, which clients, and which people: sets that are never absent, however small."""
    of, person, client = (column(seen.views, name) for name in ("day", "person", "client"))
    named = person >= 0
    sets = {PEOPLE: distinct_rows(of[named], person[named]), CLIENTS: distinct_rows(of, client)}
    for code, each in sorted(by_kind.items()):
        there = each.seen > 0
        sets[code] = [each.day[there], each.entity[there]]
    columns = kind("present").in_hand
    parts = []
    for code, (day, numbers) in sets.items():
        packed = pack_runs(numbers, np.append(np.searchsorted(day, days), len(day)), fewest=0)
        none = pa.nulls(len(days), pa.binary())
        told = (
            {"entities": none, "people": packed} if code == PEOPLE else {"entities": packed, "people": none}
        )
        parts.append(pa.table({"day": days, "kind": np.full(len(days), code), **told}).cast(columns))
    return by_day(parts)


def _tellable(kinds: Mapping[int, Held], days: Ints) -> pa.Table:
    """Of which entities each sign can be told that is asked of their kind, day by day."""
    columns = kind("tellable").in_hand
    made = [columns.empty_table()]
    for code, each in sorted(kinds.items()):
        for pair, own in each.tellable.items():
            borders = np.append(np.searchsorted(each.day[own], days), len(own))
            sets = pack_runs(each.entity[own], borders, fewest=0)
            many = len(days)
            made.append(
                pa.table(
                    {
                        "day": days,
                        "kind": np.full(many, code),
                        "pair": np.full(many, pair),
                        "entities": sets,
                    }
                ).cast(columns)
            )
    return by_day(made)


def _together(name: str, parts: Sequence[tuple[Held, pa.Table]], plan: Plan, digests: Digests) -> pa.Table:
    """Rows of entities on days as days of entities, kind by kind, the entities of each in the order of their digests; rows of one entity stay
    as they stand."""
    columns = kind(name).in_hand
    ordered = [columns.empty_table()]
    for of_kind, rows in parts:
        if rows.num_rows:
            grouping = plan.kinds.groupings[rows["kind"][0].as_py()]
            number = column(rows, "entity")
            entity, day = of_kind.entity[number], of_kind.day[number]
            told = rows.set_column(rows.column_names.index("entity"), "entity", pa.array(entity))
            told = told.add_column(0, "day", pa.array(day))
            ordered.append(told.take(pa.array(grouping.order(entity, digests))).cast(columns))
    return by_day(ordered)
