"""Whom each entity saw on each day, person by person, before it is added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from whosaw.store.distinct import order_of

from .plan import Plan
from .seen import Seen
from .told import NOT_EXPLAINED, UNEXPLAINED_PEOPLE
from .who import column, starts_of

__all__ = ["Held", "held"]

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]
_NONE = np.iinfo(np.int64).max
_ENDS: Final = (np.minimum, np.maximum)
_MORE: Final = 8  # where fewer rows than one in so many go on with the one before, these alone are added up


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Of one kind, a row for each entity and person on each day: how many views, of whom what can be told and who bears what, as a
    bit for each pair; and of each entity on a day and pair, how many views bear it and when that was known. An entity on a day is one
    number (`place`): days, and entities of a day, ascend with it. Of an entity with one view that neither bears a sign nor holds a
    list there may be no row."""

    entity: Ints  # by that number
    day: Ints
    seen: Ints  # how many people it was seen to see
    tellable: Mapping[int, Ints]  # by pair of which that is asked, of which numbers the sign can be told
    place: Ints  # by row, ascending
    who: Ints
    views: Ints
    counted: npt.NDArray[np.uint8]  # by name: 1 not explained, 2 unexplained
    told: Bits
    signed: Bits
    records: Ints
    first: Ints
    last: Ints
    signs: Mapping[int, tuple[Ints, ...]]  # by pair: place, views, first, last


def held(seen: Seen, plan: Plan) -> dict[int, Held]:
    """By kind, what the views of these days come to. What is known late counts on the day on which it is known, as one who bears the
    sign and is told; and as no view."""
    said, late = seen.said, seen.late.rows.num_rows
    counts = said.counts(plan, NOT_EXPLAINED)
    both = counts.astype(np.uint8) | (said.counts(plan, UNEXPLAINED_PEOPLE).astype(np.uint8) << 1)
    named = column(seen.views, "person") >= 0
    of_view = said.of[: len(named)]
    extra = column(seen.views, "extra")
    records = np.where(~named & counts[of_view], np.where(extra < 0, 1, extra), 0)
    rows = _Rows(
        day=seen.days,
        who=seen.whom,
        said=said.of,
        time=np.append(column(seen.views, "time"), seen.late.known),
        counted=np.append(np.where(named, both[of_view], np.uint8(0)), np.zeros(late, np.uint8)),
        records=np.append(records, np.zeros(late, np.int64)),
        late=late,
    )
    found = {}
    for code, grouping in plan.kinds.groupings.items():
        pairs = plan.asked.get(code, ())
        told, signed = _bits(seen, plan, pairs)
        bears = signed[said.of[len(named) :]] > 0
        entity = np.append(
            grouping.entities(seen.views, plan.agents),
            np.where(bears, grouping.entities(seen.late.rows, plan.agents), -1),
        )
        lucky = [pair for pair in pairs if (code, pair) in plan.lucky]
        found[code] = _grouped(entity, rows, pairs, told, signed, lucky)
    return found


def _bits(seen: Seen, plan: Plan, pairs: Sequence[int]) -> tuple[Bits, Bits]:
    """By what is said of a row, of which of these pairs the sign can be told, and of which it is borne and counts. Of what was known late
    that is the same."""
    said, late = seen.said, seen.said.late >= 0
    told, signed = (np.zeros(len(late), np.uint64) for _ in range(2))
    for at in pairs:
        known, bears = said.told(plan, at)
        bears &= said.counts(plan, plan.pairs[at].rule)
        told |= np.where(late, bears, known).astype(np.uint64) << np.uint64(at)
        signed |= bears.astype(np.uint64) << np.uint64(at)
    return told, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Views, and behind them what was known `late`, so many."""

    day: Ints
    who: Ints
    said: Ints
    time: Ints
    counted: npt.NDArray[np.uint8]
    records: Ints
    late: int


def _grouped(
    entity: Ints, rows: _Rows, pairs: Sequence[int], told: Bits, signed: Bits, lucky: Sequence[int]
) -> Held:
    """Rows one by one, put together by entity and person on each day. `told` and `signed` are bits by what is said."""
    there = np.flatnonzero(entity >= 0)
    order = there[order_of(rows.day[there], entity[there], rows.who[there])]
    begins = starts_of(rows.day[order], entity[order])
    entity, day = entity[order[begins]], rows.day[order[begins]]
    size = np.diff(np.append(begins, len(order)))
    place, said = np.repeat(np.arange(len(begins)), size), rows.said[order]
    tellable = {}
    for pair in lucky:
        can = np.zeros(len(begins), bool)
        can[place[((told >> np.uint64(pair)) & np.uint64(1) > 0)[said]]] = True
        tellable[pair] = np.flatnonzero(can)
    ones = np.zeros(len(begins), np.int64)
    if np.count_nonzero(size == 1) * 2 > len(order):
        matters = (size > 1)[place] | (signed > 0)[said] | (rows.records[order] > 0)
        matters |= order >= len(rows.day) - rows.late
        ones[place[~matters]] = 1
        order, place, said = order[matters], place[matters], said[matters]
    who, time = rows.who[order], rows.time[order]
    further = np.zeros(len(order), bool)  # rows that are of the same as the one before
    further[1:] = (place[1:] == place[:-1]) & (who[1:] == who[:-1])
    starts, more = np.flatnonzero(~further), np.flatnonzero(further)
    of = np.searchsorted(starts, more, side="right") - 1

    def each(values: npt.NDArray[Any], how: np.ufunc) -> Any:
        if len(more) * _MORE > len(values) > 0:
            return how.reduceat(values, starts)
        found = values[starts]
        how.at(found, of, values[more])
        return found

    seen = order < len(rows.day) - rows.late
    if not rows.late or seen.all():  # as mostly, nothing was known late
        many = np.diff(np.append(starts, len(order)))
        first, last = each(time, np.minimum), each(time, np.maximum)
    else:
        many = each(seen.astype(np.int64), np.add)
        first = each(np.where(seen, time, _NONE), np.minimum)
        last = each(np.where(seen, time, -_NONE), np.maximum)
    none = np.zeros(len(starts), np.uint64)
    people = np.bincount(place[starts][many > 0], minlength=len(begins))
    return Held(
        entity=entity,
        day=day,
        seen=people + ones,
        tellable=tellable,
        place=place[starts],
        who=who[starts],
        views=many,
        counted=each(rows.counted[order], np.bitwise_or),
        told=each(told[said], np.bitwise_or) if pairs else none,
        signed=each(signed[said], np.bitwise_or) if pairs else none,
        records=each(rows.records[order], np.add),
        first=first,
        last=last,
        signs=_signs(place, said, signed, time, pairs),
    )


def _signs(
    place: Ints, said: Ints, signed: Bits, time: Ints, pairs: Sequence[int]
) -> Mapping[int, tuple[Ints, ...]]:
    found, made = {}, dict[bytes, tuple[Ints, ...]]()
    for pair in pairs:
        bears = (signed >> np.uint64(pair)) & np.uint64(1) > 0
        which = bears.tobytes()  # many pairs have the same views
        if which not in made:
            rows = np.flatnonzero(bears[said]) if bears.any() else said[:0]
            of, starts = place[rows], starts_of(place[rows])
            many = np.diff(np.append(starts, len(rows)))
            times = (how.reduceat(time[rows], starts) if len(rows) else rows for how in _ENDS)
            made[which] = (of[starts], many, *times)
        found[pair] = made[which]
    return found
