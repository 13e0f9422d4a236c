"""What was found of one actor: who saw how many people, how sure that is, and where it can be read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .counts import Count
from .document import JsonObject, told_as

__all__ = [
    "Actor",
    "Baseline",
    "Became",
    "CategoryCount",
    "Confidence",
    "Crossing",
    "Finding",
    "Level",
    "Place",
    "Tried",
    "actor_digest",
    "finding_id",
]

Level = Literal["low", "medium", "high"]


def finding_id(detector: str, clause: str, actor_digest: str) -> str:
    """The id of a finding whose earliest flag is this one. It is given once: what was told before under another id keeps that."""
    told = f"finding\x1f{detector}\x1f{clause}\x1f{actor_digest}"
    return "f-" + hashlib.sha256(told.encode()).hexdigest()[:16]


def actor_digest(by: Sequence[str], shown: Sequence[str | None]) -> str:
    """The digest of whom a finding is about: what they share, and the text or keyed digest of each value."""
    parts = "\x1f".join(f"{name}={value}" for name, value in zip(by, shown, strict=True))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """What stays the same in all views of one party: columns of `clients` and their values.

    Values are ledger numbers, or text for what is kept in clear and for a manner. `digest` says the same without ledger
    numbers, so it is equal in every workspace with the same secret.
    """

    by: tuple[str, ...]
    values: tuple[int | str | None, ...]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """How sure a finding is, and what would make it surer."""

    level: Level
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One line: the number of its content in the ledger, and its line there."""

    content: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What one explanation answered about the actor's views. The four numbers add up to all of them."""

    explanation: str
    explained: int
    unexplained: int
    cannot_tell: int
    does_not_apply: int
    why_not: str = ""  # why it could not be told, where it could not


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One threshold that was reached: within `window` (None: ever) at most `most` persons were seen."""

    detector: str
    clause: str
    window: str | None
    threshold: int
    most: int
    reached_at: datetime
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCount:
    """Known persons and views of one category among the counted views: those that are sure, and those that are possible
    beside them."""

    category: str
    persons: int
    views: int
    possible_persons: int = 0
    possible_views: int = 0

    def as_json(self) -> JsonObject:
        told: JsonObject = {"category": self.category, "persons": self.persons, "views": self.views}
        if self.possible_persons or self.possible_views:
            told |= {"possible_persons": self.possible_persons, "possible_views": self.possible_views}
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a clause took for usual: how many people bore its sign, of how many, and from which views that was learnt. `middle` is
    the share at the address where the middle one of these people is; None where it was not asked."""

    detector: str
    clause: str
    bearing: int
    people: int
    middle: float | None
    share: float
    first_view: datetime
    last_view: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What became of an id that was told of and is no finding's own any more: `of` is the finding whose part it is, however many steps
    away, and `changed` what had changed by then."""

    id: str
    became: str
    of: str | None
    since: datetime | None
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Everything found about one actor, by the detector that was first. Counts leave out explained views.

    A detector gives `places` in the ledger, which mean nothing outside of it; what is kept and told has `locators` for them.
    """

    id: str
    detector: str
    technique: str
    actor: Actor
    first_view: datetime
    last_view: datetime
    raised_at: datetime  # when the first threshold was reached: the finding could have been raised then
    persons_before: int  # exact number of known persons seen by the actor up to and at `raised_at`
    counts: tuple[Count, Count, Count]  # views, accounts, persons
    categories: tuple[CategoryCount, ...]
    confidence: Confidence
    tried: tuple[Tried, ...]
    crossings: tuple[Crossing, ...]
    title: str  # what was seen, in at most 80 characters
    facts: tuple[str, ...]  # sentences with one fact each
    places: tuple[Place, ...] = field(default=(), metadata=told_as(never=True))
    locators: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()  # ids of findings that turned out to be part of this one
    split_from: str | None = None
    # what the id that was asked for became, where that is not the finding's own
    asked: Became | None = field(default=None, metadata=told_as(if_any=True))

    @property
    def views(self) -> Count:
        return self.counts[0]

    @property
    def accounts(self) -> Count:
        return self.counts[1]

    @property
    def persons(self) -> Count:
        return self.counts[2]
