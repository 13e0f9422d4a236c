"""Tokens signed with a key that the sender should not hold, one for each number that it tries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whosaw.replay.breach_item import Step
from whosaw.replay.dice import Ints, mixed
from whosaw.replay.setting import Setting
from whosaw.replay.traffic import Day

from .claim import Claim
from .pace import Blocks
from .walk import Piece, salt_of

__all__ = ["Forged", "forged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forged:
    """Every request claims to be its victim. The login service knows nothing of it.

    A number keeps its token through all rounds of a step and its further pages. Tokens of one step differ from one
    another; that one of 100 million equals one of as many issued tokens has a chance of 1 in 1,800.
    """

    key: int
    salt: int

    def claim(self, day: int, piece: Piece, blocks: Blocks, sizes: Ints) -> Claim:  # noqa: ARG002 - one promise for all means
        """The victim's number and a token for it, which is never 0."""
        token = mixed(piece.number.view(np.uint64), self.salt)
        np.maximum(token, np.uint64(1), out=token)
        return Claim(principal=piece.number, token=token, key=self.key)

    def logins(self, day: int, blocks: Blocks, begins: Ints) -> Day:  # noqa: ARG002 - as above
        """None."""
        return Day()


def forged(setting: Setting, step: Step) -> Forged:
    """With the step's key, on record or not."""
    return Forged(key=setting.keys.code(step.key), salt=salt_of(setting, f"token {step.id}"))
