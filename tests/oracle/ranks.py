"""Places of people among all numbers as of a day, and walks through them: steps and chains."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from .rows import DAY, Log

__all__ = ["Row", "Step", "Walk", "numbers", "places_of", "steps"]

APART = 1_000  # between the places of numbers of two kinds, which are never near


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What counts as a step: at most `near` places away from one of the `recent` people new before, `within` microseconds; or as far
    from the last one as that was from the one before."""

    recent: int
    near: int
    within: int
    chain: int = 2
    chained_share: float = 0.0

    def chance(self, people: int) -> float:
        """How likely a person is a step by accident, where people come in no order."""
        return min(1.0, self.recent * 2 * self.near / max(1, people))


class Row(NamedTuple):
    """One view of a walk: when, whom by place, by which client, and its number."""

    time: int
    place: int
    client: Hashable
    view: int = -1


class Step(NamedTuple):
    """Somebody new to the actor: whether they are a step, and which of these rows they go on from."""

    row: Row
    step: bool
    before: Row | None = None


def numbers(person: str) -> tuple[str, int] | None:
    """Kind and value of an identifier that holds one number."""
    parts = re.split(r"(\d+)", person)
    return (f"{parts[0]}#{parts[2]}", int(parts[1])) if len(parts) == 3 else None


class places_of:  # noqa: N801
    """Places of everybody known (seen or asked for) by the end of a day: the rank by kind, value and digest, kinds apart."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._kept: dict[int, Mapping[str, int]] = {}

    @cached_property
    def _known(self) -> list[tuple[int, str]]:
        """Everybody with a number by when they were first seen or asked for."""
        first: dict[str, int] = {}
        for each in (*self._log.views, *self._log.others):
            if each.person is not None and numbers(each.person) is not None:
                first[each.person] = min(first.get(each.person, each.time), each.time)
        return sorted((time, person) for person, time in first.items())

    def on(self, day: int) -> Mapping[str, int]:
        """By person the place as of the end of the day."""
        known = bisect_left(self._known, ((day + 1) * DAY, ""))
        if known not in self._kept:
            self._kept[known] = self._ranked([person for _, person in islice(self._known, known)])
        return self._kept[known]

    def _ranked(self, people: Sequence[str]) -> Mapping[str, int]:
        ordered = sorted(
            (*(numbers(each) or ("", 0)), self._log.digest("person", each), each) for each in people
        )
        found: dict[str, int] = {}
        kinds = 0
        for rank, (kind, _, _, person) in enumerate(ordered, start=1):
            if rank == 1 or kind != ordered[rank - 2][0]:
                kinds += 1
            found[person] = rank + APART * kinds
        return found


def steps(walk: Walk, rows: Sequence[Row]) -> list[Step]:
    """Of rows in order of time, those of people whom the actor had not seen for `within`, each with whether it is a step."""
    seen: dict[int, int] = {}
    fresh: list[Row] = []
    for row in rows:
        if row.place not in seen or row.time - seen[row.place] >= walk.within:
            fresh.append(row)
        seen[row.place] = row.time
    before: list[int | None] = []
    latest: dict[int, int] = {}  # by place, the last of these rows there
    for at, row in enumerate(fresh):
        near = [latest[place] for place in _beside(row.place, walk.near) if place in latest]
        known = [
            each for each in near if at - each <= walk.recent and row.time - fresh[each].time <= walk.within
        ]
        before.append(max(known, default=None))
        latest[row.place] = at
    for at in range(2, len(fresh)):
        stride = fresh[at].place - fresh[at - 1].place
        same = stride != 0 and stride == fresh[at - 1].place - fresh[at - 2].place
        if same and fresh[at].time - fresh[at - 2].time <= 2 * walk.within:
            for each in (at, at - 1):
                if before[each] is None:
                    before[each] = each - 1
    return [
        Step(row, earlier is not None, None if earlier is None else fresh[earlier])
        for row, earlier in zip(fresh, before, strict=True)
    ]


def chains(fresh: Sequence[Step]) -> list[int]:
    """Which chain each belongs to: the view that the first of those that hang together is of."""
    found: dict[int, int] = {}
    for each in fresh:
        before = -1 if each.before is None else each.before.view
        found[each.row.view] = found.get(before, each.row.view)
    return [found[each.row.view] for each in fresh]


def _beside(place: int, near: int) -> Iterator[int]:
    """The places at most so far away, without the place itself."""
    yield from range(place - near, place)
    yield from range(place + 1, place + near + 1)
