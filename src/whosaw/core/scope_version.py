"""A version of a scope as one value: what one actor saw, counted, and what is open.

A version is kept as canonical JSON whose digest stands in the custody journal, and stays as it was written. `read_version` is the
one place where that text becomes a value; what a command prints of a version is its text again, whatever this program would write.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from .counts import Count, Reason
from .document import JsonObject, told_as, told_as_instant
from .stored import read_as

__all__ = [
    "Actor",
    "AmbiguousLink",
    "Answer",
    "Breakdown",
    "CategoryGroup",
    "Ends",
    "Estimate",
    "Evidence",
    "Final",
    "Held",
    "Holding",
    "HonestAtMost",
    "JoinedLink",
    "Left",
    "ListReason",
    "Lists",
    "OpenItem",
    "Part",
    "RefusedLink",
    "Row",
    "ScopeInputs",
    "ScopeVersion",
    "Secondary",
    "ToldClue",
    "Window",
    "read_version",
]

Evidence = Literal["each view", "statistical", "none"]
Answer = Literal["seen", "not seen", "cannot tell"]
Breakdown = Literal["category", "route", "day", "jurisdiction", "part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldClue:
    """What a scope started from, as it may be written down. `leads` is empty where nobody has followed it."""

    kind: str
    value: str
    leads: str = field(default="", metadata=told_as(if_any=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Views of the actor made with one program. `first` and `last` are microseconds since 1970 UTC; `how` is a sentence."""

    number: int
    first: int = field(metadata=told_as_instant())
    last: int = field(metadata=told_as_instant())
    how: str
    clients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedLink:
    """`groups` values of `by` held the actor together and added `views` that no finding counts."""

    link: str
    by: tuple[str, ...]
    groups: int
    views: int
    confidence: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLink:
    """One value that the actor shares with others. `persons` and `views` are theirs: they did not join."""

    link: str
    by: tuple[str, ...]
    value: str
    why: str
    persons: int
    views: int


class AmbiguousLink(RefusedLink):
    """One value some of whose views cannot be told from the actor's. `persons` and `views` are possible."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HonestAtMost:
    """Luck gives more honest views (or persons) than these among the held ones with less than `chance`."""

    views: int
    persons: int
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Why views that findings of the actor count are possible and not held: so many, and so many accounts of which no view is held."""

    code: str
    what: str
    views: int
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """How an actor was put together. `left` is empty, too, in versions of releases that did not say."""

    clients: int
    parts: tuple[Part, ...]
    links: tuple[JoinedLink, ...]
    refused: tuple[RefusedLink, ...]
    ambiguous: tuple[AmbiguousLink, ...]
    evidence: Evidence
    honest_at_most: HonestAtMost | None
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """What is known of the time before the first view and after the last one."""

    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """First and last view that is held, from when to when logs exist, and what is known of the time beyond. Microseconds."""

    first_view: int | None = field(metadata=told_as_instant())
    last_view: int | None = field(metadata=told_as_instant())
    logs_from: int | None = field(metadata=told_as_instant())
    logs_until: int | None = field(metadata=told_as_instant())
    ends: Ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How many accounts there were, by what the actor did in whole hours; never mixed with the bounds."""

    unit: str = "accounts"
    value: int
    low: int
    high: int
    method: str = "named accounts, and for each lost hour the mean of whole hours near it"
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a breakdown: its three counts; first and last view in microseconds, None where there is none."""

    name: str = field(metadata=told_as(read=str))
    views: Count
    accounts: Count
    persons: Count
    first: int | None = field(default=None, metadata=told_as_instant())
    last: int | None = field(default=None, metadata=told_as_instant())

    @property
    def counts(self) -> tuple[Count, Count, Count]:
        """In the order in which they are told."""
        return self.views, self.accounts, self.persons


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryGroup:
    """How many accounts the actor saw these categories of, and no others."""

    categories: tuple[str, ...]
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Secondary:
    """Further people on the pages of others: none can be named, so the lower bound is none. `categories` is what the pages that were
    surely seen carry of them."""

    lower: int
    upper: int | None
    categories: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReason:
    """So many held views of a list on one route."""

    code: str
    route: str
    views: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Held views of lists: pages that show many people and name none."""

    views: int
    persons_at_most: int | None
    reasons: tuple[ListReason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One category that the map says is held and whether the actor saw it, with the ids of the routes that carry it."""

    category: str
    answer: Answer
    why: tuple[str, ...]
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """From when until when the answer holds (microseconds), and what cannot be known before and after."""

    since: int | None = field(metadata=told_as_instant("from"))
    until: int | None = field(metadata=told_as_instant())
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """What hinders a final number. `adds_upper` is in accounts, and None where there is no bound; `do` is said only where it is not the
    general advice for the code. Instants are microseconds."""

    code: str
    what: str
    source: str | None = field(default=None, metadata=told_as(if_known=True))
    first: int | None = field(default=None, metadata=told_as_instant("from", if_known=True))
    last: int | None = field(default=None, metadata=told_as_instant("to", if_known=True))
    adds_upper: int | None = field(default=None, metadata=told_as(if_known=True))
    do: str | None = field(default=None, metadata=told_as(if_known=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeInputs:
    """What a version is a function of, as digests: the logs, the data map, the context folder, the items, and the program."""

    segments: str
    contents: int
    map: str
    context: str
    items: str
    detecting: int | None = field(default=None, metadata=told_as(if_known=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """Who made a version final, when, and although what is open (None: nothing was)."""

    by: str
    at: datetime
    despite: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeVersion:
    """One version of a case. `text` is the document as it is kept, and what its JSON is."""

    case: str
    version: int
    made: datetime
    made_by: str
    format: Literal[1]
    clues: tuple[ToldClue, ...]
    actor: Actor
    window: Window
    counts: tuple[Count, Count, Count]
    estimate: Estimate | None
    by: Mapping[str, tuple[Row, ...]]
    groups: tuple[CategoryGroup, ...]
    secondary: Secondary
    lists: Lists
    categories_held: tuple[Holding, ...]
    holds: Held
    open: tuple[OpenItem, ...]
    inputs: ScopeInputs
    members: str
    final: Final | None
    text: bytes = field(default=b"", repr=False, compare=False, metadata=told_as(never=True))

    def as_json(self) -> JsonObject:
        """The document as it is kept."""
        kept: JsonObject = json.loads(self.text)
        return kept


def read_version(text: bytes) -> ScopeVersion:
    """The version whose document `text` is. Raises `ValueError` with one sentence where it is none."""
    try:
        told = json.loads(text)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as fault:
        raise ValueError("is no JSON document") from fault
    return replace(read_as(ScopeVersion, told), text=text)
