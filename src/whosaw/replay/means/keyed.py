"""Programs that show who they are in every request: a partner with its key, a role of the database."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.replay.dice import Ints
from whosaw.replay.traffic import Day

from .claim import Claim
from .pace import Blocks
from .walk import Piece

__all__ = ["Keyed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """One claimant and its key, for every request. No login and no token."""

    principal: int
    key: int

    def claim(self, day: int, piece: Piece, blocks: Blocks, sizes: Ints) -> Claim:  # noqa: ARG002 - one promise for all means
        """The same for all."""
        return Claim(principal=self.principal, token=0, key=self.key)

    def logins(self, day: int, blocks: Blocks, begins: Ints) -> Day:  # noqa: ARG002 - as above
        """None."""
        return Day()
