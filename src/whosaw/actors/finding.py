"""What a detector says: who saw how many people, how sure that is, and where it can be read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from whosaw.core.canonical_json import canonical_json
from whosaw.core.counts import Count
from whosaw.core.instants import format_instant

__all__ = [
    "Actor",
    "CategoryCount",
    "Confidence",
    "Crossing",
    "Finding",
    "Level",
    "Locator",
    "Tried",
    "finding_id",
]

Level = Literal["low", "medium", "high"]


def finding_id(detector: str, clause: str, actor_digest: str) -> str:
    """The id of a finding whose earliest flag is this one. It is given once: what was told before under another id keeps that."""
    told = f"finding\x1f{detector}\x1f{clause}\x1f{actor_digest}"
    return "f-" + hashlib.sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """What stays the same in all views of one party: columns of `clients` and their values.

    Values are ledger numbers, or text for what is kept in clear and for a manner. `digest` says the same without ledger
    numbers, so it is equal in every workspace with the same secret.
    """

    by: tuple[str, ...]
    values: tuple[int | str | None, ...]
    digest: str

    def as_json(self) -> dict[str, Any]:
        return {"by": list(self.by), "values": list(self.values), "digest": self.digest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """How sure a finding is, and what would make it surer."""

    level: Level
    reasons: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {"level": self.level, "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Locator:
    """One line: the number of its content in the ledger, and its line there."""

    content: int
    line: int

    def as_json(self) -> dict[str, Any]:
        return {"content": self.content, "line": self.line}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What one explanation answered about the actor's views. The four numbers add up to all of them."""

    explanation: str
    explained: int
    unexplained: int
    cannot_tell: int
    does_not_apply: int
    why_not: str = ""  # why it could not be told, where it could not

    def as_json(self) -> dict[str, Any]:
        return {
            "explanation": self.explanation,
            "explained": self.explained,
            "unexplained": self.unexplained,
            "cannot_tell": self.cannot_tell,
            "does_not_apply": self.does_not_apply,
            "why_not": self.why_not,
        }


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

    def as_json(self) -> dict[str, Any]:
        return {
            "detector": self.detector,
            "clause": self.clause,
            "window": self.window,
            "threshold": self.threshold,
            "most": self.most,
            "reached_at": format_instant(self.reached_at),
            "actor": self.actor.as_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCount:
    """Known persons and views of one category among the counted views: those that are sure, and those that are possible
    beside them."""

    category: str
    persons: int
    views: int
    possible_persons: int = 0
    possible_views: int = 0

    def as_json(self) -> dict[str, Any]:
        told = {"category": self.category, "persons": self.persons, "views": self.views}
        if self.possible_persons or self.possible_views:
            told |= {"possible_persons": self.possible_persons, "possible_views": self.possible_views}
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Everything found about one actor, by the detector that was first. Counts leave out explained views."""

    id: str
    detector: str
    technique: str
    actor: Actor
    first_view: datetime
    last_view: datetime
    raised_at: datetime  # when the first threshold was reached: the finding could have been raised then
    persons_before: int  # exact number of known persons seen by the actor up to and at `raised_at`
    views: Count
    accounts: Count
    persons: Count
    categories: tuple[CategoryCount, ...]
    confidence: Confidence
    tried: tuple[Tried, ...]
    crossings: tuple[Crossing, ...]
    locators: tuple[Locator, ...]
    title: str  # what was seen, in at most 80 characters
    facts: tuple[str, ...]  # sentences with one fact each

    def as_json(self) -> dict[str, Any]:
        """Plain values in one spelling; `canonical_json(finding)` gives stable bytes."""
        return {
            "id": self.id,
            "detector": self.detector,
            "technique": self.technique,
            "actor": self.actor.as_json(),
            "first_view": format_instant(self.first_view),
            "last_view": format_instant(self.last_view),
            "raised_at": format_instant(self.raised_at),
            "persons_before": self.persons_before,
            "counts": [self.views.as_json(), self.accounts.as_json(), self.persons.as_json()],
            "categories": [category.as_json() for category in self.categories],
            "confidence": self.confidence.as_json(),
            "tried": [tried.as_json() for tried in self.tried],
            "crossings": [crossing.as_json() for crossing in self.crossings],
            "locators": [locator.as_json() for locator in self.locators],
            "title": self.title,
            "facts": list(self.facts),
        }

    def canonical(self) -> bytes:
        """The one byte form."""
        return canonical_json(self.as_json())
