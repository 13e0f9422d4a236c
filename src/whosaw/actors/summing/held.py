"""Whom each entity saw on each day, person by person, before it is added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Of one kind, a row for each entity and person on each day: how many views, of whom what can be told and who bears what, as a
    bit for each pair; and of each entity on a day and pair, how many views bear it and when that was known. An entity on a day is one
    number (`place`): days, and entities of a day, ascend with it."""

    entity: Ints  # by that number
    day: Ints
    place: Ints  # by row, ascending
    who: Ints
    views: Ints
    counted: npt.NDArray[np.uint8]  # by name: 1 not explained, 2 unexplained
    told: Bits
    signed: Bits
    records: Ints
    first: Ints
    last: Ints
    signs: tuple[Ints, ...]  # place, pair, views, first, last


def held(seen: Seen, plan: Plan) -> dict[int, Held]:
    """By kind, what the views of these days come to. What is known late counts on the day on which it is known, as one who bears the
    sign and is told; and as no view."""
    named = column(seen.views, "person") >= 0
    counts = plan.told.counts(seen.answers, NOT_EXPLAINED)
    unexplained = plan.told.counts(seen.answers, UNEXPLAINED_PEOPLE)
    counted = np.where(named, counts.astype(np.uint8) | (unexplained.astype(np.uint8) << 1), 0)
    extra = column(seen.views, "extra")
    records = np.where(~named & counts, np.where(extra < 0, 1, extra), 0)
    told, signed = _pair_bits(seen, plan)
    time = column(seen.views, "time")
    nothing = np.zeros(seen.late.rows.num_rows, np.int64)
    found = {}
    for code, grouping in plan.kinds.groupings.items():
        pairs = plan.asked.get(code, ())
        of_late = _late_bits(seen, plan, pairs)
        late = np.where(of_late > 0, grouping.entities(seen.late.rows, plan.agents), -1)
        mask = np.uint64(sum(1 << at for at in pairs))
        found[code] = _grouped(
            np.concatenate([grouping.entities(seen.views, plan.agents), late]), seen.days, seen.whom, pairs,
            time=np.concatenate([time, seen.late.known]), views=np.append(np.ones(len(time), np.int64), nothing),
            counted=np.append(counted, nothing).astype(np.uint8), told=np.append(told & mask, of_late),
            signed=np.append(signed & mask, of_late), records=np.append(records, nothing),
        )  # fmt: skip
    return found


def _pair_bits(seen: Seen, plan: Plan) -> tuple[Bits, Bits]:
    told, signed = (np.zeros(seen.answers.num_rows, np.uint64) for _ in range(2))
    for at, pair in enumerate(plan.pairs):
        known, bears = plan.told.sign(seen.answers, pair.sign)
        told |= known.astype(np.uint64) << np.uint64(at)
        bears = bears & plan.told.counts(seen.answers, pair.rule)
        signed |= bears.astype(np.uint64) << np.uint64(at)
    return told, signed


def _late_bits(seen: Seen, plan: Plan, pairs: Sequence[int]) -> Bits:
    bits = np.zeros(seen.late.rows.num_rows, np.uint64)
    for at in pairs:
        bears = seen.late.bears(plan, at) & plan.told.counts(seen.late.rows, plan.pairs[at].rule)
        bits |= bears.astype(np.uint64) << np.uint64(at)
    return bits


def _grouped(
    entity: Ints, day: Ints, who: Ints, pairs: Sequence[int], *,
    time: Ints, views: Ints, counted: npt.NDArray[np.uint8], told: Bits, signed: Bits, records: Ints,
) -> Held:  # fmt: skip
    """Rows one by one, put together by entity and person on each day."""
    there = np.flatnonzero(entity >= 0)
    order = there[order_of(day[there], entity[there], who[there])]
    entity, day, who, time, seen = entity[order], day[order], who[order], time[order], views[order] > 0
    begins = starts_of(day, entity)
    place = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(order))))
    starts = starts_of(place, who)

    def each(values: npt.NDArray[np.generic], how: np.ufunc) -> Any:
        if not len(starts) or len(starts) == len(values):
            return values
        return how.reduceat(values, starts)

    if seen.all():  # as mostly, nothing was known late
        many = np.diff(np.append(starts, len(order)))
        first, last = each(time, np.minimum), each(time, np.maximum)
    else:
        many = each(views[order], np.add)
        first = each(np.where(seen, time, _NONE), np.minimum)
        last = each(np.where(seen, time, -_NONE), np.maximum)
    none = np.zeros(len(starts), np.uint64)
    told, signed = told[order] if pairs else none, signed[order] if pairs else none
    return Held(
        entity=entity[begins],
        day=day[begins],
        place=place[starts],
        who=who[starts],
        views=many,
        counted=each(counted[order], np.bitwise_or),
        told=each(told, np.bitwise_or) if pairs else none,
        signed=each(signed, np.bitwise_or) if pairs else none,
        records=each(records[order], np.add),
        first=first,
        last=last,
        signs=_signs(place, signed, time, pairs),
    )


def _signs(place: Ints, signed: Bits, time: Ints, pairs: Sequence[int]) -> tuple[Ints, ...]:
    bears = [np.flatnonzero((signed >> np.uint64(at)) & np.uint64(1)) for at in pairs]
    rows = np.concatenate([np.empty(0, np.int64), *bears]).astype(np.int64)
    pair = np.repeat(np.asarray(pairs, np.int64), [len(each) for each in bears])
    if not len(rows):
        return (rows,) * 5
    order = order_of(place[rows], pair)
    rows, pair = rows[order], pair[order]
    starts = starts_of(place[rows], pair)
    many = np.diff(np.append(starts, len(rows)))
    return (
        place[rows][starts],
        pair[starts],
        many,
        np.minimum.reduceat(time[rows], starts),
        np.maximum.reduceat(time[rows], starts),
    )
