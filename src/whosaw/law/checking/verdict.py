"""The answer of one check: holds, fails or cannot tell, why, and where in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

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

    def as_json(self) -> dict[str, Any]:
        return {"line": self.line, "quote": self.quote}


def spot(passage: Passage) -> Spot:
    """Where a passage stands."""
    return Spot(line=passage.line, quote=passage.quote)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One check. `id` is stable; `about` says what was looked for, `because` what was found or not."""

    id: str
    about: str
    verdict: str
    because: str
    language: str
    spots: tuple[Spot, ...] = ()
    asked: tuple[AskedItem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "check": self.id,
            "about": self.about,
            "verdict": self.verdict,
            "because": self.because,
            "language": self.language,
            "places": [each.as_json() for each in self.spots],
            "asked_by": [each.as_json() for each in self.asked],
        }
