"""What several members of staff share because they work in one place: an address, a user agent, a network. That says nothing of who looks
at whom, so of those who were flagged by name each is a party of his own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from whosaw.store.person_sets import union_by

from .kept import Kept
from .rows import clients as clients_of
from .rows import names_of, summed

__all__ = ["Desks", "desks_of", "leave_desks"]

Ints = npt.NDArray[np.int64]
_SEVERAL: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """Positions of flags: those of one member of staff, with his number; those of a place in which staff work and one of these was; and of
    them those that several share."""

    staff: Mapping[int, int]
    offices: frozenset[int] = frozenset()
    shared: frozenset[int] = frozenset()

    @property
    def colleagues(self) -> AbstractSet[int]:
        """Those that have a network in common with all who work in it."""
        return self.staff.keys() | self.offices

    def part(self, one: int, other: int) -> bool:
        """Whether nothing but the place can join these two."""
        if one in self.staff and other in self.staff:
            return self.staff[one] != self.staff[other]
        return (one in self.staff and other in self.shared) or (other in self.staff and one in self.shared)


def desks_of(
    kept: Kept, parts: Iterable[AbstractSet[int]], staff: Ints, explanations: Collection[int]
) -> Desks:
    """Where members of staff, flagged by name, lie in a flag of a place in which staff work: one where any of these explanations (their
    bits) explained a view of somebody's. `parts`: sets of flags that count the same views."""
    named = _named(kept, staff)
    beside: dict[int, set[int]] = {}
    for part in parts:
        names = {named[each] for each in part if each in named}
        for each in part:
            if names and each not in named:
                beside.setdefault(each, set()).update(names)
    if not beside:
        return Desks(staff=named)
    offices = _offices(kept, beside.keys(), sum(1 << each for each in explanations))
    shared = frozenset(each for each in offices if len(beside[each]) >= _SEVERAL)
    return Desks(staff=named, offices=offices, shared=shared)


def leave_desks(kept: Kept, desks: Desks, planted: Ints) -> None:
    """Take those who are flagged by name out of flags that several of them share, but for the one who has most of what such a flag counts.
    One that would be none by the others that it counts is gone."""
    taken = []
    for flag in sorted(desks.shared):
        views, others = _by_staff(kept, flag, desks, planted)
        every = sum(views.values())
        owner = next((each for each in views if each is not None and 2 * views[each] > every), None)
        least = min(window.persons for window in kept.flags[flag].clause.windows)
        gone = owner is None and others < least
        for client in kept.clients.get(flag, ()):
            names = {desks.staff[at] for at in kept.left(client) | client.of_entity if at in desks.staff}
            if gone or names - {owner}:
                taken.append((flag, client))
    for flag, client in taken:
        kept.take_out(flag, client)


def _named(kept: Kept, staff: Ints) -> dict[int, int]:
    """Flags all of whose clients carry the name of one member of staff."""
    client, flag = kept.counting_clients()
    told, least, largest = names_of(kept)
    client, flag = client[told[client]], flag[told[client]]
    first, last = np.full((2, len(kept.flags)), -1)
    first[flag] = np.iinfo(np.int64).max
    np.minimum.at(first, flag, least[client])
    np.maximum.at(last, flag, largest[client])
    one = np.flatnonzero((first == last) & np.isin(first, staff)).tolist()
    return {at: int(first[at]) for at in one}


def _offices(kept: Kept, asked: Collection[int], bits: int) -> frozenset[int]:
    worked = {
        (row["network"], row["address"]) for row in kept.rows("desks").to_pylist() if row["explained"] & bits
    }
    return frozenset(
        at
        for client, place, _ in clients_of(kept, ["network", "address"])
        if place in worked
        for at in kept.left(client)
        if at in asked
    )


def _by_staff(kept: Kept, flag: int, desks: Desks, planted: Ints) -> tuple[dict[int | None, int], int]:
    """How many views the flag counts by which member of staff who is flagged by name; and of how many people by others. Of a flag for planted
    people these alone."""
    canary = kept.flags[flag].detector.kind == "canary"
    views: dict[int | None, int] = defaultdict(int)
    of_others = []
    for row in summed(kept, "marks", ["mark"], "planted" if canary else "views"):
        counting = kept.counting(row["mark"])
        if flag not in counting:
            continue
        names = {desks.staff[at] for at in counting if at in desks.staff}
        name = min(names) if names else None
        views[name] += row["planted" if canary else "views"]
        if name is None:
            of_others.append(row["mark"])
    others = _people(kept, of_others) if of_others else BitMap()
    if canary:
        others &= BitMap(planted.tolist())
    return {name: many for name, many in views.items() if many}, len(others)


def _people(kept: Kept, marks: Collection[bytes]) -> BitMap:
    """Whom views of these marks show, by name."""
    its = kept.rows("marks")["mark"]
    wanted = np.flatnonzero(pc.is_in(its, pa.array(list(marks), its.type)).to_numpy())
    return union_by(kept.sets("marks", "people"), wanted, np.zeros(len(wanted), np.int64), 1)[0]
