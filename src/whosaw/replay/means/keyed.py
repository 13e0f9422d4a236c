"""Programs that show who they are in every request: a partner with its key, a role of the database."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.replay.breach_item import Breach, Step
from whosaw.replay.dice import Ints
from whosaw.replay.setting import Setting
from whosaw.replay.traffic import Day

from .claim import Claim
from .pace import Blocks
from .walk import Piece

__all__ = ["Keyed", "database", "partner"]


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


def database(setting: Setting, step: Step) -> Keyed:
    """The role named in `claim`."""
    return Keyed(principal=setting.claim(step.claim), key=-1)


def partner(setting: Setting, breach: Breach, step: Step) -> Keyed:
    """The partner named in `claim`, with the step's key or its own."""
    known = {each.id: each.key for each in (*setting.shop.partner, *breach.partner)}
    return Keyed(principal=setting.claim(step.claim), key=setting.keys.code(step.key or known[step.claim]))
