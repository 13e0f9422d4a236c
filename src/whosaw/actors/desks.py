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

__all__ = ["Desks", "desks_of", "leave_desks"]

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


def leave_desks(session: Session, ruled: pa.Table, flags: Sequence[Flag], desks: Desks, rules: str) -> None:
    """Take those who are flagged by name out of flags that several of them share, but for the one who has most of what such a flag counts. One that
    would be none by the others that it counts is gone. `ruled` says of each flag which bit of `rules`, an SQL expression, its views have."""
    asked = sorted(desks.shared)
    staff = pa.array([desks.staff.get(at) for at in range(len(flags))], pa.int64())
    planted = pa.array([flag.detector.kind == "canary" for flag in flags], pa.bool_())
    rows = session.query(
        statement("desk_people").format(rules=rules),
        ruled=ruled.append_column("staff", staff).append_column("planted", planted),
        asked=_hits(asked),
    ).to_pylist()
    owners = [_owner([row for row in rows if row["hit"] == each]) for each in asked]
    others = {row["hit"]: row["people"] for row in rows if row["staff"] is None}
    gone = [
        owner is None and others.get(each, 0) < min(window.persons for window in flags[each].clause.windows)
        for each, owner in zip(asked, owners, strict=True)
    ]
    session.query(
        statement("leave_desks"),
        shared_desks=pa.table({
            "hit": pa.array(asked, pa.int64()),
            "owner": pa.array(owners, pa.int64()),
            "gone": pa.array(gone, pa.bool_()),
        }),
        named_flags=pa.table({
            "hit": pa.array(desks.staff.keys(), pa.int64()),
            "staff": pa.array(desks.staff.values(), pa.int64()),
        }),
    )  # fmt: skip


def _owner(rows: Sequence[Mapping[str, int]]) -> int | None:
    """Who has more than half of what the flag counts."""
    every = sum(row["views"] for row in rows)
    return next((row["staff"] for row in rows if 2 * row["views"] > every), None)


def _hits(hits: Sequence[int]) -> pa.Table:
    return pa.table({"hit": pa.array(hits, pa.int64())})
