"""Whom each entity saw on one day, person by person, before it is added up. Parts of a day go together in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .plan import Plan
from .told import NOT_EXPLAINED, UNEXPLAINED_PEOPLE
from .who import Digests, column, who_was_seen

__all__ = ["Held", "Late", "held"]

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]
_NONE = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Views that bear a sign which was known on this day: the views with their answers, the sign of each, and when it was known."""

    views: pa.Table
    answers: pa.Table
    who: Ints
    sign: Ints  # its place in `Told.signs`
    known: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Of one day and one kind, a row for each entity and person: how many views, of whom what can be told and who bears what, as a
    bit for each pair; and of each entity and pair, how many views bear it and when that was known."""

    entity: Ints
    who: Ints
    views: Ints
    counted: npt.NDArray[np.uint8]  # by name: 1 not explained, 2 unexplained
    told: Bits
    signed: Bits
    records: Ints
    first: Ints
    last: Ints
    signs: tuple[Ints, ...]  # entity, pair, views, first, last

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """The same of all parts of a day; it does not matter in which order, nor what was cut where."""
        entity, who = _joined(parts, "entity"), _joined(parts, "who")
        order, starts = _groups(who, entity)

        def each(name: str, how: np.ufunc) -> Any:
            values = np.concatenate([getattr(part, name) for part in parts])
            return how.reduceat(values[order], starts) if len(starts) else values

        signs = [np.concatenate([part.signs[at] for part in parts]) for at in range(5)]
        return cls(
            entity=entity[order][starts],
            who=who[order][starts],
            views=each("views", np.add),
            counted=each("counted", np.bitwise_or),
            told=each("told", np.bitwise_or),
            signed=each("signed", np.bitwise_or),
            records=each("records", np.add),
            first=each("first", np.minimum),
            last=each("last", np.maximum),
            signs=_signs(*signs),
        )

    @classmethod
    def behind(cls, parts: Sequence[Self]) -> Self:
        """Of entities of which no two parts have the same, one part behind the other."""
        told = {
            each.name: np.concatenate([getattr(part, each.name) for part in parts])
            for each in fields(cls)
            if each.name != "signs"
        }
        signs = tuple(np.concatenate([part.signs[at] for part in parts]) for at in range(5))
        return cls(**told, signs=signs)


def held(
    views: pa.Table, answers: pa.Table, plan: Plan, digests: Digests, late: Late | None = None
) -> dict[int, Held]:
    """By kind, what the views of one day (or of a part of it) come to; `late` are those of any day of which a sign was known on
    this one."""
    who = who_was_seen(views, digests)
    counted = np.where(
        column(views, "person") >= 0,
        plan.told.counts(answers, NOT_EXPLAINED).astype(np.uint8)
        | (plan.told.counts(answers, UNEXPLAINED_PEOPLE).astype(np.uint8) << 1),
        0,
    ).astype(np.uint8)
    told, signed = _pair_bits(answers, plan)
    unnamed = (column(views, "person") < 0) & plan.told.counts(answers, NOT_EXPLAINED)
    records = np.where(unnamed, np.where(column(views, "extra") < 0, 1, column(views, "extra")), 0)
    time = column(views, "time")
    found = {}
    for code, grouping in plan.kinds.groupings.items():
        pairs = plan.asked.get(code, ())
        parts = [
            _of_rows(
                grouping.entities(views, plan.agents), who, time, pairs,
                views=np.ones(len(who), np.int64), counted=counted, told=told, signed=signed, records=records,
            )
        ]  # fmt: skip
        if late is not None and late.views.num_rows and pairs:
            parts.append(_of_late(grouping.entities(late.views, plan.agents), late, plan, pairs))
        found[code] = Held.together(parts)
    return found


def _pair_bits(answers: pa.Table, plan: Plan) -> tuple[Bits, Bits]:
    told, signed = np.zeros(answers.num_rows, np.uint64), np.zeros(answers.num_rows, np.uint64)
    for at, pair in enumerate(plan.pairs):
        known, bears = plan.told.sign(answers, pair.sign)
        told |= known.astype(np.uint64) << np.uint64(at)
        signed |= (bears & plan.told.counts(answers, pair.rule)).astype(np.uint64) << np.uint64(at)
    return told, signed


def _of_late(entity: Ints, late: Late, plan: Plan, pairs: Sequence[int]) -> Held:
    """What is known late counts on the day on which it is known, as one who bears the sign and is told; and as no view."""
    signed = np.zeros(len(entity), np.uint64)
    for at in pairs:
        pair = plan.pairs[at]
        bears = (late.sign == plan.told.signs.index(pair.sign)) & plan.told.counts(late.answers, pair.rule)
        signed |= bears.astype(np.uint64) << np.uint64(at)
    return _of_rows(
        np.where(signed > 0, entity, -1), late.who, late.known, pairs,
        views=np.zeros(len(entity), np.int64), counted=np.zeros(len(entity), np.uint8), told=signed, signed=signed,
        records=np.zeros(len(entity), np.int64),
    )  # fmt: skip


def _of_rows(
    entity: Ints, who: Ints, time: Ints, pairs: Sequence[int], *,
    views: Ints, counted: npt.NDArray[np.uint8], told: Bits, signed: Bits, records: Ints,
) -> Held:  # fmt: skip
    """Rows one by one, each as if it were a part of its own."""
    some = np.flatnonzero(entity >= 0)
    mask = np.uint64(sum(1 << at for at in pairs))
    bears = [some[(signed[some] >> np.uint64(at)) & np.uint64(1) > 0] for at in pairs]
    rows = np.concatenate([np.empty(0, np.int64), *bears]).astype(np.int64)
    pair = np.repeat(np.asarray(pairs, np.int64), [len(each) for each in bears])
    seen = views[some] > 0
    return Held(
        entity=entity[some],
        who=who[some],
        views=views[some],
        counted=counted[some],
        told=told[some] & mask,
        signed=signed[some] & mask,
        records=records[some],
        first=np.where(seen, time[some], _NONE),
        last=np.where(seen, time[some], -_NONE),
        signs=(entity[rows], pair, np.ones(len(rows), np.int64), time[rows], time[rows]),
    )


def _groups(*keys: Ints) -> tuple[Ints, Ints]:
    """The order in which equal keys lie together, the last key first, and where each begins in it."""
    order = np.lexsort(keys)
    changed = np.zeros(len(order), bool)
    for key in keys:
        changed[1:] |= np.diff(key[order]) != 0
    changed[:1] = True
    return order, np.flatnonzero(changed)


def _signs(entity: Ints, pair: Ints, views: Ints, first: Ints, last: Ints) -> tuple[Ints, ...]:
    if not len(entity):
        return entity, pair, views, first, last
    order, starts = _groups(pair, entity)
    return (
        entity[order][starts],
        pair[order][starts],
        np.add.reduceat(views[order], starts),
        np.minimum.reduceat(first[order], starts),
        np.maximum.reduceat(last[order], starts),
    )


def _joined(parts: Sequence[Held], name: str) -> Ints:
    return np.concatenate([np.empty(0, np.int64), *(getattr(part, name) for part in parts)])
