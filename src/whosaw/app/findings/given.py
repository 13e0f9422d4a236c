"""What findings are looked for with, beside the ledger: a context folder, detectors and explanations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from whosaw.actors import Context, Detector, Explanation, Resolve, load_context

__all__ = ["ContextFolder", "DetectionSetup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextFolder:
    """A context folder that was checked, or none (`path` None). `digest` changes with any of its files. `none`: tables that there are none of, as
    the project says; `rows`: how many rows each table has."""

    path: Path | None
    digest: str
    notes: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)

    def read(self, resolve: Resolve, zone: tzinfo | None) -> Context:
        """What it holds. Raises `FaultsError` with all faults."""
        if self.path is None and not self.none:
            return Context.none()
        return load_context(self.path, resolve, zone=zone, none=self.none)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionSetup:
    """Detectors and explanations, loaded and checked. `digest` changes with all of them but their cases."""

    detectors: Mapping[str, Detector]
    explanations: Mapping[str, Explanation]
    digest: str
