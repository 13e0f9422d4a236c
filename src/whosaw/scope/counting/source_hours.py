"""The hours of one source as arrays: which are empty, which were surely cut, and how often the source loses an hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from whosaw.scope.luck import at_most

from .facts import HOUR, SourceFact

__all__ = ["SURE", "Run", "SourceHours", "runs_of", "share_lost"]

SURE: Final = 0.5  # a run that is lost with this chance or more is no whole hour to compare with
_CUT: Final = frozenset(("cut-off", "few-events", "silent-minutes"))  # partial by rules that mean lost lines
_BUSY_CLASSES: Final = 6  # hours of the day at which a source has most events
_JUDGED: Final = (
    3,
    10,
)  # events in the least tenth and the median of its busy hours: then none is empty by itself
_LEAST_HOURS: Final = 48
_CHANCE: Final = 1e-3  # that luck alone loses more of one hour of the day

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHours:
    """`first` is the hour of position 0; arrays reach to the end of the ledger, before and after the source too."""

    name: str
    first: int
    events: NDArray[np.int64]
    cut: Bools
    quiet: Bools  # without traffic, as the user says
    usual: Bools  # without traffic, as the weeks of the log say

    @classmethod
    def of(cls, source: SourceFact, first: int, last: int) -> SourceHours:
        """From hour `first` to `last`, both in. Hours outside are left out."""
        events = np.zeros(last - first + 1, np.int64)
        cut = np.zeros(last - first + 1, np.bool_)
        quiet, usual = np.zeros_like(cut), np.zeros_like(cut)
        for each in source.hours:
            if first <= each.hour <= last:
                quiet[each.hour - first] = each.rule == "stated-quiet"
                usual[each.hour - first] = each.rule == "learnt-quiet"
                events[each.hour - first] = each.events
                cut[each.hour - first] = each.state == "partial" and each.rule in _CUT
        return cls(name=source.name, first=first, events=events, cut=cut, quiet=quiet, usual=usual)

    def is_usual(self, run: Run) -> bool:
        """Whether the source regularly has no traffic in all hours of the run."""
        start = run.first - self.first
        return bool(self.usual[start : start + run.length].all())

    def share_empty(self, hours: NDArray[np.int64]) -> float:
        """How many of these hours, out of all of them, have no event. None of none is none."""
        at = hours - self.first
        at = at[(at >= 0) & (at < len(self.events))]
        return float((self.events[at] == 0).mean()) if len(at) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Hours in a row without whole logs, from `first` on. `chance` is how likely they were lost rather than quiet."""

    source: str
    first: int
    length: int
    chance: float

    @property
    def after(self) -> int:
        return self.first + self.length

    @property
    def start(self) -> int:
        """Microseconds."""
        return self.first * HOUR

    @property
    def end(self) -> int:
        return self.after * HOUR


def share_lost(source: SourceFact) -> tuple[float, bool]:
    """An upper bound of the share of hours that the source lost, and whether it is busy enough for that to be told.

    Looked at are the hours of the day at which it has most events: there an empty hour is hardly a quiet one.
    """
    hours = np.array([each.hour for each in source.hours], np.int64)
    events = np.array([each.events for each in source.hours], np.int64)
    if not len(hours):
        return 1.0, False
    usual = [
        float(np.mean(events[hours % 24 == each])) if (hours % 24 == each).any() else 0.0
        for each in range(24)
    ]
    busy = np.isin(hours % 24, np.argsort(usual, kind="stable")[-_BUSY_CLASSES:])
    many, empty = int(busy.sum()), int((events[busy] == 0).sum())
    # three more than were seen, and half as many again: none of n seen still allows a share of 3 in n
    share = min(1.0, (3 + 1.5 * empty) / max(many, 1))
    kept = events[busy & (events > 0)]
    if many < _LEAST_HOURS or not len(kept):
        return share, False
    return share, bool((np.quantile(kept, [0.1, 0.5]) >= _JUDGED).all())


def runs_of(hours: SourceHours, share: float) -> list[Run]:
    """All runs of empty hours, and every hour that was surely cut. `share` of the source's hours are lost at most."""
    empty = hours.events == 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (empty & ~hours.quiet).astype(np.int8), [0]])))
    usual, never_quiet = _by_hour(empty), _never_quiet(hours.events, share)
    found = [
        # an hour that is empty on most days is most likely quiet again; the least usual one of the run decides
        Run(
            source=hours.name,
            first=hours.first + start,
            length=stop - start,
            chance=1.0 if never_quiet[start:stop].any() else float(min(1.0, share / usual[start:stop].min())),
        )
        for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]
    cut = np.flatnonzero(hours.cut & ~empty).tolist()
    found += [Run(source=hours.name, first=hours.first + at, length=1, chance=1.0) for at in cut]
    return sorted(found, key=lambda run: run.first)


def _by_hour(empty: Bools) -> NDArray[np.float64]:
    """Of each hour, on what share of the days the same hour of the day is empty."""
    many = np.bincount(np.arange(len(empty)) % 24, minlength=24)
    none = np.bincount(np.arange(len(empty)) % 24, weights=empty, minlength=24)
    shares: NDArray[np.float64] = (none / np.maximum(many, 1))[np.arange(len(empty)) % 24]
    return shares


def _never_quiet(events: NDArray[np.int64], share: float) -> Bools:
    """Of each hour, whether the same hour of the day has many events on all days but so few as may be lost: how often it is
    empty says nothing then of quiet hours."""
    out = np.zeros(len(events), np.bool_)
    for hour in range(min(24, len(events))):
        own = events[hour::24]
        kept = own[own > 0]
        if len(kept) and (np.quantile(kept, [0.1, 0.5]) >= _JUDGED).all():
            out[hour::24] = len(own) - len(kept) <= at_most(len(own) * share, _CHANCE)
    return out
