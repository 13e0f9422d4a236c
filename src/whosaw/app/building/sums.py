"""Steps that add up days, the facts learnt from these sums, and flags."""

from __future__ import annotations

from typing import Final

from whosaw.build.fact import Fact
from whosaw.build.step import Step

__all__ = ["MAKERS"]

MAKERS: Final[tuple[Step | Fact, ...]] = ()
