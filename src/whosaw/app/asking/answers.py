"""What the ledger answers to the questions that people ask: who saw a person, and what an actor saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from whosaw.core.counts import Count
from whosaw.core.document import told_as
from whosaw.core.finding import Became
from whosaw.mapping.undecided_twins import UndecidedTwins
from whosaw.mapping.untold import UntoldSource

from .looks import Look
from .traits import TraitOf
from .within import EVERYTHING, Within

__all__ = ["ActorSeen", "Exposure", "SeenOf", "ShownClient", "ShownPerson", "WhatSeen", "WhoSaw"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPerson:
    """A person as people are told of them: the number in the ledger, such as p12, and the mask, or the id where it was revealed."""

    number: str
    shown: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownClient:
    """A client as people are told of it: its number, such as c12, and what is known of it by trait, masked unless it was revealed.
    `network` follows from its address: a number, such as n3, or the network where the address was revealed."""

    client: str
    traits: Mapping[str, str] = field(repr=False)
    network: str = field(default="", repr=False)

    def as_json(self) -> Mapping[str, str]:
        return {"client": self.client, **self.traits}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What one client saw of a person in one category. `explanation` is the answer in words."""

    actor: ShownClient
    category: str
    first: datetime
    last: datetime
    views: int
    possible_views: int = field(metadata=told_as(if_any=True))
    routes: tuple[str, ...]
    explanation: str


def _cannot_tell(views: int) -> Mapping[str, int]:
    return {"views_of_unknown_persons": views}


_NOT_TOLD = told_as("not_told", if_any=True)
_TWICE = told_as(
    "undecided_twins", if_any=True
)  # sources of these views of which one may log the requests of the other


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoSaw:
    """Who saw a person, and who looked at that here. `witnesses` are lines of other sources that are one act with these, or may be;
    of `views_of_unknown_persons` it cannot be told whether they were of this person. Of views that are not `within` nothing is said.
    `more_lines`: there are more than `locators` names. `incomplete` says why lines of the logs may be missing here, where some may;
    `untold` are sources of which no route says whose data they show."""

    within: Within = field(default=EVERYTHING, metadata=told_as(if_any=True))
    person: ShownPerson
    exposures: tuple[Exposure, ...]
    views: Count
    locators: tuple[str, ...]
    witnesses: tuple[str, ...] = field(metadata=told_as(if_any=True))
    views_of_unknown_persons: int = field(metadata=told_as("cannot_tell", _cannot_tell))
    looked_up_by: tuple[Look, ...]
    more_lines: bool = field(metadata=told_as(if_any=True))
    incomplete: str = field(metadata=told_as(if_any=True))
    untold: tuple[UntoldSource, ...] = field(default=(), metadata=_NOT_TOLD)
    undecided: tuple[UndecidedTwins, ...] = field(default=(), metadata=_TWICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorSeen:
    """How many clients an actor has, the first of them, and by what all of them are known."""

    clients: int
    shown: tuple[ShownClient, ...]
    traits: tuple[TraitOf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenOf:
    """What an actor saw of one category or through one route."""

    name: str
    persons: int
    views: int
    views_of_unknown_persons: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatSeen:
    """What an actor saw. `asked` says what became of a finding that was asked for by an id that it had before; `persons` are the first
    of them. `more_lines`, `incomplete` and `untold` as in `WhoSaw`."""

    within: Within = field(default=EVERYTHING, metadata=told_as(if_any=True))
    asked: tuple[Became, ...]
    actor: ActorSeen
    counts: tuple[Count, ...]
    categories: tuple[SeenOf, ...]
    routes: tuple[SeenOf, ...]
    first: datetime | None
    last: datetime | None
    persons: tuple[ShownPerson, ...]
    locators: tuple[str, ...]
    witnesses: tuple[str, ...] = field(metadata=told_as(if_any=True))
    more_lines: bool = field(metadata=told_as(if_any=True))
    incomplete: str = field(metadata=told_as(if_any=True))
    untold: tuple[UntoldSource, ...] = field(default=(), metadata=_NOT_TOLD)
    undecided: tuple[UndecidedTwins, ...] = field(default=(), metadata=_TWICE)
