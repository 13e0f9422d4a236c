"""Flags with the views that they count, and with the clients that made these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from .detect import Flag, Oracle
from .rows import day_of
from .tell import counted_views

__all__ = ["ClientDay", "Thing", "clause_of", "client_days", "things_of"]

ClientDay = tuple[object, int]  # what a client sent, and a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A flag with its detector and the views that it counts."""

    flag: Flag
    detector: Mapping[str, Any]
    views: frozenset[int]

    @property
    def turn(self) -> tuple[int, str, str, tuple[str, ...]]:
        """Whose turn it is where two overlaps are equal."""
        return (self.flag.raised, self.flag.detector, self.flag.clause, self.flag.entity)


def things_of(oracle: Oracle, detectors: Sequence[Mapping[str, Any]]) -> list[Thing]:
    """All flags that count a view, in the order of their turns. A flag without a counted view is of no party."""
    found = []
    for detector in detectors:
        for flag in oracle.flags(detector):
            views = frozenset(counted_views(oracle, detector, flag))
            if views:
                found.append(Thing(flag=flag, detector=detector, views=views))
    return sorted(found, key=lambda each: each.turn)


def client_days(oracle: Oracle, views: AbstractSet[int]) -> set[ClientDay]:
    """Which clients made these views on which day."""
    mine = (oracle.log.views[at] for at in views)
    return {(view.client.sent, day_of(view.time)) for view in mine}


def clause_of(thing: Thing) -> Mapping[str, Any]:
    """The clause of a flag, as its item says it."""
    found: Mapping[str, Any] = next(
        each for each in thing.detector["clause"] if each["id"] == thing.flag.clause
    )
    return found
