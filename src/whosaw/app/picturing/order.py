"""In which order an actor went through numbers: where the people seen lie among all known ones, stretch by stretch.

Places are told in fortieths, so that nobody's number follows from them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from whosaw.report.pictures.data import NumberOrder, OrderSlot
from whosaw.report.wording import clock, many
from whosaw.store.numbers.facts import OfIndex, known_facts

from .of_actor import EPOCH, Asked, one_of, time_rows
from .seen_lines import SeenLines
from .steps import Steps

__all__ = ["ORDER_SLOTS", "number_order"]

ORDER_SLOTS: Final = 64
_PARTS: Final = 40
_KINDS: Final = 8
_BATCH: Final = 1 << 18
_NOBODY: Final = 255  # of a person whose id holds no number

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """By the number of a person, which kind of id they have and in which part of its numbers it lies."""

    kinds: tuple[str, ...]
    kind: Bytes
    part: Bytes


def number_order(seen: SeenLines, asked: Asked) -> NumberOrder:
    """The picture, for the kind of id that most views are of."""
    found = time_rows(seen, asked.zone, ORDER_SLOTS)
    if found is None:
        return _nothing(asked)
    steps, starts, rows = found
    names = sorted(starts, key=lambda each: starts[each])
    at = {name: place for place, name in enumerate(names)}
    keys = np.asarray(rows["key"].to_pylist(), np.int64)
    slot_of = np.asarray([at[each] for each in rows["row"].to_pylist()], np.int64)
    cells, every = _cells(seen, steps, keys, slot_of, len(names))
    if cells is None:
        return _nothing(asked)
    counted = {each.row: each for each in seen.by_time(rows, steps.unit)}
    slots = tuple(
        OrderSlot(
            name=name,
            start=starts[name],
            end=steps.end_of(starts[name]),
            parts=tuple(int(each) for each in cells[place]),
            lines=counted[name].lines,
        )
        for name, place in at.items()
        if cells[place].any()
    )
    return _told(slots, every - int(cells.sum()), steps, asked)


def _told(slots: tuple[OrderSlot, ...], without: int, steps: Steps, asked: Asked) -> NumberOrder:
    spread = float(np.median([each.part_at(0.95) - each.part_at(0.05) + 1 for each in slots])) * 100 / _PARTS
    one = one_of(steps.words)
    title = f"In {'an' if one == 'hour' else 'a'} {one}, views mostly spread over {spread:.0f} % of all known numbers"
    ends = (
        f"From {clock(slots[0].start, asked.zone)} to {clock(slots[-1].end, asked.zone)} ({asked.zone_name})."
    )
    notes = ["Upwards: from the lowest to the highest known number of a person. No number is told."]
    if without:
        notes.append(f"{many(without, 'views')} of people whose ids hold no such number are left out.")
    return NumberOrder(
        of=asked.of,
        title=title,
        says=f"{title}. A narrow band that moves is a walk through numbers; people who come in no order fill the height. {ends}",
        notes=tuple(notes),
        zone=asked.zone,
        zone_name=asked.zone_name,
        opens=asked.opens("order"),
        slots=slots,
        start=slots[0].start,
        end=slots[-1].end,
        parts=_PARTS,
        without=without,
    )


def _nothing(asked: Asked) -> NumberOrder:
    return NumberOrder(
        of=asked.of,
        title="No number to put in order",
        says=f"{asked.of}: nobody who was seen has an id with a number in it.",
        zone=asked.zone,
        zone_name=asked.zone_name,
        slots=(),
        start=EPOCH,
        end=EPOCH,
        parts=_PARTS,
    )


def _cells(
    seen: SeenLines, steps: Steps, keys: npt.NDArray[np.int64], slot_of: npt.NDArray[np.int64], slots: int
) -> tuple[npt.NDArray[np.int64] | None, int]:
    """(slot, part) -> views, of the kind of id that most views are of; None where there is none; and how many views name somebody."""
    places = _places(seen)
    counted: Counter[str] = Counter()
    cells = {each: np.zeros(slots * _PARTS, np.int64) for each in places.kinds}
    every = 0
    order = np.argsort(keys)
    keys, slot_of = keys[order], slot_of[order]
    rows = f"SELECT micros // {steps.unit} AS key, person FROM pictured_rows WHERE person IS NOT NULL"
    for batch in seen.ledger.reader.session.batches(rows, _BATCH):
        person = batch.column("person").to_numpy()
        every += len(person)
        slot = slot_of[np.searchsorted(keys, batch.column("key").to_numpy())]
        kind, part = places.kind[person], places.part[person]
        for number, name in enumerate(places.kinds):
            mine = kind == number
            found = np.bincount(slot[mine] * _PARTS + part[mine], minlength=slots * _PARTS)
            cells[name] += found
            counted[name] += int(found.sum())
    most = max(places.kinds, key=lambda each: (counted[each], each), default=None)
    if most is None or not counted[most]:
        return None, every
    return cells[most].reshape(slots, _PARTS), every


def _places(seen: SeenLines) -> _Places:
    numbers = known_facts(OfIndex(seen.ledger.reader)).numbers
    people = seen.query("SELECT coalesce(max(person), -1) + 1 AS n FROM pictured_rows")[0]["n"]
    persons: Any = numbers["person"].to_numpy()
    size = max(people, int(persons.max()) + 1 if len(persons) else 0)
    kind, part = np.full(size, _NOBODY, np.uint8), np.zeros(size, np.uint8)
    names = numbers["kind"].dictionary_encode().unify_dictionaries()
    texts = names.chunk(0).dictionary.to_pylist() if names.num_chunks else []
    chunks = [np.asarray(each.indices) for each in names.chunks]
    codes, values = np.concatenate([np.zeros(0, np.int32), *chunks]), numbers["value"].to_numpy()
    # the kinds with most people; a ledger has a handful of them
    sizes = np.bincount(codes, minlength=len(texts)) if len(codes) else np.zeros(0, np.int64)
    held = [texts[each] for each in np.argsort(-sizes, kind="stable")[:_KINDS].tolist()]
    for number, name in enumerate(sorted(held)):
        mine = codes == texts.index(name)
        ordered = np.sort(values[mine])
        # the first place of each part but the lowest: place p of n lies in part p * parts // n
        first = -(-np.arange(1, _PARTS) * len(ordered) // _PARTS)
        borders = ordered[first[first < len(ordered)]]
        kind[persons[mine]] = number
        part[persons[mine]] = np.searchsorted(borders, values[mine], side="right")
    return _Places(kinds=tuple(sorted(held)), kind=kind, part=part)
