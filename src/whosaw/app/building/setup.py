"""All that steps draw their `items` from: what the map, the detectors, the explanations and the context say beside their rows.

It is made once a run, in `bring_up`. What a step takes from it (`Step.items`) is given in JSON's types and is in the step's key, so a
step takes what it goes by and no more: a changed title of a detector makes nothing again that does not show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from whosaw.actors.detectors import Detector
from whosaw.actors.explaining.context_rows import Stated
from whosaw.actors.explanation import Explanation
from whosaw.store.index.twin_rules import TwinRule

__all__ = ["Page", "Setup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a map, under the number that it has for life: its id in the map, and the categories that it shows of a person and beside
    them."""

    id: str
    categories: frozenset[str]
    beside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the steps are set up with."""

    pages: Mapping[int, Page] = field(default_factory=dict)
    """Every page of every map that was ever read with, by number."""
    twins: tuple[TwinRule, ...] = ()
    """The twins of the map in force; contents stand on their sides by what `events` says of each line."""
    detectors: Mapping[str, Detector] = field(default_factory=dict)
    """Detectors by name, in the order in which they are told."""
    explanations: Mapping[str, Explanation] = field(default_factory=dict)
    """Explanations by name; clock slack and rule stand in them."""
    tables: frozenset[str] = frozenset()
    """Which context tables can be asked; a detector that needs another one cannot tell."""
    stated: Stated = field(default_factory=Stated)
    """What holds of the whole context beside its rows: which tables and columns say anything, and what the user stated."""
