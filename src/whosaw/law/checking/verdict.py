"""The answer of one check: holds, fails or cannot tell, why, and where in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from whosaw.core.document import told_as

from .expected import AskedItem
from .text import Passage

__all__ = ["CANNOT_TELL", "FAILS", "HOLDS", "Spot", "Verdict", "spot"]

HOLDS: Final = "holds"
FAILS: Final = "fails"
CANNOT_TELL: Final = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place in a text: its line (None where the file has no lines) and a few of its words."""

    line: int | None
    quote: str


def spot(passage: Passage) -> Spot:
    """Where a passage stands."""
    return Spot(line=passage.line, quote=passage.quote)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One check. `id` is stable; `about` says what was looked for, `because` what was found or not. `lacks` are the parts that were
    looked for and are not said, by their keys (`data/checks/contents.toml`)."""

    id: str = field(metadata=told_as("check"))
    about: str
    verdict: str
    because: str
    language: str
    spots: tuple[Spot, ...] = field(default=(), metadata=told_as("places"))
    asked: tuple[AskedItem, ...] = field(default=(), metadata=told_as("asked_by"))
    lacks: tuple[str, ...] = ()
