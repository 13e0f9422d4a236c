"""Regular expressions in items are checked as those of every other engine are: see `whosaw.store.patterns`."""

from __future__ import annotations

from whosaw.store.patterns import pattern_fault

__all__ = ["pattern_fault"]
