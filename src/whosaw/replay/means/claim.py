"""What requests say they are, whichever way they got in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from whosaw.replay.dice import Ints, Words
from whosaw.replay.traffic import Day

from .pace import Blocks
from .walk import Piece

__all__ = ["Claim", "Means"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Columns of `Traffic`, or one value for all requests."""

    principal: Ints | int
    token: Words | int
    key: Ints | int


class Means(Protocol):
    """A way in that stays the same while a walk is made."""

    def claim(self, day: int, piece: Piece, blocks: Blocks, sizes: Ints) -> Claim:
        """What the requests of a piece say they are; block by block they are as many as `sizes` says."""
        ...

    def logins(self, day: int, blocks: Blocks, begins: Ints) -> Day:
        """What a day's blocks took to get in, given the moment of each one's first request."""
        ...
