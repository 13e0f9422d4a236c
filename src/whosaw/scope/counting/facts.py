"""What counting has to know beside the views themselves: sources, their hours, routes, accounts, what was lost.

Hours count from 1970 UTC, instants are microseconds since then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

import pyarrow as pa

__all__ = [
    "HOUR",
    "Facts",
    "HourFact",
    "Logins",
    "LostLogs",
    "RouteFact",
    "SourceFact",
    "Undecided",
    "UnreadSource",
]

HOUR: Final = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HourFact:
    """One hour of one source, with the state and the rule of its coverage. `rejects` are those that may hold a view."""

    hour: int
    state: str
    rule: str
    events: int
    rejects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFact:
    """One source that was read. `hours` has no holes; `rejects` are those that may hold a view, `routes` are those that any
    view of it was of."""

    name: str
    first: int
    last: int
    hours: tuple[HourFact, ...]
    rejects: int
    routes: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFact:
    """One route of one version of the map. `current`: in the map that was used last.

    `single`: an event is about one account at most, named or not. `secondary_at_most` None: no bound is known.
    """

    number: int
    id: str
    categories: tuple[str, ...]
    secondary_categories: tuple[str, ...] = ()
    secondary_at_most: int | None = 0
    single: bool = True
    draft: bool = False
    current: bool = True

    @property
    def all_categories(self) -> frozenset[str]:
        return frozenset((*self.categories, *self.secondary_categories))


@dataclass(frozen=True, slots=True, kw_only=True)
class LostLogs:
    """Logs that are known to be deleted, shortened or rewritten, so that what is gone may have been chosen."""

    source: str
    what: str
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadSource:
    """A content that was given and could not be read, or not to its end."""

    source: str
    name: str
    why: str
    first: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """Logins on record: `rows` has address (number of the ledger) and hour. `first` and `last` are hours that they cover, but
    for `missing`: the first and the last hour of each hole in them."""

    rows: pa.Table
    first: int
    last: int
    missing: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """Two sources that may log the same requests, in words, and how somebody decides it."""

    sources: tuple[str, str]
    what: str
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything. `contents` gives the source of each segment number, as views carry it. `accounts` is how many accounts
    exist as far as the context says, None where it does not say. `jurisdictions` has person and name, or is None.
    `several`: some response named more than one person, so that lines must be told apart when views are counted."""

    sources: tuple[SourceFact, ...]
    contents: Mapping[int, str]
    routes: Mapping[int, RouteFact]
    accounts: int | None = None
    jurisdictions: pa.Table | None = None
    several: bool = True
    logins: Logins | None = None
    unread: tuple[UnreadSource, ...] = ()
    lost: tuple[LostLogs, ...] = field(default=())
    undecided: tuple[Undecided, ...] = ()

    def within(self, reach: tuple[int, int]) -> Self:
        """Without unread contents and lost logs that lie more than a day before or after these hours."""
        low, high = (reach[0] - 24) * HOUR, (reach[1] + 25) * HOUR
        return replace(
            self,
            unread=tuple(each for each in self.unread if each.first is None or each.first <= high),
            lost=tuple(
                each
                for each in self.lost
                if (each.first is None or each.first <= high) and (each.last is None or each.last >= low)
            ),
        )
