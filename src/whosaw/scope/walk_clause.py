"""What makes an address one that takes turns in a number walk: the clause of a link, as its item writes it."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.packs.table import Table

__all__ = ["WalkClause", "read_walk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkClause:
    """Numbers are near from the same stretch of `near` numbers in a row to the one beside it, and times from the same `within`
    microseconds to the ones beside it. People whose numbers lie within `acquainted` of one another may come together. Honest
    addresses pass as takers of turns in one ledger of `chance`."""

    near: int
    within: int
    acquainted: int
    chance: float

    @property
    def block(self) -> int:
        """How many stretches hold people who may come together."""
        return max(1, self.acquainted // self.near)


def read_walk(table: Table) -> WalkClause:
    """The table `walk` of an item."""
    found = WalkClause(
        near=table.integer("near"),
        within=table.duration("within", least=1),
        acquainted=table.integer("acquainted"),
        chance=table.chance("chance"),
    )
    table.rest_unknown()
    return found
