"""What closure says beside the views: parts, links, window, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from whosaw.core.instants import format_instant, from_micros

from .clue import Clue

__all__ = ["AmbiguousLink", "Closure", "HonestAtMost", "JoinedLink", "Left", "Part", "RefusedLink", "Window"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Views of the actor made with one program. `first` and `last` are microseconds since 1970 UTC; `how` is a sentence."""

    number: int
    first: int
    last: int
    how: str
    clients: int

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "first": format_instant(from_micros(self.first)),
            "last": format_instant(from_micros(self.last)),
            "how": self.how,
            "clients": self.clients,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedLink:
    """`groups` values of `by` held the actor together and added `views` that no finding counts."""

    link: str
    by: tuple[str, ...]
    groups: int
    views: int
    confidence: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "by": list(self.by)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLink:
    """One value that the actor shares with others. `persons` and `views` are theirs: they did not join."""

    link: str
    by: tuple[str, ...]
    value: str
    why: str
    persons: int
    views: int

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "by": list(self.by)}


class AmbiguousLink(RefusedLink):
    """One value some of whose views cannot be told from the actor's. `persons` and `views` are possible."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """First and last view that is held, from when to when logs exist, and what is known of the time beyond. Microseconds."""

    first_view: int | None
    last_view: int | None
    logs_from: int | None
    logs_until: int | None
    before: str
    after: str

    def as_json(self) -> dict[str, Any]:
        names = ("first_view", "last_view", "logs_from", "logs_until")
        told = {name: getattr(self, name) for name in names}
        shown = {n: None if at is None else format_instant(from_micros(at)) for n, at in told.items()}
        return {**shown, "ends": {"before": self.before, "after": self.after}}


@dataclass(frozen=True, slots=True, kw_only=True)
class HonestAtMost:
    """Luck gives more honest views (or persons) than these among the held ones with less than `chance`."""

    views: int
    persons: int
    chance: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Why views that findings of the actor count are possible and not held: so many, and so many accounts of which no view is held."""

    code: str
    what: str
    views: int
    accounts: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """The actor behind some clues. Its views are in `scope_views`, its clients in `scope_clients` of the session.

    Nothing here but `clues` depends on which clue was given. `evidence` is "each view" where a record proves each view by
    itself, and "statistical" where single views may be honest; then `honest_at_most` says how many.
    """

    clues: tuple[Clue, ...]
    clients: int
    parts: tuple[Part, ...]
    links: tuple[JoinedLink, ...]
    refused: tuple[RefusedLink, ...]
    ambiguous: tuple[AmbiguousLink, ...]
    window: Window
    evidence: str
    honest_at_most: Mapping[str, Any] | None
    left: tuple[Left, ...] = ()

    def actor_json(self) -> dict[str, Any]:
        return {
            "clients": self.clients,
            "parts": [each.as_json() for each in self.parts],
            "links": [each.as_json() for each in self.links],
            "refused": [each.as_json() for each in self.refused],
            "ambiguous": [each.as_json() for each in self.ambiguous],
            "evidence": self.evidence,
            "left": [each.as_json() for each in self.left],
            "honest_at_most": None if self.honest_at_most is None else dict(self.honest_at_most),
        }
