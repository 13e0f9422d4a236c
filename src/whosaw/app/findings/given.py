"""What findings are looked for with, beside the ledger: a context folder, detectors and explanations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from whosaw.actors import Detector, Explanation

__all__ = ["ContextFolder", "DetectionSetup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextFolder:
    """A context folder that was checked, or none (`path` None). `digest` changes with any of its files."""

    path: Path | None
    digest: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionSetup:
    """Detectors and explanations, loaded and checked. `digest` changes with all of them but their cases."""

    detectors: Mapping[str, Detector]
    explanations: Mapping[str, Explanation]
    digest: str
