"""Steps that tell what explains a view, and which signs it bears."""

from __future__ import annotations

from typing import Final

from whosaw.build.fact import Fact
from whosaw.build.step import Step

__all__ = ["MAKERS"]

MAKERS: Final[tuple[Step | Fact, ...]] = ()
