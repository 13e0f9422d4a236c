"""What an address does, and how fast: the clause of a link, as its item writes it."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.packs.table import Table

__all__ = ["HabitClause", "read_habit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HabitClause:
    """A step is a view with the one before it, at most `within` microseconds apart. An address has a habit with a user agent
    where it made at least `least_steps`: which pages followed which, and the middle one of the pauses, to a factor of two."""

    least_steps: int
    within: int


def read_habit(table: Table) -> HabitClause:
    """The table `habit` of an item."""
    found = HabitClause(least_steps=table.integer("least_steps"), within=table.duration("within", least=1))
    table.rest_unknown()
    return found
