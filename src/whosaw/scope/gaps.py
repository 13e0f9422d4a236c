"""How much an actor may have done in hours of which the log is lost. docs/why/bounds.md gives the method and its assumption."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from .facts import Facts, SourceFact
from .source_hours import SURE, Run, SourceHours, runs_of, share_lost
from .tallies import Tallies

__all__ = ["CHANCE", "Loss", "SourceGaps", "bound", "gaps_of", "reach_of"]

CHANCE: Final = 1e-3  # that more was lost than the bound says, for all gaps of a source together
LONGEST: Final = 24  # hours: a gap that is longer is no sample of hours
AROUND: Final = (1, 3, 7)  # days on either side in which whole hours are looked for, as many as are needed
_LEAST_WINDOWS: Final = 12
_MARGIN: Final = 24  # hours before the first and after the last view

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One run within reach, and what he did in windows of the same length near it; None: nothing can be compared with it."""

    run: Run
    views: Floats | None
    accounts: Floats | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGaps:
    """The gaps of one source within reach of the actor."""

    source: str
    losses: tuple[Loss, ...]

    def unwatched(self, reach: tuple[int, int]) -> bool:
        """Whether for more than half of his time the source has no log, in gaps of a day and longer."""
        lost = sum(
            max(0, min(each.run.after, reach[1] + 1) - max(each.run.first, reach[0]))
            for each in self.losses
            if each.views is None and each.run.length >= LONGEST
        )
        return 2 * lost > reach[1] + 1 - reach[0]

    def on_day(self, day: int) -> SourceGaps:
        """Those that touch a day (counted from 1970 UTC)."""
        low, high = day * 24, day * 24 + 24
        return SourceGaps(
            source=self.source,
            losses=tuple(each for each in self.losses if each.run.first < high and each.run.after > low),
        )

    def views(self) -> int | None:
        return bound([(each.run.chance, each.views) for each in self.losses])

    def accounts(self) -> int | None:
        return bound([(each.run.chance, each.accounts) for each in self.losses])


def reach_of(facts: Facts, tallies: Tallies) -> tuple[int, int]:
    """The hours of the first and the last view that is held; with none, of the possible ones; with none, of the logs."""
    held = tallies.hours.filter(pc.field("held"))
    rows = held if held.num_rows else tallies.hours
    if rows.num_rows:
        return int(pc.min(rows["hour"]).as_py()), int(pc.max(rows["hour"]).as_py())
    hours = [hour.hour for source in facts.sources for hour in (*source.hours[:1], *source.hours[-1:])]
    return (min(hours), max(hours)) if hours else (0, -1)


def gaps_of(facts: Facts, tallies: Tallies, reach: tuple[int, int]) -> dict[str, SourceGaps]:
    """By source: its gaps from a day before the actor's first view to a day after his last, and gaps of a day and longer
    wherever they lie. Sources in which he was never seen are among them."""
    ledger = [each for each in facts.sources if each.hours]
    if not ledger:
        return {}
    low, high = min(each.hours[0].hour for each in ledger), max(each.hours[-1].hour for each in ledger)
    shares = {each.name: share_lost(each) for each in ledger}
    worst = max((share for share, judged in shares.values() if judged), default=None)
    return {
        each.name: _of_source(each, tallies, (low, high), reach, _share(shares[each.name], worst))
        for each in ledger
    }


def _share(own: tuple[float, bool], worst: float | None) -> float:
    """A source too quiet to tell is held to lose hours as often as the worst of those that can be judged."""
    share, judged = own
    return share if judged or worst is None else min(share, worst)


def _of_source(
    source: SourceFact, tallies: Tallies, span: tuple[int, int], reach: tuple[int, int], share: float
) -> SourceGaps:
    low, high = span
    hours = SourceHours.of(source, low, high)
    runs = runs_of(hours, share)
    done = _Done(tallies, source.name, low, high - low + 1, runs)
    losses = []
    for run in runs:
        start, after = max(run.first, reach[0] - _MARGIN), min(run.after, reach[1] + _MARGIN + 1)
        if run.length >= LONGEST and run.chance >= SURE:
            # wherever it lies in the logs: a whole campaign may be in it
            losses.append(Loss(run=run, views=None, accounts=None))
            continue
        if start >= after:
            continue
        windows = done.windows_near(start, after - start)
        views = accounts = None
        if windows is not None:
            hour = done.windows_near(start, 1) or windows
            views, accounts = (
                _with_unseen(each, min(float(one.max()), float(each.max())))
                for each, one in zip(windows, hour, strict=True)
            )
        losses.append(
            Loss(
                run=Run(source=run.source, first=start, length=after - start, chance=run.chance),
                views=views,
                accounts=accounts,
            )
        )
    return SourceGaps(source=source.name, losses=tuple(losses))


def _with_unseen(values: Floats, hour: float) -> Floats:
    """One more window, busier than any that was seen: a lost one is the busiest of n + 1 with chance 1 in n + 1. It has as
    much more as the busiest hour near it, and one."""
    return np.append(values, values.max() + hour + 1)


class _Done:
    """What the actor did in one source, hour by hour from hour `first` on."""

    def __init__(self, tallies: Tallies, name: str, first: int, many: int, runs: Sequence[Run]) -> None:
        self._first, self._many = first, many
        code = tallies.sources.index(name) if name in tallies.sources else -1
        hours = tallies.hours.filter((pc.field("source") == code) & pc.field("held"))
        views = np.zeros(many, np.int64)
        np.add.at(views, hours["hour"].to_numpy() - first, hours["views"].to_numpy())
        unnamed = np.zeros(many, np.int64)
        for row in tallies.unnamed:
            if row["source"] == code and row["held"]:
                unnamed[row["hour"] - first] += row["subjects"] or 0
        lost = np.zeros(many, np.int64)
        for run in runs:
            if run.chance >= SURE:
                lost[run.first - first : run.after - first] = 1
        self._views, self._unnamed, self._lost = (
            np.concatenate([[0], np.cumsum(each)]) for each in (views, unnamed, lost)
        )
        only = tallies.only_within.filter(pc.field("source") == code)
        self._only = tuple(only[each].to_numpy() for each in ("first", "last", "persons"))
        self._by_length: dict[int, NDArray[np.int64]] = {}

    def windows_near(self, start: int, length: int) -> tuple[Floats, Floats] | None:
        """Views, and accounts seen in no other hour, in whole windows of `length` hours around hour `start`."""
        at = start - self._first
        for days in AROUND:
            starts = self._starts(at, length, days)
            whole = starts[self._sum(self._lost, starts, length) == 0]
            if len(whole) >= _LEAST_WINDOWS:
                views = self._sum(self._views, whole, length)
                accounts = self._accounts(length)[whole] + self._sum(self._unnamed, whole, length)
                return views.astype(np.float64), accounts.astype(np.float64)
        return None

    def _starts(self, at: int, length: int, days: int) -> NDArray[np.int64]:
        low, high = max(0, at - length - 24 * days), min(self._many - length, at + length + 24 * days)
        return np.arange(low, high + 1)

    @staticmethod
    def _sum(total: NDArray[np.int64], starts: NDArray[np.int64], length: int) -> NDArray[np.int64]:
        out: NDArray[np.int64] = total[starts + length] - total[starts]
        return out

    def _accounts(self, length: int) -> NDArray[np.int64]:
        """By first hour of a window: how many accounts were seen in that window and at no other time."""
        if length not in self._by_length:
            first, last, persons = self._only
            fits = last - first < length
            steps = np.zeros(self._many + 1, np.int64)
            # a window holds [first, last] when it begins after last - length and not after first
            np.add.at(steps, np.clip(last[fits] - length + 1 - self._first, 0, self._many), persons[fits])
            np.add.at(steps, np.clip(first[fits] + 1 - self._first, 0, self._many), -persons[fits])
            self._by_length[length] = np.cumsum(steps)[: self._many]
        return self._by_length[length]


def bound(lost: Sequence[tuple[float, Floats | None]], chance: float = CHANCE) -> int | None:
    """What a sum of independent draws exceeds with at most `chance` (Chernoff's bound). Each draw is one of the values given,
    or nothing where the hours were not lost. None where something has no values."""
    given = [(likely, values) for likely, values in lost if values is not None]
    if len(given) < len(lost):
        return None
    given = [(likely, values) for likely, values in given if values.max(initial=0) > 0]
    if not given:
        return 0
    most = float(sum(values.max() for _, values in given))
    scale = max(float(values.max()) for _, values in given)
    least = math.inf
    for t in np.geomspace(1e-3, 40, 60) / scale:
        log_moment = sum(_log_moment(likely, values, float(t)) for likely, values in given)
        least = min(least, (log_moment - math.log(chance)) / float(t))
    return math.floor(min(least, most) + 1e-9)


def _log_moment(likely: float, values: Floats, t: float) -> float:
    top = float(values.max()) * t
    mean = float(np.exp(values * t - top).mean())
    return top + math.log(likely * mean + (1 - likely) * math.exp(-top))
