"""What closure says beside the views: parts, links, window, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.core.scope_version import (
    Actor,
    AmbiguousLink,
    Evidence,
    HonestAtMost,
    JoinedLink,
    Left,
    Part,
    RefusedLink,
    Window,
)

from .clue import Clue

__all__ = ["Closure"]


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
    evidence: Evidence
    honest_at_most: HonestAtMost | None
    left: tuple[Left, ...] = ()

    @property
    def actor(self) -> Actor:
        """How the actor was put together, as a version of a case says it."""
        return Actor(
            clients=self.clients,
            parts=self.parts,
            links=self.links,
            refused=self.refused,
            ambiguous=self.ambiguous,
            evidence=self.evidence,
            honest_at_most=self.honest_at_most,
            left=self.left,
        )
