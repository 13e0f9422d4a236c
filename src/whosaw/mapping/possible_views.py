"""The possible views of a ledger by route, with lines to look at."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

__all__ = ["PossibleViews", "possible_views"]

_EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleViews:
    """Of one route: how many requests a server may have taken for it that did not ask for it in the strict spelling."""

    route: str
    views: int
    locators: tuple[str, ...]
    by_method: int = 0  # of which only the method is another

    @property
    def _by_method(self) -> str:
        if not self.by_method:
            return ""
        return f" or by another method ({self.by_method:,}; where that shows nobody's data, other_methods in the match says so)"

    @property
    def note(self) -> str:
        what = "1 possible view" if self.views == 1 else f"{self.views:,} possible views"
        return (
            f"{self.route}: {what} in another spelling{self._by_method}, in upper bounds only; whosaw map check says what to write "
            f"in the map (lines {', '.join(self.locators)})"
        )


def possible_views(workspace: Workspace) -> tuple[PossibleViews, ...]:
    """By route of the ledger, those that have any."""
    reader = LedgerReader(workspace)
    try:
        return tuple(
            PossibleViews(
                route=reader.routes[row["route"]]["id"],
                views=row["views"],
                by_method=row["by_method"],
                locators=tuple(
                    str(each)
                    for each in reader.locators([(at["content"], at["line"]) for at in row["lines"]])
                ),
            )
            for row in reader.possible_by_route(_EXAMPLES)
        )
    finally:
        reader.close()
