"""What is another than it was when the last round ended: runs, sources and facts, by day. Only a day that reads any of that can be stale."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from whosaw.store.journal import Journal
from whosaw.store.remembered import recall, remember

__all__ = ["Days", "Moved", "keep_sources", "sources_then"]

_NAME = "sources of the last round"
_BYTES = 8
Sources = Mapping[str, Mapping[int, str]]
"""By kind and day, what a source held, in short."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days of which something is another one, and of these such as came or went."""

    moved: frozenset[int] = frozenset()
    came: frozenset[int] = frozenset()


@dataclass(slots=True, kw_only=True)
class Moved:
    """`then`: what sources held when the last round ended. Of runs and facts it is told as they are committed."""

    then: Sources
    _runs: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _came: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    facts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def touch(self, kind: str, day: int, *, came: bool) -> None:
        """A run is another one; it `came` where it was not there, or is there no longer."""
        self._runs[kind].add(day)
        if came:
            self._came[kind].add(day)

    def runs(self, kind: str) -> Days:
        """Of a kind that a step keeps."""
        return Days(frozenset(self._runs.get(kind, ())), frozenset(self._came.get(kind, ())))

    def source(self, kind: str, now: Mapping[int, str]) -> Days | None:
        """Of a kind that comes from outside; None where nobody knows what it held."""
        then = self.then.get(kind)
        if then is None:
            return None
        told = _in_short(now)
        moved = frozenset(day for day in told.keys() | then.keys() if told.get(day) != then.get(day))
        return Days(moved, moved & (told.keys() ^ then.keys()))

    def apart(self) -> Moved:
        """The same, to be told of what is not committed yet."""
        return replace(
            self,
            _runs=defaultdict(set, {kind: set(days) for kind, days in self._runs.items()}),
            _came=defaultdict(set, {kind: set(days) for kind, days in self._came.items()}),
        )


def sources_then(journal: Journal, round_id: int) -> Sources | None:
    """What sources held when that round ended; None where that is not kept."""
    known = recall(journal, _NAME)
    if known is None:
        return None
    told = json.loads(known[0])
    if told["round"] != round_id:
        return None
    return {kind: {int(day): each for day, each in days.items()} for kind, days in told["sources"].items()}


def keep_sources(journal: Journal, round_id: int, sources: Sources) -> None:
    """Keep what sources hold at the end of a round."""
    told = {kind: {str(day): each for day, each in _in_short(days).items()} for kind, days in sources.items()}
    remember(journal, _NAME, {"round": round_id, "sources": told}, None)


def _in_short(days: Mapping[int, str]) -> dict[int, str]:
    return {day: blake2b(told.encode(), digest_size=_BYTES).hexdigest() for day, told in days.items()}
