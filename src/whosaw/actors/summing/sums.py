"""The sums of a span: by day, what each entity saw and which of its people bear which sign, and who was there at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.build.step import Span
from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs

from .alike import alike
from .held import Held, Late, held
from .named import grouping_name, of, rule_name
from .pages import pages
from .places import places
from .plan import Plan
from .several import several
from .signed_hours import signed_hours
from .ways import ways
from .who import Digests, column, distinct, who_was_seen

__all__ = [
    "CLIENTS",
    "PEOPLE",
    "SUMS",
    "HeldDays",
    "entity_rows",
    "known_late",
    "signed_rows",
    "sums",
    "sums_of",
]

Ints = npt.NDArray[np.int64]
SUMS = ("entities", "signed", "signed_hours", "tellable", "places", "alike", "present", "pages", "ways")
PEOPLE = -1  # the kind of the row of `present` that holds people
CLIENTS = -2  # and of the one that holds clients
_SEVERAL = 2  # people from which on an entity has a row
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class _Day:
    """The views of one day with their answers, row by row."""

    views: pa.Table
    answers: pa.Table


def sums(
    views: pa.Table, answers: pa.Table, late: pa.Table, *, span: Span, plan: Plan, digests: Digests
) -> dict[str, pa.Table]:
    """By kind of run the rows of each day of the span, each day for itself. `views` and `answers` hold the days of the span, the day
    before it, and those whose views `late` names; `late` what was known on the day before, too. A view that bears a sign in `answers` bore it when it was made."""
    days = {day: _Day(*pair) for day, pair in _by_day(views, answers)}
    known = {day: _late(late, day, days, digests) for day in range(span.first - 1, span.last + 1)}
    own = views.filter((pc.field("day") >= span.first - 1) & (pc.field("day") <= span.last))
    beside = answers.filter((pc.field("day") >= span.first - 1) & (pc.field("day") <= span.last))
    told = {day: each for day, each in known.items() if each is not None}
    return sums_of(own, beside, told, span=span, plan=plan, digests=digests)


def sums_of(
    views: pa.Table, answers: pa.Table, known: Mapping[int, Late], *, span: Span, plan: Plan, digests: Digests
) -> dict[str, pa.Table]:
    """The same, of the days of the span and the day before it, and by day of these what was known late on it."""
    days = {day: _Day(*pair) for day, pair in _by_day(views, answers)}
    parts: dict[str, list[pa.Table]] = {name: [] for name in SUMS}
    seen: list[tuple[int, Mapping[int, Held]]] = []
    for day in range(span.first, span.last + 1):
        own = days.get(day, _Day(views.slice(0, 0), answers.slice(0, 0)))
        late = known.get(day)
        if not own.views.num_rows and late is None:
            continue
        parts_of = [
            (each.views, each.answers, known.get(of_day))
            for of_day, each in ((day - 1, days.get(day - 1)), (day, own))
            if each is not None
        ]
        by_kind = held(own.views, own.answers, plan, digests, late)
        seen.append((day, by_kind))
        made = {
            "signed_hours": _in_order(signed_hours(day, parts_of, plan, digests), plan, digests),
            "places": places(own.views, own.answers, plan, digests, late),
            "alike": alike(own.views, own.answers, plan, digests, late),
            "present": _present(by_kind, own.views),
            "pages": pages(own.views, own.answers, plan),
            "ways": ways(own.views, plan, digests),
        }
        for code, rule in plan.walked:
            name = of("several", grouping_name(plan.kinds.groupings[code]), rule_name(rule))
            made[name] = several(own.views, own.answers, plan, code, rule)
        for name, rows in made.items():
            parts.setdefault(name, []).append(_on(day, rows))
    kinds = {code: HeldDays.of(code, seen) for code in plan.kinds.groupings} if seen else {}
    for name, of_kinds in (("entities", entity_rows), ("signed", signed_rows)):
        parts[name].append(of_kinds(kinds, plan, digests))
    parts["tellable"].append(_tellable(kinds, [day for day, _ in seen], plan))
    return {
        name: pa.concat_tables(of_kind) if of_kind else kind(name).in_hand.empty_table()
        for name, of_kind in parts.items()
    }


def known_late(views: pa.Table, late: pa.Table, sign: int) -> tuple[Ints, Ints]:
    """Rows of `views` in hand that `late` says bear a sign, and when that was known. `views` holds each day whole."""
    rows = late.filter(pc.field("sign") == sign)
    first = np.searchsorted(column(views, "day"), column(rows, "view_day"))
    return first + column(rows, "position"), column(rows, "known")


@dataclass(frozen=True, slots=True)
class HeldDays:
    """What is held of one kind on several days. An entity on a day is one number: days and entities ascend with it."""

    held: Held
    entity: Ints  # by that number
    day: Ints

    @classmethod
    def of(cls, code: int, days: Sequence[tuple[int, Mapping[int, Held]]]) -> HeldDays:
        own = [each[code] for _, each in days]
        known = [each.entity[_begins(each.entity)] for each in own]
        many = [len(each) for each in known]
        starts = np.append(0, np.cumsum(many))
        numbered = [
            replace(
                each,
                entity=start + np.cumsum(_begins(each.entity)) - 1,
                signs=(start + np.searchsorted(there, each.signs[0]), *each.signs[1:]),
            )
            for each, there, start in zip(own, known, starts.tolist(), strict=False)
        ]
        return cls(
            Held.behind(numbered),
            np.concatenate(known),
            np.repeat(np.array([day for day, _ in days], np.int64), many),
        )


def _begins(ordered: Ints) -> npt.NDArray[np.bool_]:
    """Where another number begins."""
    return np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]


def entity_rows(kinds: Mapping[int, HeldDays], plan: Plan, digests: Digests) -> pa.Table:
    """The rows of `entities`, day by day. An entity that showed one person and no list has none."""
    made = [(each, _entities(code, each.held)) for code, each in sorted(kinds.items())]
    return _together("entities", made, plan, digests)


def signed_rows(kinds: Mapping[int, HeldDays], plan: Plan, digests: Digests) -> pa.Table:
    """The rows of `signed`, day by day: of whoever bears a sign; and of entities with a row in `entities`, where something cannot be told of
    some of their people."""
    made = []
    for code, each in sorted(kinds.items()):
        if pairs := plan.asked.get(code):
            entities = _Entities.of(each.held)
            rows = pa.concat_tables([_signed(code, each.held, pair, entities) for pair in pairs])
            made.append((each, rows))
    return _together("signed", made, plan, digests)


def _entities(code: int, of_kind: Held) -> pa.Table:
    own = of_kind.views > 0
    entity, starts = np.unique(of_kind.entity[own], return_index=True)

    def each(values: npt.NDArray[np.generic], how: np.ufunc = np.add) -> Ints:
        return np.asarray(
            how.reduceat(values[own].astype(np.int64), starts) if len(starts) else values[:0], np.int64
        )

    people = np.diff(np.append(starts, int(own.sum())))
    kept = (people >= _SEVERAL) | (each(of_kind.records) > 0)
    named = own & (of_kind.who >= 0) & np.isin(of_kind.entity, entity[kept])
    return pa.table(
        {
            "kind": pa.array(np.full(int(kept.sum()), code), pa.int8()),
            "entity": entity[kept],
            "views": each(of_kind.views)[kept],
            "seen": people[kept],
            "counted": each(of_kind.counted & np.uint8(1))[kept],
            "unexplained": each((of_kind.counted >> np.uint8(1)) & np.uint8(1))[kept],
            "records": each(of_kind.records)[kept],
            "first": each(of_kind.first, np.minimum)[kept],
            "last": each(of_kind.last, np.maximum)[kept],
            "people": _sets(of_kind.entity[named], of_kind.who[named], entity[kept]),
        }
    )


@dataclass(frozen=True, slots=True)
class _Entities:
    """The entities of a kind, which ascend: which one each row is of, how many people it was seen to see, and its records."""

    number: Ints
    place: Ints
    seen: Ints
    records: Ints

    @classmethod
    def of(cls, of_kind: Held) -> _Entities:
        begins = np.append(True, of_kind.entity[1:] != of_kind.entity[:-1])[: len(of_kind.entity)]
        starts = np.flatnonzero(begins)
        place = np.cumsum(begins) - 1
        seen = np.bincount(place[of_kind.views > 0], minlength=len(starts))
        records = of_kind.records.astype(np.int64)
        return cls(
            of_kind.entity[starts], place, seen, np.add.reduceat(records, starts) if len(starts) else records
        )


def _signed(code: int, of_kind: Held, pair: int, entities: _Entities) -> pa.Table:
    bit = np.uint64(pair)
    told = ((of_kind.told >> bit) & np.uint64(1)) > 0
    signed = ((of_kind.signed >> bit) & np.uint64(1)) > 0
    entity, size = entities.number, len(entities.number)
    bears, knows = (
        np.bincount(entities.place[mask], minlength=size) for mask in (signed, told & (of_kind.views > 0))
    )
    lacking = (entities.seen >= _SEVERAL) | (entities.records > 0)
    kept = (bears > 0) | ((knows < entities.seen) & lacking)
    of_pair = of_kind.signs[1] == pair
    at = np.searchsorted(entity, of_kind.signs[0][of_pair])
    views, first, last = np.zeros(size, np.int64), np.full(size, _NEVER), np.full(size, _NEVER)
    views[at], first[at], last[at] = (values[of_pair] for values in of_kind.signs[2:])
    named = signed & (of_kind.who >= 0)
    return pa.table(
        {
            "kind": pa.array(np.full(int(kept.sum()), code), pa.int8()),
            "entity": entity[kept],
            "pair": pa.array(np.full(int(kept.sum()), pair), pa.int8()),
            "told": knows[kept],
            "signed": bears[kept],
            "views": views[kept],
            "first": pa.array(first[kept], pa.int64(), mask=bears[kept] == 0),
            "last": pa.array(last[kept], pa.int64(), mask=bears[kept] == 0),
            "people": _sets(of_kind.entity[named], of_kind.who[named], entity[kept]),
        }
    )


def _sets(entity: Ints, who: Ints, wanted: Ints) -> pa.Array:
    """The people of each wanted entity; pairs are in order of entity, then person."""
    borders = np.searchsorted(entity, wanted)
    ends = np.searchsorted(entity, wanted, "right")
    kept = np.isin(entity, wanted)
    return pack_runs(who[kept], np.append(0, np.cumsum(ends - borders)))


def _present(by_kind: Mapping[int, Held], views: pa.Table) -> pa.Table:
    """Which entities of each kind there were, which clients, and which people: sets that are never absent, however small."""
    person = column(views, "person")
    sets = [(PEOPLE, np.unique(person[person >= 0])), (CLIENTS, np.unique(column(views, "client")))]
    sets += [(code, np.unique(each.entity[each.views > 0])) for code, each in sorted(by_kind.items())]
    packed = [_packed(numbers) for _, numbers in sets]
    rows = pa.table(
        {
            "kind": [code for code, _ in sets],
            "entities": pa.array([None if at == 0 else each for at, each in enumerate(packed)], pa.binary()),
            "people": pa.array([each if at == 0 else None for at, each in enumerate(packed)], pa.binary()),
        }
    )
    return rows.cast(kind("present").columns)


def _tellable(kinds: Mapping[int, HeldDays], days: Sequence[int], plan: Plan) -> pa.Table:
    """Of which entities each sign can be told that is asked of their kind, day by day."""
    made = []
    for code, each in sorted(kinds.items()):
        for pair in plan.asked.get(code, ()):
            if (code, pair) not in plan.lucky:
                continue
            told = (each.held.told >> np.uint64(pair)) & np.uint64(1) > 0
            own = distinct(each.held.entity[told])
            borders = np.append(np.searchsorted(each.day[own], days), len(own))
            sets = pack_runs(each.entity[own], borders, fewest=0)
            made.append(
                pa.table(
                    {"day": days, "kind": [code] * len(days), "pair": [pair] * len(days), "entities": sets}
                )
            )
    columns = kind("tellable").in_hand
    rows = pa.concat_tables([columns.empty_table(), *(each.cast(columns) for each in made)])
    return rows.take(pa.array(np.argsort(column(rows, "day"), kind="stable")))


def _packed(numbers: Ints) -> bytes | None:
    packed: bytes | None = pack_runs(numbers, np.array([0, len(numbers)]), fewest=0)[0].as_py()
    return packed


def _together(
    name: str, parts: Sequence[tuple[HeldDays, pa.Table]], plan: Plan, digests: Digests
) -> pa.Table:
    """Rows of entities on days as days of entities, kind by kind, the entities of each in the order of their digests; rows of one entity stay
    as they stand."""
    columns = kind(name).in_hand
    ordered = [columns.empty_table()]
    for of_kind, rows in parts:
        if rows.num_rows:
            grouping = plan.kinds.groupings[rows["kind"][0].as_py()]
            number = column(rows, "entity")
            entity, day = of_kind.entity[number], of_kind.day[number]
            place = np.empty(len(entity), np.int64)
            place[grouping.order(entity, digests)] = np.arange(len(entity))
            told = rows.set_column(rows.column_names.index("entity"), "entity", pa.array(entity))
            told = told.add_column(0, "day", pa.array(day)).take(pa.array(np.lexsort((place, day))))
            ordered.append(told.cast(columns))
    every = pa.concat_tables(ordered)
    return every.take(pa.array(np.argsort(column(every, "day"), kind="stable")))


def _in_order(rows: pa.Table, plan: Plan, digests: Digests) -> pa.Table:
    """Rows of entities, those of one kind together, in the order of kinds and of the digests of their entities."""
    codes, entity = column(rows, "kind"), column(rows, "entity")
    found = [np.empty(0, np.int64)]
    for code, grouping in plan.kinds.groupings.items():
        mine = np.flatnonzero(codes == code)
        if len(mine):
            found.append(mine[grouping.order(entity[mine], digests)])
    return rows.take(pa.array(np.concatenate(found))).cast(kind("signed_hours").columns)


def _on(day: int, rows: pa.Table) -> pa.Table:
    return rows.add_column(0, "day", pa.array(np.full(rows.num_rows, day), pa.int32()))


def _by_day(views: pa.Table, answers: pa.Table) -> Iterator[tuple[int, tuple[pa.Table, pa.Table]]]:
    """Both tables in hand, day by day; rows of one day lie together."""
    day = column(views, "day")
    if not np.array_equal(day, column(answers, "day")):
        raise ValueError("answers stand beside views, row by row")
    borders = [0, *(np.flatnonzero(np.diff(day)) + 1).tolist(), len(day)]
    for start, stop in pairwise(borders):
        if start < stop:
            yield int(day[start]), (views.slice(start, stop - start), answers.slice(start, stop - start))


def _late(late: pa.Table, day: int, days: Mapping[int, _Day], digests: Digests) -> Late | None:
    """What was known on that day of views of whatever day."""
    rows = late.filter(pc.field("day") == day)
    if not rows.num_rows:
        return None
    found = []
    for of_day in np.unique(column(rows, "view_day")).tolist():
        mine = rows.filter(pc.field("view_day") == of_day)
        position = column(mine, "position")
        its = days[of_day]
        found.append(
            Late(
                views=its.views.take(pa.array(position)),
                answers=its.answers.take(pa.array(position)),
                who=who_was_seen(its.views, digests)[position],
                sign=column(mine, "sign"),
                known=column(mine, "known"),
            )
        )
    return Late(
        views=pa.concat_tables([each.views for each in found]),
        answers=pa.concat_tables([each.answers for each in found]),
        who=np.concatenate([each.who for each in found]),
        sign=np.concatenate([each.sign for each in found]),
        known=np.concatenate([each.known for each in found]),
    )
