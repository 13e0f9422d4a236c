"""What several members of staff share because they work in one place: an address, a user agent, a network. That says nothing
of who looks at whom, so of those who were flagged by name each is a party of his own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from whosaw.store.sql import Session, quote_name

from .actor_views import Flag
from .explanation import EXPLAINED
from .statement import statement

__all__ = ["Desks", "desks_of", "without_desks"]

Part = tuple[list[int], int]  # which flags count the same views, and how many these are
_SEVERAL: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """Positions of flags: those of one member of staff, with his number; those of a place in which staff work and one of these was; and of them
    those that several share."""

    staff: Mapping[int, int]
    offices: frozenset[int]
    shared: frozenset[int]

    @property
    def colleagues(self) -> AbstractSet[int]:
        """Those that have a network in common with all who work in it."""
        return self.staff.keys() | self.offices

    def part(self, one: int, other: int) -> bool:
        """Whether nothing but the place can join these two."""
        if one in self.staff and other in self.staff:
            return self.staff[one] != self.staff[other]
        return (one in self.staff and other in self.shared) or (other in self.staff and one in self.shared)

    def counting(self, hits: Sequence[int]) -> list[int]:
        """Of flags that count the same views, those that may be told of them: what a member of staff is flagged for by name is his own."""
        if self.staff.keys().isdisjoint(hits):
            return list(hits)
        return [each for each in hits if each not in self.shared]


def desks_of(session: Session, parts: Sequence[Part], explanations: Sequence[str]) -> Desks:
    """Where members of staff, flagged by name, lie in a flag of a place in which staff work: one where somebody's view has an explanation."""
    rows = session.query(statement("named_staff"))
    staff = dict(zip(rows["hit"].to_pylist(), rows["staff"].to_pylist(), strict=True))
    beside: dict[int, set[int]] = {}
    for hits, _ in parts:
        names = {staff[each] for each in hits if each in staff}
        for each in hits:
            if names and each not in staff:
                beside.setdefault(each, set()).update(names)
    if not beside:
        return Desks(staff=staff, offices=frozenset(), shared=frozenset())
    explained = " OR ".join(f"{quote_name(each)} = {EXPLAINED}" for each in explanations) or "false"
    rows = session.query(statement("offices").format(explained=explained), asked=_hits(sorted(beside)))
    offices = frozenset(rows["hit"].to_pylist())
    shared = frozenset(each for each in offices if len(beside[each]) >= _SEVERAL)
    return Desks(staff=staff, offices=offices, shared=shared)


def without_desks(
    session: Session, ruled: pa.Table, flags: Sequence[Flag], parts: Sequence[Part], desks: Desks, rules: str
) -> list[Part]:
    """The parts without what staff and their place have in common. `ruled` says of each flag which bit of `rules`, an SQL expression, its views have. A place
    stays a flag only if it would be one by the others that it counts."""
    if not desks.shared:
        return list(parts)
    named = pa.array([at in desks.staff for at in range(len(flags))], pa.bool_())
    rows = session.query(
        statement("beside_staff").format(rules=rules),
        ruled=ruled.append_column("named", named),
        asked=_hits(sorted(desks.shared)),
    )
    others = dict(zip(rows["hit"].to_pylist(), rows["people"].to_pylist(), strict=True))
    gone = {
        each
        for each in desks.shared
        if others.get(each, 0) < min(window.persons for window in flags[each].clause.windows)
    }
    told: dict[tuple[int, ...], int] = {}
    for hits, views in parts:
        kept = tuple(each for each in desks.counting(hits) if each not in gone)
        if kept:
            told[kept] = told.get(kept, 0) + views
    return [(list(hits), views) for hits, views in told.items()]


def _hits(hits: Sequence[int]) -> pa.Table:
    return pa.table({"hit": pa.array(hits, pa.int64())})
