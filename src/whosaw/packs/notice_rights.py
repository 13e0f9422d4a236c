"""How sure the sentences about people's rights are: `data/notice/rights.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from .toml_file import load_toml

__all__ = ["RightsSource", "rights_of"]

_FILE: Final = Path(__file__).resolve().parent.parent / "data" / "notice" / "rights.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsSource:
    """`id` names the sentences, as in `right.kr` of a language."""

    id: str
    confidence: str
    because: str
    sources: tuple[str, ...]


@cache
def rights_of(jurisdiction: str) -> RightsSource:
    """Those of a jurisdiction; of a state those of its country; the general ones where there are neither."""
    rows = load_toml(_FILE).data
    country = jurisdiction.partition("-")[0]
    found = next((each for each in (jurisdiction, country) if each in rows), "other")
    row = rows[found]
    return RightsSource(
        id=found, confidence=row["confidence"], because=row["because"], sources=tuple(row["sources"])
    )
