"""Services of which not one line is left: nobody ever kept that log, or nobody handed it over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whosaw.replay.dice import Dice

from .log_text import LogText, Outcome
from .plan import Plan, chosen
from .replay_folder import ReplayFolder

__all__ = ["MissingSource"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingSource:
    """The folders of these services are gone. They must be named: without logs there is nothing to look at."""

    kind: ClassVar[str] = "missing-source"
    services: tuple[str, ...]

    def faults(self) -> Iterator[tuple[str, str]]:
        if not self.services:
            yield "services", "services must name at least one"

    def plan(self, replay: ReplayFolder, dice: Callable[[str], Dice]) -> Plan:  # noqa: ARG002 - nothing is drawn
        ids = {service.id for service in chosen(replay, self.services)}

        def apply(text: LogText) -> Outcome:
            if text.service not in ids:
                return Outcome.same(text)
            return Outcome.of(text, removed=np.ones(len(text), dtype=bool))

        hours = dict.fromkeys(sorted(ids), ((replay.start_ms, replay.end_ms),))
        return Plan(touches=lambda service, _: service.id in ids, apply=apply, hours=hours)
