"""Steps from flags to findings: marks, lines, clusters."""

from __future__ import annotations

from typing import Final

from whosaw.build.fact import Fact
from whosaw.build.step import Step

__all__ = ["MAKERS"]

MAKERS: Final[tuple[Step | Fact, ...]] = ()
