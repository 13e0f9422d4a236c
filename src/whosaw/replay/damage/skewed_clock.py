"""A clock that is wrong from a day on: a server that lost its time service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from whosaw.core.errors import WhosawError
from whosaw.replay.dice import Dice

from .clock_text import FORMATS, shift_of
from .log_text import LogText, Outcome
from .plan import Day, Plan, chosen, faults_of_day
from .replay_folder import ListedFile, ReplayFolder, Service
from .rewriting import rewritten

__all__ = ["SkewedClock"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkewedClock:
    """From the start of `from_day` on the text of each line says a time that is `seconds` later (or earlier, below 0).

    Lines stay in their files and in their order, and the list of lines keeps the time at which things happened.
    """

    kind: ClassVar[str] = "skewed-clock"
    seconds: int
    from_day: Day = 0
    services: tuple[str, ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from faults_of_day(from_day=self.from_day)
        if self.seconds == 0 or abs(self.seconds) > 366 * 86_400:
            yield "seconds", "seconds must be above or below 0 and at most a year"

    def plan(self, replay: ReplayFolder, dice: Callable[[str], Dice]) -> Plan:  # noqa: ARG002 - nothing is drawn
        start = replay.day_start(self.from_day)
        shifts: dict[str, Callable[[bytes], bytes]] = {}
        for service in chosen(replay, self.services):
            shift = shift_of(service.format, self.seconds)
            if shift is None:
                message = (
                    f"service {service.id} is written as {service.format}, where the time stands is not known"
                )
                hint = f"Name other services; known formats: {', '.join(sorted(FORMATS))}"
                raise WhosawError("replay-damage.unknown-clock", message, hint=hint)
            shifts[service.id] = shift

        def touches(service: Service, file: ListedFile) -> bool:
            return service.id in shifts and file.last_ms >= start

        def apply(text: LogText) -> Outcome:
            if text.service not in shifts:
                return Outcome.same(text)
            late: Any = np.flatnonzero(text.time_ms >= start).astype(np.int64)
            new, changed = rewritten(text, late, shifts[text.service])
            return Outcome.of(text, new, changed=changed)

        return Plan(touches=touches, apply=apply)
