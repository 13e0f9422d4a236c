"""Hours without a line, in runs: a collector that was down, a disk that was full."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whosaw.replay.dice import Dice, Ints

from .log_text import NO_TIME, LogText, Outcome
from .plan import HOUR_MS, Plan, chosen, faults_of_share
from .replay_folder import ListedFile, ReplayFolder, Service

__all__ = ["LostHours"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LostHours:
    """That `share` of all whole UTC hours is lost, rounded, at least one unless the share is 0.

    `run_hours` are quantiles of how many hours are lost in a row. `together` loses the same hours of all services;
    otherwise each has its own.
    """

    kind: ClassVar[str] = "lost-hours"
    share: float
    run_hours: tuple[int, ...]
    together: bool = False
    services: tuple[str, ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from faults_of_share(share=self.share)
        if not self.run_hours or min(self.run_hours) < 1 or list(self.run_hours) != sorted(self.run_hours):
            yield "run_hours", "run_hours must hold quantiles: rising, not below 1, at least one"

    def plan(self, replay: ReplayFolder, dice: Callable[[str], Dice]) -> Plan:
        first, end = replay.start_ms // HOUR_MS, -(-replay.end_ms // HOUR_MS)
        lost: dict[str, Ints] = {}
        for service in chosen(replay, self.services):
            lost[service.id] = first + self._draw(dice("all" if self.together else service.id), end - first)

        def touches(service: Service, file: ListedFile) -> bool:
            hours = lost.get(service.id, np.zeros(0, dtype=np.int64))
            return bool(((hours >= file.first_ms // HOUR_MS) & (hours <= file.last_ms // HOUR_MS)).any())

        def apply(text: LogText) -> Outcome:
            if text.service not in lost:
                return Outcome.same(text)
            time = text.time_ms
            return Outcome.without(text, (time != NO_TIME) & np.isin(time // HOUR_MS, lost[text.service]))

        return Plan(touches=touches, apply=apply, hours={name: _runs(hours) for name, hours in lost.items()})

    def _draw(self, dice: Dice, hours: int) -> Ints:
        """Which hours of that many are lost, rising."""
        target = min(hours, max(round(self.share * hours), 1)) if self.share > 0 else 0
        lengths: list[int] = []
        while sum(lengths) < target:
            lengths.append(min(int(dice.quantiles(1, self.run_hours)[0]), target - sum(lengths)))
        # runs are laid into the hours that stay: before which of them each one stands
        before = np.sort(dice.below(len(lengths), hours - target + 1))
        lost: list[int] = []
        for at, length in zip(before.tolist(), lengths, strict=True):
            start = at + len(lost)
            lost.extend(range(start, start + length))
        return np.asarray(lost, dtype=np.int64)


def _runs(hours: Ints) -> tuple[tuple[int, int], ...]:
    """Rising hours as half open spans in milliseconds."""
    if not len(hours):
        return ()
    breaks = np.flatnonzero(np.diff(hours) > 1)
    starts = hours[np.concatenate([[0], breaks + 1])]
    ends = hours[np.concatenate([breaks, [len(hours) - 1]])] + 1
    return tuple((a * HOUR_MS, b * HOUR_MS) for a, b in zip(starts.tolist(), ends.tolist(), strict=True))
